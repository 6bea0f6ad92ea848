//! What an interaction's token can do after the first answer: follow-ups, and edits of what it
//! owns.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use serde_json::Value;

use super::body::Body;
use super::callback::{judge_ephemeral, new_message};
use super::interaction::Interaction;
use super::judge::message;
use super::message::Message;
use super::refusal::Refusal;
use super::state::State;
use super::{Discord, payload};
use crate::cast::APPLICATION_ID;

/// The name of the first answer among an interaction's messages.
const ORIGINAL: &str = "@original";

/// `POST /webhooks/{app}/{token}`
pub(super) async fn follow_up(
    From(discord): From<Arc<Discord>>,
    Path((app, token)): Path<(String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let now = discord.now();
    let mut state = discord.state();
    let interaction = living(&state, &app, &token, now)?.clone();
    let draft = message::read_body(body)?;
    if draft.is_empty() {
        return Err(Refusal::empty_message());
    }
    // Right after a deferred answer a follow-up is that answer's content, whatever it says about
    // who may see it.
    let loading = interaction
        .original()
        .and_then(|id| state.messages.get(&id))
        .filter(|message| message.loading);
    let mut message = match loading.cloned() {
        Some(message) => {
            judge_ephemeral(&draft, &message)?;
            message
        }
        None => new_message(&mut state, &interaction, draft.is_ephemeral(), now),
    };
    message.apply(draft, || state.new_id(now))?;
    let body = payload::message(&message, discord.base());
    state.put(message);
    settle(&mut state, interaction.id);
    state.tell(interaction.person);
    drop(state);
    discord.bump();
    Ok(Json(body))
}

/// `GET /webhooks/{app}/{token}/messages/{message}`
pub(super) async fn fetch(
    From(discord): From<Arc<Discord>>,
    Path((app, token, name)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let state = discord.state();
    let interaction = living(&state, &app, &token, discord.now())?;
    let message = owned(&state, interaction, &name)?;
    Ok(Json(payload::message(message, discord.base())))
}

/// `PATCH /webhooks/{app}/{token}/messages/{message}`
pub(super) async fn edit(
    From(discord): From<Arc<Discord>>,
    Path((app, token, name)): Path<(String, String, String)>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let now = discord.now();
    let mut state = discord.state();
    let interaction = living(&state, &app, &token, now)?.clone();
    let mut message = owned(&state, &interaction, &name)?.clone();
    let draft = message::read_body(body)?;
    judge_ephemeral(&draft, &message)?;
    if !message.loading {
        message.edited_at = Some(now);
    }
    message.apply(draft, || state.new_id(now))?;
    let body = payload::message(&message, discord.base());
    state.put(message);
    settle(&mut state, interaction.id);
    state.tell(interaction.person);
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
    let interaction = living(&state, &app, &token, discord.now())?.clone();
    let id = owned(&state, &interaction, &name)?.id;
    if let Some(message) = state.messages.get_mut(&id) {
        message.deleted = true;
        message.loading = false;
        message.revision += 1;
    }
    settle(&mut state, interaction.id);
    state.tell(interaction.person);
    drop(state);
    discord.bump();
    Ok(StatusCode::NO_CONTENT)
}

/// The answered interaction whose token this is, while the token lives.
fn living<'a>(
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
        // Who comes after a bot that died over a click cannot know whether that had answered.
        let died = interaction.is_late(now) || state.sessions.lost_one_with(interaction.id);
        return Err(Refusal::unknown_webhook().excused_if(died));
    }
    if interaction.is_dead(now) {
        return Err(Refusal::dead_token());
    }
    Ok(interaction)
}

/// The message that this interaction may name so: one that it made, or the one that it came from.
fn owned<'a>(
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

/// Nothing deferred is owed any more.
fn settle(state: &mut State, interaction: u64) {
    if let Some(interaction) = state.interactions.get_mut(&interaction) {
        interaction.pending = false;
    }
}
