//! Messages.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::user::{bot_user, user};
use crate::discord::interaction::{Interaction, Kind};
use crate::discord::message::{ATTACHED, Attached, Message};
use crate::discord::state::State;
use crate::seed::{APPLICATION_ID, DIRECT_MESSAGE_ID, GUILD_ID};

/// Returns the address of a file of a message.
///
/// It contains the file's id, so that a client does not show an older file of the same name.
pub(crate) fn file_url(base: &str, message: u64, file: &Attached) -> String {
    format!("{base}/attachments/{message}/{}?ex={}", file.name, file.id)
}

fn attachment(base: &str, message: &Message, file: &Attached) -> Value {
    let url = file_url(base, message.id, file);
    let (width, height) = file.dimensions().unzip();
    json!({
        "id": file.id.to_string(), "filename": file.name, "description": file.description, "size": file.bytes.len(),
        "url": url, "proxy_url": url, "width": width, "height": height, "content_type": file.content_type,
        "ephemeral": message.is_ephemeral()
    })
}

/// Returns a message's embeds with the addresses and alternative texts of their files.
pub(crate) fn embeds(message: &Message, base: &str) -> Value {
    let mut embeds = json!(message.embeds);
    for embed in embeds.as_array_mut().into_iter().flatten() {
        let name = embed
            .pointer("/image/url")
            .and_then(Value::as_str)
            .and_then(|url| url.strip_prefix(ATTACHED));
        let file = name.and_then(|name| message.attachments.iter().find(|file| file.name == name));
        if let Some(file) = file {
            embed["image"]["url"] = json!(file_url(base, message.id, file));
            embed["image"]["description"] = json!(file.description);
        }
    }
    embeds
}

/// Types of a message (Discord documentation, "Message Types").
const PLAIN: u8 = 0;
const REPLY: u8 = 19;
const COMMAND_ANSWER: u8 = 20;

/// Builds a message as the bot receives it, with the message that it replies to.
pub(crate) fn message(state: &State, message: &Message, base: &str) -> Value {
    let mut payload = plain(state, message, base);
    if let Some(id) = message.replies_to {
        let mut reference = json!({
            "type": 0, "channel_id": message.channel.to_string(), "message_id": id.to_string()
        });
        if message.channel != DIRECT_MESSAGE_ID {
            reference["guild_id"] = json!(GUILD_ID.to_string());
        }
        payload["message_reference"] = reference;
        let referenced = state.messages.get(&id).filter(|referenced| !referenced.deleted);
        payload["referenced_message"] =
            referenced.map_or(Value::Null, |referenced| plain(state, referenced, base));
    }
    payload
}

/// Builds a message without the one that it replies to.
fn plain(state: &State, message: &Message, base: &str) -> Value {
    let attachments: Vec<Value> =
        message.loose_attachments().map(|file| attachment(base, message, file)).collect();
    let flags = u32::from(message.is_ephemeral()) << 6 | u32::from(message.loading) << 7;
    let kind = match (message.replies_to, &message.via) {
        (Some(_), _) => REPLY,
        (None, Some(_)) => COMMAND_ANSWER,
        (None, None) => PLAIN,
    };
    let mut payload = json!({
        "id": message.id.to_string(), "channel_id": message.channel.to_string(),
        "content": message.content, "timestamp": timestamp(message.created_at),
        "edited_timestamp": message.edited_at.map(timestamp), "tts": false, "mention_everyone": false, "mentions": [],
        "mention_roles": [], "components": message.components, "pinned": false, "type": kind, "flags": flags,
        "application_id": APPLICATION_ID.to_string()
    });
    payload["author"] = bot_user();
    payload["attachments"] = Value::Array(attachments);
    payload["embeds"] = embeds(message, base);
    if let Some(id) = message.interaction {
        payload["webhook_id"] = json!(APPLICATION_ID.to_string());
        if let Some(interaction) = state.interactions.get(&id) {
            add_interaction(&mut payload, state, message, interaction);
        }
    }
    if let Some(nonce) = &message.nonce {
        payload["nonce"] = json!(nonce);
    }
    payload
}

/// Adds the interaction that created a message: its metadata, and the deprecated field of a
/// command.
fn add_interaction(payload: &mut Value, state: &State, message: &Message, of: &Interaction) {
    let mut metadata = metadata(state, of);
    if let Some(original) = of.original().filter(|original| *original != message.id) {
        metadata["original_response_message_id"] = json!(original.to_string());
    }
    if of.kind == Kind::Command {
        payload["interaction"] = json!({
            "id": of.id.to_string(), "type": of.kind.number(), "name": command_name(of)
        });
        payload["interaction"]["user"] = metadata["user"].clone();
    }
    payload["interaction_metadata"] = metadata;
}

fn metadata(state: &State, interaction: &Interaction) -> Value {
    let mut metadata = json!({
        "id": interaction.id.to_string(), "type": interaction.kind.number(),
        "authorizing_integration_owners": { "0": GUILD_ID.to_string() }
    });
    metadata["user"] = state.members.get(&interaction.person).map(user).unwrap_or_default();
    match interaction.kind {
        // An autocomplete creates no message.
        Kind::Command | Kind::Autocomplete => {
            metadata["name"] = json!(command_name(interaction));
            metadata["command_type"] = json!(1);
        }
        Kind::Component => {
            metadata["interacted_message_id"] = json!(interaction.source.map(|id| id.to_string()));
        }
        Kind::ModalSubmit => {
            let opened_by = interaction.opened_by.and_then(|id| state.interactions.get(&id));
            metadata["triggering_interaction_metadata"] =
                opened_by.map(|opened_by| self::metadata(state, opened_by)).unwrap_or_default();
        }
    }
    metadata
}

/// Returns the name of a command with its subcommand, without the slash.
fn command_name(interaction: &Interaction) -> &str {
    interaction.via.as_deref().unwrap_or_default().trim_start_matches('/')
}

/// Formats milliseconds since the epoch as Discord's ISO 8601.
fn timestamp(ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{}T{:02}:{:02}:{:02}.{:06}+00:00",
        at.date(),
        at.hour(),
        at.minute(),
        at.second(),
        at.microsecond()
    )
}
