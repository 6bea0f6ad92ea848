//! Timers of a session: idle and absolute timeout, warning, stripping, retries.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::time::{Timestamp, minutes};
use crate::model::unknown_fields::UnknownFields;

/// Idle timeout (NIST SP 800-63B-4 2.3.3, ASVS 7.3.1). Discord's interaction token expires in the
/// same minute.
pub const IDLE_CLOSE: Duration = minutes(15);

/// Absolute timeout, from Start (ASVS 7.3.2).
pub const ABSOLUTE_CLOSE: Duration = minutes(60);

/// Time between the warning and the end: 12:00 of 15:00, 57:00 of 60:00.
pub const WARN_BEFORE: Duration = minutes(3);

/// Time between the stripping of the panel and the end: 14:45 of 15:00.
pub const STRIP_BEFORE: Duration = Duration::from_secs(15);

/// Time before the absolute end in which no access link is issued.
pub const NO_ACCESS_BEFORE: Duration = minutes(2);

/// Time in which Discord accepts an interaction token.
pub const TOKEN_LIFE: Duration = minutes(15);

/// Wait before a failed revocation, sign-out, notice or alert is retried. As long as an access link
/// lives.
pub const RETRY_AFTER: Duration = minutes(1);

/// Longest wait between two calls of a revocation that keeps failing. The waits double from
/// [`RETRY_AFTER`] on.
pub(crate) const LONGEST_RETRY: Duration = minutes(60);

/// Age at which a blocking effect without an outcome counts as orphaned. Any process may then
/// finish it.
///
/// Twice the longest duration of one: two function calls of 15 s each. Usually the next click has
/// finished it before.
pub const ORPHANED_AFTER: Duration = minutes(1);

/// Times and deadlines of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Idle timeout in milliseconds. [`IDLE_CLOSE`] unless a test deployment shortens it.
    pub idle_ms: u64,
    pub opened_at: Timestamp,
    /// Time of Start. The absolute timeout counts from it.
    pub started_at: Option<Timestamp>,
    /// Newest activity. The idle timeout counts from it.
    pub active_at: Timestamp,
    /// End that the panel has warned about.
    pub warned_of: Option<Timestamp>,
    /// End that the panel was stripped for.
    pub stripped_for: Option<Timestamp>,
    /// The panel shows nothing but Resume.
    pub stripped: bool,
    pub closed_at: Option<Timestamp>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Clocks {
    /// Starts the clocks of a new session.
    pub fn starting(now: Timestamp, idle: Duration) -> Self {
        Self {
            idle_ms: u64::try_from(idle.as_millis()).unwrap_or(u64::MAX),
            opened_at: now,
            active_at: now,
            ..Self::default()
        }
    }

    pub fn idle_end(&self) -> Timestamp {
        self.active_at + self.idle()
    }

    /// Returns the absolute end. `None` before Start.
    pub fn absolute_end(&self) -> Option<Timestamp> {
        self.started_at.map(|at| at + ABSOLUTE_CLOSE)
    }

    /// Returns the time at which the session closes without further activity.
    pub fn end(&self) -> Timestamp {
        self.absolute_end().map_or(self.idle_end(), |absolute| absolute.min(self.idle_end()))
    }

    /// Returns true if the absolute end comes first. Activity does not move it.
    pub fn ends_absolutely(&self) -> bool {
        self.absolute_end().is_some_and(|absolute| absolute <= self.idle_end())
    }

    pub fn warn_at(&self) -> Timestamp {
        self.before_end(WARN_BEFORE)
    }

    pub fn strip_at(&self) -> Timestamp {
        self.before_end(STRIP_BEFORE)
    }

    /// Returns true if the panel shows the warning.
    pub fn warns(&self) -> bool {
        self.warned_of == Some(self.end())
    }

    /// Returns true if the absolute end is far enough away for an access link.
    pub fn may_issue(&self, now: Timestamp) -> bool {
        self.absolute_end().is_none_or(|end| now < end - NO_ACCESS_BEFORE)
    }

    /// Records activity: restarts the idle timeout and restores a stripped panel.
    pub fn renew(&mut self, now: Timestamp) {
        self.active_at = now;
        self.stripped = false;
    }

    fn before_end(&self, before: Duration) -> Timestamp {
        self.end() - if self.ends_absolutely() { before } else { self.scaled(before) }
    }

    fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    /// Scales a duration by the ratio of the idle timeout to [`IDLE_CLOSE`].
    fn scaled(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.idle().as_secs_f64() / IDLE_CLOSE.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64, second: u64) -> Timestamp {
        Timestamp(0) + minutes(minute) + Duration::from_secs(second)
    }

    #[test]
    fn idle_session_warns_strips_and_closes() {
        let clocks = Clocks::starting(Timestamp(0), IDLE_CLOSE);
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(12, 0), at(14, 45), at(15, 0))
        );
    }

    #[test]
    fn absolute_end_ignores_activity() {
        let mut clocks = Clocks::starting(Timestamp(0), IDLE_CLOSE);
        clocks.started_at = Some(at(0, 0));
        clocks.renew(at(55, 0));
        assert!(clocks.ends_absolutely());
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(57, 0), at(59, 45), at(60, 0))
        );
        assert!(clocks.may_issue(at(57, 59)));
        assert!(!clocks.may_issue(at(58, 0)));
    }

    #[test]
    fn short_idle_timeout_scales_warnings() {
        let clocks = Clocks::starting(Timestamp(0), Duration::from_mins(1));
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(0, 48), at(0, 59), at(1, 0))
        );
    }
}
