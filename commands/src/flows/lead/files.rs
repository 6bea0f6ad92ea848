//! Files that leads take out of Discord.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

use crate::model::limit::LimitUse;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::Limit;

/// Files that a lead takes in [`FILES_WINDOW`], of the trail and of the statistics together.
pub const FILES: u32 = 5;
pub const FILES_WINDOW: Duration = minutes(60);

/// Returns the limit that a file counts against.
pub fn limit_use(lead: u64) -> LimitUse {
    LimitUse {
        limit: Limit::DeskFiles,
        subject: format!("discord:{lead}"),
        allowed: FILES,
        window: FILES_WINDOW,
        replaces: None,
    }
}

/// Formats a time so that spreadsheets read it, in UTC. Empty for one beyond the calendar.
pub fn utc(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let time = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_for_spreadsheets() {
        assert_eq!(utc(Timestamp(1_764_583_451_999)), "2025-12-01 10:04:11");
        assert_eq!(utc(Timestamp(i64::MAX)), "");
    }
}
