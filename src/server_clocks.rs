//! Compares this machine's clock with those of AWS and Discord, by the `Date` of their answers.
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
/// Resolution of `Date` (RFC 9110 5.6.7).
const DATE_RESOLUTION_MS: i64 = 1_000;

/// A service whose clock is known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    Aws,
    Discord,
}

impl TimeSource {
    const ALL: [Self; 2] = [Self::Aws, Self::Discord];

    /// Returns the name in the log and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Discord => "discord",
        }
    }
}

/// Newest difference to each service, in milliseconds. Positive: this machine's clock is ahead.
#[derive(Clone, Copy, Debug, Default)]
struct Offsets {
    aws: Option<i64>,
    discord: Option<i64>,
}

impl Offsets {
    fn of(&mut self, source: TimeSource) -> &mut Option<i64> {
        match source {
            TimeSource::Aws => &mut self.aws,
            TimeSource::Discord => &mut self.discord,
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
        let offset = difference(Timestamp(date), sent_at, self.clock.now());
        let before = self.offsets().of(source).replace(offset);
        let service = source.name();
        match (before.is_some_and(is_wrong), is_wrong(offset)) {
            (false, true) => tracing::warn!(
                service,
                ahead_by_ms = offset,
                "this machine's clock is wrong: links and codes seem to expire at other times"
            ),
            (true, false) => tracing::info!(service, "this machine's clock is right again"),
            _ => {}
        }
    }

    /// Returns the known differences in milliseconds. Positive: this machine is ahead.
    pub fn known(&self) -> Vec<(TimeSource, i64)> {
        let mut offsets = *self.offsets();
        let known = |source| offsets.of(source).map(|offset| (source, offset));
        TimeSource::ALL.into_iter().filter_map(known).collect()
    }

    /// Returns the largest known difference.
    pub fn worst(&self) -> Option<(TimeSource, i64)> {
        self.known().into_iter().max_by_key(|(_, offset)| offset.unsigned_abs())
    }

    /// Describes a wrong clock; `None` if it is right or was never compared.
    pub fn problem(&self) -> Option<String> {
        let (source, offset) = self.worst().filter(|(_, offset)| is_wrong(*offset))?;
        let seconds = offset.unsigned_abs() / 1_000;
        let direction = if offset > 0 { "ahead of" } else { "behind" };
        let service = match source {
            TimeSource::Aws => "AWS",
            TimeSource::Discord => "Discord",
        };
        Some(format!("{seconds} s {direction} {service}; set this machine's clock (NTP)"))
    }

    /// Converts a time of AWS to this machine's clock, so that a lifetime counts from the receipt
    /// of the answer.
    pub fn from_aws(&self, at: Timestamp) -> Timestamp {
        Timestamp(at.0.saturating_add(self.offsets().aws.unwrap_or(0)))
    }

    /// Returns the time by AWS's clock.
    pub fn aws_now(&self) -> Timestamp {
        Timestamp(self.clock.now().0.saturating_sub(self.offsets().aws.unwrap_or(0)))
    }

    fn offsets(&self) -> MutexGuard<'_, Offsets> {
        self.offsets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the smallest difference that explains the date. Zero if the server can have written it
/// between request and answer, so that a slow answer is no difference.
fn difference(date: Timestamp, sent_at: Timestamp, received_at: Timestamp) -> i64 {
    let latest_date = date.0.saturating_add(DATE_RESOLUTION_MS - 1);
    if sent_at.0 > latest_date {
        sent_at.0.saturating_sub(latest_date)
    } else {
        received_at.0.saturating_sub(date.0).min(0)
    }
}

fn is_wrong(offset: i64) -> bool {
    u128::from(offset.unsigned_abs()) > MAX_OFFSET.as_millis()
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
            let offset = difference(Timestamp(MS), Timestamp(MS + sent), Timestamp(MS + received));
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
    }
}
