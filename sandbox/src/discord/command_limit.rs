//! Discord's limit for writing a guild's commands.
//!
//! Its number is not documented. Bots that wrote their commands at each start were refused after a
//! few starts, with a wait of minutes.

use std::time::Duration;

use super::fault_plan::Scope;
use super::rate_limits::Exceeded;

/// Writes that are allowed before the wait.
const WRITES_MAX: u32 = 5;

/// Wait after too many writes, as reported for a bot that wrote its commands at each start.
const WAIT: Duration = Duration::from_secs(431);

/// Writes of the guild's commands.
#[derive(Debug, Default)]
pub(crate) struct CommandLimit {
    count: u32,
    /// When the count starts again, in milliseconds since the epoch.
    resets_at: i64,
}

impl CommandLimit {
    /// Counts a write. Returns the wait after one too many.
    pub(super) fn refuse(&mut self, now: i64) -> Option<Exceeded> {
        if now >= self.resets_at {
            self.count = 0;
            self.resets_at =
                now.saturating_add(i64::try_from(WAIT.as_millis()).unwrap_or(i64::MAX));
        }
        if self.count < WRITES_MAX {
            self.count += 1;
            return None;
        }
        Some(Exceeded { scope: Scope::Shared, wait: self.resets_at - now })
    }
}
