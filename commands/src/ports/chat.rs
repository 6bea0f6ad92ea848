//! Replies in Discord.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::fault::Fault;
use crate::screens::screen::{Form, Screen, Suggestion};

/// Handle for the replies to a Discord interaction.
#[derive(Clone, Debug)]
pub struct ReplyHandle {
    pub interaction_id: u64,
    /// Valid for answers and edits for 15 minutes.
    pub token: SecretString,
    /// The interaction came from a message that only this person sees: from a component, or from a
    /// form that a component opened. An answer then replaces that message. It must never replace
    /// a message of the channel.
    pub from_message: bool,
    /// The interaction came from a message that everybody in the channel sees.
    pub from_public: bool,
}

/// First answer to an interaction.
#[derive(Clone, Debug)]
pub enum FirstAnswer {
    /// A panel. Replaces the message that the interaction came from, or is a new ephemeral one.
    Panel(Screen),
    /// A new ephemeral message beside the panel.
    Note(Screen),
    /// Replaces the public message that the interaction came from, for everybody.
    Card(Screen),
    /// Defers: the panel follows as an edit.
    Defer,
    /// Shows the progress in the message of the clicked button. The panel follows as an edit. A
    /// command has no such message, so it is only deferred.
    Progress(Screen),
    Form(Form),
    /// Values for the option that a person is typing.
    Suggestions(Vec<Suggestion>),
}

/// Reason why Discord rejected a call.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The interaction has an answer (40060), such as of another replica.
    #[error("answered already")]
    Answered,
    /// The interaction, token or message is gone (10062, 50027, 10015, 10008).
    #[error("gone")]
    Gone,
    /// Discord refuses the content (400), or a link button cannot be shown. Other content can
    /// succeed.
    #[error(transparent)]
    Refused(Fault),
    /// The bot does not see the channel, or lacks a permission there (50001, 50013).
    #[error(transparent)]
    Forbidden(Fault),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Message that the bot posts in a channel.
#[derive(Clone, Debug)]
pub struct Post {
    pub screen: Screen,
    /// Role that the message pings. All other mentions ping no user.
    pub pings: Option<u64>,
    /// Message of the channel that it replies to.
    pub replies_to: Option<u64>,
}

/// Replies to interactions, and messages of the bot in channels.
#[async_trait]
pub trait Chat: Send + Sync + 'static {
    /// Sends the first answer.
    async fn answer(&self, handle: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError>;
    /// Replaces the panel: the clicked message, or the answer to a command (`@original`).
    async fn edit(&self, token: &SecretString, screen: Screen) -> Result<(), ChatError>;
    /// Sends another ephemeral message.
    async fn follow_up(&self, token: &SecretString, screen: Screen) -> Result<(), ChatError>;
    /// Posts in a channel, and returns the id of the message. Discord drops a repetition of the
    /// same key within minutes and returns the first message.
    async fn post(&self, channel: u64, key: &str, post: Post) -> Result<u64, ChatError>;
    /// Replaces the bot's message in a channel. It pings no user and no role.
    async fn edit_post(&self, channel: u64, message: u64, screen: Screen) -> Result<(), ChatError>;
    async fn delete_post(&self, channel: u64, message: u64) -> Result<(), ChatError>;
}
