//! Metrics of the process in Prometheus's text format. A file has those of one subject.
//!
//! Labels take few, fixed values. No label carries an id or typed text. Every series exists from
//! the start, so that its first event is an increase.

mod calls;
mod clicks;
mod gateway;
mod process;
mod series;
mod sessions;
mod store;
mod trail;

use std::sync::{Mutex, PoisonError};

use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

pub use calls::{
    answer_word, count_discord_stop, count_refused_message, record_call, record_try,
    set_discord_stopped,
};
pub use clicks::{count_page_refused, count_unknown_link};
pub use gateway::{
    ReconnectReason, count_gateway_event, count_gateway_session, count_reconnect,
    count_unreadable_event, set_clock_offset, set_gateway_connected, set_gateway_stats,
    set_guild_joined,
};
pub use process::{count_dropped_spans, observe as observe_process, set_started_at};
pub use sessions::{
    CodeEvent, EFFECT_KINDS, SESSION_KINDS, count_code, count_lockout, purpose_word, record_closed,
    set_effects, set_sessions_open,
};
pub use store::{
    ClaimHow, FOREIGN_ROWS, RetryReason, TAMPERED_ROWS, count_claim, count_failed_renewal,
    count_foreign_row, count_retry, count_tampered_row, record_transaction, set_pool, set_store_up,
};
pub use trail::{count_findings, count_trail_events, set_alerts, set_checkpoint_age};

static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// Installs the recorder of this process and returns its handle. Returns the same handle again on
/// later calls, because the demo and the tests start several bots in one process.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let mut installed = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = installed.as_ref() {
        return Ok(handle.clone());
    }
    let recorder = build_recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| anyhow::anyhow!("a metrics recorder is already installed"))?;
    register_series();
    Ok(installed.insert(handle).clone())
}

fn build_recorder() -> anyhow::Result<PrometheusRecorder> {
    let buckets = clicks::BUCKETS.into_iter().chain(calls::BUCKETS).chain(sessions::BUCKETS);
    let mut builder = PrometheusBuilder::new();
    for (name, bounds) in buckets.chain(store::BUCKETS) {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)?;
    }
    Ok(builder.build_recorder())
}

/// Describes every metric and creates every series.
fn register_series() {
    clicks::register();
    calls::register();
    sessions::register();
    gateway::register();
    store::register();
    trail::register();
    process::register();
}

/// Moves recorded durations into their buckets.
fn run_upkeep() {
    if let Some(recorder) = RECORDER.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
        recorder.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most samples of one scrape. Ours: a tenth of what a scrape of a small program may cost.
    const MOST_SAMPLES: usize = 600;

    fn all_series() -> String {
        let recorder = build_recorder().unwrap();
        metrics::with_local_recorder(&recorder, || {
            register_series();
            recorder.handle().render()
        })
    }

    #[test]
    fn series_exist_from_the_start_and_are_few() {
        let text = all_series();
        let samples: Vec<_> =
            text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(samples.len() < MOST_SAMPLES, "{} samples: {text}", samples.len());
        assert!(samples.len() > 400, "too few samples: {text}");
        for sample in samples.iter().filter(|sample| !sample.starts_with("process_")) {
            let value = sample.rsplit(' ').next().unwrap();
            let is_at_start = matches!(value, "0" | "NaN")
                || ["support_desk_guild_joined", "support_desk_build_info"]
                    .iter()
                    .any(|name| sample.starts_with(name));
            assert!(is_at_start, "{sample}");
        }
    }

    #[test]
    fn counters_end_in_total_and_labels_are_short_words() {
        let text = all_series();
        for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let (name, kind) = line.split_once(' ').unwrap();
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name} has no description");
        }
        for label in text.split('"').skip(1).step_by(2) {
            let is_word =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.+I".contains(c);
            assert!(label.len() <= 30 && label.chars().all(is_word), "{label}");
        }
    }
}
