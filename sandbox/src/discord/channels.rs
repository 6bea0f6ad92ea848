//! Channels, channel messages, and the files of all messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::body::Body;
use super::channel_kinds;
use super::message::Message;
use super::payload::{self, CHANNELS};
use super::refusal::Refusal;
use super::service::Discord;
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
    message.apply(fields, || state.new_id(now))?;
    let body = payload::message(&state, &message, discord.base_url());
    state.put_message(message);
    drop(state);
    discord.bump();
    Ok(Json(body))
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
