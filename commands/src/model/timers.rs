//! A session: one agent helping one customer (or linking or recovering the own account), from the
//! command that opens it to its close.
//!
//! The row in the database is the truth; the copy in memory is a cache. Everything here is data:
//! what may happen to it is decided by the roads (`support`, `account`), and when it ends by the
//! clocks below.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::time::{Timestamp, minutes};

/// Idle timeout (NIST SP 800-63B-4 2.3.3, ASVS 7.3.1). Discord's interaction token dies at the same
/// minute.
pub const IDLE_CLOSE: Duration = minutes(15);

/// Absolute timeout, from Start (ASVS 7.3.2).
pub const ABSOLUTE_CLOSE: Duration = minutes(60);

/// How long before its end a session warns: 12:00 of 15:00, 57:00 of 60:00.
pub const WARN_BEFORE: Duration = minutes(3);

/// How long before its end a panel loses everything sensitive: 14:45 of 15:00.
pub const STRIP_BEFORE: Duration = Duration::from_secs(15);

/// How long before the absolute end nothing is opened any more.
pub const NO_ACCESS_BEFORE: Duration = minutes(2);

/// How long Discord accepts an interaction token.
pub const TOKEN_LIFE: Duration = minutes(15);

/// How long after a failed revocation, notice or alert it is asked for again: the life of a link.
pub(crate) const ASK_AGAIN: Duration = minutes(1);

/// How long after it was asked an effect that the panel waits for is looked at by whoever is there,
/// should it have no outcome yet. Twice the longest that one takes: two calls of functions at 15 s
/// each. Usually whoever has the same interaction, or the next click, has long finished it by then.
pub const ORPHANED_AFTER: Duration = minutes(1);

/// When things happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Idle timeout in force, in milliseconds ([`IDLE_CLOSE`] but in trials).
    pub idle_ms: u64,
    /// AccessLink by its command.
    pub opened_at: Timestamp,
    /// Start was pressed: the absolute clock runs.
    pub started_at: Option<Timestamp>,
    /// Last activity that renews the idle clock.
    pub active_at: Timestamp,
    /// The deadline of which the panel has warned.
    pub warned_of: Option<Timestamp>,
    /// The deadline for which the panel was stripped.
    pub stripped_for: Option<Timestamp>,
    /// Whether the panel shows nothing but Resume.
    pub stripped: bool,
    /// Closed, and for how long it has been.
    pub closed_at: Option<Timestamp>,
}

impl Clocks {
    /// The clocks of a session that opens now.
    #[must_use]
    pub fn starting(now: Timestamp, idle: Duration) -> Self {
        Self {
            idle_ms: u64::try_from(idle.as_millis()).unwrap_or(u64::MAX),
            opened_at: now,
            started_at: None,
            active_at: now,
            warned_of: None,
            stripped_for: None,
            stripped: false,
            closed_at: None,
        }
    }

    fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    /// A moment of the idle clock, scaled as the idle timeout is in trials.
    fn scaled(&self, of: Duration) -> Duration {
        of.mul_f64(self.idle().as_secs_f64() / IDLE_CLOSE.as_secs_f64())
    }

    /// When the idle clock closes the session.
    #[must_use]
    pub fn idle_end(&self) -> Timestamp {
        self.active_at + self.idle()
    }

    /// When the absolute clock does; `None` before Start.
    #[must_use]
    pub fn absolute_end(&self) -> Option<Timestamp> {
        self.started_at.map(|at| at + ABSOLUTE_CLOSE)
    }

    /// When the session closes if nothing happens.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.absolute_end().map_or(self.idle_end(), |absolute| absolute.min(self.idle_end()))
    }

    /// Whether it is the absolute clock that ends the session: nothing renews that one.
    #[must_use]
    pub fn ends_absolutely(&self) -> bool {
        self.absolute_end().is_some_and(|absolute| absolute <= self.idle_end())
    }

    fn before_end(&self, before: Duration) -> Timestamp {
        match self.absolute_end().filter(|absolute| *absolute <= self.idle_end()) {
            Some(absolute) => absolute - before,
            None => self.idle_end() - self.scaled(before),
        }
    }

    /// When the panel warns.
    #[must_use]
    pub fn warn_at(&self) -> Timestamp {
        self.before_end(WARN_BEFORE)
    }

    /// When the panel is stripped.
    #[must_use]
    pub fn strip_at(&self) -> Timestamp {
        self.before_end(STRIP_BEFORE)
    }

    /// Whether the panel should show the warning now.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.warned_of == Some(self.end())
    }

    /// Whether something may still be opened for the customer.
    #[must_use]
    pub fn may_open(&self, now: Timestamp) -> bool {
        self.absolute_end().is_none_or(|end| now < end - NO_ACCESS_BEFORE)
    }

    /// Activity: the idle clock starts again and the panel is whole.
    pub fn renew(&mut self, now: Timestamp) {
        self.active_at = now;
        self.stripped = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64, second: u64) -> Timestamp {
        Timestamp(0) + minutes(minute) + Duration::from_secs(second)
    }

    #[test]
    fn an_idle_session_warns_strips_and_closes() {
        let clocks = Clocks::starting(Timestamp(0), IDLE_CLOSE);
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(12, 0), at(14, 45), at(15, 0))
        );
    }

    #[test]
    fn the_absolute_end_warns_strips_and_closes_whatever_moves() {
        let mut clocks = Clocks::starting(Timestamp(0), IDLE_CLOSE);
        clocks.started_at = Some(at(0, 0));
        clocks.renew(at(55, 0));
        assert!(clocks.ends_absolutely());
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(57, 0), at(59, 45), at(60, 0))
        );
        assert!(clocks.may_open(at(57, 59)));
        assert!(!clocks.may_open(at(58, 0)));
    }

    #[test]
    fn in_trials_the_warnings_scale_with_the_idle_timeout() {
        let clocks = Clocks::starting(Timestamp(0), Duration::from_mins(1));
        assert_eq!(
            (clocks.warn_at(), clocks.strip_at(), clocks.end()),
            (at(0, 48), at(0, 59), at(1, 0))
        );
    }
}
