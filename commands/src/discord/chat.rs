//! The port [`Chat`] over serenity's HTTP client.
//!
//! Errors of serenity contain addresses with tokens. They are reduced to their codes and never
//! logged.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serenity::all::{
    ChannelId, CreateAllowedMentions, CreateInteractionResponse, CreateInteractionResponseFollowup,
    CreateInteractionResponseMessage, CreateMessage, EditWebhookMessage, Http, HttpError,
    InteractionId, MessageId, Nonce,
};
use serenity::http::DiscordJsonSingleError;

use crate::discord::fit::{Fitted, fit};
use crate::discord::render::{embed, files, modal, rows};
use crate::model::fault::Fault;
use crate::ports::chat::{Chat, ChatError, FirstAnswer, MessageRef, ReplyHandle};
use crate::ports::clock::Clock;
use crate::screens::screen::Screen;

/// Names of the calls in faults.
const ANSWERING: &str = "answering an interaction";
const EDITING: &str = "editing a message";
const SENDING: &str = "sending a message";
const ALERTING: &str = "alerting the leads";

/// Error code of Discord for an interaction that has an answer.
const ALREADY_ANSWERED: isize = 40060;

/// Status of Discord for content that it refuses, such as an invalid form body (50035) or an empty
/// message (50006). The code can be 0, and serenity reports -1 for a body that it cannot read.
const REFUSED_CONTENT: u16 = 400;

/// Metric of the messages whose content Discord refused. A minimal panel replaces a refused one.
pub const REFUSED_MESSAGES: &str = "support_desk_messages_refused_total";

/// Maximum number of fields that a log line names.
const MAX_LOGGED_FIELDS: usize = 5;

/// Error codes of Discord: unknown message, webhook or interaction, invalid token.
const GONE: [isize; 4] = [10008, 10015, 10062, 50027];

/// Waits between the attempts at a first answer. Together they stay far below Discord's three
/// seconds.
const FIRST_ANSWER_RETRIES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// Waits between the attempts at all later calls.
///
/// They bridge a restart of Discord, and still strip a panel within the last 15 seconds of its
/// session.
const LATER_RETRIES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

pub struct DiscordChat {
    http: Arc<Http>,
    clock: Arc<dyn Clock>,
    leads: Option<ChannelId>,
}

impl DiscordChat {
    /// `leads` is the channel for alerts.
    pub fn new(http: Arc<Http>, clock: Arc<dyn Clock>, leads: Option<u64>) -> Self {
        Self { http, clock, leads: leads.map(ChannelId::new) }
    }

    /// Calls Discord, and retries after a transient error.
    async fn call<T, F>(
        &self,
        doing: &'static str,
        waits: &[Duration],
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, ChatError>
    where
        F: Future<Output = serenity::Result<T>> + Send,
        T: Send,
    {
        for wait in waits {
            match call().await {
                Err(error) if is_transient(&error) => self.clock.sleep(*wait).await,
                result => return result.map_err(|error| classify_error(doing, &error)),
            }
        }
        call().await.map_err(|error| classify_error(doing, &error))
    }
}

#[async_trait]
impl Chat for DiscordChat {
    async fn answer(&self, handle: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError> {
        let message = |screen: Screen| {
            let mut screen = fitted(ANSWERING, screen)?;
            let files = files(&mut screen);
            let message = CreateInteractionResponseMessage::new()
                .embed(embed(&screen))
                .components(rows(&screen))
                .allowed_mentions(CreateAllowedMentions::new())
                .ephemeral(true);
            Ok::<_, ChatError>((message, files))
        };
        let (response, files) = match answer {
            FirstAnswer::Panel(screen) | FirstAnswer::Progress(screen) if handle.from_message => {
                let (message, files) = message(screen)?;
                (CreateInteractionResponse::UpdateMessage(message), files)
            }
            FirstAnswer::Panel(screen) | FirstAnswer::Note(screen) => {
                let (message, files) = message(screen)?;
                (CreateInteractionResponse::Message(message), files)
            }
            FirstAnswer::Defer if handle.from_message => {
                (CreateInteractionResponse::Acknowledge, Vec::new())
            }
            FirstAnswer::Defer | FirstAnswer::Progress(_) => (
                CreateInteractionResponse::Defer(
                    CreateInteractionResponseMessage::new().ephemeral(true),
                ),
                Vec::new(),
            ),
            FirstAnswer::Form(form) => (CreateInteractionResponse::Modal(modal(form)), Vec::new()),
        };
        let (id, token) = (InteractionId::new(handle.interaction_id), handle.token.expose_secret());
        let maybe_answered = AtomicBool::new(false);
        let answered = self
            .call(ANSWERING, &FIRST_ANSWER_RETRIES, || async {
                let answered = self
                    .http
                    .create_interaction_response(id, token, &response, files.clone())
                    .await;
                let maybe = answered.as_ref().is_err_and(may_have_worked);
                maybe_answered.fetch_or(maybe, Ordering::Relaxed);
                answered
            })
            .await;
        match answered {
            // An earlier attempt has answered. Only its confirmation was lost.
            Err(ChatError::Answered) if maybe_answered.into_inner() => Ok(()),
            answered => answered,
        }
    }

    async fn edit(
        &self,
        token: &SecretString,
        message: MessageRef,
        screen: Screen,
    ) -> Result<(), ChatError> {
        let mut screen = fitted(EDITING, screen)?;
        let files = files(&mut screen);
        // An edit lists the older files to keep. None are kept.
        let edit = EditWebhookMessage::new()
            .embeds(vec![embed(&screen)])
            .components(rows(&screen))
            .allowed_mentions(CreateAllowedMentions::new())
            .clear_attachments();
        let token = token.expose_secret();
        self.call(EDITING, &LATER_RETRIES, || async {
            match message {
                MessageRef::Panel => {
                    self.http.edit_original_interaction_response(token, &edit, files.clone()).await
                }
                MessageRef::FollowUp(id) => {
                    self.http
                        .edit_followup_message(token, MessageId::new(id), &edit, files.clone())
                        .await
                }
            }
        })
        .await
        .map(drop)
    }

    async fn follow_up(&self, token: &SecretString, screen: Screen) -> Result<u64, ChatError> {
        let mut screen = fitted(SENDING, screen)?;
        let files = files(&mut screen);
        let message = CreateInteractionResponseFollowup::new()
            .embed(embed(&screen))
            .components(rows(&screen))
            .allowed_mentions(CreateAllowedMentions::new())
            .files(files.clone())
            .ephemeral(true);
        let token = token.expose_secret();
        let sent = self
            .call(SENDING, &LATER_RETRIES, || {
                self.http.create_followup_message(token, &message, files.clone())
            })
            .await?;
        Ok(sent.id.get())
    }

    async fn alert(&self, key: &str, screen: Screen) -> Result<bool, ChatError> {
        let Some(channel) = self.leads else {
            return Ok(false);
        };
        // Discord enforces the nonce, so an alert that is repeated after a crash stays one message.
        let nonce: String = key.chars().filter(char::is_ascii_alphanumeric).take(25).collect();
        let message = CreateMessage::new()
            .embed(embed(&fitted(ALERTING, screen)?))
            .allowed_mentions(CreateAllowedMentions::new())
            .nonce(Nonce::String(nonce))
            .enforce_nonce(true);
        self.call(ALERTING, &LATER_RETRIES, || {
            self.http.send_message(channel, Vec::new(), &message)
        })
        .await
        .map(|_| true)
    }
}

/// Fits a screen into Discord's rules. Without its link button it is refused, as by Discord.
fn fitted(doing: &'static str, screen: Screen) -> Result<Fitted, ChatError> {
    fit(screen).map_err(|left_out| ChatError::Refused(Fault::new(doing, left_out)))
}

/// Returns true if a retry can help: Discord is busy (429), has a server error or did not answer.
fn is_transient(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.as_u16() == 429 || response.status_code.is_server_error()
        }
        serenity::Error::Http(HttpError::Request(error)) => {
            !error.is_builder() && !error.is_decode()
        }
        _ => false,
    }
}

/// Returns true if Discord can have performed the call: the connection broke, or the server failed.
fn may_have_worked(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            response.status_code.is_server_error()
        }
        serenity::Error::Http(HttpError::Request(_)) => true,
        _ => false,
    }
}

/// Maps an error to its meaning. Drops the error itself, because it can contain a token.
fn classify_error(doing: &'static str, error: &serenity::Error) -> ChatError {
    let why = match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            match response.error.code {
                ALREADY_ANSWERED => return ChatError::Answered,
                code if GONE.contains(&code) => return ChatError::Gone,
                code if response.status_code.as_u16() == REFUSED_CONTENT => {
                    let mut why = format!("Discord refused the content with code {code}");
                    let fields = refused_fields(&response.error.errors);
                    if !fields.is_empty() {
                        why = format!("{why}: {fields}");
                    }
                    metrics::counter!(REFUSED_MESSAGES).increment(1);
                    return ChatError::Refused(Fault::new(doing, why));
                }
                code => format!(
                    "Discord refused it with status {} and code {code}",
                    response.status_code.as_u16()
                ),
            }
        }
        serenity::Error::Http(HttpError::Request(error)) if error.is_timeout() => {
            "Discord did not answer in time".to_owned()
        }
        serenity::Error::Http(HttpError::Request(error)) if error.is_connect() => {
            "Discord could not be reached".to_owned()
        }
        serenity::Error::Http(_) => "the call to Discord failed".to_owned(),
        serenity::Error::Json(_) => "Discord's answer could not be read".to_owned(),
        _ => "serenity refused to send it".to_owned(),
    };
    ChatError::Fault(Fault::new(doing, why))
}

/// Returns paths and codes of the refused fields. Drops the messages, because they can quote
/// values.
fn refused_fields(errors: &[DiscordJsonSingleError]) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')).collect()
    };
    let fields = errors.iter().take(MAX_LOGGED_FIELDS);
    let fields = fields.flat_map(|error| [plain(&error.path), plain(&error.code)]);
    fields.collect::<Vec<_>>().join(" ")
}
