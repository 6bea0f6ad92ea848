//! Compares this machine's clock with those of AWS and Discord, by the `Date` of their answers, and
//! with that of the store's server, whose replicas compare their clocks through it.
//!
//! A wrong clock otherwise fails with unrelated reasons: links seem expired, codes too, and AWS
//! refuses signatures.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_lambda::primitives::{DateTime, DateTimeFormat};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;

/// Largest difference that is no warning. NTP keeps clocks within milliseconds; an access link
/// lives for 60 s, so ten seconds of it are a noticeable loss.
pub const MAX_OFFSET: Duration = Duration::from_secs(10);
/// Largest difference to the store's server that is no warning. The leases of claims live for
/// seconds, and each replica counts them by its own clock.
pub const MAX_STORE_OFFSET: Duration = Duration::from_millis(500);
/// Time for which a difference is believed. Discord is asked every ten minutes; AWS answers only
/// when agents work, and its last answer says nothing about a clock that was set since then.
const OFFSET_LIFE: Duration = Duration::from_mins(30);
/// Resolution of `Date` (RFC 9110 5.6.7).
const DATE_RESOLUTION_MS: i64 = 1_000;

/// A service whose clock is known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    Aws,
    Discord,
    /// The PostgreSQL server of the store.
    Store,
}

impl TimeSource {
    pub(crate) const ALL: [Self; 3] = [Self::Aws, Self::Discord, Self::Store];

    /// Returns the name in the log and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Discord => "discord",
            Self::Store => "store",
        }
    }

    /// Returns true if a difference is a warning.
    fn is_wrong(self, offset: i64) -> bool {
        let most = match self {
            Self::Aws | Self::Discord => MAX_OFFSET,
            Self::Store => MAX_STORE_OFFSET,
        };
        u128::from(offset.unsigned_abs()) > most.as_millis()
    }
}

/// A difference in milliseconds. Positive: this machine's clock is ahead.
#[derive(Clone, Copy, Debug)]
struct Offset {
    /// Smallest difference that explains the answer, so that a slow answer is no difference.
    least: i64,
    /// Difference when the answer was received. A server dates its answer at the end of its work.
    at_receipt: i64,
    /// Time of the receipt, by this machine's clock.
    measured_at: Timestamp,
}

/// Newest difference to each service.
#[derive(Clone, Copy, Debug, Default)]
struct Offsets {
    aws: Option<Offset>,
    discord: Option<Offset>,
    store: Option<Offset>,
}

impl Offsets {
    fn of(&mut self, source: TimeSource) -> &mut Option<Offset> {
        match source {
            TimeSource::Aws => &mut self.aws,
            TimeSource::Discord => &mut self.discord,
            TimeSource::Store => &mut self.store,
        }
    }
}

/// Differences between this machine's clock and the services' clocks.
pub struct ServerClocks {
    clock: Arc<dyn Clock>,
    offsets: Mutex<Offsets>,
}

impl std::fmt::Debug for ServerClocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerClocks").field(&*self.offsets()).finish()
    }
}

impl ServerClocks {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, offsets: Mutex::default() })
    }

    /// Returns this machine's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Compares the `Date` of an answer that has just arrived. `sent_at`: time of the request. An
    /// unreadable date is ignored.
    pub fn compare(&self, source: TimeSource, date: &str, sent_at: Timestamp) {
        let Ok(date) = DateTime::from_str(date, DateTimeFormat::HttpDate) else { return };
        let Ok(date) = date.to_millis() else { return };
        self.compare_time(source, Timestamp(date), DATE_RESOLUTION_MS, sent_at);
    }

    /// Compares the time in an answer that has just arrived. `resolution`: in milliseconds.
    pub(crate) fn compare_time(
        &self,
        source: TimeSource,
        date: Timestamp,
        resolution: i64,
        sent_at: Timestamp,
    ) {
        let received_at = self.clock.now();
        let latest = Timestamp(date.0.saturating_add(resolution - 1));
        let offset = Offset {
            least: difference(date, latest, sent_at, received_at),
            at_receipt: difference(date, latest, received_at, received_at),
            measured_at: received_at,
        };
        let before = self.offsets().of(source).replace(offset);
        let service = source.name();
        let is_wrong = |offset: Offset| source.is_wrong(offset.least);
        match (before.is_some_and(is_wrong), is_wrong(offset)) {
            (false, true) => tracing::warn!(
                service,
                ahead_by_ms = offset.least,
                "this machine's clock is wrong: links, codes and leases seem to expire at other \
                 times"
            ),
            (true, false) => tracing::info!(service, "this machine's clock is right again"),
            _ => {}
        }
    }

    /// Returns the known differences in milliseconds. Positive: this machine is ahead.
    pub fn known(&self) -> Vec<(TimeSource, i64)> {
        let known = |source| self.fresh(source).map(|offset| (source, offset.least));
        TimeSource::ALL.into_iter().filter_map(known).collect()
    }

    /// Returns every service that was ever compared. `None`: the comparison is old.
    pub fn measured(&self) -> Vec<(TimeSource, Option<i64>)> {
        let measured = TimeSource::ALL.into_iter();
        let measured = measured.filter(|source| self.offsets().of(*source).is_some());
        measured.map(|source| (source, self.fresh(source).map(|offset| offset.least))).collect()
    }

    /// Returns the difference to a service if it is fresh. One from the future is not, because the
    /// clock was set back since then.
    fn fresh(&self, source: TimeSource) -> Option<Offset> {
        let now = self.clock.now();
        let offset = *self.offsets().of(source);
        offset.filter(|offset| {
            now >= offset.measured_at && now.since(offset.measured_at) < OFFSET_LIFE
        })
    }

    /// Returns the largest known difference.
    pub fn worst(&self) -> Option<(TimeSource, i64)> {
        self.known().into_iter().max_by_key(|(_, offset)| offset.unsigned_abs())
    }

    /// Describes a wrong clock; `None` if it is right or was never compared.
    pub fn problem(&self) -> Option<String> {
        let mut wrong = self.known();
        wrong.retain(|(source, offset)| source.is_wrong(*offset));
        let (source, offset) = wrong.into_iter().max_by_key(|(_, offset)| offset.unsigned_abs())?;
        let direction = if offset > 0 { "ahead of" } else { "behind" };
        let by = offset.unsigned_abs();
        let (by, service) = match source {
            TimeSource::Aws => (format!("{} s", by / 1_000), "AWS"),
            TimeSource::Discord => (format!("{} s", by / 1_000), "Discord"),
            TimeSource::Store => (format!("{by} ms"), "the store's server"),
        };
        Some(format!("{by} {direction} {service}; set this machine's clock (NTP)"))
    }

    /// Converts a time of AWS to this machine's clock, so that a lifetime counts from the receipt
    /// of the answer.
    pub fn from_aws(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_add(self.aws_offset()))
    }

    /// Returns the time by AWS's clock.
    pub fn aws_now(&self) -> Timestamp {
        self.to_aws(self.clock.now())
    }

    /// Returns a time of this machine by AWS's clock.
    pub fn to_aws(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_sub(self.aws_offset()))
    }

    /// Returns the difference to AWS. Before AWS has answered that to Discord, because both
    /// services have the right time.
    fn aws_offset(&self) -> i64 {
        let known = self.fresh(TimeSource::Aws).or_else(|| self.fresh(TimeSource::Discord));
        known.map_or(0, |offset| offset.at_receipt)
    }

    fn offsets(&self) -> MutexGuard<'_, Offsets> {
        self.offsets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the smallest difference that explains a time from `date` to `latest`. Zero if the server
/// can have written it between request and answer.
fn difference(
    date: Timestamp,
    latest: Timestamp,
    sent_at: Timestamp,
    received_at: Timestamp,
) -> i64 {
    if sent_at > latest {
        sent_at.0.saturating_sub(latest.0)
    } else {
        received_at.0.saturating_sub(date.0).min(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::hand::ManualClock;

    /// 2026-01-05 10:00:00 UTC.
    const DATE: &str = "Mon, 05 Jan 2026 10:00:00 GMT";
    const MS: i64 = 1_767_607_200_000;

    #[test]
    fn difference_is_the_smallest_that_explains_the_date() {
        for (sent, received, expected) in [
            (0, 0, 0),
            (0, 999, 0),
            (999, 5_000, 0),
            (1_000, 1_000, 1),
            (-8_000, 100, 0),
            (-8_000, -1, -1),
            (91_000, 99_000, 90_001),
            (-1_200_000, -1_199_000, -1_199_000),
        ] {
            let [date, latest, sent_at, received_at] =
                [0, 999, sent, received].map(|ms| Timestamp(MS + ms));
            let offset = difference(date, latest, sent_at, received_at);
            assert_eq!(offset, expected, "{sent} to {received}");
        }
    }

    #[test]
    fn clock_is_wrong_above_ten_seconds() {
        for (now, problem) in [
            (MS + 10_999, None),
            (MS + 11_000, Some("10 s ahead of AWS; set this machine's clock (NTP)")),
            (MS - 10_000, None),
            (MS - 10_001, Some("10 s behind AWS; set this machine's clock (NTP)")),
            (MS + 91_000, Some("90 s ahead of AWS; set this machine's clock (NTP)")),
        ] {
            let clocks = ServerClocks::new(ManualClock::at(now));
            assert_eq!(clocks.problem(), None, "not compared yet");
            clocks.compare(TimeSource::Aws, DATE, Timestamp(now));
            assert_eq!(clocks.problem().as_deref(), problem, "{now}");
        }
    }

    #[test]
    fn worst_service_counts_until_it_is_right_again() {
        let clock = ManualClock::at(MS + 61_000);
        let clocks = ServerClocks::new(clock.clone());
        clocks.compare(TimeSource::Aws, "Mon, 05 Jan 2026 10:01:00 GMT", clock.now());
        clocks.compare(TimeSource::Discord, DATE, clock.now());
        assert_eq!(clocks.worst(), Some((TimeSource::Discord, 60_001)));
        clocks.compare(TimeSource::Discord, "Mon, 05 Jan 2026 10:01:01 GMT", clock.now());
        assert_eq!(clocks.problem(), None);
    }

    #[test]
    fn old_difference_is_not_known() {
        let clock = ManualClock::at(MS + 91_000);
        let clocks = ServerClocks::new(clock.clone());
        clocks.compare(TimeSource::Aws, DATE, clock.now());
        clock.advance(Duration::from_mins(29));
        assert!(clocks.problem().is_some());
        clock.advance(Duration::from_mins(1));
        assert_eq!((clocks.problem(), clocks.worst()), (None, None));
        assert_eq!(clocks.measured(), [(TimeSource::Aws, None)]);
        assert_eq!(clocks.aws_now(), clock.now());
    }

    #[test]
    fn slow_answer_shortens_no_link() {
        // The machine is 20 s ahead. The call takes 12 s, and its link lives for 60 s more.
        let clock = ManualClock::at(MS + 20_999);
        let clocks = ServerClocks::new(clock.clone());
        let sent_at = clock.now();
        clock.advance(Duration::from_secs(12));
        clocks.compare(TimeSource::Aws, "Mon, 05 Jan 2026 10:00:12 GMT", sent_at);
        let ends_at = clocks.from_aws(Timestamp(MS + 72_000));
        assert_eq!(ends_at.since(clock.now()), Duration::from_millis(59_001));
    }

    #[test]
    fn store_differs_above_half_a_second() {
        for (now, problem) in [
            (MS + 500, None),
            (MS + 501, Some("501 ms ahead of the store's server; set this machine's clock (NTP)")),
            (MS - 501, Some("501 ms behind the store's server; set this machine's clock (NTP)")),
        ] {
            let clocks = ServerClocks::new(ManualClock::at(now));
            clocks.compare_time(TimeSource::Store, Timestamp(MS), 1, Timestamp(now));
            assert_eq!(clocks.problem().as_deref(), problem, "{now}");
        }
    }

    #[test]
    fn unreadable_date_is_ignored() {
        let clocks = ServerClocks::new(ManualClock::at(MS));
        for date in ["", "yesterday", "2026-01-05T10:00:00Z", "Mon, 99 Jan 2026 10:00:00 GMT"] {
            clocks.compare(TimeSource::Aws, date, Timestamp(MS));
            assert_eq!(clocks.worst(), None, "{date}");
        }
    }

    #[test]
    fn aws_times_follow_the_offset() {
        let clocks = ServerClocks::new(ManualClock::at(MS + 90_999));
        assert_eq!(clocks.from_aws(Timestamp(5)), Timestamp(5));
        clocks.compare(TimeSource::Aws, DATE, Timestamp(MS + 90_999));
        assert_eq!(clocks.from_aws(Timestamp(5)), Timestamp(90_005));
        assert_eq!(clocks.aws_now(), Timestamp(MS + 999));
        // Before AWS answers, Discord's clock counts.
        let clocks = ServerClocks::new(ManualClock::at(MS + 90_999));
        clocks.compare(TimeSource::Discord, DATE, Timestamp(MS + 90_999));
        assert_eq!(clocks.aws_now(), Timestamp(MS + 999));
    }
}
