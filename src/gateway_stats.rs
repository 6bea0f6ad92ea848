//! Statistics of the gateway connection. The gateway writes them; `/health` and `/metrics` show
//! them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commands::model::time::Timestamp;
use serde::Serialize;

/// Window in which Discord counts the sessions that a bot starts (Discord documentation, "Session
/// Start Limit Object").
const DAY: Duration = Duration::from_hours(24);

/// Gateway sessions that Discord still allows. All replicas share the budget. Discord resets the
/// token of a bot that exceeds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionBudget {
    /// Sessions a day: 1,000 for most bots.
    pub total: u64,
    /// Sessions left.
    pub remaining: u64,
    /// Time at which `remaining` becomes `total` again.
    pub resets_at: Timestamp,
}

/// Statistics of the gateway connection.
#[derive(Debug, Default)]
pub struct GatewayStats(Mutex<Stats>);

#[derive(Debug, Default)]
struct Stats {
    /// Time of the last acknowledged heartbeat, or of the start.
    heartbeat_at: Option<Timestamp>,
    /// Time of the last event.
    event_at: Option<Timestamp>,
    /// Session starts of the last day, oldest first.
    recent_starts: VecDeque<Timestamp>,
    /// Session starts since the process started.
    starts: u64,
    budget: Option<SessionBudget>,
    /// Events of the session, as far as they are known.
    session_events: u64,
}

/// Copy of [`GatewayStats`] at one moment. Times are in milliseconds since the epoch, UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GatewaySnapshot {
    /// Time since Discord last acknowledged a heartbeat, in milliseconds; before the first, time
    /// since the start.
    pub heartbeat_age_ms: Option<u64>,
    /// Time of the last event; null before the first.
    pub last_event_at: Option<i64>,
    /// Sessions that this process started in the last 24 hours.
    pub identifies_24h: usize,
    /// Sessions that Discord still allows all replicas together; null if unknown.
    pub starts_left: Option<u64>,
    /// Time at which `starts_left` is reset; null if unknown.
    pub starts_reset_at: Option<i64>,
}

impl GatewayStats {
    /// Returns the statistics of a process that starts now. The heartbeat's age counts from the
    /// start, so that an alert sees a process that never connects.
    pub fn starting_at(now: Timestamp) -> Self {
        Self(Mutex::new(Stats { heartbeat_at: Some(now), ..Stats::default() }))
    }

    /// Records that Discord acknowledged a heartbeat.
    pub fn record_heartbeat(&self, now: Timestamp) {
        self.stats().heartbeat_at = Some(now);
    }

    /// Records that an interaction arrived.
    pub fn record_interaction(&self, now: Timestamp) {
        let mut stats = self.stats();
        stats.event_at = Some(now);
        stats.session_events += 1;
    }

    /// Records that an event arrived.
    pub fn record_event(&self, now: Timestamp) {
        self.stats().event_at = Some(now);
    }

    /// Returns the time of the last event.
    pub(crate) fn last_event_at(&self) -> Option<Timestamp> {
        self.stats().event_at
    }

    /// Records that a session was started.
    pub fn record_identify(&self, now: Timestamp) {
        let mut stats = self.stats();
        stats.forget_old_starts(now);
        stats.recent_starts.push_back(now);
        stats.starts += 1;
        // READY, which begins a session, is its first event.
        stats.session_events = 1;
    }

    /// Returns a number of an event that the session has received, for a heartbeat. Discord numbers
    /// the events of a session from 1. serenity keeps the newest number to itself, so this one can
    /// be an older one.
    pub(crate) fn known_sequence(&self) -> u64 {
        self.stats().session_events
    }

    /// Returns the number of sessions started since the process started.
    pub(crate) fn identifies(&self) -> u64 {
        self.stats().starts
    }

    /// Sets the budget that Discord reported.
    pub fn set_budget(&self, budget: SessionBudget) {
        self.stats().budget = Some(budget);
    }

    /// Returns the last known budget.
    pub(crate) fn budget(&self) -> Option<SessionBudget> {
        self.stats().budget
    }

    /// Returns a copy of the statistics.
    pub fn snapshot(&self, now: Timestamp) -> GatewaySnapshot {
        let mut stats = self.stats();
        stats.forget_old_starts(now);
        GatewaySnapshot {
            heartbeat_age_ms: stats.heartbeat_at.map(|at| millis(now.since(at))),
            last_event_at: stats.event_at.map(|at| at.0),
            identifies_24h: stats.recent_starts.len(),
            starts_left: stats.budget.map(|budget| budget.remaining),
            starts_reset_at: stats.budget.map(|budget| budget.resets_at.0),
        }
    }

    fn stats(&self) -> MutexGuard<'_, Stats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stats {
    fn forget_old_starts(&mut self, now: Timestamp) {
        while self.recent_starts.front().is_some_and(|at| *at + DAY <= now) {
            self.recent_starts.pop_front();
        }
    }
}

/// Returns whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_stats_are_null() {
        assert_eq!(GatewayStats::default().snapshot(Timestamp(5)), GatewaySnapshot::default());
    }

    #[test]
    fn heartbeat_age_counts_from_the_start() {
        let stats = GatewayStats::starting_at(Timestamp(1_000));
        let age = |now| stats.snapshot(Timestamp(now)).heartbeat_age_ms;
        assert_eq!((age(1_000), age(3_500)), (Some(0), Some(2_500)));
        stats.record_heartbeat(Timestamp(3_000));
        assert_eq!(age(3_500), Some(500));
    }

    #[test]
    fn identifies_count_for_a_day() {
        let (stats, start) = (GatewayStats::default(), Timestamp(1_000));
        stats.record_identify(start);
        stats.record_identify(start + Duration::from_hours(1));
        let count = |at| stats.snapshot(at).identifies_24h;
        assert_eq!(count(start + DAY - Duration::from_millis(1)), 2);
        assert_eq!(count(start + DAY), 1);
        assert_eq!(stats.identifies(), 2);
    }

    #[test]
    fn sequence_counts_the_interactions_of_a_session() {
        let stats = GatewayStats::default();
        stats.record_identify(Timestamp(1_000));
        assert_eq!(stats.known_sequence(), 1);
        stats.record_interaction(Timestamp(2_000));
        // RESUMED is not counted, so the number is never too high.
        stats.record_event(Timestamp(3_000));
        assert_eq!(stats.known_sequence(), 2);
        stats.record_identify(Timestamp(4_000));
        assert_eq!(stats.known_sequence(), 1);
    }

    #[test]
    fn snapshot_has_ages_times_and_budget() {
        let stats = GatewayStats::default();
        stats.record_heartbeat(Timestamp(1_000));
        stats.record_event(Timestamp(2_000));
        stats.set_budget(SessionBudget { total: 1_000, remaining: 7, resets_at: Timestamp(9_000) });
        let seen = stats.snapshot(Timestamp(3_500));
        assert_eq!((seen.heartbeat_age_ms, seen.last_event_at), (Some(2_500), Some(2_000)));
        assert_eq!((seen.starts_left, seen.starts_reset_at), (Some(7), Some(9_000)));
    }
}
