//! The bot's own store: what is written in one transaction, and the sessions in memory before it.

use std::time::Duration;

use crate::model::time::Timestamp;
use crate::model::words::Limit;

/// One more of something that is limited in a rolling window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// What is counted.
    pub limit: Limit,
    /// For whom, e.g. `agent:…`.
    pub subject: String,
    /// How many are allowed in `window`.
    pub allowed: u32,
    /// The rolling window.
    pub window: Duration,
}

/// A subject that rests: nothing is verified for it until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Who, e.g. `customer:…`.
    pub subject: String,
    /// Until when.
    pub until: Timestamp,
}
