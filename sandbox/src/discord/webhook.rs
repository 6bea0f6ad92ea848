//! Follow-ups to an interaction, and edits of its messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use serde_json::Value;

use super::body::Body;
use super::callback::{new_message, validate_audience};
use super::interaction::Interaction;
use super::lost_answers::repeats_lost_follow_up;
use super::message::Message;
use super::payload;
use super::refusal::Refusal;
use super::service::Discord;
use super::state::State;
use super::validate::{keys, message};
use crate::seed::APPLICATION_ID;

/// The id that names the first answer.
const ORIGINAL: &str = "@original";

/// `POST /webhooks/{app}/{token}`
pub(super) async fn follow_up(
    From(discord): From<Arc<Discord>>,
    Path((app, token)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let now = discord.now();
    discord.note_body("follow-up", &keys::FOLLOW_UP, &body.json);
    let mut state = discord.state();
    let interaction = find_answered(&state, &app, &token, now)?.clone();
    let fields = message::parse_body(body)?;
    if fields.is_empty() {
        return Err(Refusal::empty_message());
    }
    // Discord puts the first follow-up into the deferred answer and ignores its flags.
    let loading = interaction
        .original()
        .and_then(|id| state.messages.get(&id))
        .filter(|message| message.loading);
    let mut message = match loading.cloned() {
        Some(message) => {
            validate_audience(&fields, &message)?;
            message
        }
        None => new_message(&mut state, &interaction, fields.is_ephemeral(), now),
    };
    message.apply(fields, || state.new_id(now))?;
    let repeats = repeats_lost_follow_up(&state, &message);
    let body = payload::message(&state, &message, discord.base_url());
    state.put_message(message);
    mark_filled(&mut state, interaction.id);
    state.notify_person(interaction.person);
    drop(state);
    discord.bump();
    if repeats {
        discord.record_repeated_follow_up(&format!("POST /api/v10/webhooks/{app}/{token}"));
    }
    Ok(Json(body))
}

/// `GET /webhooks/{app}/{token}/messages/{message}`
pub(super) async fn fetch(
    From(discord): From<Arc<Discord>>,
    Path((app, token, name)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let state = discord.state();
    let interaction = find_answered(&state, &app, &token, discord.now())?;
    let message = find_owned(&state, interaction, &name)?;
    Ok(Json(payload::message(&state, message, discord.base_url())))
}

/// `PATCH /webhooks/{app}/{token}/messages/{message}`
pub(super) async fn edit(
    From(discord): From<Arc<Discord>>,
    Path((app, token, name)): Path<(String, String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let now = discord.now();
    discord.note_body("edit", &keys::EDIT, &body.json);
    let mut state = discord.state();
    let interaction = find_answered(&state, &app, &token, now)?.clone();
    let mut message = find_owned(&state, &interaction, &name)?.clone();
    let fields = message::parse_body(body)?;
    validate_audience(&fields, &message)?;
    if !message.loading {
        message.edited_at = Some(now);
    }
    message.apply(fields, || state.new_id(now))?;
    let body = payload::message(&state, &message, discord.base_url());
    state.put_message(message);
    mark_filled(&mut state, interaction.id);
    state.notify_person(interaction.person);
    drop(state);
    discord.bump();
    Ok(Json(body))
}

/// `DELETE /webhooks/{app}/{token}/messages/{message}`
pub(super) async fn delete(
    From(discord): From<Arc<Discord>>,
    Path((app, token, name)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let mut state = discord.state();
    let interaction = find_answered(&state, &app, &token, discord.now())?.clone();
    let id = find_owned(&state, &interaction, &name)?.id;
    if let Some(message) = state.messages.get_mut(&id) {
        message.deleted = true;
        message.loading = false;
        message.revision += 1;
    }
    mark_filled(&mut state, interaction.id);
    state.notify_person(interaction.person);
    drop(state);
    discord.bump();
    Ok(StatusCode::NO_CONTENT)
}

/// Finds the interaction of a valid token. It must have its first answer.
fn find_answered<'a>(
    state: &'a State,
    app: &str,
    token: &str,
    now: i64,
) -> Result<&'a Interaction, Refusal> {
    let interaction = state.find_by_token(token).ok_or_else(Refusal::unknown_webhook)?;
    if app != APPLICATION_ID.to_string() {
        return Err(Refusal::unknown_webhook());
    }
    if interaction.answer.is_none() {
        // A process that takes over from a crashed one cannot know whether that had answered.
        let excused =
            interaction.is_late(now) || state.sessions.lost_connection_with(interaction.id);
        return Err(Refusal::unknown_webhook().excused_if(excused));
    }
    if interaction.is_expired(now) {
        return Err(Refusal::expired_token());
    }
    Ok(interaction)
}

/// Finds a message that the interaction may access: one that it created, or its source.
fn find_owned<'a>(
    state: &'a State,
    interaction: &Interaction,
    name: &str,
) -> Result<&'a Message, Refusal> {
    let id = if name == ORIGINAL { interaction.original() } else { name.parse().ok() };
    id.and_then(|id| state.messages.get(&id))
        .filter(|message| !message.deleted)
        .filter(|message| {
            message.interaction == Some(interaction.id) || interaction.source == Some(message.id)
        })
        .ok_or_else(Refusal::unknown_message)
}

/// Marks that a deferred answer has its content.
fn mark_filled(state: &mut State, interaction: u64) {
    if let Some(interaction) = state.interactions.get_mut(&interaction) {
        interaction.pending = false;
    }
}
