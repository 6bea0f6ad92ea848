//! Health of the process: its gateway connection, its store and the trail's newest checkpoint.
//!
//! The gateway and the background work write it. `/health`, `/metrics` and the gateway watchdog
//! read it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::metrics;
use crate::server_clocks::ServerClocks;

/// Time without a gateway connection after which the bot counts as down. A resume takes seconds.
pub const GATEWAY_GRACE: Duration = Duration::from_mins(1);
/// Time within which the store must answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for which an answer of the store is kept. A probe every second still sees each change.
pub(crate) const STORE_LIFE: Duration = Duration::from_secs(1);
/// State of a store that answers, in the report.
const STORE_OK: &str = "ok";
/// Window in which Discord counts the sessions that a bot starts (Discord documentation, "Session
/// Start Limit Object").
const DAY: Duration = Duration::from_hours(24);

/// State of the connection to Discord's gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// Before the first session.
    Connecting,
    /// Interactions arrive.
    Connected,
    /// The session is lost and is being resumed or replaced.
    Reconnecting,
    /// The process shuts down.
    Stopped,
}

/// State of a store that answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStatus {
    /// Time since which the effects of a session have no outcome, of all sessions the oldest.
    pub oldest_pending: Option<Timestamp>,
    /// Number of the newest migration in the store.
    pub migration: Option<i64>,
    /// Number of the newest migration that this program knows.
    pub program_migration: Option<i64>,
}

/// Check of the store.
pub type Ping = Box<dyn Fn() -> BoxFuture<'static, Result<StoreStatus, Fault>> + Send + Sync>;

/// Health of the process. The gateway's state is set from outside; each report pings the store.
pub struct Health {
    clock: Arc<dyn Clock>,
    ping: Ping,
    /// Newest answer of the store, with the time of the question.
    store: tokio::sync::Mutex<Option<(Timestamp, Result<StoreStatus, String>)>>,
    started_at: Timestamp,
    gateway: RwLock<(GatewayState, Timestamp)>,
    checkpoint_at: RwLock<Option<Timestamp>>,
    /// Differences to the clocks of AWS and Discord.
    pub server_clocks: Arc<ServerClocks>,
    /// Statistics of the gateway.
    pub gateway_stats: GatewayStats,
}

impl HealthReport {
    /// Returns true if the process can take work: the store answers and the process does not stop.
    pub fn is_ready(&self) -> bool {
        self.store == STORE_OK && self.gateway != GatewayState::Stopped
    }
}

/// Body of `/health`. Times are in milliseconds since the epoch, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    /// True if agents can work.
    pub up: bool,
    /// State of the gateway connection.
    pub gateway: GatewayState,
    /// Time of the last change of `gateway`.
    pub gateway_since: i64,
    /// Statistics of the gateway.
    #[serde(flatten)]
    pub gateway_stats: GatewaySnapshot,
    /// `ok`, or the reason why the store failed.
    pub store: String,
    /// Time for which the oldest effect has had no outcome, in milliseconds; null if all have one.
    pub oldest_pending_ms: Option<u64>,
    /// Number of the newest migration in the store; null if unknown.
    pub store_migration: Option<i64>,
    /// Number of the newest migration that this program knows.
    pub program_migration: Option<i64>,
    /// Age of the trail's newest checkpoint in milliseconds; null before the first is known.
    pub checkpoint_age_ms: Option<u64>,
    /// `ok`, the difference to AWS or Discord if it is above 10 s, or `unknown` before the first
    /// comparison.
    pub clock: String,
    /// Largest difference to AWS or Discord; positive if this machine is ahead, null if unknown.
    pub clock_offset_ms: Option<i64>,
    /// Start of the process.
    pub started_at: i64,
    /// Version of the program.
    pub version: &'static str,
}

impl Health {
    /// Returns the health of a process that starts now.
    pub fn new(clock: Arc<dyn Clock>, ping: Ping) -> Arc<Self> {
        let now = clock.now();
        Arc::new(Self {
            server_clocks: ServerClocks::new(Arc::clone(&clock)),
            clock,
            ping,
            store: tokio::sync::Mutex::default(),
            started_at: now,
            gateway: RwLock::new((GatewayState::Connecting, now)),
            checkpoint_at: RwLock::default(),
            gateway_stats: GatewayStats::starting_at(now),
        })
    }

    /// Sets the state of the gateway. Setting the current state again keeps its "since".
    pub fn set_gateway(&self, state: GatewayState) {
        let mut gateway = self.gateway.write().unwrap_or_else(PoisonError::into_inner);
        if gateway.0 != state {
            *gateway = (state, self.clock.now());
            metrics::set_gateway_connected(state == GatewayState::Connected);
        }
    }

    /// Returns true while a gateway session exists.
    pub fn is_connected(&self) -> bool {
        self.gateway.read().unwrap_or_else(PoisonError::into_inner).0 == GatewayState::Connected
    }

    /// Sets the time of the trail's newest checkpoint.
    pub fn set_checkpoint(&self, at: Option<Timestamp>) {
        *self.checkpoint_at.write().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Returns the age of the trail's newest checkpoint, if one is known.
    pub fn checkpoint_age(&self) -> Option<Duration> {
        let at = *self.checkpoint_at.read().unwrap_or_else(PoisonError::into_inner);
        at.map(|at| self.clock.now().since(at))
    }

    fn describe_clock(&self) -> String {
        let fine = if self.server_clocks.worst().is_some() { "ok" } else { "unknown" };
        self.server_clocks.problem().unwrap_or_else(|| fine.to_owned())
    }

    /// Returns the store's answer, which is kept for [`STORE_LIFE`]. Requests at the same time share
    /// one question, so that a flood of probes is no load for the store.
    async fn store_status(&self) -> Result<StoreStatus, String> {
        let mut newest = self.store.lock().await;
        let now = self.clock.now();
        if let Some((asked_at, answer)) = &*newest
            && now >= *asked_at
            && now.since(*asked_at) < STORE_LIFE
        {
            return answer.clone();
        }
        let answer = tokio::select! {
            answer = (self.ping)() => answer.map_err(|fault| fault.to_string()),
            () = self.clock.sleep(PING_TIMEOUT) => Err("no answer in time".to_owned()),
        };
        *newest = Some((now, answer.clone()));
        answer
    }

    /// Returns the report, with an answer of the store that is at most [`STORE_LIFE`] old.
    pub async fn report(&self) -> HealthReport {
        let (gateway, since) = *self.gateway.read().unwrap_or_else(PoisonError::into_inner);
        let store = self.store_status().await;
        let status = store.as_ref().copied().unwrap_or_default();
        let oldest_pending = status.oldest_pending.map(|since| self.clock.now().since(since));
        let connected = match gateway {
            GatewayState::Connected => true,
            GatewayState::Reconnecting => self.clock.now().since(since) < GATEWAY_GRACE,
            GatewayState::Connecting | GatewayState::Stopped => false,
        };
        HealthReport {
            up: connected && store.is_ok(),
            gateway,
            gateway_since: since.0,
            gateway_stats: self.gateway_stats.snapshot(self.clock.now()),
            store: store.err().unwrap_or_else(|| STORE_OK.to_owned()),
            oldest_pending_ms: oldest_pending.map(millis),
            store_migration: status.migration,
            program_migration: status.program_migration,
            checkpoint_age_ms: self.checkpoint_age().map(millis),
            clock: self.describe_clock(),
            clock_offset_ms: self.server_clocks.worst().map(|(_, offset)| offset),
            started_at: self.started_at.0,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

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
