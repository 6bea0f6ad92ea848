//! Started sessions, as the statistics count them. Linking and recovery are not among them.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::{Timestamp, minutes};

/// Started sessions to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FigureFilter {
    /// Start of the first session.
    pub from: Timestamp,
    /// Time before which the sessions were started.
    pub until: Timestamp,
    /// Discord id of the agent.
    pub agent: Option<u64>,
}

/// A session that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedSession {
    pub started_at: Timestamp,
    /// Word of the support kind.
    pub kind: String,
    /// Word of the scope.
    pub scope: Option<String>,
    /// Discord id of the agent.
    pub discord_id: u64,
    pub agent_name: String,
    pub customer: Option<Pseudonym>,
    /// Ticket number in upper case. `None` also once the customer's details are gone.
    pub ticket: Option<String>,
    /// Time of the customer's right code, which is the second proof.
    pub verified_at: Option<Timestamp>,
    /// Word of the reason for the close. `None` while the session is open.
    pub closed_why: Option<String>,
    /// Access links by the word of their target.
    pub opened: BTreeMap<String, u32>,
}

/// Mails with the customers' codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeFigures {
    pub mailed: u32,
    pub delivered: u32,
    /// Delivered within [`FAST_DELIVERY`] seconds.
    pub fast: u32,
    pub bounced: u32,
}

/// Time within which a code is delivered fast, in seconds. Amazon SES delivers within seconds.
pub const FAST_DELIVERY: u64 = 30;

/// Time that the figures of an agent's card cover: 30 days.
pub const AGENT_DAYS: Duration = minutes(30 * 24 * 60);

/// Sessions of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentDays {
    pub started: u32,
    pub verified: u32,
    /// Looked up and closed before Start.
    pub abandoned: u32,
}

/// Alerts of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFigures {
    /// Word of the kind.
    pub kind: String,
    /// Alerts that were opened, repeats not counted.
    pub opened: u32,
    pub handled: u32,
    pub false_alarms: u32,
    /// Alerts that wait for a lead.
    pub waiting: u32,
}

#[async_trait]
pub trait FigureSource: Send + Sync + 'static {
    /// Returns at most `limit` sessions, the newest ones, newest first.
    async fn sessions(
        &self,
        filter: FigureFilter,
        limit: u32,
    ) -> Result<Vec<CountedSession>, Fault>;
    /// Returns the number of sessions.
    async fn count(&self, filter: FigureFilter) -> Result<u64, Fault>;
    /// Counts the mails with the customers' codes of the sessions.
    async fn codes(&self, filter: FigureFilter) -> Result<CodeFigures, Fault>;
    /// Counts the alerts that were opened from the first time on and before the second one, in the
    /// order of their kinds.
    async fn alerts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<AlertFigures>, Fault>;
    /// Counts the signals about an agent that were opened after a time, in the order of their
    /// kinds.
    async fn agent_signals(
        &self,
        discord_id: u64,
        after: Timestamp,
    ) -> Result<Vec<AlertFigures>, Fault>;
    /// Counts the sessions of an agent that were opened after a time.
    async fn agent_days(&self, discord_id: u64, after: Timestamp) -> Result<AgentDays, Fault>;
}
