//! Discord, as far as it is answered.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::fault::Fault;
use crate::screens::screen::{Form, Screen};

/// A Discord interaction, as far as answering it goes.
#[derive(Clone, Debug)]
pub struct ReplyHandle {
    /// Discord's id of it.
    pub interaction_id: u64,
    /// Answers and edits for 15 minutes.
    pub token: SecretString,
    /// Whether it came from a message (a component, or a modal opened by one): such an answer
    /// replaces that message.
    pub from_message: bool,
}

/// The first answer to an interaction.
#[derive(Clone, Debug)]
pub enum FirstAnswer {
    /// A panel: in place of the message it came from, or as a new ephemeral one.
    Panel(Screen),
    /// A new ephemeral message beside whatever is there.
    Note(Screen),
    /// The panel follows.
    Defer,
    /// A modal.
    Form(Form),
}

/// Which message of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageRef {
    /// `@original`: the panel.
    Panel,
    /// A follow-up.
    FollowUp(u64),
}

/// Why Discord did not take it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Somebody answered already (40060), e.g. another replica.
    #[error("answered already")]
    Answered,
    /// Too late, or the token is dead (10062, 50027, 10015, 10008).
    #[error("gone")]
    Gone,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Discord, as far as it is answered.
#[async_trait]
pub trait Chat: Send + Sync + 'static {
    /// The first answer.
    async fn answer(&self, handle: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError>;
    /// Puts a screen in place of a message.
    async fn edit(
        &self,
        token: &SecretString,
        message: MessageRef,
        screen: Screen,
    ) -> Result<(), ChatError>;
    /// Sends one more ephemeral message; its id.
    async fn follow_up(&self, token: &SecretString, screen: Screen) -> Result<u64, ChatError>;
    /// Tells the leads' channel; `false` where none is set. The same key within minutes is told
    /// once.
    async fn alert(&self, key: &str, screen: Screen) -> Result<bool, ChatError>;
}
