//! Retention: how long names and the trail are kept, and their removal.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;

use crate::store::{DailyWork, Database};
use crate::trail::{self, Pruned};

/// Days for which it is kept who or what a session was about.
pub const ABOUT_DAYS: u32 = 365;
/// Days for which sessions and their events are kept: three years.
pub const TRAIL_DAYS: u32 = 1_095;
/// Longest retention in days, a century.
pub const MAX_DAYS: u32 = 36_500;

/// How long data is kept. `None` keeps it for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// After the end of the quarter.
    pub about: Option<Duration>,
    /// After the close of a session, and after an event outside sessions.
    pub trail: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { about: days(ABOUT_DAYS), trail: days(TRAIL_DAYS) }
    }
}

/// Returns a number of days. 0 means for ever.
pub fn days(days: u32) -> Option<Duration> {
    (days > 0).then(|| Duration::from_hours(24) * days)
}

impl Retention {
    /// Returns true if nothing is ever removed.
    pub const fn keeps_all(self) -> bool {
        self.about.is_none() && self.trail.is_none()
    }

    /// Removes what has been kept long enough, and records that.
    pub async fn apply(self, database: &Database, now: Timestamp) -> Result<Pruned, Fault> {
        let mut pruned = Pruned::default();
        let mut keys = 0;
        if let Some(about) = self.about {
            keys = database.destroy_old_keys(now - about).await?;
        }
        if let Some(trail) = self.trail {
            pruned = trail::prune(database, now - trail, now).await?;
        }
        database.finish_daily(DailyWork::Prune, 0, now).await?;
        tracing::info!(
            sessions = pruned.sessions,
            events = pruned.events,
            checkpoints = pruned.checkpoints,
            kept = pruned.kept,
            keys,
            "retention applied"
        );
        Ok(pruned)
    }
}
