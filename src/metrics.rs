//! Figures for the operator: what is counted, under which names, and the text in which Prometheus
//! reads it.
//!
//! No label carries an id or anything typed: labels are few, fixed words.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::gateway::Heard;

/// Calls to other services: how long they took, by service, what was being done, and outcome
/// (`done`, `denied`, `fault`).
pub const CALL_SECONDS: &str = "support_desk_call_seconds";

/// Requests that the recovery page turned away, by why: `origin` and `form_token` (not sent by the
/// page itself), `body` (nothing that a browser sends), `rate` (too many from one address).
pub const PAGE_REFUSED: &str = "support_desk_page_refused";

/// Whether interactions arrive: 1 or 0.
pub const GATEWAY_CONNECTED: &str = "support_desk_gateway_connected";

/// How long ago Discord last confirmed a heartbeat, in seconds.
pub const GATEWAY_HEARTBEAT_AGE: &str = "support_desk_gateway_heartbeat_age_seconds";

/// Sessions with the gateway, by how they came about: `identified` (counted by Discord, 1,000 a
/// day), `resumed`; and `replaced`, the connections that were given up because they were silent.
pub const GATEWAY_SESSIONS: &str = "support_desk_gateway_sessions";

/// Sessions that Discord still allows until it takes the token back, all replicas together.
pub const GATEWAY_STARTS_LEFT: &str = "support_desk_gateway_starts_left";

/// How old the newest checkpoint of the trail is, in seconds: one is made every hour.
pub const CHECKPOINT_AGE: &str = "support_desk_checkpoint_age_seconds";

/// Upper ends of the buckets of all durations, in seconds: the 3 s in which Discord wants its
/// answer and the 15 s of a whole call are among them.
const BUCKETS: [f64; 10] = [0.01, 0.03, 0.1, 0.3, 1.0, 1.5, 3.0, 6.0, 12.0, 15.0];

/// Durations are kept one by one until they are put into buckets. That happens when somebody reads
/// the figures, and after so many calls whether anybody does or not.
const UPKEEP_EVERY: u64 = 1_000;

static CALLS: AtomicU64 = AtomicU64::new(0);
static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// Starts counting. The process counts once: called again (the demo and the tests start several
/// worlds) it answers the same handle.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let _turn = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| anyhow::anyhow!("somebody else counts in this process already"))?;
    metrics::describe_histogram!(
        CALL_SECONDS,
        metrics::Unit::Seconds,
        "Duration of calls to other services"
    );
    metrics::describe_counter!(PAGE_REFUSED, "Requests that the recovery page turned away");
    metrics::describe_gauge!(GATEWAY_CONNECTED, "Whether interactions arrive");
    metrics::describe_gauge!(
        GATEWAY_HEARTBEAT_AGE,
        metrics::Unit::Seconds,
        "Since Discord last confirmed a heartbeat"
    );
    metrics::describe_counter!(
        GATEWAY_SESSIONS,
        "Sessions with Discord's gateway, by how they came about"
    );
    metrics::describe_gauge!(
        GATEWAY_STARTS_LEFT,
        "Sessions that Discord still allows, all replicas together"
    );
    metrics::describe_gauge!(
        CHECKPOINT_AGE,
        metrics::Unit::Seconds,
        "Since the newest checkpoint of the trail was made"
    );
    Ok(RECORDER.get_or_init(|| handle).clone())
}

/// Counts a call to another service.
pub fn called(service: &'static str, doing: &'static str, outcome: &'static str, took: Duration) {
    metrics::histogram!(CALL_SECONDS, "service" => service, "doing" => doing, "outcome" => outcome)
        .record(took.as_secs_f64());
    if CALLS.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1
        && let Some(recorder) = RECORDER.get()
    {
        recorder.run_upkeep();
    }
}

/// Counts a session with the gateway, or one that was given up.
pub fn gateway_session(how: &'static str) {
    metrics::counter!(GATEWAY_SESSIONS, "how" => how).increment(1);
}

/// Tells whether interactions arrive.
pub fn gateway_connected(connected: bool) {
    metrics::gauge!(GATEWAY_CONNECTED).set(if connected { 1.0 } else { 0.0 });
}

/// Tells what is heard of the gateway.
pub fn gateway_heard(heard: &Heard) {
    if let Some(age) = heard.heartbeat_age_ms {
        metrics::gauge!(GATEWAY_HEARTBEAT_AGE).set(Duration::from_millis(age).as_secs_f64());
    }
    if let Some(left) = heard.starts_left {
        metrics::gauge!(GATEWAY_STARTS_LEFT)
            .set(f64::from(u32::try_from(left).unwrap_or(u32::MAX)));
    }
}

/// Tells how old the newest checkpoint of the trail is.
pub fn checkpoint_age(age: Duration) {
    metrics::gauge!(CHECKPOINT_AGE).set(age.as_secs_f64());
}

/// Counts a request that the recovery page turned away.
pub fn page_refused(why: &'static str) {
    metrics::counter!(PAGE_REFUSED, "why" => why).increment(1);
}
