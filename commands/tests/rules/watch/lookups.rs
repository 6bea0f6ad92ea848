use commands::flows::watch::lookups::{START_WITHIN, abandoned, enumeration};
use commands::model::alert::{AlertKind, AlertLevel};
use commands::model::time::{Timestamp, minutes};
use commands::ports::watched::{UnknownLookup, WatchedSession};

use super::{ANA, BEN, MS, ago, looked_up, raised};
use crate::session_driver::NOW;

/// Returns look-ups of this many customers that Ana closed, half an hour ago.
fn closed(customers: usize) -> Vec<WatchedSession> {
    let session = |n| WatchedSession {
        closed_at: Some(ago(minutes(29))),
        ..looked_up(n, ANA, &format!("closed-{n}"), ago(minutes(30)))
    };
    (0..customers).map(session).collect()
}

/// Returns look-ups of this many customers whom Ana helped.
fn helped(customers: usize) -> impl Iterator<Item = WatchedSession> {
    (0..customers).map(|n| WatchedSession {
        started_at: Some(ago(minutes(29))),
        ..looked_up(100 + n, ANA, &format!("helped-{n}"), ago(minutes(30)))
    })
}

#[test]
fn eight_abandoned_customers_of_an_agent_are_told() {
    assert!(abandoned(&closed(7), NOW).is_empty());
    for count in [8, 9] {
        let alerts = abandoned(&closed(count), NOW);
        let expected = (
            AlertKind::LookupsAbandoned,
            AlertLevel::Warning,
            "discord:1".to_owned(),
            i64::try_from(count).unwrap(),
        );
        assert_eq!(raised(&alerts), [expected]);
        assert_eq!(alerts[0].evidence_at, Some(ago(minutes(29))));
        assert_eq!(alerts[0].agent, Some(ANA));
    }
}

#[test]
fn a_busy_agent_who_helps_most_customers_is_not_told() {
    // 9 of 15 are 60 %, 9 of 16 are less.
    let with = |count| closed(9).into_iter().chain(helped(count)).collect::<Vec<_>>();
    assert_eq!(abandoned(&with(6), NOW).len(), 1);
    assert!(abandoned(&with(7), NOW).is_empty());
}

#[test]
fn customers_count_once_for_each_agent() {
    let mut sessions = closed(7);
    // The same customer again and again.
    for n in 20..30 {
        sessions.push(WatchedSession { id: super::id(n), ..sessions[0].clone() });
    }
    // Another agent's.
    let other = WatchedSession { agent: BEN, ..closed(8).remove(7) };
    sessions.push(other);
    assert!(abandoned(&sessions, NOW).is_empty());
    // One more, who was looked up before and is helped now.
    let mut eighth = closed(8).remove(7);
    sessions.push(eighth.clone());
    assert_eq!(abandoned(&sessions, NOW).len(), 1);
    eighth.started_at = Some(eighth.opened_at + minutes(1));
    sessions.push(eighth);
    assert!(abandoned(&sessions, NOW).is_empty());
}

#[test]
fn a_customer_counts_after_ten_minutes_without_start() {
    let mut sessions = closed(7);
    let opened_at = NOW - START_WITHIN;
    sessions.push(looked_up(7, ANA, "waits", opened_at));
    assert_eq!(abandoned(&sessions, NOW)[0].evidence_at, Some(NOW));
    assert!(abandoned(&sessions, NOW - MS).is_empty());
    // Started at the last moment, and one millisecond too late.
    sessions[7].started_at = Some(opened_at + START_WITHIN);
    assert!(abandoned(&sessions, NOW + minutes(1)).is_empty());
    sessions[7].started_at = Some(opened_at + START_WITHIN + MS);
    assert_eq!(abandoned(&sessions, NOW + minutes(1)).len(), 1);
}

#[test]
fn look_ups_count_for_an_hour() {
    let at = |opened_at| {
        let mut sessions = closed(8);
        sessions[0].opened_at = opened_at;
        abandoned(&sessions, NOW).len()
    };
    assert_eq!(at(ago(minutes(60)) + MS), 1);
    assert_eq!(at(ago(minutes(60))), 0);
}

fn unknown(count: usize, agent: u64, at: Timestamp) -> Vec<UnknownLookup> {
    vec![UnknownLookup { agent, at }; count]
}

#[test]
fn ten_addresses_without_a_customer_are_told() {
    let at = ago(minutes(5));
    let tell = |lookups: &[UnknownLookup]| raised(&enumeration(lookups, NOW));
    assert!(tell(&unknown(9, ANA, at)).is_empty());
    for count in [10, 11] {
        let expected = (
            AlertKind::Enumeration,
            AlertLevel::Warning,
            "discord:1".to_owned(),
            i64::try_from(count).unwrap(),
        );
        assert_eq!(tell(&unknown(count, ANA, at)), [expected]);
    }
    // Two agents do not add up.
    assert!(tell(&[unknown(9, ANA, at), unknown(9, BEN, at)].concat()).is_empty());
    let edge = |at| tell(&[unknown(9, ANA, NOW), unknown(1, ANA, at)].concat()).len();
    assert_eq!((edge(ago(minutes(60)) + MS), edge(ago(minutes(60)))), (1, 0));
    // A clock that is ahead tells it once that time has come.
    assert_eq!((edge(NOW), edge(NOW + MS)), (1, 0));
}
