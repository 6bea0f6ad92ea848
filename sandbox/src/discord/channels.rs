//! The channels, messages that the bot sends by itself, and the files of all messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Discord;
use super::body::Body;
use super::judge::message;
use super::message::Message;
use super::payload::{self, CHANNELS};
use super::refusal::Refusal;

/// For how long an enforced nonce keeps a message from being sent twice, in milliseconds. Discord
/// says "the past few minutes".
const NONCE_LIFE: i64 = 5 * 60 * 1_000;

/// `GET /channels/{channel}`
pub(super) async fn look(Path(channel): Path<String>) -> Result<Json<Value>, Refusal> {
    let found = CHANNELS.iter().enumerate().find(|(_, (id, _))| id.to_string() == channel);
    let (position, (id, name)) = found.ok_or_else(Refusal::unknown_channel)?;
    Ok(Json(payload::channel(*id, name, position)))
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
    let draft = message::read_body(body)?;
    if draft.is_ephemeral() {
        return Err(Refusal::form(
            "flags",
            "INVALID",
            "Only an interaction's answer can be ephemeral.",
        ));
    }
    if draft.is_empty() {
        return Err(Refusal::empty_message());
    }
    let mut state = discord.state();
    if let Some(nonce) = &draft.nonce {
        let same = |message: &&Message| {
            message.nonce.as_ref() == Some(nonce) && now - message.created_at < NONCE_LIFE
        };
        if let Some(sent) = state.public(channel).find(same) {
            return Ok(Json(payload::message(sent, discord.base())));
        }
    }
    let mut message = Message::new(state.new_id(now), channel, now);
    message.nonce.clone_from(&draft.nonce);
    message.apply(draft, || state.new_id(now))?;
    let body = payload::message(&message, discord.base());
    state.put(message);
    drop(state);
    discord.bump();
    Ok(Json(body))
}

/// `GET /attachments/{message}/{name}`
pub(super) async fn file(
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
