//! Metrics of the process in Prometheus's text format.
//!
//! Labels take few, fixed values. No label carries an id or typed text.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use commands::model::fault::{FAULT_WORDS, FAULTS};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::calls::Call;

/// Duration of calls to other services, by service, call and outcome.
pub const CALL_SECONDS: &str = "support_desk_call_seconds";

/// Outcomes of a call.
const OUTCOMES: [&str; 3] = ["done", "denied", "fault"];

/// Requests that the recovery page refused, by reason.
pub const PAGE_REFUSED: &str = "support_desk_page_refused_total";

/// Reasons of [`PAGE_REFUSED`]: `origin` and `form_token` (not sent by the page), `body` (not a
/// form of a browser), `rate` (too many from one address).
const PAGE_REASONS: [&str; 4] = ["origin", "form_token", "body", "rate"];

/// Requests for recovery links that do not exist, or no longer.
pub const PAGE_UNKNOWN_LINKS: &str = "support_desk_page_unknown_links_total";

/// Messages whose content Discord refused. A minimal panel replaces a refused one.
pub const REFUSED_MESSAGES: &str = "support_desk_messages_refused_total";

/// 1 while no calls to Discord are made, because it would ban the address or has done so, else 0.
pub const DISCORD_STOPPED: &str = "support_desk_discord_stopped";

/// Times at which calls to Discord stopped, by reason.
pub const DISCORD_STOPS: &str = "support_desk_discord_stops_total";

/// Reasons of [`DISCORD_STOPS`]: Cloudflare blocked the address, or too many calls were refused.
const STOP_REASONS: [&str; 2] = ["address_limited", "invalid_requests"];

/// 1 while interactions arrive, else 0.
pub const GATEWAY_CONNECTED: &str = "support_desk_gateway_connected";

/// Seconds since Discord last acknowledged a heartbeat, or since the start before the first.
pub const GATEWAY_HEARTBEAT_AGE: &str = "support_desk_gateway_heartbeat_age_seconds";

/// Gateway sessions by kind.
pub const GATEWAY_SESSIONS: &str = "support_desk_gateway_sessions_total";

/// Kinds of [`GATEWAY_SESSIONS`]: `identified` (Discord allows 1,000 a day) and `resumed`.
/// `replaced` counts connections that the watchdog closed.
const GATEWAY_KINDS: [&str; 3] = ["identified", "resumed", "replaced"];

/// Gateway events that serenity could not read and dropped.
pub const GATEWAY_UNREADABLE: &str = "support_desk_gateway_unreadable_total";

/// 1 while the bot is in its guild, else 0.
pub const GUILD_JOINED: &str = "support_desk_guild_joined";

/// Sessions that Discord still allows today, all replicas together.
pub const GATEWAY_STARTS_LEFT: &str = "support_desk_gateway_starts_left";

/// Difference between this machine's clock and that of `aws` or `discord`, in seconds. Positive:
/// this machine is ahead.
pub const CLOCK_OFFSET: &str = "support_desk_clock_offset_seconds";

/// Time for which the oldest effect has had no outcome, in seconds; 0 if all have one.
pub const OLDEST_PENDING: &str = "support_desk_oldest_pending_seconds";

/// Alerts that no lead has answered.
pub const ALERTS_OPEN: &str = "support_desk_alerts_open";

/// Age of the trail's newest verified checkpoint in seconds. A checkpoint is made every minute
/// while events are written, and else every hour.
pub const CHECKPOINT_AGE: &str = "support_desk_checkpoint_age_seconds";

/// Findings about the trail: checkpoints that do not verify, and those of the daily verification.
pub const TRAIL_FINDINGS: &str = "support_desk_trail_findings_total";

/// Rows of sessions, customers and account links that are not believed.
pub const TAMPERED_ROWS: &str = "support_desk_tampered_rows_total";

/// Rows of sessions and account links under a key that this process does not have.
pub const FOREIGN_ROWS: &str = "support_desk_foreign_rows_total";

/// 1 if the store accepted a write at the scrape, or up to a second before, else 0.
pub const STORE_UP: &str = "support_desk_store_up";

/// Upper bounds of the duration buckets, in seconds. They include the 3 s in which Discord expects
/// an answer and the 15 s of a whole call.
const BUCKETS: [f64; 10] = [0.01, 0.03, 0.1, 0.3, 1.0, 1.5, 3.0, 6.0, 12.0, 15.0];

/// Number of calls after which durations are moved into buckets. Reading the metrics does it too,
/// but durations must not pile up if nothing reads them.
const UPKEEP_EVERY: u64 = 1_000;

static CALLS: AtomicU64 = AtomicU64::new(0);
static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Installs the recorder of this process and returns its handle. Returns the same handle again on
/// later calls, because the demo and the tests start several bots in one process.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let mut installed = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = installed.as_ref() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| anyhow::anyhow!("a metrics recorder is already installed"))?;
    metrics::describe_histogram!(
        CALL_SECONDS,
        metrics::Unit::Seconds,
        "Duration of calls to other services"
    );
    metrics::describe_counter!(PAGE_REFUSED, "Requests that the recovery page refused");
    metrics::describe_counter!(
        PAGE_UNKNOWN_LINKS,
        "Requests for recovery links that do not exist, or no longer"
    );
    metrics::describe_counter!(TRAIL_FINDINGS, "Findings about the trail");
    metrics::describe_counter!(TAMPERED_ROWS, "Rows of the store that are not believed");
    metrics::describe_counter!(FOREIGN_ROWS, "Rows of the store under an unknown key");
    metrics::describe_counter!(FAULTS, "Faults by the service that failed");
    metrics::describe_counter!(REFUSED_MESSAGES, "Messages whose content Discord refused");
    metrics::describe_gauge!(DISCORD_STOPPED, "1 while no calls to Discord are made, else 0");
    metrics::describe_counter!(DISCORD_STOPS, "Stops of all calls to Discord, by reason");
    metrics::describe_gauge!(ALERTS_OPEN, "Alerts that no lead has answered");
    metrics::describe_gauge!(STORE_UP, "1 if the store accepts writes, else 0");
    metrics::describe_gauge!(GATEWAY_CONNECTED, "1 while interactions arrive, else 0");
    metrics::describe_gauge!(
        GATEWAY_HEARTBEAT_AGE,
        metrics::Unit::Seconds,
        "Time since Discord last acknowledged a heartbeat"
    );
    metrics::describe_counter!(
        GATEWAY_SESSIONS,
        "Gateway sessions by kind, and replaced connections"
    );
    metrics::describe_counter!(GATEWAY_UNREADABLE, "Gateway events that could not be read");
    metrics::describe_gauge!(GUILD_JOINED, "1 while the bot is in its guild, else 0");
    metrics::describe_gauge!(
        GATEWAY_STARTS_LEFT,
        "Sessions that Discord still allows today, all replicas together"
    );
    metrics::describe_gauge!(
        CLOCK_OFFSET,
        metrics::Unit::Seconds,
        "Difference to the clock of a service; positive if this machine is ahead"
    );
    metrics::describe_gauge!(
        OLDEST_PENDING,
        metrics::Unit::Seconds,
        "Time for which the oldest effect has had no outcome; 0 if all have one"
    );
    metrics::describe_gauge!(
        CHECKPOINT_AGE,
        metrics::Unit::Seconds,
        "Age of the trail's newest checkpoint"
    );
    register_series();
    Ok(installed.insert(handle).clone())
}

/// Creates every series, so that the first event after a start is an increase from 0.
fn register_series() {
    for (call, outcome) in Call::ALL.into_iter().flat_map(|call| OUTCOMES.map(|word| (call, word)))
    {
        drop(call_seconds(call, outcome));
    }
    for counter in [TRAIL_FINDINGS, TAMPERED_ROWS, FOREIGN_ROWS] {
        metrics::counter!(counter).increment(0);
    }
    for why in PAGE_REASONS {
        metrics::counter!(PAGE_REFUSED, "why" => why).increment(0);
    }
    for how in GATEWAY_KINDS {
        metrics::counter!(GATEWAY_SESSIONS, "how" => how).increment(0);
    }
    for why in STOP_REASONS {
        metrics::counter!(DISCORD_STOPS, "why" => why).increment(0);
    }
    metrics::counter!(GATEWAY_UNREADABLE).increment(0);
    metrics::counter!(PAGE_UNKNOWN_LINKS).increment(0);
    for what in FAULT_WORDS {
        metrics::counter!(FAULTS, "what" => what).increment(0);
    }
    metrics::counter!(REFUSED_MESSAGES).increment(0);
    set_gateway_connected(false);
    // The start has read the guild's commands.
    set_guild_joined(true);
}

fn call_seconds(call: Call, outcome: &'static str) -> metrics::Histogram {
    let (service, name) = (call.service(), call.name());
    metrics::histogram!(CALL_SECONDS, "service" => service, "call" => name, "outcome" => outcome)
}

/// Records a call to another service.
pub fn record_call(call: Call, outcome: &'static str, took: Duration) {
    debug_assert!(OUTCOMES.contains(&outcome), "{outcome} has no series from the start");
    call_seconds(call, outcome).record(took.as_secs_f64());
    if CALLS.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1
        && let Some(recorder) = RECORDER.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
    {
        recorder.run_upkeep();
    }
}

/// Returns the outcome of a call that answered: `done`, or `denied` for an error of the answer.
pub fn answer_word<T, N>(answer: &Result<T, N>) -> &'static str {
    if answer.is_ok() { "done" } else { "denied" }
}

/// Counts a gateway session or a replaced connection. `how` is one of `GATEWAY_KINDS`.
pub fn count_gateway_session(how: &'static str) {
    debug_assert!(GATEWAY_KINDS.contains(&how), "{how} has no series from the start");
    metrics::counter!(GATEWAY_SESSIONS, "how" => how).increment(1);
}

pub fn count_refused_message() {
    metrics::counter!(REFUSED_MESSAGES).increment(1);
}

pub fn set_discord_stopped(stopped: bool) {
    metrics::gauge!(DISCORD_STOPPED).set(if stopped { 1.0 } else { 0.0 });
}

/// Counts a stop of all calls to Discord. `why` is one of `STOP_REASONS`.
pub fn count_discord_stop(why: &'static str) {
    debug_assert!(STOP_REASONS.contains(&why), "{why} has no series from the start");
    metrics::counter!(DISCORD_STOPS, "why" => why).increment(1);
}

pub fn set_gateway_connected(connected: bool) {
    metrics::gauge!(GATEWAY_CONNECTED).set(if connected { 1.0 } else { 0.0 });
}

pub fn count_unreadable_event() {
    metrics::counter!(GATEWAY_UNREADABLE).increment(1);
}

pub fn set_guild_joined(joined: bool) {
    metrics::gauge!(GUILD_JOINED).set(if joined { 1.0 } else { 0.0 });
}

pub fn set_store_up(up: bool) {
    metrics::gauge!(STORE_UP).set(if up { 1.0 } else { 0.0 });
}

/// Sets the gateway's gauges. An unknown value leaves its gauge unchanged.
pub fn set_gateway_stats(heartbeat_age: Option<Duration>, starts_left: Option<u64>) {
    if let Some(age) = heartbeat_age {
        metrics::gauge!(GATEWAY_HEARTBEAT_AGE).set(age.as_secs_f64());
    }
    if let Some(left) = starts_left {
        metrics::gauge!(GATEWAY_STARTS_LEFT)
            .set(f64::from(u32::try_from(left).unwrap_or(u32::MAX)));
    }
}

/// Sets the difference to the clock of `service`. `None`: not a number, because the last
/// comparison is old.
pub fn set_clock_offset(service: &'static str, ms: Option<i64>) {
    let clamped = |ms| i32::try_from(ms).unwrap_or(if ms > 0 { i32::MAX } else { i32::MIN });
    let seconds = ms.map_or(f64::NAN, |ms| f64::from(clamped(ms)) / 1_000.0);
    metrics::gauge!(CLOCK_OFFSET, "service" => service).set(seconds);
}

pub fn set_alerts_open(count: u32) {
    metrics::gauge!(ALERTS_OPEN).set(f64::from(count));
}

pub fn set_oldest_pending(age: Duration) {
    metrics::gauge!(OLDEST_PENDING).set(age.as_secs_f64());
}

/// Counts findings about the trail.
pub fn count_findings(findings: u64) {
    metrics::counter!(TRAIL_FINDINGS).increment(findings);
}

/// Counts a row of the store that is not believed.
pub fn count_tampered_row() {
    metrics::counter!(TAMPERED_ROWS).increment(1);
}

/// Counts a row of the store under a key that this process does not have.
pub fn count_foreign_row() {
    metrics::counter!(FOREIGN_ROWS).increment(1);
}

pub fn set_checkpoint_age(age: Duration) {
    metrics::gauge!(CHECKPOINT_AGE).set(age.as_secs_f64());
}

/// Counts a request that the recovery page refused. `why` is one of `PAGE_REASONS`.
pub fn count_page_refused(why: &'static str) {
    debug_assert!(PAGE_REASONS.contains(&why), "{why} has no series from the start");
    metrics::counter!(PAGE_REFUSED, "why" => why).increment(1);
}

pub fn count_unknown_link() {
    metrics::counter!(PAGE_UNKNOWN_LINKS).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_end_in_total_and_labels_are_short_words() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let text = metrics::with_local_recorder(&recorder, || {
            register_series();
            recorder.handle().render()
        });
        let counters = text.lines().filter_map(|line| {
            line.strip_prefix("# TYPE ").and_then(|line| line.strip_suffix(" counter"))
        });
        assert_eq!(counters.filter(|name| name.ends_with("_total")).count(), 10, "{text}");
        assert!(!text.lines().any(|line| line.ends_with(" counter") && !line.contains("_total")));
        for label in text.split('"').skip(1).step_by(2) {
            assert!(!label.contains(' '), "{label}");
        }
    }
}
