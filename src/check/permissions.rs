//! Permissions of the bot in a channel, computed as Discord does (Discord documentation,
//! "Permission Hierarchy").

use serenity::all::{
    GuildChannel, GuildId, Member, PermissionOverwriteType, Permissions, Role, RoleId,
};
use serenity::http::Http;

/// Returns the permissions of the bot in a channel of the guild.
pub(super) async fn of_bot(http: &Http, channel: &GuildChannel) -> serenity::Result<Permissions> {
    let guild = channel.guild_id;
    let bot = http.get_current_user().await?;
    let (member, roles) =
        tokio::try_join!(http.get_member(guild, bot.id), http.get_guild_roles(guild))?;
    Ok(compute(channel, &member, &roles, guild))
}

fn compute(channel: &GuildChannel, member: &Member, roles: &[Role], guild: GuildId) -> Permissions {
    // The role with the guild's id is @everyone.
    let everyone = RoleId::new(guild.get());
    let has = |role: RoleId| role == everyone || member.roles.contains(&role);
    let mut allowed = Permissions::empty();
    for role in roles.iter().filter(|role| has(role.id)) {
        allowed |= role.permissions;
    }
    if allowed.contains(Permissions::ADMINISTRATOR) {
        return Permissions::all();
    }
    let steps: [&dyn Fn(PermissionOverwriteType) -> bool; 3] = [
        &|kind| kind == PermissionOverwriteType::Role(everyone),
        &|kind| matches!(kind, PermissionOverwriteType::Role(role) if member.roles.contains(&role)),
        &|kind| kind == PermissionOverwriteType::Member(member.user.id),
    ];
    for is_of_step in steps {
        let (mut deny, mut allow) = (Permissions::empty(), Permissions::empty());
        for overwrite in channel.permission_overwrites.iter().filter(|it| is_of_step(it.kind)) {
            deny |= overwrite.deny;
            allow |= overwrite.allow;
        }
        allowed = (allowed - deny) | allow;
    }
    if allowed.contains(Permissions::VIEW_CHANNEL) { allowed } else { Permissions::empty() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const VIEW: u64 = 1 << 10;
    const SEND: u64 = 1 << 11;
    const ADMINISTRATOR: u64 = 1 << 3;

    /// Computes for a member of guild 1 with the id 9 and the role 2. Each overwrite is an id, 0
    /// for a role or 1 for a member, and what it allows and denies.
    fn computed(everyone: u64, own: u64, overwrites: &[(u64, u8, u64, u64)]) -> Permissions {
        let overwrite = |(id, kind, allow, deny): &(u64, u8, u64, u64)| {
            json!({
                "id": id.to_string(), "type": kind, "allow": allow.to_string(),
                "deny": deny.to_string()
            })
        };
        let overwrites: Vec<Value> = overwrites.iter().map(overwrite).collect();
        let channel = json!({
            "id": "5", "type": 0, "guild_id": "1", "name": "support", "position": 0,
            "permission_overwrites": overwrites, "nsfw": false
        });
        let role = |id: &str, permissions: u64| {
            let role = json!({
                "id": id, "name": "role", "color": 0, "hoist": false, "position": 0,
                "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
                "managed": false, "mentionable": false, "permissions": permissions.to_string()
            });
            serde_json::from_value::<Role>(role).unwrap()
        };
        let member = json!({
            "user": { "id": "9", "username": "desk", "discriminator": "0" }, "guild_id": "1",
            "roles": ["2"], "deaf": false, "mute": false, "flags": 0
        });
        let (channel, member) =
            (serde_json::from_value(channel).unwrap(), serde_json::from_value(member).unwrap());
        let roles = [role("1", everyone), role("2", own), role("3", SEND)];
        compute(&channel, &member, &roles, GuildId::new(1))
    }

    #[test]
    fn overwrites_count_in_their_order() {
        let both = Permissions::VIEW_CHANNEL | Permissions::SEND_MESSAGES;
        assert_eq!(computed(VIEW, SEND, &[]), both);
        assert_eq!(computed(VIEW, 0, &[]), Permissions::VIEW_CHANNEL, "role 3 is another's");
        assert_eq!(computed(VIEW, SEND, &[(1, 0, 0, SEND)]), Permissions::VIEW_CHANNEL);
        assert_eq!(computed(VIEW, SEND, &[(1, 0, 0, SEND), (2, 0, SEND, 0)]), both);
        assert_eq!(computed(VIEW, SEND, &[(2, 0, SEND, 0), (1, 0, 0, SEND)]), both, "any order");
        let denied = [(2, 0, SEND, 0), (9, 1, 0, SEND), (8, 1, SEND, 0), (3, 0, SEND, 0)];
        assert_eq!(computed(VIEW, 0, &denied), Permissions::VIEW_CHANNEL, "the member's is last");
        assert_eq!(computed(SEND, SEND, &[]), Permissions::empty(), "a hidden channel");
        assert_eq!(computed(ADMINISTRATOR, 0, &[(9, 1, 0, SEND | VIEW)]), Permissions::all());
    }
}
