//! `POST /_sandbox/act`: what a person does.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Page;
use crate::discord::{CHANNELS, CannotAct, MessageId, Person};

/// The languages that the cast speaks, as Discord's client names them.
const LOCALES: [&str; 2] = ["en-US", "es-ES"];

/// One act of one person.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    person: String,
    #[serde(flatten)]
    act: Act,
}

/// What the page lets a person do. Ids are strings: JavaScript cannot hold them as numbers.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Act {
    /// Type a command, "/support technical email:julia@example.com".
    Command { line: String },
    /// Press a button.
    Press { message: String, custom_id: String },
    /// Choose an option of a select menu.
    Select { message: String, custom_id: String, value: String },
    /// Submit the open form.
    Submit { values: Vec<String> },
    /// Close the open form.
    Dismiss,
    /// Take an ephemeral message, or the notice that a command failed, off the screen.
    DismissMessage { message: String },
    /// Switch the client's language.
    Locale { locale: String },
    /// Go to another channel.
    Channel { channel: String },
    /// Restart the client.
    Reload,
}

/// Why an act was not done: `{"ok": false, "error": {"code", "text"}}`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    text: String,
}

impl Problem {
    pub(super) fn nobody(name: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "nobody",
            text: format!("There is nobody called {name:?}."),
        }
    }

    pub(super) fn foreign(text: &str) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: "foreign", text: text.to_owned() }
    }

    fn malformed(text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "malformed", text: text.into() }
    }
}

impl From<CannotAct> for Problem {
    /// Further lines are the screen as text, which the page shows anyway.
    fn from(why: CannotAct) -> Self {
        let why = why.to_string();
        let first = why.lines().next().unwrap_or_default();
        Self { status: StatusCode::CONFLICT, code: "cannot", text: first.to_owned() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "ok": false, "error": { "code": self.code, "text": self.text } });
        (self.status, Json(body)).into_response()
    }
}

/// Does it and waits for the bot's first answer. Whether one came is part of the state, as it is
/// for a test.
pub(super) async fn act(
    State(page): State<Page>,
    request: Result<Json<Request>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(request) = request.map_err(|rejection| Problem::malformed(rejection.body_text()))?;
    let person = page
        .discord
        .find_person(&request.person)
        .ok_or_else(|| Problem::nobody(&request.person))?;
    perform(&person, request.act).await?;
    Ok(Json(json!({ "ok": true })))
}

async fn perform(person: &Person, act: Act) -> Result<(), Problem> {
    match act {
        Act::Command { line } => person.try_types(&line).await?,
        Act::Press { message, custom_id } => {
            person.try_clicks(read_message(&message)?, &custom_id).await?;
        }
        Act::Select { message, custom_id, value } => {
            person.try_chooses(read_message(&message)?, &custom_id, &value).await?;
        }
        Act::Submit { values } => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            person.try_submits(&values).await?;
        }
        Act::Dismiss => person.dismisses(),
        Act::DismissMessage { message } => match read_message(&message) {
            Ok(message) => person.dismisses_message(message),
            Err(_) => person.dismisses_notice(&message),
        },
        Act::Locale { locale } if LOCALES.contains(&locale.as_str()) => person.locale(&locale),
        Act::Locale { .. } => return Err(Problem::malformed("The language is en-US or es-ES.")),
        Act::Channel { channel } => {
            let known = CHANNELS.iter().find(|(id, _)| id.to_string() == channel);
            let (id, _) = known.ok_or_else(|| Problem::malformed("There is no such channel."))?;
            person.moves_to(*id);
        }
        Act::Reload => person.reloads(),
    }
    Ok(())
}

fn read_message(id: &str) -> Result<MessageId, Problem> {
    id.parse()
        .map(MessageId)
        .map_err(|_| Problem::malformed("A message's id is a number in a string."))
}
