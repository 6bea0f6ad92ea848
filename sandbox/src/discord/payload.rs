//! The JSON that Discord sends: users, members, messages, interactions and gateway events.
//!
//! serenity drops an event with a warning if one of these fields is missing: `resume_gateway_url`
//! of READY; `attachment_size_limit`, `entitlements` and `locale` of an interaction; `flags` of a
//! member; `colors` of a role.

mod message;
mod user;

use serde_json::{Value, json};

pub(crate) use self::message::{embeds, file_url, message};
use self::user::{JOINED_AT, MEMBER_PERMISSIONS, guild_member, user};
pub(crate) use self::user::{bot_member, bot_user, member, resolved};
use super::channel_kinds;
use super::environment::Environment;
use super::interaction::{Interaction, Kind};
use super::state::State;
use crate::seed::{
    AGENT_ROLE_ID, APPLICATION_ID, DIRECT_MESSAGE_ID, GUILD_ID, LEAD_ROLE_ID, LEADS_CHANNEL_ID,
    OTHER_CHANNEL_ID, SUPPORT_CHANNEL_ID,
};

/// Permissions of the bot in a channel.
const BOT_PERMISSIONS: &str = "2147601408";

/// The guild's language.
const GUILD_LOCALE: &str = "en-US";

/// The channels of the guild, with their names.
pub const CHANNELS: [(u64, &str); 3] =
    [(SUPPORT_CHANNEL_ID, "support"), (LEADS_CHANNEL_ID, "leads"), (OTHER_CHANNEL_ID, "general")];

fn role(id: u64, name: &str, position: u16) -> Value {
    json!({
        "id": id.to_string(), "name": name, "color": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null }, "hoist": false, "icon": null,
        "unicode_emoji": null, "position": position, "permissions": MEMBER_PERMISSIONS, "managed": false,
        "mentionable": false, "flags": 0
    })
}

/// Builds the roles of the guild.
pub(crate) fn roles() -> Value {
    json!([
        role(GUILD_ID, "@everyone", 0),
        role(AGENT_ROLE_ID, "Support Agent", 1),
        role(LEAD_ROLE_ID, "Support Lead", 2)
    ])
}

pub(crate) fn channel(id: u64, name: &str, position: usize) -> Value {
    json!({
        "id": id.to_string(), "type": 0, "guild_id": GUILD_ID.to_string(), "name": name, "position": position,
        "permission_overwrites": [], "nsfw": false, "topic": null, "last_message_id": null, "parent_id": null,
        "rate_limit_per_user": 0, "flags": 0
    })
}

/// Builds the application, as the developer portal sets it up.
pub(crate) fn application(environment: &Environment) -> Value {
    let mut installs = json!({ "0": {} });
    if environment.user_install {
        installs["1"] = json!({});
    }
    let mut application = json!({
        "id": APPLICATION_ID.to_string(), "name": "Support Desk", "icon": null, "description": "",
        "bot_public": environment.bot_public, "bot_require_code_grant": false, "verify_key": "0".repeat(64), "flags": 0,
        "team": null, "summary": "", "interactions_endpoint_url": environment.endpoint_url,
        "owner": {
            "id": "1200000000000000099", "username": "waizant", "discriminator": "0", "global_name": "Waizant",
            "avatar": null, "public_flags": 0
        }
    });
    application["integration_types_config"] = installs;
    application["bot"] = bot_user();
    application
}

/// Builds READY for a session that resumes at `gateway`.
pub(crate) fn ready(session: &str, gateway: &str) -> Value {
    json!({
        "v": 10, "user": bot_user(), "guilds": [{ "id": GUILD_ID.to_string(), "unavailable": true }],
        "session_id": session, "resume_gateway_url": gateway, "session_type": "normal", "shard": [0, 1],
        "application": { "id": APPLICATION_ID.to_string(), "flags": 0 }, "private_channels": [], "relationships": [],
        "presences": [], "geo_ordered_rtc_regions": [], "_trace": []
    })
}

pub(crate) fn guild_create(state: &State) -> Value {
    let mut members: Vec<Value> = state
        .members
        .values()
        .map(|member| guild_member(user(member), &member.person.roles))
        .collect();
    members.push(bot_member());
    let channels: Vec<Value> = CHANNELS
        .iter()
        .enumerate()
        .map(|(position, (id, name))| channel(*id, name, position))
        .collect();
    json!({
        "id": GUILD_ID.to_string(), "name": "Waizant", "icon": null, "splash": null, "discovery_splash": null,
        "owner_id": "1200000000000000099", "afk_channel_id": null, "afk_timeout": 300, "verification_level": 1,
        "default_message_notifications": 1, "explicit_content_filter": 0, "emojis": [], "stickers": [], "features": [],
        "roles": roles(),
        "mfa_level": 0, "application_id": null, "system_channel_id": null, "system_channel_flags": 0,
        "rules_channel_id": null, "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": GUILD_LOCALE, "public_updates_channel_id": null,
        "nsfw_level": 0, "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null, "joined_at": JOINED_AT,
        "large": false, "unavailable": false, "member_count": members.len(), "voice_states": [], "members": members,
        "channels": channels, "threads": [], "presences": [], "stage_instances": [], "guild_scheduled_events": []
    })
}

/// Builds the data of `INTERACTION_CREATE`. `base` is the address that serves attachments.
///
/// Large parts are moved in, because `json!` would copy them and the sandbox must not be slower
/// than the bot.
pub(crate) fn interaction(state: &State, interaction: &Interaction, base: &str) -> Value {
    let mut member = Value::Null;
    if let Some(person) = state.members.get(&interaction.person) {
        member = guild_member(user(person), &person.person.roles);
        member["permissions"] = json!(MEMBER_PERMISSIONS);
        member["guild_id"] = json!(GUILD_ID.to_string());
    }
    let name =
        CHANNELS.iter().find(|(id, _)| *id == interaction.channel).map_or("", |(_, name)| name);
    let mut partial = channel_kinds::find(interaction.channel)
        .unwrap_or_else(|| channel(interaction.channel, name, 0));
    partial["permissions"] = json!(MEMBER_PERMISSIONS);
    let mut payload = json!({
        "id": interaction.id.to_string(), "application_id": APPLICATION_ID.to_string(), "type": interaction.kind.number(),
        "data": interaction.data, "guild": { "id": GUILD_ID.to_string(), "locale": GUILD_LOCALE, "features": [] },
        "guild_id": GUILD_ID.to_string(), "channel_id": interaction.channel.to_string(),
        "token": interaction.token, "version": 1, "app_permissions": BOT_PERMISSIONS,
        "locale": interaction.locale, "guild_locale": GUILD_LOCALE, "entitlements": [],
        "authorizing_integration_owners": { "0": GUILD_ID.to_string() }, "context": 0, "attachment_size_limit": state.file_limit
    });
    payload["channel"] = partial;
    if interaction.channel == DIRECT_MESSAGE_ID {
        leave_guild(&mut payload, &member["user"]);
    } else {
        payload["member"] = member;
    }
    if !matches!(interaction.kind, Kind::Command | Kind::Autocomplete)
        && let Some(source) = interaction.source.and_then(|id| state.messages.get(&id))
    {
        payload["message"] = message(state, source, base);
    }
    payload
}

/// Changes an interaction of the guild into one of a direct message: a user and no member.
fn leave_guild(payload: &mut Value, user: &Value) {
    if let Some(fields) = payload.as_object_mut() {
        for field in ["guild", "guild_id", "guild_locale"] {
            fields.remove(field);
        }
    }
    payload["user"] = user.clone();
    payload["context"] = json!(1);
    payload["channel"] = json!({ "id": DIRECT_MESSAGE_ID.to_string(), "type": 1, "flags": 0, "last_message_id": null });
}
