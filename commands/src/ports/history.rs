//! Earlier sessions of a customer, read by pseudonym.

use std::ops::Range;

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// Sessions to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryOf {
    /// Closed sessions that were started, for agents.
    Agents,
    /// All sessions, for leads.
    Leads,
}

/// A session of a customer, with what its customer's key opens.
#[derive(Clone, Debug)]
pub struct PastSession {
    /// The session as its row is. A closed one names no customer.
    pub session: Session,
    /// Name of the chosen ecosystem. `None` if none was chosen, or if the key is destroyed.
    pub ecosystem: Option<String>,
    /// Ticket number, as far as the key exists.
    pub ticket: Option<String>,
    /// Masked reason of the close, as far as the key exists.
    pub reason: Option<String>,
    /// Masked name of the customer, as far as the key exists.
    pub customer: Option<String>,
}

/// Sessions of a customer since a time, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistorySummary {
    /// Time of the first look-up that found the customer.
    pub known_since: Timestamp,
    pub sessions: u64,
    /// Those in which agent and customer were verified.
    pub verified: u64,
    /// The others, by the word of their close. `None` for those that are open.
    pub others: Vec<(Option<String>, u64)>,
}

/// Part of a customer's history.
#[derive(Clone, Debug, Default)]
pub struct HistoryPage {
    /// The newest first. A row that is not believed is left out.
    pub sessions: Vec<PastSession>,
    /// Number of all sessions of the list.
    pub total: u64,
}

#[async_trait]
pub trait History: Send + Sync + 'static {
    /// Returns the number of sessions that were opened after a time. `None` if the pseudonym is
    /// unknown, or if the customer was erased.
    async fn summary(
        &self,
        customer: &Pseudonym,
        after: Timestamp,
    ) -> Result<Option<HistorySummary>, Fault>;
    /// Returns these lines of the list of sessions that were opened after a time, from 0.
    async fn page(
        &self,
        customer: &Pseudonym,
        of: HistoryOf,
        after: Timestamp,
        lines: Range<u32>,
    ) -> Result<HistoryPage, Fault>;
}
