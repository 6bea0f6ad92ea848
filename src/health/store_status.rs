//! The state of the store, as `/health` and the metrics show it.

use commands::model::time::Timestamp;

use crate::metrics::{EFFECT_KINDS, SESSION_KINDS};

/// The work that waits in the store, for the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreLoad {
    /// Open sessions of each of [`SESSION_KINDS`].
    pub sessions_open: [u32; SESSION_KINDS.len()],
    /// Effects without an outcome of each of [`EFFECT_KINDS`], and since when the oldest session
    /// with one waits.
    pub effects: [(u32, Option<Timestamp>); EFFECT_KINDS.len()],
    /// When the oldest open alert without a card was raised.
    pub undelivered_alert: Option<Timestamp>,
}

/// State of a store that answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStatus {
    /// `None` if it could not be read.
    pub load: Option<StoreLoad>,
    /// Time since which the effects of a session have no outcome, of all sessions the oldest.
    pub oldest_pending: Option<Timestamp>,
    /// Alerts that no lead has answered.
    pub alerts_open: u32,
    /// Number of the newest migration in the store.
    pub migration: Option<i64>,
    /// Number of the newest migration that this program knows.
    pub program_migration: Option<i64>,
    /// End of the last daily verification of the trail, with its number of findings.
    pub verified: Option<(Timestamp, u64)>,
    /// End of the last removal of what has been kept long enough.
    pub pruned_at: Option<Timestamp>,
}
