//! Limits of the gateway. They use real time, because the bot's library does so too.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Frames that a connection may send in [`FRAMES_WINDOW`] (Discord documentation, "Rate Limiting").
pub(super) const FRAMES_MAX: usize = 120;
const FRAMES_WINDOW: Duration = Duration::from_mins(1);

/// Time in which a bot may begin one session (Discord documentation, "Rate Limiting", for a
/// `max_concurrency` of 1).
const IDENTIFY_INTERVAL: Duration = Duration::from_secs(5);

/// Frames that a connection has sent within a minute.
#[derive(Debug, Default)]
pub(super) struct FrameLimit(VecDeque<Instant>);

impl FrameLimit {
    /// Counts a frame. Returns false if it is one too many.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= FRAMES_WINDOW) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len() <= FRAMES_MAX
    }
}

/// Session starts of a bot, over all its connections.
#[derive(Debug, Default)]
pub(crate) struct IdentifyLimit {
    /// Off at first, because tests start many bots within seconds.
    pub(crate) is_on: bool,
    last: Option<Instant>,
}

impl IdentifyLimit {
    /// Counts the start of a session. Returns false if it comes too early.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        let early = self.last.is_some_and(|last| now.duration_since(last) < IDENTIFY_INTERVAL);
        if !(self.is_on && early) {
            self.last = Some(now);
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn frame_121_of_a_minute_is_refused() {
        let (mut limit, start) = (FrameLimit::default(), Instant::now());
        assert!((0..FRAMES_MAX).all(|_| limit.admits(start)));
        assert!(!limit.admits(start + FRAMES_WINDOW.saturating_sub(MOMENT)));
        assert!(limit.admits(start + FRAMES_WINDOW));
    }

    #[test]
    fn identify_within_five_seconds_is_refused() {
        let (mut limit, start) = (IdentifyLimit::default(), Instant::now());
        assert!(limit.admits(start) && limit.admits(start), "off");
        limit.is_on = true;
        assert!(!limit.admits(start + IDENTIFY_INTERVAL.saturating_sub(MOMENT)));
        assert!(limit.admits(start + IDENTIFY_INTERVAL));
    }
}
