//! Input of the watch: sessions and events of rolling windows, as a store finds them by an
//! index. They are not verified, because no decision about a session depends on a signal.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::model::alert::NewAlert;
use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{Purpose, SessionId};

/// Sessions with customers that signals count. A store may leave out groups that are too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchedGroup {
    /// Those opened after a time, of agents with at least this many of them.
    OfAgents { opened_after: Timestamp, at_least: u32 },
    /// Those opened after a time, of customers with at least this many of them.
    OfCustomers { opened_after: Timestamp, at_least: u32 },
    /// Those opened after a time in which the customer's code was typed sooner than `below` after
    /// its mail, of agents with such a session that was opened after `recent_after`.
    WithFastCodes { opened_after: Timestamp, recent_after: Timestamp, below: Duration },
    /// Those opened after a time with an access link, of customers with such a session that was
    /// opened after `recent_after`.
    WithLinks { opened_after: Timestamp, recent_after: Timestamp },
    /// Those opened after a time whose customer is a linked agent and was verified.
    WithColleagues { opened_after: Timestamp },
}

/// A session with a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedSession {
    pub id: SessionId,
    /// Discord id.
    pub agent: u64,
    pub customer: Pseudonym,
    /// Time of the look-up.
    pub opened_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// Time of the newest code that was mailed to the customer.
    pub mailed_at: Option<Timestamp>,
    /// Number of the customer's wrong codes, and the time of the newest one.
    pub wrong: u32,
    pub wrong_at: Option<Timestamp>,
    /// Time of the customer's right code: both are verified.
    pub verified_at: Option<Timestamp>,
    /// Number of access links, and the time of the newest one.
    pub links: u32,
    pub linked_at: Option<Timestamp>,
    /// Time of the customer's newest report.
    pub reported_at: Option<Timestamp>,
}

/// A look-up that found no customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLookup {
    /// Discord id.
    pub agent: u64,
    pub at: Timestamp,
}

/// A wrong code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongCode {
    pub session: SessionId,
    pub purpose: Purpose,
    /// Discord id of the session's agent.
    pub agent: u64,
    /// Id of the agent's account. Empty while linking.
    pub agent_id: String,
    pub customer: Option<Pseudonym>,
    pub at: Timestamp,
}

/// A code that was mailed to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerMail {
    pub session: SessionId,
    pub customer: Pseudonym,
    pub sent_at: Timestamp,
    /// Time at which it came back.
    pub bounced_at: Option<Timestamp>,
    /// Time at which it was found to be undelivered after a minute.
    pub late_at: Option<Timestamp>,
}

/// A closed session whose access links are not revoked.
#[derive(Clone, Debug)]
pub struct StuckRevocation {
    pub session: Arc<Session>,
    /// Time of the request.
    pub since: Timestamp,
}

#[async_trait]
pub trait Watched: Send + Sync + 'static {
    /// Returns true if the watch is due and no other replica has taken it.
    async fn take_watch(&self, now: Timestamp) -> Result<bool, Fault>;
    async fn sessions(&self, group: WatchedGroup) -> Result<Vec<WatchedSession>, Fault>;
    /// Returns the look-ups after a time that found no customer.
    async fn unknown_lookups(&self, after: Timestamp) -> Result<Vec<UnknownLookup>, Fault>;
    /// Returns the wrong codes that were typed after a time.
    async fn wrong_codes(&self, after: Timestamp) -> Result<Vec<WrongCode>, Fault>;
    /// Returns the codes that were mailed to customers after a time.
    async fn customer_mails(&self, after: Timestamp) -> Result<Vec<CustomerMail>, Fault>;
    /// Returns the closed sessions whose revocation was requested at this time or before.
    async fn stuck_revocations(&self, until: Timestamp) -> Result<Vec<StuckRevocation>, Fault>;
    /// Returns since when the trail's newest checkpoint is too old for its events. `None`: it is
    /// not.
    async fn checkpoint_overdue_since(&self, now: Timestamp) -> Result<Option<Timestamp>, Fault>;
    /// Returns true if the signal that mails do not arrive is open.
    async fn mail_alert_is_open(&self) -> Result<bool, Fault>;
    /// Returns the alerts that would be raised: those that rest on newer events than the former
    /// ones of their key, and are not silent.
    async fn news(&self, alerts: Vec<NewAlert>, now: Timestamp) -> Result<Vec<NewAlert>, Fault>;
}
