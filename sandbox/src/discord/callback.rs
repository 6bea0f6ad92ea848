//! The first answer to an interaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use twilight_model::channel::message::MessageFlags;

use super::body::Body;
use super::interaction::{Answer, Interaction, Kind};
use super::judge::{message, modal};
use super::message::Message;
use super::refusal::Refusal;
use super::state::{OpenModal, State};
use super::{Discord, payload};

/// `POST /interactions/{id}/{token}/callback`
pub(super) async fn answer(
    From(discord): From<Arc<Discord>>,
    Path((id, token)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    body: Body,
) -> Result<Response, Refusal> {
    let (now, arrived) = (discord.now(), Instant::now());
    let mut state = discord.state();
    let interaction = id
        .parse()
        .ok()
        .and_then(|id: u64| state.interactions.get(&id))
        .filter(|interaction| interaction.token == token)
        .ok_or_else(Refusal::unknown_interaction)?
        .clone();
    if interaction.answer.is_some() {
        let twice = interaction.may_be_answered_twice();
        return Err(Refusal::already_acknowledged().excused_if(twice));
    }
    if interaction.is_late(now) {
        return Err(Refusal::unknown_interaction().excused_if(interaction.was_delivered_late()));
    }
    let kind = body.json.get("type").and_then(Value::as_u64);
    let answer = answered(&mut state, &interaction, kind, body, now)?;
    if let Some(answered) = state.interactions.get_mut(&interaction.id) {
        answered.answer = Some(answer);
        answered.pending = matches!(kind, Some(5 | 6));
    }
    if let Some(member) = state.members.get_mut(&interaction.person) {
        member.waited = Some((interaction.sent, arrived));
    }
    if interaction.kind == Kind::ModalSubmit {
        close_modal(&mut state, &interaction);
    }
    let described = query.get("with_response").is_some_and(|value| value == "true");
    let response = described.then(|| describe(&state, &interaction, kind, answer, discord.base()));
    state.tell(interaction.person);
    drop(state);
    interaction.heard_back.notify_one();
    discord.bump();
    Ok(match response {
        Some(body) => Json(body).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Judges the answer and carries it out.
fn answered(
    state: &mut State,
    interaction: &Interaction,
    kind: Option<u64>,
    mut body: Body,
    now: i64,
) -> Result<Answer, Refusal> {
    let data = body.json.get_mut("data").map(Value::take).unwrap_or_default();
    match (kind, interaction.source) {
        (Some(4), _) => {
            let draft = message::read(&data, body.files, "data")?;
            if draft.is_empty() {
                return Err(Refusal::empty_message());
            }
            let ephemeral = draft.is_ephemeral();
            let mut message = new_message(state, interaction, ephemeral, now);
            message.apply(draft, || state.new_id(now))?;
            Ok(Answer::Message(kept(state, message)))
        }
        (Some(5), _) => {
            let ephemeral = deferred_flags(&data)?;
            let mut message = new_message(state, interaction, ephemeral, now);
            message.loading = true;
            Ok(Answer::Message(kept(state, message)))
        }
        (Some(6), Some(source)) => {
            if data.as_object().is_some_and(|data| !data.is_empty()) {
                return Err(Refusal::form("data", "MODEL", "A deferred update carries no data."));
            }
            Ok(Answer::Update(source))
        }
        (Some(7), Some(source)) => {
            let draft = message::read(&data, body.files, "data")?;
            let mut message =
                state.messages.get(&source).cloned().filter(|message| !message.deleted);
            let message = message.as_mut().ok_or_else(Refusal::unknown_message)?;
            judge_ephemeral(&draft, message)?;
            message.apply(draft, || state.new_id(now))?;
            message.edited_at = Some(now);
            state.put(message.clone());
            Ok(Answer::Update(source))
        }
        (Some(9), _) if interaction.kind != Kind::ModalSubmit => {
            let modal = modal::read(&data)?;
            open_modal(state, interaction, modal);
            Ok(Answer::Modal)
        }
        _ => Err(wrong_type(interaction)),
    }
}

/// Type 6 and 7 need a message to update; a modal cannot answer a modal.
fn wrong_type(interaction: &Interaction) -> Refusal {
    let choices = match (interaction.kind, interaction.source) {
        (Kind::Command, _) => "4, 5, 9",
        (Kind::Component, _) => "4, 5, 6, 7, 9",
        (Kind::ModalSubmit, Some(_)) => "4, 5, 6, 7",
        (Kind::ModalSubmit, None) => "4, 5",
    };
    let why = format!("Value must be one of {{{choices}}}.");
    Refusal::form("type", "BASE_TYPE_CHOICES", why)
}

/// A deferred message may carry only the ephemeral flag. serenity always writes an empty list of
/// attachments, which says nothing.
fn deferred_flags(data: &Value) -> Result<bool, Refusal> {
    for (key, value) in data.as_object().into_iter().flatten() {
        let idle = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if key != "flags" && !idle {
            let why = "A deferred answer may carry only the ephemeral flag.";
            return Err(Refusal::form(&format!("data.{key}"), "MODEL", why));
        }
    }
    match data.get("flags").and_then(Value::as_u64).unwrap_or(0) {
        0 => Ok(false),
        flags if flags == MessageFlags::EPHEMERAL.bits() => Ok(true),
        _ => Err(Refusal::form("data.flags", "INVALID", "Only the ephemeral flag may be set.")),
    }
}

/// Who can see a message is settled when it is made. Discord ignores a later wish silently; here it
/// is an error, as a bot that believes a public message to be private is about to tell a secret.
pub(super) fn judge_ephemeral(draft: &message::Draft, message: &Message) -> Result<(), Refusal> {
    if draft.is_ephemeral() && !message.is_ephemeral() {
        let why = "Only the first answer decides whether a message is ephemeral.";
        return Err(Refusal::form("flags", "INVALID", why));
    }
    Ok(())
}

pub(super) fn new_message(
    state: &mut State,
    interaction: &Interaction,
    ephemeral: bool,
    now: i64,
) -> Message {
    let mut message = Message::new(state.new_id(now), interaction.channel, now);
    message.only_for = ephemeral.then_some(interaction.person);
    message.interaction = Some(interaction.id);
    message.via.clone_from(&interaction.via);
    message
}

fn kept(state: &mut State, message: Message) -> u64 {
    let id = message.id;
    state.put(message);
    id
}

fn open_modal(state: &mut State, interaction: &Interaction, modal: modal::Modal) {
    if let Some(member) = state.members.get_mut(&interaction.person) {
        member.modal = Some(OpenModal {
            custom_id: modal.custom_id,
            title: modal.title,
            inputs: modal.inputs,
            channel: interaction.channel,
            source: interaction.source,
            opened_by: interaction.id,
            read: false,
            failed: false,
        });
    }
}

/// A modal closes when its submit is answered.
fn close_modal(state: &mut State, interaction: &Interaction) {
    let custom_id = interaction.data.get("custom_id").and_then(Value::as_str);
    if let Some(member) = state.members.get_mut(&interaction.person) {
        member.modal.take_if(|modal| Some(modal.custom_id.as_str()) == custom_id);
    }
}

/// The body of `?with_response=true`.
fn describe(
    state: &State,
    interaction: &Interaction,
    kind: Option<u64>,
    answer: Answer,
    base: &str,
) -> Value {
    let mut body = json!({
        "interaction": { "id": interaction.id.to_string(), "type": interaction.kind.number() },
        "resource": { "type": kind }
    });
    if let Answer::Message(id) | Answer::Update(id) = answer
        && let Some(message) = state.messages.get(&id)
    {
        body["interaction"]["response_message_id"] = json!(id.to_string());
        body["interaction"]["response_message_loading"] = json!(message.loading);
        body["interaction"]["response_message_ephemeral"] = json!(message.is_ephemeral());
        body["resource"]["message"] = payload::message(message, base);
    }
    body
}
