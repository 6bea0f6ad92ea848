use commands::flows::watch::access::{
    BULK_WINDOW, COLLEAGUE_WINDOW, bulk_access, colleague_access, repeated_access,
};
use commands::flows::watch::{DAY, WEEK};
use commands::model::alert::{AlertKind, AlertLevel, NewAlert};
use commands::model::time::{Timestamp, minutes};
use commands::ports::watched::WatchedSession;

use super::{ANA, BEN, MS, ago, id, looked_up, raised};
use crate::people::pseudonym_of as pseudonym;
use crate::session_driver::NOW;

/// Returns a session of Ana with one access link.
fn opened(n: usize, customer: &str, at: Timestamp) -> WatchedSession {
    WatchedSession { links: 1, linked_at: Some(at), ..looked_up(n, ANA, customer, at - minutes(5)) }
}

#[test]
fn three_sessions_a_day_or_five_a_week_with_one_customer_are_told() {
    let today = |n| opened(n, "julia", ago(minutes(60 * n as u64)));
    let earlier = |n: usize| opened(n, "julia", ago(DAY + minutes(60 * n as u64)));
    let tell = |sessions: &[WatchedSession]| repeated_access(sessions, NOW);
    assert!(tell(&[today(1), today(2)]).is_empty());
    let alerts = tell(&[today(1), today(2), today(3)]);
    let subject = format!("discord:{ANA}+customer:{}", pseudonym("julia"));
    assert_eq!(raised(&alerts), [(AlertKind::RepeatedAccess, AlertLevel::Notice, subject, 3)]);
    assert_eq!((alerts[0].agent, &alerts[0].session), (Some(ANA), &Some(id(1))));
    assert_eq!(alerts[0].evidence_at, Some(ago(minutes(60))));

    assert!(tell(&[today(1), today(2), earlier(3), earlier(4)]).is_empty());
    let week = [today(1), today(2), earlier(3), earlier(4), earlier(5)];
    let alerts = tell(&week);
    assert_eq!((alerts[0].facts.number("count"), alerts[0].facts.number("today")), (5, 2));
    // Another agent, or another customer, is a pair of its own.
    let mut pairs = week.clone();
    pairs[4].agent = BEN;
    assert!(tell(&pairs).is_empty());
    pairs[4] = opened(5, "tom", ago(minutes(1)));
    assert!(tell(&pairs).is_empty());
    let of_ben = |n| WatchedSession { agent: BEN, ..today(n) };
    let both = [today(1), today(2), today(3), of_ben(4), of_ben(5), of_ben(6)];
    let keys: Vec<_> = tell(&both).iter().map(NewAlert::key).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "each agent has a card: {keys:?}");
    // The edges of both windows.
    let day = |at| tell(&[today(1), today(2), opened(3, "julia", at)]).len();
    assert_eq!((day(ago(DAY) + MS), day(ago(DAY))), (1, 0));
    let mut sessions = week.to_vec();
    sessions[4].linked_at = Some(ago(WEEK) + MS);
    assert_eq!(tell(&sessions).len(), 1);
    sessions[4].linked_at = Some(ago(WEEK));
    assert!(tell(&sessions).is_empty());
}

#[test]
fn six_customers_in_an_hour_are_told() {
    let sessions = |count: usize| -> Vec<_> {
        (0..count).map(|n| opened(n, &format!("customer-{n}"), ago(minutes(n as u64)))).collect()
    };
    let tell = |sessions: &[WatchedSession]| bulk_access(sessions, NOW);
    assert!(tell(&sessions(5)).is_empty());
    for count in [6, 7] {
        let alerts = tell(&sessions(count));
        assert_eq!(
            raised(&alerts),
            [(AlertKind::BulkAccess, AlertLevel::Warning, "discord:1".to_owned(), 0)]
        );
        assert_eq!(alerts[0].facts.number("customers"), i64::try_from(count).unwrap());
        assert_eq!((alerts[0].evidence_at, &alerts[0].customer), (Some(NOW), &None));
    }
    // Six sessions of five customers.
    let mut five = sessions(6);
    five[5].customer = five[0].customer.clone();
    assert!(tell(&five).is_empty());
    let edge = |at| {
        let mut sessions = sessions(6);
        sessions[5].linked_at = Some(at);
        tell(&sessions).len()
    };
    assert_eq!((edge(ago(BULK_WINDOW) + MS), edge(ago(BULK_WINDOW))), (1, 0));
}

#[test]
fn six_links_in_one_session_are_told() {
    let links = |links, at| {
        let session = WatchedSession { links, ..opened(1, "julia", at) };
        bulk_access(&[session], NOW)
    };
    assert!(links(5, ago(minutes(1))).is_empty());
    let alerts = links(6, ago(minutes(1)));
    assert_eq!(alerts[0].facts.number("links"), 6);
    assert!(!alerts[0].facts.is("wide"));
    assert_eq!(alerts[0].customer, Some(pseudonym("julia")));
    assert_eq!(links(10, ago(minutes(1))).len(), 1);
    assert!(links(6, ago(BULK_WINDOW)).is_empty());
}

#[test]
fn a_verified_colleague_is_told_once() {
    let verified = |at| WatchedSession { verified_at: at, ..looked_up(1, ANA, "ben", ago(DAY)) };
    assert!(colleague_access(&[verified(None)], NOW).is_empty());
    let alerts = colleague_access(&[verified(Some(ago(minutes(1))))], NOW);
    let subject = format!("customer:{}", pseudonym("ben"));
    assert_eq!(raised(&alerts), [(AlertKind::ColleagueAccess, AlertLevel::Notice, subject, 0)]);
    assert_eq!((alerts[0].agent, alerts[0].evidence_at), (Some(ANA), Some(ago(minutes(1)))));
    let edge = |at| colleague_access(&[verified(Some(at))], NOW).len();
    assert_eq!((edge(ago(COLLEAGUE_WINDOW) + MS), edge(ago(COLLEAGUE_WINDOW))), (1, 0));
}

#[test]
fn alerts_with_one_key_are_raised_in_the_order_of_their_events() {
    let of = |agent, minute| WatchedSession {
        agent,
        verified_at: Some(ago(minutes(minute))),
        ..looked_up(1, agent, "ben", ago(DAY))
    };
    let alerts = colleague_access(&[of(ANA, 1), of(BEN, 3)], NOW);
    assert_eq!(alerts.iter().map(|alert| alert.agent).collect::<Vec<_>>(), [Some(BEN), Some(ANA)]);
}
