//! The clocks of a session: when it warns, strips its panel and closes, and when somebody has to
//! look at it next.

use std::time::Duration;

use crate::session::{
    ABSOLUTE_CLOSE, Clocks, IDLE_CLOSE, NO_ACCESS_BEFORE, STRIP_BEFORE, Session, TOKEN_LIFE,
    WARN_BEFORE,
};
use crate::time::{Timestamp, minutes};

/// How long after a failed revocation, notice or alert it is asked for again: the life of a link.
pub(crate) const ASK_AGAIN: Duration = minutes(1);

/// How long after it was asked an effect that the panel waits for is looked at by whoever is there,
/// should it have no outcome yet. Twice the longest that one takes: two calls of functions at 15 s
/// each. Usually whoever has the same interaction, or the next click, has long finished it by then.
pub const ORPHANED_AFTER: Duration = minutes(1);

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

impl Session {
    /// When somebody has to look at the session next: a clock acts, or what nobody waits for is
    /// asked for again. `None` when it is over.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.closed().is_some() {
            return self.pending.iter().map(|pending| pending.requested_at + ASK_AGAIN).min();
        }
        let clocks = &self.clocks;
        let end = clocks.end();
        let mut next = end;
        if clocks.warned_of != Some(end) {
            next = next.min(clocks.warn_at());
        }
        if clocks.stripped_for != Some(end) {
            next = next.min(clocks.strip_at());
        }
        for opened in &self.access_links {
            next = next.min(opened.expires_at);
        }
        for pending in &self.pending {
            let patience = if pending.effect.blocks_panel() { ORPHANED_AFTER } else { ASK_AGAIN };
            next = next.min(pending.requested_at + patience);
        }
        Some(next)
    }

    /// Whether an effect that the panel waits for has been without an outcome for so long that its
    /// process must have died over it.
    #[must_use]
    pub fn is_orphaned(&self, now: Timestamp) -> bool {
        let awaited = self.pending.iter().filter(|pending| pending.effect.blocks_panel());
        self.closed().is_none()
            && awaited.map(|pending| pending.requested_at + ORPHANED_AFTER).any(|at| at <= now)
    }

    /// The token that edits the panel, while Discord accepts it.
    #[must_use]
    pub fn panel_token(&self, now: Timestamp) -> Option<secrecy::SecretString> {
        self.secrets
            .panel
            .as_ref()
            .filter(|(_, at)| now < *at + TOKEN_LIFE)
            .map(|(token, _)| token.clone())
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
