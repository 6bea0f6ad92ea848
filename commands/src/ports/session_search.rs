//! Sessions with customers and their events, as leads look for them.

use async_trait::async_trait;
use serde_json::Value;

use crate::model::fault::Fault;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// Sessions to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionFilter {
    pub span: SearchSpan,
    /// Discord id of the agent.
    pub agent: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchSpan {
    /// Sessions that end after this time, soonest first.
    OpenAt(Timestamp),
    /// Sessions that were opened after the first time and not after the second one, newest first.
    Opened(Timestamp, Timestamp),
}

/// Part of a list.
#[derive(Clone, Debug, Default)]
pub struct SessionPage {
    /// A row that is not believed is left out.
    pub sessions: Vec<Session>,
    /// Number of all sessions of the list.
    pub total: u64,
}

/// An event in the trail of a session. It is not verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionEvent {
    pub session: SessionId,
    pub at: Timestamp,
    /// `discord:…`, `clock` for a timer, or `customer` or `agent` for a report.
    pub actor: String,
    pub kind: String,
    /// Ids, numbers and words.
    pub details: Value,
}

#[async_trait]
pub trait SessionSearch: Send + Sync + 'static {
    /// Returns at most `limit` sessions, after the `skipped` first ones.
    async fn page(
        &self,
        filter: SessionFilter,
        skipped: u32,
        limit: u32,
    ) -> Result<SessionPage, Fault>;
    /// Returns sessions that were opened after a time and contain the text: in the first six
    /// characters, the agent's name or the ticket number, in any case. Open ones come first, then
    /// the newest.
    async fn containing(
        &self,
        text: &str,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<Session>, Fault>;
    /// Returns sessions that were opened after a time and whose id begins with the text, in any
    /// case, the newest first.
    async fn beginning_with(
        &self,
        text: &str,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<Session>, Fault>;
    /// Returns the time of the newest close.
    async fn last_close(&self) -> Result<Option<Timestamp>, Fault>;
    /// Returns the reason that a lead last gave for a lockout of the subject.
    async fn lockout_reason(&self, lead: u64, subject: &str) -> Result<Option<String>, Fault>;
    /// Returns the events of these kinds in the trails of sessions, oldest first.
    async fn events(&self, ids: &[SessionId], kinds: &[&str]) -> Result<Vec<SessionEvent>, Fault>;
}
