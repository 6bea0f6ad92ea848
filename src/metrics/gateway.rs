//! The connection to Discord's gateway, and the machine's clock.

use std::time::Duration;

use super::series::{ALONE, by, counters, gauges};
use crate::server_clocks::TimeSource;

/// 1 while interactions arrive, else 0.
const CONNECTED: &str = "support_desk_gateway_connected";

/// Seconds since Discord last acknowledged a heartbeat, or since the start before the first.
const HEARTBEAT_AGE: &str = "support_desk_gateway_heartbeat_age_seconds";

/// Gateway sessions by kind.
const SESSIONS: &str = "support_desk_gateway_sessions_total";

/// Kinds of [`SESSIONS`]: `identified` (Discord allows 1,000 a day) and `resumed`.
const SESSION_KINDS: [&str; 2] = ["identified", "resumed"];

/// Lost or replaced connections by reason.
const RECONNECTS: &str = "support_desk_gateway_reconnects_total";

/// Reason of a reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReconnectReason {
    /// The session was lost: Discord or the network closed the connection.
    Lost,
    /// The watchdog closed a silent connection.
    Silent,
    /// The watchdog closed a connection that got no session.
    NoSession,
}

impl ReconnectReason {
    const ALL: [Self; 3] = [Self::Lost, Self::Silent, Self::NoSession];

    const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Silent => "silent",
            Self::NoSession => "no_session",
        }
    }
}

/// Gateway events, interactions and sessions among them.
const EVENTS: &str = "support_desk_gateway_events_total";

/// Gateway events that serenity could not read and dropped.
const UNREADABLE: &str = "support_desk_gateway_unreadable_total";

/// 1 while the bot is in its guild, else 0.
const GUILD_JOINED: &str = "support_desk_guild_joined";

/// Sessions that Discord still allows today, all replicas together.
const STARTS_LEFT: &str = "support_desk_gateway_starts_left";

/// Difference between this machine's clock and that of `aws`, `discord` or `store`, in seconds.
/// Positive: this machine is ahead.
const CLOCK_OFFSET: &str = "support_desk_clock_offset_seconds";

pub(super) fn register() {
    gauges(CONNECTED, "1 while interactions arrive, else 0", ALONE, 0.0);
    gauges(HEARTBEAT_AGE, "Time since Discord last acknowledged a heartbeat", ALONE, 0.0);
    counters(SESSIONS, "Gateway sessions", by("how", SESSION_KINDS));
    let reasons = ReconnectReason::ALL.map(ReconnectReason::name);
    counters(RECONNECTS, "Connections that were lost or replaced", by("reason", reasons));
    counters(EVENTS, "Gateway events", ALONE);
    counters(UNREADABLE, "Gateway events that could not be read", ALONE);
    // The start has read the guild's commands.
    gauges(GUILD_JOINED, "1 while the bot is in its guild, else 0", ALONE, 1.0);
    metrics::describe_gauge!(
        STARTS_LEFT,
        "Sessions that Discord still allows today, all replicas together"
    );
    gauges(
        CLOCK_OFFSET,
        "Difference to the clock of a service; positive if this machine is ahead",
        by("service", TimeSource::ALL.map(TimeSource::name)),
        f64::NAN,
    );
}

/// Counts a gateway session. `how` is one of `SESSION_KINDS`.
pub fn count_gateway_session(how: &'static str) {
    debug_assert!(SESSION_KINDS.contains(&how), "{how} has no series from the start");
    metrics::counter!(SESSIONS, "how" => how).increment(1);
}

/// Counts a connection that was lost or replaced.
pub fn count_reconnect(reason: ReconnectReason) {
    metrics::counter!(RECONNECTS, "reason" => reason.name()).increment(1);
}

pub fn count_gateway_event() {
    metrics::counter!(EVENTS).increment(1);
}

pub fn set_gateway_connected(connected: bool) {
    metrics::gauge!(CONNECTED).set(if connected { 1.0 } else { 0.0 });
}

pub fn count_unreadable_event() {
    metrics::counter!(UNREADABLE).increment(1);
}

pub fn set_guild_joined(joined: bool) {
    metrics::gauge!(GUILD_JOINED).set(if joined { 1.0 } else { 0.0 });
}

/// Sets the gateway's gauges. An unknown value leaves its gauge unchanged.
pub fn set_gateway_stats(heartbeat_age: Option<Duration>, starts_left: Option<u64>) {
    if let Some(age) = heartbeat_age {
        metrics::gauge!(HEARTBEAT_AGE).set(age.as_secs_f64());
    }
    if let Some(left) = starts_left {
        metrics::gauge!(STARTS_LEFT).set(f64::from(u32::try_from(left).unwrap_or(u32::MAX)));
    }
}

/// Sets the difference to the clock of `service`. `None`: not a number, because the last
/// comparison is old.
pub fn set_clock_offset(service: &'static str, ms: Option<i64>) {
    let clamped = |ms| i32::try_from(ms).unwrap_or(if ms > 0 { i32::MAX } else { i32::MIN });
    let seconds = ms.map_or(f64::NAN, |ms| f64::from(clamped(ms)) / 1_000.0);
    metrics::gauge!(CLOCK_OFFSET, "service" => service).set(seconds);
}
