//! The statistics as a file: one line for each session.

use commands::flows::lead::stats_file::{answer, write};
use commands::model::words::Locale;
use commands::ports::figures::CountedSession;
use commands::screens::csv_file::MAX_BYTES;
use insta::assert_snapshot;

use crate::figures::{closed, verified};
use crate::screen_text::screen_text;

#[test]
fn file_has_the_newest_sessions_that_fit() {
    let sessions = [verified(0, 60), CountedSession { scope: None, ..closed(1, "idle") }];
    let text = |max, locale| {
        let file = write(&sessions, max, locale).unwrap();
        String::from_utf8(file.into_bytes()).unwrap()
    };
    let all = text(MAX_BYTES, Locale::En);
    assert_eq!(
        all,
        "\u{feff}start (UTC),support kind,scope,agent,ticket,outcome,close reason,\
         seconds to verified,links,customer\r\n\
         2026-11-29 12:00:00,technical,act,Ana Ruiz,,verified,finished,60,0,\r\n\
         2026-11-29 11:00:00,technical,,Ana Ruiz,,not_verified,idle,,0,\r\n"
    );
    assert_eq!(text(all.len() - 1, Locale::En).lines().count(), 2);
    assert!(text(MAX_BYTES, Locale::Es).starts_with("\u{feff}inicio (UTC),tipo de soporte,"));
    let answered = |total| {
        let file = write(&sessions, MAX_BYTES, Locale::En).unwrap();
        screen_text(&answer(file, total, Locale::En))
    };
    assert_snapshot!(answered(2), @"
    This file has all 2 sessions. Times are in UTC.
    (file sessions.csv: 2 sessions, as CSV)
    ");
    assert!(answered(41_233).starts_with("These are the newest 2 of 41,233 sessions."));
}
