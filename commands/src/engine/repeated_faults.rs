//! Faults of background work. While a service is away, each sweep fails in the same way, once a
//! second and session. The log gets the first one, a number each minute, and a line at the end.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::fault::Fault;
use crate::model::time::{Timestamp, minutes};

/// Time between two log lines about a fault that repeats.
const REPORT_INTERVAL: Duration = minutes(1);
/// Time without a fault after which it has ended. The slowest background work runs once a minute.
const ENDED_AFTER: Duration = minutes(2);
/// Maximum number of different faults. Further ones are logged each time.
const MAX_FAULTS: usize = 100;

/// Faults that have not ended, by their text.
#[derive(Default)]
pub(crate) struct RepeatedFaults(Mutex<HashMap<String, Repeat>>);

struct Repeat {
    reference: String,
    times: u64,
    reported_at: Timestamp,
    seen_at: Timestamp,
}

/// A line of the log about a fault that was logged before.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    reference: String,
    /// Number of occurrences so far.
    times: u64,
    text: String,
    has_ended: bool,
}

impl RepeatedFaults {
    /// Records a fault. A new one is logged with `log`, which returns its reference; then the
    /// result is true.
    pub(crate) fn record(
        &self,
        fault: &Fault,
        now: Timestamp,
        log: impl FnOnce() -> String,
    ) -> bool {
        let text = fault.to_string();
        let mut faults = self.lock();
        if let Some(repeat) = faults.get_mut(&text) {
            repeat.times += 1;
            repeat.seen_at = now;
            return false;
        }
        let reference = log();
        if faults.len() < MAX_FAULTS {
            faults.insert(text, Repeat { reference, times: 1, reported_at: now, seen_at: now });
        }
        true
    }

    /// Logs the faults that still repeat, at most once a minute each, and those that have ended.
    pub(crate) fn report(&self, now: Timestamp) {
        for Report { reference, times, text, has_ended } in self.take_reports(now) {
            if has_ended {
                tracing::info!(reference, times, "no longer failing: {text}");
            } else {
                tracing::error!(reference, times, "still failing: {text}");
            }
        }
    }

    fn take_reports(&self, now: Timestamp) -> Vec<Report> {
        let mut reports = Vec::new();
        self.lock().retain(|text, repeat| {
            let has_ended = repeat.seen_at + ENDED_AFTER <= now;
            let is_due =
                repeat.seen_at > repeat.reported_at && repeat.reported_at + REPORT_INTERVAL <= now;
            if repeat.times > 1 && (has_ended || is_due) {
                repeat.reported_at = now;
                let (reference, times) = (repeat.reference.clone(), repeat.times);
                reports.push(Report { reference, times, text: text.clone(), has_ended });
            }
            !has_ended
        });
        reports
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Repeat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000;

    #[test]
    fn repeated_fault_is_reported_once_a_minute() {
        let faults = RepeatedFaults::default();
        let away = Fault::new("listing sessions", "not reached");
        let (mut logged, mut reports) = (0, Vec::new());
        for second in 0..=150 {
            let now = Timestamp(second * SECOND);
            reports.extend(faults.take_reports(now).into_iter().map(|report| (second, report)));
            let is_new = faults.record(&away, now, || "F-1".to_owned());
            logged += usize::from(is_new);
        }
        assert_eq!(logged, 1, "at once");
        let lines: Vec<_> = reports.iter().map(|(at, report)| (*at, report.times)).collect();
        assert_eq!(lines, [(60, 60), (120, 120)]);
        assert!(reports.iter().all(|(_, report)| !report.has_ended && report.reference == "F-1"));

        assert_eq!(faults.take_reports(Timestamp(269 * SECOND)).len(), 1, "those since 120 s");
        let ended = faults.take_reports(Timestamp(270 * SECOND));
        assert_eq!(ended.len(), 1);
        assert!(ended[0].has_ended && ended[0].times == 151);
        assert_eq!(faults.take_reports(Timestamp(900 * SECOND)), []);
        assert!(faults.record(&away, Timestamp(901 * SECOND), String::new), "new again");
    }

    #[test]
    fn single_fault_is_not_reported_again() {
        let faults = RepeatedFaults::default();
        assert!(faults.record(&Fault::new("reading", "timeout"), Timestamp(0), String::new));
        assert!(faults.record(&Fault::new("writing", "timeout"), Timestamp(0), String::new));
        assert_eq!(faults.take_reports(Timestamp(60 * SECOND)), []);
        assert_eq!(faults.take_reports(Timestamp(600 * SECOND)), []);
    }
}
