//! First answers to interactions.

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
use super::message::Message;
use super::payload;
use super::refusal::Refusal;
use super::service::Discord;
use super::state::{OpenModal, State};
use super::validate::message::{self, MessageFields};
use super::validate::{keys, modal, suggestions};

/// `POST /interactions/{id}/{token}/callback`
pub(super) async fn create(
    From(discord): From<Arc<Discord>>,
    Path((id, token)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    body: Body,
) -> Result<Response, Refusal> {
    let (now, arrived) = (discord.now(), Instant::now());
    discord.note_body("callback", keys::of_callback(&body.json), &body.json);
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
    let answer = apply_answer(&mut state, &interaction, kind, body, now)?;
    if let Some(stored) = state.interactions.get_mut(&interaction.id) {
        stored.answer = Some(answer);
        stored.pending = matches!(kind, Some(5 | 6));
    }
    if let Some(member) = state.members.get_mut(&interaction.person) {
        member.last_exchange = Some((interaction.sent, arrived));
    }
    if interaction.kind == Kind::ModalSubmit {
        close_modal(&mut state, &interaction);
    }
    let with_response = query.get("with_response").is_some_and(|value| is_true(value));
    let response =
        with_response.then(|| describe(&state, &interaction, kind, answer, discord.base_url()));
    state.notify_person(interaction.person);
    drop(state);
    interaction.answered.notify_one();
    discord.bump();
    Ok(match response {
        Some(body) => Json(body).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Reads a boolean of a query. discord.js sends `true`, discord.py sends `1`.
fn is_true(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("true")
}

/// Validates an answer and applies it.
fn apply_answer(
    state: &mut State,
    interaction: &Interaction,
    kind: Option<u64>,
    mut body: Body,
    now: i64,
) -> Result<Answer, Refusal> {
    let data = body.json.get_mut("data").map(Value::take).unwrap_or_default();
    match (kind, interaction.source) {
        (Some(8), _) if interaction.kind == Kind::Autocomplete => {
            let suggestions = suggestions::parse_suggestions(&data)?;
            if let Some(stored) = state.interactions.get_mut(&interaction.id) {
                stored.suggestions = suggestions;
            }
            Ok(Answer::Suggestions)
        }
        // The person is still typing, so the bot can only suggest.
        _ if interaction.kind == Kind::Autocomplete => Err(wrong_type(interaction)),
        (Some(4), _) => {
            let fields = message::parse_message(&data, body.files, "data")?;
            if fields.is_empty() {
                return Err(Refusal::empty_message());
            }
            let ephemeral = fields.is_ephemeral();
            let mut message = new_message(state, interaction, ephemeral, now);
            message.apply(fields, || state.new_id(now))?;
            Ok(Answer::Message(put_message(state, message)))
        }
        (Some(5), _) => {
            let ephemeral = deferred_flags(&data)?;
            let mut message = new_message(state, interaction, ephemeral, now);
            message.loading = true;
            Ok(Answer::Message(put_message(state, message)))
        }
        (Some(6), Some(source)) => {
            if data.as_object().is_some_and(|data| !data.is_empty()) {
                return Err(Refusal::form("data", "MODEL", "A deferred update carries no data."));
            }
            Ok(Answer::Update(source))
        }
        (Some(7), Some(source)) => {
            let fields = message::parse_message(&data, body.files, "data")?;
            let mut message =
                state.messages.get(&source).cloned().filter(|message| !message.deleted);
            let message = message.as_mut().ok_or_else(Refusal::unknown_message)?;
            validate_audience(&fields, message)?;
            message.apply(fields, || state.new_id(now))?;
            message.edited_at = Some(now);
            state.put_message(message.clone());
            Ok(Answer::Update(source))
        }
        (Some(9), _) if interaction.kind != Kind::ModalSubmit => {
            let modal = modal::parse_modal(&data)?;
            open_modal(state, interaction, modal);
            Ok(Answer::Modal)
        }
        _ => Err(wrong_type(interaction)),
    }
}

/// Types 6 and 7 need a message to update. A modal cannot answer a modal.
fn wrong_type(interaction: &Interaction) -> Refusal {
    let choices = match (interaction.kind, interaction.source) {
        (Kind::Command, _) => "4, 5, 9",
        (Kind::Component, _) => "4, 5, 6, 7, 9",
        (Kind::Autocomplete, _) => "8",
        (Kind::ModalSubmit, Some(_)) => "4, 5, 6, 7",
        (Kind::ModalSubmit, None) => "4, 5",
    };
    let why = format!("Value must be one of {{{choices}}}.");
    Refusal::form("type", "BASE_TYPE_CHOICES", why)
}

/// Returns the ephemeral flag of a deferred answer, the only field that it may carry.
///
/// An empty list of attachments is allowed, because serenity always sends one.
fn deferred_flags(data: &Value) -> Result<bool, Refusal> {
    for (key, value) in data.as_object().into_iter().flatten() {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if key != "flags" && !empty {
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

/// Refuses to make a public message ephemeral.
///
/// Discord ignores such a flag. Here it is an error, because a bot that takes a public message for
/// an ephemeral one can reveal a secret.
pub(super) fn validate_audience(fields: &MessageFields, message: &Message) -> Result<(), Refusal> {
    if fields.is_ephemeral() && !message.is_ephemeral() {
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
    message.replies_to = interaction.original().or(interaction.source);
    message
}

fn put_message(state: &mut State, message: Message) -> u64 {
    let id = message.id;
    state.put_message(message);
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

/// Closes the modal whose submit was answered.
fn close_modal(state: &mut State, interaction: &Interaction) {
    let custom_id = interaction.data.get("custom_id").and_then(Value::as_str);
    if let Some(member) = state.members.get_mut(&interaction.person) {
        member.modal.take_if(|modal| Some(modal.custom_id.as_str()) == custom_id);
    }
}

/// Builds the body of an answer with `?with_response=true`.
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
        body["resource"]["message"] = payload::message(state, message, base);
    }
    body
}
