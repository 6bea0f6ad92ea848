//! A rolling window of events.

use std::time::Duration;

use crate::model::time::Timestamp;

/// Time from `length` ago, exclusive, until now, inclusive.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub now: Timestamp,
    pub length: Duration,
}

impl Window {
    pub const fn new(now: Timestamp, length: Duration) -> Self {
        Self { now, length }
    }

    /// Returns true if an event at this time counts. One from the future counts once its time has
    /// come, because the clock of another replica can be ahead.
    pub fn has(self, at: Timestamp) -> bool {
        self.begin() < at && at <= self.now
    }

    /// Returns the time if it is in the window.
    pub fn only(self, at: Option<Timestamp>) -> Option<Timestamp> {
        at.filter(|at| self.has(*at))
    }

    pub fn begin(self) -> Timestamp {
        self.now - self.length
    }
}
