//! Recovering the BackOffice password: a session of its own in Discord, and a page on our own web
//! server.
//!
//! Discord cannot mask a password in a modal, and its developer policy forbids asking for one. So
//! the password is typed on a one-time page, behind a link that only the agent gets. The session
//! holds the link's hour and limits; its moves and its panel are here. And this is the seam to the
//! page: the page knows tokens, words and fields; the desk knows sessions, limits and Cognito.

mod flow;
mod limits;
mod news;
mod panel;
pub mod password;
mod said;
mod token;
mod typed;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::error::Fault;
use crate::ports::PasswordPolicy;
use crate::text::Locale;
use crate::time::Timestamp;

pub use flow::{
    PAGE_LIFE, RECOVER_CONFIRMS, RECOVER_REQUESTS, RECOVER_WINDOW, State, begin, clocks, request,
    step,
};
pub use news::LastOutcome;
pub use panel::panel;
pub use token::{PageToken, SECRET_LENGTH};
pub use typed::read;

/// The desk, as the recovery page asks it.
///
/// A token is `{session id}.{43 characters of base64url}`: 256 bits (ASVS 7.2.3 wants 128). For one
/// that is unknown, malformed or older than its hour everything here answers `None`, so that such
/// links look alike.
#[async_trait]
pub trait RecoveryDesk: Send + Sync + 'static {
    /// What the page shows.
    async fn look(&self, token: &str) -> Result<Option<View>, Fault>;
    /// Mails a new code. [`FieldMessage`]: why none was sent, or that nobody knows. A fault: nothing was
    /// asked of Cognito.
    async fn resend(&self, token: &str) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
    /// Sets the new password. [`FieldMessage`]: why it was not, or that nobody knows. A fault: nothing was
    /// asked of Cognito.
    async fn confirm(
        &self,
        token: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Result<Option<(View, Option<FieldMessage>)>, Fault>;
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The agent's language.
    pub locale: Locale,
    /// Where the newest code was mailed, masked; `None`: none is known to have been.
    pub to: Option<String>,
    /// What the page has to say before anything is typed: no code was mailed, or nobody knows what
    /// became of the last try.
    pub news: Option<String>,
    /// The password was changed through this link: there is nothing more to do on the page.
    pub done: bool,
    /// Likewise, and the account is signed out everywhere by now.
    pub signed_out: bool,
    /// When a new code can be mailed (a time that is over: now); `None`: not any more through this
    /// link.
    pub resend_at: Option<Timestamp>,
    /// When the link ends.
    pub until: Timestamp,
    /// What the new password must be.
    pub policy: PasswordPolicy,
    /// The time at which all this was so.
    pub now: Timestamp,
}

/// A field of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The code from the mail.
    Code,
    /// The new password.
    Password,
    /// The new password once more.
    Repeat,
    /// None of them: the page as a whole.
    Page,
}

/// What is said after something did not happen, and which field it stands next to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMessage {
    /// The field it concerns.
    pub field: Field,
    /// The sentence, in the agent's language.
    pub sentence: String,
}
