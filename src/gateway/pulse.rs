//! What is heard of Discord's gateway, and how often it was begun with: for the watch, for
//! `/health` and for the metrics.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commands::model::time::Timestamp;
use serde::Serialize;

/// The window in which Discord counts the sessions that a bot begins (Discord documentation,
/// "Session Start Limit Object").
const DAY: Duration = Duration::from_hours(24);

/// How many sessions may still be begun until Discord takes the token back; it counts for all
/// replicas together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// In a day: 1,000 for most bots.
    pub total: u64,
    /// What is left of it.
    pub remaining: u64,
    /// When it is whole again.
    pub resets_at: Timestamp,
}

/// What was heard, and when.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Milliseconds since the epoch; 0: never.
    acked_at: AtomicI64,
    /// Likewise.
    event_at: AtomicI64,
    begun: Mutex<Begun>,
}

#[derive(Debug, Default)]
struct Begun {
    /// Of the last day, oldest first.
    at: VecDeque<Timestamp>,
    /// Since the process began.
    count: u64,
    budget: Option<Budget>,
}

/// A look at it. Times are in milliseconds since the epoch, UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// How long ago Discord last confirmed a heartbeat, in milliseconds; none yet: null.
    pub heartbeat_age_ms: Option<u64>,
    /// When the last event came; none yet: null.
    pub last_event_at: Option<i64>,
    /// Sessions that this process has begun in the last 24 hours.
    pub identifies_24h: usize,
    /// Sessions that Discord still allows, all replicas together; not known: null.
    pub starts_left: Option<u64>,
    /// When that is whole again.
    pub starts_reset_at: Option<i64>,
}

impl Pulse {
    /// Discord has confirmed a heartbeat.
    pub fn acked(&self, now: Timestamp) {
        self.acked_at.store(now.0, Ordering::Relaxed);
    }

    /// An event has come.
    pub fn event(&self, now: Timestamp) {
        self.event_at.store(now.0, Ordering::Relaxed);
    }

    /// When the last event came, in milliseconds since the epoch.
    pub(super) fn last_event(&self) -> i64 {
        self.event_at.load(Ordering::Relaxed)
    }

    /// A session was begun.
    pub fn identified(&self, now: Timestamp) {
        let mut begun = self.begun();
        begun.forget(now);
        begun.at.push_back(now);
        begun.count += 1;
    }

    /// How many sessions were begun since the process began.
    pub(super) fn count(&self) -> u64 {
        self.begun().count
    }

    /// Discord has told what is left.
    pub fn is_left(&self, budget: Budget) {
        self.begun().budget = Some(budget);
    }

    /// What it was that Discord has told.
    pub(super) fn left(&self) -> Option<Budget> {
        self.begun().budget
    }

    /// Looks.
    pub fn heard(&self, now: Timestamp) -> Heard {
        let at = |moment: &AtomicI64| {
            Some(Timestamp(moment.load(Ordering::Relaxed))).filter(|at| at.0 > 0)
        };
        let mut begun = self.begun();
        begun.forget(now);
        let age = at(&self.acked_at)
            .map(|at| u64::try_from(now.since(at).as_millis()).unwrap_or(u64::MAX));
        Heard {
            heartbeat_age_ms: age,
            last_event_at: at(&self.event_at).map(|at| at.0),
            identifies_24h: begun.at.len(),
            starts_left: begun.budget.map(|budget| budget.remaining),
            starts_reset_at: begun.budget.map(|budget| budget.resets_at.0),
        }
    }

    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    fn forget(&mut self, now: Timestamp) {
        while self.at.front().is_some_and(|at| *at + DAY <= now) {
            self.at.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_heard_is_null() {
        assert_eq!(Pulse::default().heard(Timestamp(5)), Heard::default());
    }

    #[test]
    fn sessions_count_for_a_day() {
        let (pulse, began) = (Pulse::default(), Timestamp(1_000));
        pulse.identified(began);
        pulse.identified(began + Duration::from_hours(1));
        let count = |at| pulse.heard(at).identifies_24h;
        assert_eq!(count(began + DAY - Duration::from_millis(1)), 2);
        assert_eq!(count(began + DAY), 1);
        assert_eq!(pulse.count(), 2);
    }

    #[test]
    fn ages_and_times_are_told() {
        let pulse = Pulse::default();
        pulse.acked(Timestamp(1_000));
        pulse.event(Timestamp(2_000));
        pulse.is_left(Budget { total: 1_000, remaining: 7, resets_at: Timestamp(9_000) });
        let heard = pulse.heard(Timestamp(3_500));
        assert_eq!((heard.heartbeat_age_ms, heard.last_event_at), (Some(2_500), Some(2_000)));
        assert_eq!((heard.starts_left, heard.starts_reset_at), (Some(7), Some(9_000)));
    }
}
