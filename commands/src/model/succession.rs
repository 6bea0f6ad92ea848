//! A succession as Core knows it: a customer is taking an ecosystem over, step by step.

use crate::model::time::Timestamp;

/// A succession of which a customer is the successor. In clear, in memory only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Core's id.
    pub id: String,
    /// Core's id of the ecosystem that is taken over.
    pub ecosystem: String,
    /// Its name.
    pub ecosystem_name: String,
    /// Since when it is under way.
    pub started_at: Timestamp,
    /// The steps, in order.
    pub steps: Vec<SuccessionStep>,
}

/// One step of a succession.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessionStep {
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub status: StepStatus,
    /// One sentence on how it stands.
    pub summary: String,
    /// The fuller text, with what is to be done.
    pub detail: String,
    /// Why it was rejected.
    pub reasons: Vec<String>,
    /// Since when it stands so; `None` when Core does not say.
    pub updated_at: Option<Timestamp>,
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// Over, and well.
    Done,
    /// Under way.
    Current,
    /// Before its turn.
    Waiting,
    /// Refused: the successor has to do something.
    Rejected,
    /// A word we do not know.
    Unknown,
}
