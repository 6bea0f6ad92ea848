//! The trail, as leads read it.

use std::ops::Range;

use async_trait::async_trait;
use serde_json::Value;

use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::trail_filter::TrailFilter;
use crate::model::words::SessionId;

/// Part of the events that fit a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailPart {
    pub is_oldest_first: bool,
    pub skipped: u32,
    pub limit: u32,
    /// Opens what the events are about.
    pub opens: bool,
}

/// An event. It is not verified.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrailLine {
    pub at: Timestamp,
    /// `discord:…`, or a word such as `clock`.
    pub actor: String,
    pub kind: String,
    pub session: Option<SessionId>,
    /// Ids, numbers and words. `Null` if they cannot be read.
    pub details: Value,
    pub customer: Option<Pseudonym>,
    /// The customer was erased.
    pub is_erased: bool,
    /// Ticket number of the session. `None` once it was cleared.
    pub ticket: Option<String>,
    /// Sealed details. `Null` if nothing was sealed or opened, or if the key is destroyed.
    pub about: Value,
    /// Name of the ecosystem in `about`.
    pub ecosystem: Option<String>,
}

/// Result of the verification of a session's chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainVerdict {
    pub events: u64,
    pub findings: Vec<ChainFinding>,
}

/// A trace of tampering in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainFinding {
    /// Word that selects the sentence.
    pub word: &'static str,
    /// Numbers of the first and of the last event, from 1; 0 if it is about the whole chain.
    pub first: i64,
    pub last: i64,
}

#[async_trait]
pub trait TrailSearch: Send + Sync + 'static {
    /// Returns a part of the events that fit a filter. They are sorted by time.
    async fn lines(&self, filter: &TrailFilter, part: TrailPart) -> Result<Vec<TrailLine>, Fault>;
    /// Counts the events that fit a filter, up to a number.
    async fn count(&self, filter: &TrailFilter, up_to: u64) -> Result<u64, Fault>;
    /// Returns true if a lead has opened a view with these details in a span of time.
    async fn has_read(
        &self,
        lead: u64,
        span: Range<Timestamp>,
        details: &Value,
    ) -> Result<bool, Fault>;
    /// Verifies the chain of a session. `None` if there is no such session.
    async fn verify(&self, session: &SessionId) -> Result<Option<ChainVerdict>, Fault>;
}
