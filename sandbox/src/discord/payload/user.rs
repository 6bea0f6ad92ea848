//! Users and members.

use serde_json::{Value, json};

use crate::discord::state::Member;
use crate::seed::{APPLICATION_ID, GUILD_ID};

/// Permissions of a member in a channel: view, send, embed, attach, read history, use commands.
pub(super) const MEMBER_PERMISSIONS: &str = "2147601408";

/// The date on which every member joined.
pub(super) const JOINED_AT: &str = "2026-01-05T09:00:00.000000+00:00";

/// Hash of an avatar and of a guild tag's badge.
const BADGE: &str = "7d1b9a1c0f3e4d5c8b7a69584736251f";

/// Hash of an animated decoration, which has two more characters.
const DECORATION: &str = "a_6a2f4e81c39d4b7fa05e8d3c1b2a4958";

/// Id of an article of Discord's shop.
const SKU_ID: &str = "1212569433839636530";

pub(crate) fn bot_user() -> Value {
    json!({
        "id": APPLICATION_ID.to_string(), "username": "support-desk", "discriminator": "0", "global_name": "Support Desk",
        "avatar": null, "bot": true, "mfa_enabled": true, "verified": true, "email": null, "flags": 0, "public_flags": 0,
        "locale": "en-US", "avatar_decoration_data": null, "collectibles": null, "primary_guild": null
    })
}

pub(super) fn user(member: &Member) -> Value {
    let id = member.person.id;
    let mut user = json!({
        "id": id.to_string(), "username": member.person.name, "discriminator": "0",
        "global_name": member.person.display, "avatar": null, "bot": false, "flags": 0, "public_flags": 0,
        "banner": null, "accent_color": null, "avatar_decoration_data": null, "collectibles": null,
        "primary_guild": null, "clan": null
    });
    // Every second person has what Discord sells, so that a bot meets both.
    if id.is_multiple_of(2) {
        let tag = json!({
            "identity_guild_id": GUILD_ID.to_string(), "identity_enabled": true, "tag": "DESK", "badge": BADGE
        });
        user["avatar"] = json!(BADGE);
        user["avatar_decoration_data"] =
            json!({ "asset": DECORATION, "sku_id": SKU_ID, "expires_at": null });
        user["collectibles"] = json!({ "nameplate": {
            "sku_id": SKU_ID, "asset": "nameplates/nameplates/twilight/", "label": "", "palette": "cobalt"
        } });
        user["clan"] = tag.clone();
        user["primary_guild"] = tag;
    }
    user
}

/// Builds a member, as `GET /guilds/{guild}/members/{user}` returns it.
pub(crate) fn member(member: &Member) -> Value {
    guild_member(user(member), &member.person.roles)
}

/// Builds the bot as a member. It has no role of its own.
pub(crate) fn bot_member() -> Value {
    guild_member(bot_user(), &[])
}

/// Builds a member. The member's decoration is that of the user.
pub(super) fn guild_member(user: Value, roles: &[u64]) -> Value {
    let mut member = json!({
        "avatar_decoration_data": user.get("avatar_decoration_data"), "collectibles": user.get("collectibles"),
        "nick": null, "avatar": null, "banner": null,
        "roles": roles.iter().map(u64::to_string).collect::<Vec<_>>(), "joined_at": JOINED_AT, "premium_since": null,
        "deaf": false, "mute": false, "flags": 0, "pending": false, "communication_disabled_until": null
    });
    member["user"] = user;
    member
}

/// Builds the `resolved` data of a person in an option: the user, and the member without the user.
pub(crate) fn resolved(member: &Member) -> (Value, Value) {
    let mut membership = guild_member(user(member), &member.person.roles);
    if let Some(fields) = membership.as_object_mut() {
        fields.remove("user");
        fields.remove("deaf");
        fields.remove("mute");
    }
    membership["permissions"] = json!(MEMBER_PERMISSIONS);
    (user(member), membership)
}
