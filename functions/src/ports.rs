//! Services of the functions, as traits. The sandbox and AWS implement them.

use std::sync::Arc;

use async_trait::async_trait;

use crate::contract::{Locale, Target};
use crate::mail::Mail;
use crate::session_state::SessionState;

/// The services that the functions use.
#[derive(Clone)]
pub struct Ports {
    pub sessions: Arc<dyn Sessions>,
    pub mac: Arc<dyn CodeMac>,
    pub mailer: Arc<dyn Mailer>,
    pub accounts: Arc<dyn Accounts>,
    pub customers: Arc<dyn Customers>,
    pub events: Arc<dyn SessionEvents>,
    /// `None`: access links are redeemed by the function `redeem`.
    pub link_api: Option<Arc<dyn LinkApi>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// A service failed, and its work may be done. The caller repeats the call under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub &'static str);

/// Storage of session states. One value a session, replaced as a whole.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Loads the newest state. An unknown session has version 0 and an empty state.
    async fn load(&self, session_id: &str) -> Result<(SessionState, u64), Fault>;

    /// Saves a state as `version + 1`, if `version` is still the newest.
    async fn save(
        &self,
        session_id: &str,
        state: &SessionState,
        version: u64,
    ) -> Result<Saved, Fault>;
}

/// Result of [`Sessions::save`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Saved {
    Done,
    /// Another call saved a newer state. Nothing was changed.
    Conflict,
}

/// Keyed hashes (HMAC-SHA-256). Only this service has the key.
#[async_trait]
pub trait CodeMac: Send + Sync {
    async fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault>;
}

/// Outgoing mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail and returns the service's id of it.
    async fn send(&self, mail: &Mail) -> Result<String, MailError>;
}

/// Reason why a mail was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailError {
    /// The mail service refused it. It was not sent.
    Refused,
    /// The mail service is overloaded. It was not sent.
    Throttled,
    /// The result is unknown.
    Fault(Fault),
}

/// The company's staff accounts.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Finds an agent by `sub`. `None` if no enabled account with a verified address has it.
    async fn find(&self, sub: &str) -> Result<Option<Recipient>, LookUpError>;
}

/// The company's customers.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Finds a customer by Core's id.
    async fn find(&self, id: &str) -> Result<Option<Recipient>, LookUpError>;
}

/// A person who gets mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    pub address: String,
    pub name: String,
    /// The person's own language. `None`: the language of the request.
    pub locale: Option<Locale>,
}

impl std::fmt::Debug for Recipient {
    /// Shows neither address nor name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipient").finish_non_exhaustive()
    }
}

/// The directory does not answer. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookUpError;

/// Announcements to the company's backend.
#[async_trait]
pub trait SessionEvents: Send + Sync {
    async fn ended(&self, session_id: &str) -> Result<(), Fault>;
}

/// The company's own API for access links. A deployment without one uses `redeem`.
#[async_trait]
pub trait LinkApi: Send + Sync {
    /// Issues a link. The same key gets the same link.
    async fn issue(&self, order: &LinkOrder<'_>) -> Result<CompanyLink, LinkApiError>;

    /// Ends all links of a session.
    async fn revoke(&self, session_id: &str) -> Result<(), LinkApiError>;
}

/// An order for a link of the company.
#[derive(Clone, Copy, Debug)]
pub struct LinkOrder<'a> {
    /// The idempotency key.
    pub key: &'a str,
    pub session_id: &'a str,
    pub target: Target,
    pub customer_id: &'a str,
    pub ecosystem_id: &'a str,
    /// The agent's `sub` in Cognito.
    pub agent_id: &'a str,
}

/// A link that the company issued.
pub struct CompanyLink {
    pub url: secrecy::SecretString,
    /// End of its lifetime, in milliseconds since the epoch.
    pub expires_at: i64,
}

/// Reason why the company's API issued or revoked nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkApiError {
    /// The API refused.
    Refused,
    /// The result is unknown.
    Fault(Fault),
}

/// Time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the time, in milliseconds since the epoch.
    fn now(&self) -> i64;

    /// Waits for `ms` milliseconds.
    async fn sleep(&self, ms: u64);
}

/// Randomness.
pub trait Random: Send + Sync {
    /// Fills the buffer with random bytes from a cryptographic generator.
    fn fill(&self, bytes: &mut [u8]);
}
