//! Successions: a customer takes an ecosystem over, step by step.

use crate::model::time::Timestamp;

/// A succession with a customer as its successor. In clear, in memory only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    pub id: String,
    /// Core's id of the ecosystem.
    pub ecosystem: String,
    pub ecosystem_name: String,
    pub started_at: Timestamp,
    /// Steps in their order.
    pub steps: Vec<SuccessionStep>,
}

/// One step of a succession.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessionStep {
    pub title: String,
    pub status: StepStatus,
    /// One sentence.
    pub summary: String,
    /// Full text, with the next action.
    pub detail: String,
    /// Reasons for a rejection.
    pub reasons: Vec<String>,
    /// Time of the newest status. `None` if Core has none.
    pub updated_at: Option<Timestamp>,
}

/// Status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    Done,
    Current,
    Waiting,
    /// Rejected. The successor must act.
    Rejected,
    /// A word that this version does not know.
    Unknown,
}
