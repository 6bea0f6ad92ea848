//! Warnings that cards of alerts cannot be posted. They must not fill the log.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::model::fault::ALERTS;
use crate::model::time::{Timestamp, minutes};

/// Time between two warnings.
const INTERVAL: Duration = minutes(60);

/// When the log last had the warning, in milliseconds. 0 before the first one.
#[derive(Debug, Default)]
pub(crate) struct CardWarnings(AtomicI64);

impl CardWarnings {
    /// Logs the reason, at most once an hour.
    pub(crate) fn warn(&self, now: Timestamp, why: &str) {
        let last = self.0.load(Ordering::Relaxed);
        if last == 0 || now.since(Timestamp(last)) >= INTERVAL {
            self.0.store(now.0, Ordering::Relaxed);
            tracing::warn!(target: ALERTS, "alerts are not posted: {why}");
        }
    }
}
