//! The signals: each rule below, at and above its threshold, and at the edge of its window.

mod access;
mod attempts;
mod cards;
mod codes;
mod honest_month;
mod lookups;
mod mails;
mod stuck;

use std::time::Duration;

use commands::model::alert::{AlertKind, AlertLevel, NewAlert};
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::watched::WatchedSession;

use crate::people::pseudonym_of as pseudonym;
use crate::session_driver::NOW;

const ANA: u64 = 1;
const BEN: u64 = 2;
const EVA: u64 = 3;
const MS: Duration = Duration::from_millis(1);

fn id(n: usize) -> SessionId {
    format!("{n:022}").parse().unwrap()
}

/// Returns an open session in which nothing but the look-up happened.
fn looked_up(n: usize, agent: u64, customer: &str, at: Timestamp) -> WatchedSession {
    WatchedSession {
        id: id(n),
        agent,
        customer: pseudonym(customer),
        opened_at: at,
        started_at: None,
        closed_at: None,
        mailed_at: None,
        wrong: 0,
        wrong_at: None,
        verified_at: None,
        links: 0,
        linked_at: None,
        reported_at: None,
    }
}

/// Returns kind, level, subject and count of each alert.
fn raised(alerts: &[NewAlert]) -> Vec<(AlertKind, AlertLevel, String, i64)> {
    let row = |alert: &NewAlert| {
        (alert.kind, alert.level, alert.subject.to_string(), alert.facts.number("count"))
    };
    alerts.iter().map(row).collect()
}

fn ago(duration: Duration) -> Timestamp {
    NOW - duration
}
