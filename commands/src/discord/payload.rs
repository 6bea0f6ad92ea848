//! Bodies of the calls to Discord that show a screen: JSON and files. The program sends them.

use serde::Serialize;
use serenity::all::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateModal, MessageFlags,
};

use crate::discord::fit::{Fitted, LinkLeftOut, fit};
use crate::discord::render::{embed, modal, rows};
use crate::ports::chat::{FirstAnswer, Post};
use crate::screens::screen::{AttachedFile, MAX_LABEL, MENU_OPTIONS, Screen, Suggestion, clip};

/// Maximum length of an enforced nonce (Discord documentation, "Create Message").
const MAX_NONCE: usize = 25;

// Types of an answer (Discord documentation, "Interaction Callback Type").
const MESSAGE: u8 = 4;
const DEFERRED_MESSAGE: u8 = 5;
const DEFERRED_UPDATE: u8 = 6;
const UPDATE: u8 = 7;
const SUGGESTIONS: u8 = 8;
const MODAL: u8 = 9;

/// Body of a call. It can contain secrets, such as an access link.
pub struct Payload {
    pub json: Vec<u8>,
    /// The n-th file is the part `files[n]`. Without files the body is only the JSON.
    pub files: Vec<File>,
}

/// File of a message.
pub struct File {
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// Reason why a screen has no body.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    #[error(transparent)]
    LinkLeftOut(#[from] LinkLeftOut),
    /// The error of the writer is dropped, because it can quote a value.
    #[error("the body cannot be written")]
    Unwritable,
}

#[derive(Serialize)]
struct Answer<T> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

/// Data of a deferral, which may carry only the ephemeral flag.
#[derive(Serialize)]
struct Deferral {
    flags: u64,
}

#[derive(Serialize)]
struct Choices {
    choices: Vec<Choice>,
}

/// Suggestion for an option. Discord refuses an empty name or value.
#[derive(Serialize)]
struct Choice {
    name: String,
    value: String,
}

impl From<Suggestion> for Choice {
    fn from(suggestion: Suggestion) -> Self {
        let Suggestion { name, value } = suggestion;
        Self { name: clip(&name, MAX_LABEL), value }
    }
}

#[derive(Serialize)]
struct Message {
    /// Empty text removes the text that the message had.
    content: String,
    embeds: Vec<CreateEmbed>,
    components: Vec<CreateActionRow>,
    allowed_mentions: CreateAllowedMentions,
    /// Discord removes the files of the message that are not listed.
    attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flags: Option<u64>,
}

#[derive(Serialize)]
struct Attachment {
    /// Number of the part `files[n]`.
    id: usize,
    filename: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
}

#[derive(Serialize)]
struct Posted {
    #[serde(flatten)]
    message: Message,
    nonce: String,
    enforce_nonce: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_reference: Option<Reference>,
}

/// The message that another one replies to.
#[derive(Serialize)]
struct Reference {
    message_id: String,
    fail_if_not_exists: bool,
}

/// Returns the body of a first answer. `from_message`: the interaction came from a message, which
/// a panel replaces.
pub fn first_answer(from_message: bool, answer: FirstAnswer) -> Result<Payload, PayloadError> {
    let message = |kind, screen| {
        let (message, files) = message(screen, Audience::Agent)?;
        payload(&Answer { kind, data: Some(message) }, files)
    };
    match answer {
        FirstAnswer::Panel(screen) | FirstAnswer::Progress(screen) if from_message => {
            message(UPDATE, screen)
        }
        FirstAnswer::Panel(screen) | FirstAnswer::Note(screen) => message(MESSAGE, screen),
        FirstAnswer::Card(screen) => {
            let (message, files) = self::message(screen, Audience::SameAsBefore)?;
            payload(&Answer { kind: UPDATE, data: Some(message) }, files)
        }
        FirstAnswer::Defer if from_message => {
            payload(&Answer { kind: DEFERRED_UPDATE, data: None::<Deferral> }, Vec::new())
        }
        FirstAnswer::Defer | FirstAnswer::Progress(_) => {
            let data = Deferral { flags: MessageFlags::EPHEMERAL.bits() };
            payload(&Answer { kind: DEFERRED_MESSAGE, data: Some(data) }, Vec::new())
        }
        FirstAnswer::Suggestions(suggestions) => {
            let choices = suggestions.into_iter().take(MENU_OPTIONS).map(Choice::from);
            let data = Choices { choices: choices.collect() };
            payload(&Answer { kind: SUGGESTIONS, data: Some(data) }, Vec::new())
        }
        FirstAnswer::Form(form) => {
            let data: CreateModal = modal(form);
            payload(&Answer { kind: MODAL, data: Some(data) }, Vec::new())
        }
    }
}

/// Returns the body of an edit. It replaces the whole message, its files included.
pub fn edit(screen: Screen) -> Result<Payload, PayloadError> {
    let (message, files) = message(screen, Audience::SameAsBefore)?;
    payload(&message, files)
}

/// Returns the body of a new ephemeral message.
pub fn follow_up(screen: Screen) -> Result<Payload, PayloadError> {
    let (message, files) = message(screen, Audience::Agent)?;
    payload(&message, files)
}

/// Returns the body of a message to a channel. Discord drops a repetition of the same key within
/// minutes.
pub fn post(key: &str, post: Post) -> Result<Payload, PayloadError> {
    let Post { screen, pings, replies_to } = post;
    let (mut message, files) = message(screen, Audience::SameAsBefore)?;
    if let Some(role) = pings {
        // Discord sends no ping for a mention in an embed.
        let text = format!("<@&{role}> {}", message.content);
        text.trim_end().clone_into(&mut message.content);
        message.allowed_mentions = CreateAllowedMentions::new().roles([role]);
    }
    let nonce = key.chars().filter(char::is_ascii_alphanumeric).take(MAX_NONCE).collect();
    let reference = replies_to.map(|message| Reference {
        message_id: message.to_string(),
        // The message can be deleted at any time.
        fail_if_not_exists: false,
    });
    let posted = Posted { message, nonce, enforce_nonce: true, message_reference: reference };
    payload(&posted, files)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Only the agent sees the message (ephemeral).
    Agent,
    /// As the message was, or as the channel is.
    SameAsBefore,
}

fn message(screen: Screen, audience: Audience) -> Result<(Message, Vec<File>), PayloadError> {
    let mut fitted = fit(screen)?;
    let (attachments, files) = attachments(&mut fitted);
    // On a phone a command can be tapped in the text of a message, but not in an embed.
    let (content, embeds) = match fitted.text_alone() {
        Some(text) => (text.to_owned(), Vec::new()),
        None => (String::new(), vec![embed(&fitted)]),
    };
    let message = Message {
        content,
        embeds,
        components: rows(&fitted),
        allowed_mentions: CreateAllowedMentions::new(),
        attachments,
        flags: (audience == Audience::Agent).then_some(MessageFlags::EPHEMERAL.bits()),
    };
    Ok((message, files))
}

/// Takes the files out of a screen. Each entry of the list names its file by number.
fn attachments(fitted: &mut Fitted) -> (Vec<Attachment>, Vec<File>) {
    let picture = fitted.take_picture().map(|picture| AttachedFile {
        name: picture.name,
        media_type: "image/png",
        description: picture.description,
        bytes: picture.bytes,
    });
    let files = picture.into_iter().chain(fitted.take_file()).enumerate();
    files
        .map(|(id, AttachedFile { name, media_type, description, bytes })| {
            (Attachment { id, filename: name, description }, File { name, media_type, bytes })
        })
        .unzip()
}

fn payload(body: &impl Serialize, files: Vec<File>) -> Result<Payload, PayloadError> {
    let json = serde_json::to_vec(body).map_err(|_| PayloadError::Unwritable)?;
    Ok(Payload { json, files })
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
