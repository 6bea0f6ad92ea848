//! Metrics of the process in Prometheus's text format.
//!
//! Labels take few, fixed values. No label carries an id or typed text.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Duration of calls to other services, by service, call and outcome (`done`, `denied`, `fault`).
pub const CALL_SECONDS: &str = "support_desk_call_seconds";

/// Requests that the recovery page refused, by reason: `origin` and `form_token` (not sent by the
/// page), `body` (not a form of a browser), `rate` (too many from one address).
pub const PAGE_REFUSED: &str = "support_desk_page_refused";

/// 1 while interactions arrive, else 0.
pub const GATEWAY_CONNECTED: &str = "support_desk_gateway_connected";

/// Seconds since Discord last acknowledged a heartbeat.
pub const GATEWAY_HEARTBEAT_AGE: &str = "support_desk_gateway_heartbeat_age_seconds";

/// Gateway sessions by kind: `identified` (Discord allows 1,000 a day) and `resumed`. `replaced`
/// counts connections that the watchdog closed.
pub const GATEWAY_SESSIONS: &str = "support_desk_gateway_sessions";

/// Sessions that Discord still allows today, all replicas together.
pub const GATEWAY_STARTS_LEFT: &str = "support_desk_gateway_starts_left";

/// Difference between this machine's clock and that of `aws` or `discord`, in seconds. Positive:
/// this machine is ahead.
pub const CLOCK_OFFSET: &str = "support_desk_clock_offset_seconds";

/// Time for which the oldest effect has had no outcome, in seconds; 0 if all have one.
pub const OLDEST_PENDING: &str = "support_desk_oldest_pending_seconds";

/// Age of the trail's newest checkpoint in seconds. A checkpoint is made every hour.
pub const CHECKPOINT_AGE: &str = "support_desk_checkpoint_age_seconds";

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
    Ok(installed.insert(handle).clone())
}

/// Records a call to another service.
pub fn record_call(
    service: &'static str,
    doing: &'static str,
    outcome: &'static str,
    took: Duration,
) {
    metrics::histogram!(CALL_SECONDS, "service" => service, "doing" => doing, "outcome" => outcome)
        .record(took.as_secs_f64());
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

/// Counts a gateway session or a replaced connection. `how` is a value of [`GATEWAY_SESSIONS`].
pub fn count_gateway_session(how: &'static str) {
    metrics::counter!(GATEWAY_SESSIONS, "how" => how).increment(1);
}

pub fn set_gateway_connected(connected: bool) {
    metrics::gauge!(GATEWAY_CONNECTED).set(if connected { 1.0 } else { 0.0 });
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

/// Sets the difference to the clock of `service`.
pub fn set_clock_offset(service: &'static str, ms: i64) {
    let ms = i32::try_from(ms).unwrap_or(if ms > 0 { i32::MAX } else { i32::MIN });
    metrics::gauge!(CLOCK_OFFSET, "service" => service).set(f64::from(ms) / 1_000.0);
}

pub fn set_oldest_pending(age: Duration) {
    metrics::gauge!(OLDEST_PENDING).set(age.as_secs_f64());
}

pub fn set_checkpoint_age(age: Duration) {
    metrics::gauge!(CHECKPOINT_AGE).set(age.as_secs_f64());
}

/// Counts a request that the recovery page refused. `why` is a value of [`PAGE_REFUSED`].
pub fn count_page_refused(why: &'static str) {
    metrics::counter!(PAGE_REFUSED, "why" => why).increment(1);
}
