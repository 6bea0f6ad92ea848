//! Health of the process: its gateway connection, its store and the trail's newest checkpoint.
//!
//! The gateway and the background work write it. `/health`, `/metrics` and the gateway watchdog
//! read it.

mod store_status;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use serde::Serialize;

pub use store_status::{StoreLoad, StoreStatus};

use crate::discord_api::Breaker;
pub(crate) use crate::gateway_stats::millis;
pub use crate::gateway_stats::{GatewaySnapshot, GatewayStats, SessionBudget};
use crate::server_clocks::ServerClocks;
use crate::sql_pool::PoolUse;
use crate::{metrics, unreadable_events};

/// Time without a gateway connection after which the bot counts as down. A resume takes seconds.
pub const GATEWAY_GRACE: Duration = Duration::from_mins(1);
/// Age of the last daily removal at which it counts as overdue: one day may fail.
pub const RETENTION_OVERDUE: Duration = Duration::from_hours(48);
/// Time within which the store must answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for which an answer of the store is kept. A probe every second still sees each change.
pub(crate) const STORE_LIFE: Duration = Duration::from_secs(1);
/// State of a store that answers, in the report.
const STORE_OK: &str = "ok";

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

/// State of the bot in its guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuildState {
    Joined,
    /// The bot was kicked, or lost the scope for commands. No interaction arrives.
    Kicked,
}

/// Check of the store.
pub type Ping = Box<dyn Fn() -> BoxFuture<'static, Result<StoreStatus, Fault>> + Send + Sync>;

/// A question to the store. All who wait for it get one answer, with the time of the answer.
type Question = Shared<BoxFuture<'static, (Timestamp, Result<StoreStatus, String>)>>;

/// Health of the process. The gateway's state is set from outside; each report pings the store.
pub struct Health {
    clock: Arc<dyn Clock>,
    ping: Ping,
    /// Newest question to the store.
    store: Mutex<Option<Question>>,
    started_at: Timestamp,
    gateway: RwLock<(GatewayState, Timestamp)>,
    guild: Mutex<GuildState>,
    checkpoint_at: RwLock<Option<Timestamp>>,
    /// True if the settings remove something after a while.
    has_retention: AtomicBool,
    /// Differences to the clocks of AWS, Discord and the store's server.
    pub server_clocks: Arc<ServerClocks>,
    /// Decides if calls to Discord may be made.
    pub discord_breaker: Arc<Breaker>,
    /// Statistics of the gateway.
    pub gateway_stats: GatewayStats,
    /// Pools of the databases, for the metrics.
    pools: RwLock<Vec<PoolUse>>,
}

impl HealthReport {
    /// Returns true if the store accepts writes.
    pub fn is_store_up(&self) -> bool {
        self.store == STORE_OK
    }

    /// Returns true if the process can take work: the store accepts writes and the process does not
    /// stop.
    pub fn is_ready(&self) -> bool {
        self.is_store_up() && self.gateway != GatewayState::Stopped
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
    /// State of the bot in its guild, at most an hour old.
    pub guild: GuildState,
    /// Statistics of the gateway.
    #[serde(flatten)]
    pub gateway_stats: GatewaySnapshot,
    /// Time until which no calls to Discord are made, because it would ban the address or has done
    /// so; null if calls are made.
    pub discord_stopped_until: Option<i64>,
    /// Gateway events that serenity could not read, since the start. Their clicks have no answer.
    pub unreadable_events: u64,
    /// `ok`, or the reason why the store failed.
    pub store: String,
    /// Time for which the oldest effect has had no outcome, in milliseconds; null if all have one.
    pub oldest_pending_ms: Option<u64>,
    /// Alerts that no lead has answered. Only the metrics have them.
    #[serde(skip)]
    pub alerts_open: u32,
    /// Number of the newest migration in the store; null if unknown.
    pub store_migration: Option<i64>,
    /// Number of the newest migration that this program knows.
    pub program_migration: Option<i64>,
    /// Age of the trail's newest checkpoint in milliseconds, or time since the start before one is
    /// known.
    pub checkpoint_age_ms: u64,
    /// Time since the last daily verification of the trail, in milliseconds; null before the first.
    pub verified_ago_ms: Option<u64>,
    /// Findings of the last daily verification; null before the first.
    pub trail_findings: Option<u64>,
    /// True if what has been kept long enough was not removed for two days. Where the role of `run`
    /// may not delete, a timer must run `support-desk trail prune` as the owner.
    pub retention_overdue: bool,
    /// `ok`, the difference to AWS or Discord above 10 s or to the store's server above 0.5 s, or
    /// `unknown` without a fresh comparison.
    pub clock: String,
    /// Largest difference to another clock; positive if this machine is ahead, null if unknown.
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
            discord_breaker: Breaker::new(Arc::clone(&clock)),
            clock,
            ping,
            store: Mutex::default(),
            started_at: now,
            gateway: RwLock::new((GatewayState::Connecting, now)),
            // The start has read the guild's commands.
            guild: Mutex::new(GuildState::Joined),
            checkpoint_at: RwLock::default(),
            has_retention: AtomicBool::new(false),
            gateway_stats: GatewayStats::starting_at(now),
            pools: RwLock::default(),
        })
    }

    /// Adds the pools of databases to the metrics.
    pub(crate) fn watch_pools(&self, pools: impl IntoIterator<Item = PoolUse>) {
        self.pools.write().unwrap_or_else(PoisonError::into_inner).extend(pools);
    }

    /// Sets the gauges of everything that is read at a scrape, because ages grow by themselves.
    /// What the store knows keeps its value while the store does not answer.
    pub(crate) async fn set_gauges(&self) {
        let now = self.clock.now();
        metrics::set_started_at(self.started_at);
        metrics::observe_process();
        metrics::set_checkpoint_age(self.checkpoint_age());
        for (source, ms) in self.server_clocks.measured() {
            metrics::set_clock_offset(source.name(), ms);
        }
        for pool in self.pools.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let (in_use, waiting) = pool.count();
            metrics::set_pool(pool.database, in_use, waiting);
        }
        metrics::set_discord_stopped(self.discord_breaker.stopped_until().is_some());
        let GatewaySnapshot { heartbeat_age_ms, starts_left, .. } =
            self.gateway_stats.snapshot(now);
        metrics::set_gateway_stats(heartbeat_age_ms.map(Duration::from_millis), starts_left);
        let store = self.store_status().await;
        metrics::set_store_up(store.is_ok());
        if let Ok(StoreStatus { load: Some(load), alerts_open, .. }) = store {
            let age = |since: Option<Timestamp>| since.map_or(Duration::ZERO, |at| now.since(at));
            metrics::set_sessions_open(load.sessions_open);
            metrics::set_effects(load.effects.map(|(count, since)| (count, age(since))));
            metrics::set_alerts(alerts_open, age(load.undelivered_alert));
        }
    }

    /// Sets the state of the gateway. Setting the current state again keeps its "since".
    pub fn set_gateway(&self, state: GatewayState) {
        let mut gateway = self.gateway.write().unwrap_or_else(PoisonError::into_inner);
        if gateway.0 != state {
            *gateway = (state, self.clock.now());
            metrics::set_gateway_connected(state == GatewayState::Connected);
        }
    }

    /// Sets the state of the bot in its guild. Returns true if it has changed.
    pub fn set_guild(&self, state: GuildState) -> bool {
        let mut guild = self.guild.lock().unwrap_or_else(PoisonError::into_inner);
        metrics::set_guild_joined(state == GuildState::Joined);
        std::mem::replace(&mut *guild, state) != state
    }

    /// Returns true while a gateway session exists.
    pub fn is_connected(&self) -> bool {
        self.gateway.read().unwrap_or_else(PoisonError::into_inner).0 == GatewayState::Connected
    }

    /// Sets the time of the trail's newest checkpoint.
    pub fn set_checkpoint(&self, at: Option<Timestamp>) {
        *self.checkpoint_at.write().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Says whether the settings remove something after a while.
    pub fn set_retention(&self, has_retention: bool) {
        self.has_retention.store(has_retention, Ordering::Relaxed);
    }

    /// Returns true if the daily removal has not run for [`RETENTION_OVERDUE`].
    fn is_retention_overdue(&self, pruned_at: Option<Timestamp>) -> bool {
        let since = pruned_at.unwrap_or(self.started_at);
        self.has_retention.load(Ordering::Relaxed)
            && self.clock.now().since(since) >= RETENTION_OVERDUE
    }

    /// Returns the age of the trail's newest checkpoint, or the time since the start before one is
    /// known.
    pub fn checkpoint_age(&self) -> Duration {
        let at = *self.checkpoint_at.read().unwrap_or_else(PoisonError::into_inner);
        self.clock.now().since(at.unwrap_or(self.started_at))
    }

    fn describe_clock(&self) -> String {
        let fine = if self.server_clocks.worst().is_some() { "ok" } else { "unknown" };
        self.server_clocks.problem().unwrap_or_else(|| fine.to_owned())
    }

    /// Returns the store's answer, which is kept for [`STORE_LIFE`]. All requests at the same time
    /// wait for one question, so a flood of probes neither loads the store nor makes a queue.
    async fn store_status(&self) -> Result<StoreStatus, String> {
        let question = {
            let mut newest = self.store.lock().unwrap_or_else(PoisonError::into_inner);
            match &*newest {
                Some(question) if self.is_fresh(question) => question.clone(),
                _ => newest.insert(self.ask_store()).clone(),
            }
        };
        question.await.1
    }

    /// Returns true if the question has no answer yet, or a young one.
    fn is_fresh(&self, question: &Question) -> bool {
        let now = self.clock.now();
        question.peek().is_none_or(|(at, _)| now >= *at && now.since(*at) < STORE_LIFE)
    }

    /// Asks the store in a task of its own, because a caller that goes away must not leave the
    /// others without an answer.
    fn ask_store(&self) -> Question {
        let (ping, clock) = ((self.ping)(), Arc::clone(&self.clock));
        let asking = tokio::spawn(async move {
            let answer = tokio::select! {
                biased;
                answer = ping => answer.map_err(|fault| fault.to_string()),
                () = clock.sleep(PING_TIMEOUT) => Err("no answer in time".to_owned()),
            };
            (clock.now(), answer)
        });
        let clock = Arc::clone(&self.clock);
        let panicked = move || (clock.now(), Err("the check panicked".to_owned()));
        let answering = async move { asking.await.unwrap_or_else(|_| panicked()) };
        let question = answering.boxed().shared();
        // Polled by a task, so that it has an answer although its only caller went away.
        tokio::spawn(question.clone());
        question
    }

    /// Returns the report, with an answer of the store that is at most a second old.
    pub async fn report(&self) -> HealthReport {
        let (gateway, since) = *self.gateway.read().unwrap_or_else(PoisonError::into_inner);
        let guild = *self.guild.lock().unwrap_or_else(PoisonError::into_inner);
        let store = self.store_status().await;
        let status = store.as_ref().copied().unwrap_or_default();
        let oldest_pending = status.oldest_pending.map(|since| self.clock.now().since(since));
        let stopped_until = self.discord_breaker.stopped_until();
        let connected = match gateway {
            GatewayState::Connected => true,
            GatewayState::Reconnecting => self.clock.now().since(since) < GATEWAY_GRACE,
            GatewayState::Connecting | GatewayState::Stopped => false,
        };
        HealthReport {
            up: connected
                && guild == GuildState::Joined
                && store.is_ok()
                && stopped_until.is_none(),
            gateway,
            gateway_since: since.0,
            guild,
            gateway_stats: self.gateway_stats.snapshot(self.clock.now()),
            discord_stopped_until: stopped_until.map(|until| until.0),
            unreadable_events: unreadable_events::count(),
            store: store.err().unwrap_or_else(|| STORE_OK.to_owned()),
            oldest_pending_ms: oldest_pending.map(millis),
            alerts_open: status.alerts_open,
            store_migration: status.migration,
            program_migration: status.program_migration,
            checkpoint_age_ms: millis(self.checkpoint_age()),
            verified_ago_ms: status.verified.map(|(at, _)| millis(self.clock.now().since(at))),
            trail_findings: status.verified.map(|(_, findings)| findings),
            retention_overdue: self.is_retention_overdue(status.pruned_at),
            clock: self.describe_clock(),
            clock_offset_ms: self.server_clocks.worst().map(|(_, offset)| offset),
            started_at: self.started_at.0,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
