//! Replaces a gateway connection that is silent or has no session.
//!
//! serenity sends a heartbeat every 41.25 s, the interval that Discord asks for. It looks for the
//! acknowledgement when the next one is due, so it notices a dead connection after up to 82 s. The
//! watchdog sends a heartbeat of its own after a shorter silence. Discord acknowledges it within a
//! second, or the connection is dead.
//!
//! Discord acknowledges heartbeats on a connection without a session too, but sends no interaction
//! there. READY or RESUMED must therefore arrive in time.
//!
//! serenity waits without a timeout for a server that accepts a connection and never answers. The
//! loop that waits would also open the next connection, so only a new process can.
//!
//! The watchdog uses the machine's clock, because heartbeats do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use serenity::all::{ConnectionStage, Http, ShardId, ShardManager, ShardMessenger};
use tokio::time::Instant;
use tungstenite::Message;

use super::address::GatewayAddress;
use super::budget;
use crate::health::{GATEWAY_GRACE, GatewayState, Health, millis};
use crate::metrics::{self, ReconnectReason};

/// Number of the only shard, because one guild needs one.
const SHARD: ShardId = ShardId(0);
/// Time without a session after which the next connection uses the first address of the gateway.
/// Longer than a resume takes, shorter than the five seconds before serenity begins a new session.
const RESUME_TIME: Duration = Duration::from_secs(3);

/// Timeouts of the gateway watchdog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchdogTimeouts {
    /// Silence after which the watchdog sends a heartbeat.
    pub silence: Duration,
    /// Time within which Discord must acknowledge that heartbeat.
    pub acknowledgement: Duration,
    /// Time within which a connection must get a session.
    pub session: Duration,
    /// Time without a session, over all connections, after which the process must end.
    pub restart: Duration,
    /// Time between two requests for the session budget while there is no session.
    pub budget_interval: Duration,
    /// Time between two checks.
    pub check_interval: Duration,
}

impl WatchdogTimeouts {
    /// The product's timeouts. They replace a bad connection within a minute, including the ten
    /// seconds that serenity takes for it.
    ///
    /// `session` is longer than serenity's own replacement takes: up to 15 s for a greeting and
    /// five more for a goodbye.
    pub const DEFAULT: Self = Self {
        silence: Duration::from_secs(20),
        acknowledgement: Duration::from_secs(10),
        session: Duration::from_secs(25),
        restart: GATEWAY_GRACE,
        budget_interval: budget::REFRESH_INTERVAL,
        check_interval: Duration::from_secs(1),
    };
}

/// State of the connection at one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Observation {
    /// serenity opens a connection, or waits before it opens one.
    Connecting,
    /// The connection has no session. serenity notices a lost session with the next acknowledged
    /// heartbeat.
    NoSession,
    /// The connection has a session. An acknowledged heartbeat changes the latency.
    Session { latency: Option<Duration>, last_event_at: Option<Timestamp> },
}

impl Observation {
    /// Ignores the heartbeats of a connection without a session, because they prove nothing.
    fn new(has_session: bool, latency: Option<Duration>, last_event_at: Option<Timestamp>) -> Self {
        if has_session { Self::Session { latency, last_event_at } } else { Self::NoSession }
    }

    fn has_session(self) -> bool {
        matches!(self, Self::Session { .. })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WatchdogAction {
    Wait,
    /// Send a heartbeat.
    Probe,
    /// Close the connection and open another.
    Replace {
        silent_for: Duration,
    },
}

/// Decides when a connection is dead. Knows no gateway and no clock.
#[derive(Debug)]
struct Watchdog {
    timeouts: WatchdogTimeouts,
    last: Observation,
    /// Last change of the observation.
    alive_at: Instant,
    /// Time of the next action if the observation does not change.
    deadline: Instant,
    probed: bool,
    /// Start of the time without a session.
    away_since: Option<Instant>,
}

impl Watchdog {
    fn new(timeouts: WatchdogTimeouts, now: Instant) -> Self {
        Self {
            timeouts,
            last: Observation::Connecting,
            alive_at: now,
            deadline: now,
            probed: false,
            away_since: None,
        }
    }

    /// Returns the action that this observation calls for. A change is a sign of life.
    fn check(&mut self, seen: Observation, now: Instant) -> WatchdogAction {
        let WatchdogTimeouts { silence, acknowledgement, session, .. } = self.timeouts;
        let has_session = seen.has_session();
        self.away_since = if has_session { None } else { self.away_since.or(Some(now)) };
        if seen == Observation::Connecting || seen != self.last {
            let deadline = now + if has_session { silence } else { session };
            (self.last, self.alive_at, self.deadline, self.probed) = (seen, now, deadline, false);
            WatchdogAction::Wait
        } else if now < self.deadline {
            WatchdogAction::Wait
        } else if has_session && !self.probed {
            (self.deadline, self.probed) = (now + acknowledgement, true);
            WatchdogAction::Probe
        } else {
            // The next connection gets its full time, and the time without a session goes on.
            self.last = Observation::Connecting;
            self.away_since = self.away_since.or(Some(now));
            WatchdogAction::Replace { silent_for: now - self.alive_at }
        }
    }

    /// Returns the time without a session; `None` while there is one.
    fn away_for(&self, now: Instant) -> Option<Duration> {
        self.away_since.map(|since| now - since)
    }
}

/// Task that runs the watchdog.
pub struct Supervisor {
    /// serenity's connections.
    pub shards: Arc<ShardManager>,
    /// Client for the session budget.
    pub http: Arc<Http>,
    /// Receives the gateway's state and statistics.
    pub health: Arc<Health>,
    /// Clock of the statistics.
    pub clock: Arc<dyn Clock>,
    /// Address of the next connection.
    pub address: Arc<GatewayAddress>,
}

impl Supervisor {
    /// Supervises the connection until the process must end, and returns the reason. That is when
    /// another session could cost the bot its token, or when only a new process can connect.
    pub async fn run(&self, timeouts: WatchdogTimeouts) -> anyhow::Error {
        let mut watchdog = Watchdog::new(timeouts, Instant::now());
        let mut last_latency = None;
        let (mut identifies, mut budget_at) = (0, Instant::now());
        // True until the session of a silent connection is seen to be gone.
        let mut is_replaced = false;
        loop {
            tokio::time::sleep(timeouts.check_interval).await;
            let (seen, latency, messenger) = self.observe().await;
            if latency.is_some() && latency != last_latency {
                self.health.gateway_stats.record_heartbeat(self.clock.now());
            }
            last_latency = latency;
            let action = watchdog.check(seen, Instant::now());
            match watchdog.away_for(Instant::now()) {
                None => self.address.follow_session().await,
                Some(away_for) if away_for >= RESUME_TIME => self.address.reset().await,
                Some(_) => {}
            }
            // Before the action, because a replacement takes seconds.
            let is_lost = self.publish(watchdog.away_since.is_none());
            is_replaced |= matches!(action, WatchdogAction::Replace { .. });
            if is_lost && !is_replaced {
                metrics::count_reconnect(ReconnectReason::Lost);
            }
            is_replaced &= seen.has_session();
            match action {
                WatchdogAction::Wait => {}
                WatchdogAction::Probe => {
                    if let Some(messenger) = messenger {
                        messenger.websocket_message(self.heartbeat());
                    }
                }
                WatchdogAction::Replace { silent_for } => {
                    self.replace(silent_for, seen.has_session()).await;
                }
            }
            let away_for = watchdog.away_for(Instant::now());
            let trying_for = away_for.map(|_| budget_at.elapsed());
            let started = self.health.gateway_stats.identifies();
            if started != identifies || trying_for.is_some_and(|t| t >= timeouts.budget_interval) {
                (identifies, budget_at) = (started, Instant::now());
                let stuck_for = away_for.filter(|away_for| *away_for >= timeouts.restart);
                if let Err(error) = self.check_budget(trying_for, stuck_for).await {
                    return error;
                }
            }
        }
    }

    async fn observe(&self) -> (Observation, Option<Duration>, Option<ShardMessenger>) {
        let runners = self.shards.runners.lock().await;
        let Some(runner) = runners.get(&SHARD) else {
            return (Observation::Connecting, None, None);
        };
        let has_session = runner.stage == ConnectionStage::Connected;
        let last_event_at = self.health.gateway_stats.last_event_at();
        let seen = Observation::new(has_session, runner.latency, last_event_at);
        (seen, runner.latency, Some(runner.runner_tx.clone()))
    }

    /// Returns a heartbeat. Discord wants the number of the newest event in it, and allows null
    /// before the first only (documentation, "Sending Heartbeats").
    fn heartbeat(&self) -> Message {
        let sequence = self.health.gateway_stats.known_sequence();
        Message::text(format!(r#"{{"op":1,"d":{sequence}}}"#))
    }

    async fn replace(&self, silent_for: Duration, has_session: bool) {
        let silent_for_ms = millis(silent_for);
        tracing::warn!(silent_for_ms, "gateway unresponsive: reconnecting");
        metrics::count_reconnect(if has_session {
            ReconnectReason::Silent
        } else {
            ReconnectReason::NoSession
        });
        // serenity begins a new session.
        self.address.reset().await;
        self.shards.restart(SHARD).await;
    }

    /// Writes the state. Returns true if the session was lost. serenity does not report every lost
    /// session.
    fn publish(&self, has_session: bool) -> bool {
        let is_lost = !has_session && self.health.is_connected();
        if has_session {
            self.health.set_gateway(GatewayState::Connected);
        } else if is_lost {
            self.health.set_gateway(GatewayState::Reconnecting);
        }
        is_lost
    }

    /// Refreshes the session budget, and fails if the process must end.
    ///
    /// `trying_for`: time for which serenity may have started sessions in vain. `stuck_for`: time
    /// without a session, if it is longer than a new process would need.
    async fn check_budget(
        &self,
        trying_for: Option<Duration>,
        stuck_for: Option<Duration>,
    ) -> anyhow::Result<()> {
        let stats = &self.health.gateway_stats;
        let answered = budget::refresh(&self.http, stats, trying_for, self.clock.now()).await;
        let checked = stats.budget().map_or(Ok(()), |left| budget::check(left, self.clock.now()));
        // A session costs nothing while it lasts, even one that came during the request.
        if self.observe().await.0.has_session() {
            return Ok(());
        }
        checked?;
        // While Discord itself is away a new process could not start, so this one runs the timers.
        if let (Some(stuck_for), true) = (stuck_for, answered) {
            let seconds = stuck_for.as_secs();
            bail!("no gateway session for {seconds} s although the API responds: restart required");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
