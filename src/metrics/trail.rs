//! The trail, and the alerts for the leads.

use std::time::Duration;

use commands::flows::alerts::raise::Broken;

use super::series::{ALONE, by, counters, gauges};

/// Age of the trail's newest verified checkpoint in seconds. A checkpoint is made every minute
/// while events are written, and else every hour.
const CHECKPOINT_AGE: &str = "support_desk_checkpoint_age_seconds";

/// Findings about the trail, by where they are.
const FINDINGS: &str = "support_desk_trail_findings_total";

/// Places of [`FINDINGS`]: checkpoints that do not verify, and what the daily verification finds.
const PLACES: [&str; 2] = ["checkpoint", "chain"];

/// Events that this process wrote to the trail.
const EVENTS: &str = "support_desk_trail_events_total";

/// Alerts that no lead has answered.
const ALERTS_OPEN: &str = "support_desk_alerts_open";

/// Time since the oldest open alert without a card was raised, in seconds; 0 if each has one.
const ALERT_UNDELIVERED: &str = "support_desk_alert_undelivered_seconds";

pub(super) fn register() {
    gauges(CHECKPOINT_AGE, "Age of the trail's newest checkpoint that verifies", ALONE, 0.0);
    counters(FINDINGS, "Findings about the trail", by("place", PLACES));
    counters(EVENTS, "Events that this process wrote to the trail", ALONE);
    gauges(ALERTS_OPEN, "Alerts that no lead has answered", ALONE, 0.0);
    gauges(
        ALERT_UNDELIVERED,
        "Time since the oldest open alert without a card was raised; 0 if each has one",
        ALONE,
        0.0,
    );
}

pub fn set_checkpoint_age(age: Duration) {
    metrics::gauge!(CHECKPOINT_AGE).set(age.as_secs_f64());
}

/// Counts findings about the trail.
pub fn count_findings(what: Broken, findings: u64) {
    let place = if what == Broken::Checkpoint { "checkpoint" } else { "chain" };
    metrics::counter!(FINDINGS, "place" => place).increment(findings);
}

/// Counts events of the trail that are saved.
pub fn count_trail_events(events: usize) {
    metrics::counter!(EVENTS).increment(u64::try_from(events).unwrap_or(u64::MAX));
}

/// Sets the number of open alerts, and the age of the oldest one without a card.
pub fn set_alerts(open: u32, undelivered: Duration) {
    metrics::gauge!(ALERTS_OPEN).set(f64::from(open));
    metrics::gauge!(ALERT_UNDELIVERED).set(undelivered.as_secs_f64());
}
