//! Channels, channel messages, and the files of all messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::body::Body;
use super::callback::validate_audience;
use super::channel_kinds;
use super::message::Message;
use super::payload::{self, CHANNELS};
use super::refusal::Refusal;
use super::service::Discord;
use super::state::State;
use super::validate::{keys, message};
use crate::seed::GUILD_ID;

/// Time in which an enforced nonce prevents a second message, in milliseconds.
///
/// Discord says "the past few minutes".
const NONCE_LIFE: i64 = 5 * 60 * 1_000;

/// `GET /guilds/{guild}/roles`
pub(super) async fn roles(
    From(discord): From<Arc<Discord>>,
    Path(guild): Path<String>,
) -> Result<Json<Value>, Refusal> {
    discord.state().environment.check_guild()?;
    if guild == GUILD_ID.to_string() {
        Ok(Json(payload::roles()))
    } else {
        Err(Refusal::missing_access())
    }
}

/// `GET /channels/{channel}`
pub(super) async fn fetch(
    From(discord): From<Arc<Discord>>,
    Path(channel): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = channel.parse().map_err(|_| Refusal::unknown_channel())?;
    discord.state().environment.check_view(id)?;
    if let Some(channel) = channel_kinds::find(id) {
        return Ok(Json(channel));
    }
    let found = CHANNELS.iter().enumerate().find(|(_, (known, _))| *known == id);
    let (position, (id, name)) = found.ok_or_else(Refusal::unknown_channel)?;
    let mut channel = payload::channel(*id, name, position);
    channel["permission_overwrites"] = discord.state().environment.overwrites(*id);
    Ok(Json(channel))
}

/// `POST /channels/{channel}/messages`
pub(super) async fn create(
    From(discord): From<Arc<Discord>>,
    Path(channel): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let now = discord.now();
    let channel = CHANNELS
        .iter()
        .map(|(id, _)| *id)
        .find(|id| id.to_string() == channel)
        .ok_or_else(Refusal::unknown_channel)?;
    discord.state().environment.check_send(channel)?;
    discord.note_body("message", &keys::CHANNEL_MESSAGE, &body.json);
    let fields = message::parse_body(body)?;
    if fields.is_ephemeral() {
        return Err(Refusal::form(
            "flags",
            "INVALID",
            "Only an interaction's answer can be ephemeral.",
        ));
    }
    if fields.is_empty() {
        return Err(Refusal::empty_message());
    }
    let mut state = discord.state();
    if let Some(nonce) = &fields.nonce {
        let same = |message: &&Message| {
            message.nonce.as_ref() == Some(nonce) && now - message.created_at < NONCE_LIFE
        };
        if let Some(sent) = state.public_messages(channel).find(same) {
            return Ok(Json(payload::message(&state, sent, discord.base_url())));
        }
    }
    let mut message = Message::new(state.new_id(now), channel, now);
    message.nonce.clone_from(&fields.nonce);
    if let Some((id, must_exist)) = fields.replies_to {
        let exists = state.public_messages(channel).any(|message| message.id == id);
        if !exists && must_exist {
            let why = "Unknown message";
            return Err(Refusal::form("message_reference", "REPLIES_UNKNOWN_MESSAGE", why));
        }
        message.replies_to = exists.then_some(id);
    }
    let pings = fields.pinged_roles.clone();
    message.apply(fields, || state.new_id(now))?;
    let body = payload::message(&state, &message, discord.base_url());
    state.put_message(message);
    state.role_pings.extend(pings);
    drop(state);
    discord.bump();
    Ok(Json(body))
}

/// `PATCH /channels/{channel}/messages/{message}`
pub(super) async fn edit(
    From(discord): From<Arc<Discord>>,
    Path((channel, message)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    discord.note_body("edit", &keys::EDIT, &body.json);
    let mut state = discord.state();
    let mut message = find_own(&state, &channel, &message)?.clone();
    let fields = message::parse_body(body)?;
    validate_audience(&fields, &message)?;
    let now = discord.now();
    message.apply(fields, || state.new_id(now))?;
    message.edited_at = Some(now);
    let body = payload::message(&state, &message, discord.base_url());
    state.put_message(message);
    drop(state);
    discord.bump();
    Ok(Json(body))
}

/// `DELETE /channels/{channel}/messages/{message}`
pub(super) async fn delete(
    From(discord): From<Arc<Discord>>,
    Path((channel, message)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let mut state = discord.state();
    let id = find_own(&state, &channel, &message)?.id;
    if let Some(message) = state.messages.get_mut(&id) {
        message.deleted = true;
        message.revision += 1;
    }
    drop(state);
    discord.bump();
    Ok(StatusCode::NO_CONTENT)
}

/// Finds a message that the bot posted in a channel, if it may see the channel.
fn find_own<'a>(state: &'a State, channel: &str, message: &str) -> Result<&'a Message, Refusal> {
    let channel = CHANNELS.iter().map(|(id, _)| *id).find(|id| id.to_string() == channel);
    let channel = channel.ok_or_else(Refusal::unknown_channel)?;
    state.environment.check_view(channel)?;
    let id: u64 = message.parse().map_err(|_| Refusal::unknown_message())?;
    let found = state.public_messages(channel).find(|message| message.id == id);
    // A person can have deleted it, so that is no fault of the bot.
    found.ok_or_else(|| Refusal::unknown_message().injected())
}

/// `GET /attachments/{message}/{name}`
pub(super) async fn attachment(
    From(discord): From<Arc<Discord>>,
    Path((message, name)): Path<(u64, String)>,
) -> Result<Response, Refusal> {
    let state = discord.state();
    let file = state
        .messages
        .get(&message)
        .filter(|message| !message.deleted)
        .and_then(|message| message.attachments.iter().find(|file| file.name == name))
        .ok_or_else(Refusal::not_found)?;
    let headers = [
        (CONTENT_TYPE, file.content_type.clone()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, file.bytes.clone()).into_response())
}
