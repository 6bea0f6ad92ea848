//! `POST /_sandbox/action`: what a person does.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::context::PageContext;
use super::problem::Problem;
use crate::discord::{CHANNELS, MessageId, Person};
use crate::mail_outcome::MailOutcome;

/// The languages of the people, as Discord's client names them.
const LOCALES: [&str; 3] = ["en-US", "es-ES", "es-419"];

/// One action of one person.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    person: String,
    #[serde(flatten)]
    action: Action,
}

/// The actions of the page. Ids are strings, because JavaScript rounds numbers of this size.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Action {
    /// Types a command, such as `/support technical email:julia@example.com`.
    Command {
        line: String,
    },
    Press {
        message: String,
        custom_id: String,
    },
    /// Chooses an option of a select menu.
    Select {
        message: String,
        custom_id: String,
        value: String,
    },
    Submit {
        values: Vec<String>,
    },
    Dismiss,
    /// Removes an ephemeral message, or the notice of a failed command, from the screen.
    DismissMessage {
        message: String,
    },
    /// Switches the client's language.
    Locale {
        locale: String,
    },
    /// Opens another channel.
    Channel {
        channel: String,
    },
    /// Restarts the client, as after a phone has closed the app.
    Reload,
    /// Loads the channel again.
    JumpToPresent,
    /// Decides what becomes of a mail, and of the next mails to its address.
    Mail {
        mail: u64,
        outcome: String,
    },
}

/// Performs an action and waits for the bot's first answer.
///
/// The response does not contain the answer. The page reads it from `/_sandbox/state`.
pub(super) async fn submit_action(
    State(page): State<PageContext>,
    request: Result<Json<Request>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let request = parse(request)?;
    let person = find_person(&page, &request.person)?;
    perform(&page, &person, request.action).await?;
    Ok(Json(json!({ "ok": true })))
}

/// A person who is typing the last option of a command line.
#[derive(Debug, Deserialize)]
pub(super) struct Typing {
    person: String,
    line: String,
}

/// `POST /_sandbox/suggestions`: returns what the bot suggests. `null` if it does not answer.
pub(super) async fn suggest(
    State(page): State<PageContext>,
    request: Result<Json<Typing>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let request = parse(request)?;
    let person = find_person(&page, &request.person)?;
    let suggestions = person.try_suggestions(&request.line).await?;
    Ok(Json(json!({ "suggestions": suggestions })))
}

fn parse<T>(request: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    let Json(request) = request.map_err(|rejection| Problem::malformed(rejection.body_text()))?;
    Ok(request)
}

fn find_person(page: &PageContext, name: &str) -> Result<Person, Problem> {
    page.discord.find_person(name).ok_or_else(|| Problem::unknown_person(name))
}

async fn perform(page: &PageContext, person: &Person, action: Action) -> Result<(), Problem> {
    match action {
        Action::Command { line } => person.try_types(&line).await?,
        Action::Press { message, custom_id } => {
            person.try_presses_id(parse_message_id(&message)?, &custom_id).await?;
        }
        Action::Select { message, custom_id, value } => {
            person.try_selects_value(parse_message_id(&message)?, &custom_id, &value).await?;
        }
        Action::Submit { values } => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            person.try_submits(&values).await?;
        }
        Action::Dismiss => person.dismisses(),
        Action::DismissMessage { message } => match parse_message_id(&message) {
            Ok(message) => person.dismisses_message(message),
            Err(_) => person.dismisses_notice(&message),
        },
        Action::Locale { locale } if LOCALES.contains(&locale.as_str()) => person.locale(&locale),
        Action::Locale { .. } => {
            return Err(Problem::malformed("The language is en-US, es-ES or es-419."));
        }
        Action::Channel { channel } => {
            let known = CHANNELS.iter().find(|(id, _)| id.to_string() == channel);
            let (id, _) = known.ok_or_else(|| Problem::malformed("There is no such channel."))?;
            person.moves_to(*id);
        }
        Action::Reload => person.reloads(),
        Action::JumpToPresent => person.jumps_to_present(),
        Action::Mail { mail, outcome } => decide_mail(page, mail, &outcome).await?,
    }
    Ok(())
}

async fn decide_mail(page: &PageContext, id: u64, outcome: &str) -> Result<(), Problem> {
    let outcome = MailOutcome::parse(outcome)
        .ok_or_else(|| Problem::malformed("There is no such outcome of a mail."))?;
    let mail = page.mail.find(id).filter(|mail| mail.tags.is_some());
    let mail = mail.ok_or_else(|| Problem::malformed("There is no such mail with a code."))?;
    page.mail.set_outcome(&mail.to, Some(outcome));
    // The functions forget old codes. Then it holds for the next mails only.
    page.aws.try_report(&mail, outcome).await;
    Ok(())
}

fn parse_message_id(id: &str) -> Result<MessageId, Problem> {
    id.parse()
        .map(MessageId)
        .map_err(|_| Problem::malformed("The id of a message is a number in a string."))
}
