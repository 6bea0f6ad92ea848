use commands::flows::watch::attempts::{agent_shopping, repeated_codes};
use commands::flows::watch::{DAY, hold_back};
use commands::model::alert::{AlertKind, AlertLevel, NewAlert};
use commands::model::time::minutes;
use commands::ports::watched::WatchedSession;
use serde_json::json;

use super::{ANA, BEN, EVA, MS, ago, id, looked_up, raised};
use crate::people::pseudonym_of as pseudonym;
use crate::session_driver::NOW;

const CUSTOMER: &str = "julia";

/// Returns look-ups of one customer by these agents, an hour apart, the last one an hour ago.
fn by(agents: &[u64]) -> Vec<WatchedSession> {
    let at = |n: usize| ago(minutes(60 * (agents.len() - n) as u64));
    agents.iter().enumerate().map(|(n, agent)| looked_up(n, *agent, CUSTOMER, at(n))).collect()
}

fn shopping(sessions: &[WatchedSession]) -> Vec<NewAlert> {
    agent_shopping(sessions, NOW)
}

#[test]
fn three_agents_on_one_customer_are_told() {
    assert!(shopping(&by(&[ANA, BEN])).is_empty());
    // One agent who looks twice is one.
    assert!(shopping(&by(&[ANA, BEN, ANA])).is_empty());
    for (agents, count) in [(&[ANA, BEN, EVA][..], 3), (&[ANA, BEN, EVA, 4], 4)] {
        let alerts = shopping(&by(agents));
        let subject = format!("customer:{}", pseudonym(CUSTOMER));
        let expected = (AlertKind::AgentShopping, AlertLevel::Warning, subject, count);
        assert_eq!(raised(&alerts), [expected]);
        assert_eq!(alerts[0].evidence_at, Some(ago(minutes(60))));
        assert_eq!(alerts[0].session, Some(id(agents.len() - 1)));
        // None of the agents is the one whom it is about.
        assert_eq!(alerts[0].agent, None);
    }
    assert_eq!(shopping(&by(&[ANA, BEN, EVA]))[0].facts.0["agents"], json!(["1", "2", "3"]));
    // Three customers of three agents are normal.
    let mut others = by(&[ANA, BEN, EVA]);
    others[1].customer = pseudonym("tom");
    assert!(shopping(&others).is_empty());
}

#[test]
fn a_verification_ends_what_came_before() {
    let mut sessions = by(&[ANA, BEN, EVA]);
    sessions[2].verified_at = Some(sessions[2].opened_at + minutes(5));
    assert!(shopping(&sessions).is_empty());
    // Two more agents after it are too few, a third is not.
    for (agent, count) in [(ANA, 0), (BEN, 0), (4, 1)] {
        sessions.push(looked_up(10, agent, CUSTOMER, ago(minutes(10))));
        assert_eq!(shopping(&sessions).len(), count);
    }
}

#[test]
fn look_ups_of_a_customer_count_for_a_day() {
    let at = |opened_at| {
        let mut sessions = by(&[ANA, BEN, EVA]);
        sessions[0].opened_at = opened_at;
        shopping(&sessions).len()
    };
    assert_eq!((at(ago(DAY) + MS), at(ago(DAY))), (1, 0));
}

#[test]
fn three_wrong_codes_or_a_report_make_it_urgent() {
    let mut sessions = by(&[ANA, BEN, EVA]);
    (sessions[0].wrong, sessions[0].wrong_at) = (1, Some(ago(minutes(100))));
    (sessions[1].wrong, sessions[1].wrong_at) = (1, Some(ago(minutes(20))));
    let alert = shopping(&sessions).remove(0);
    assert_eq!((alert.level, alert.evidence_at), (AlertLevel::Warning, Some(ago(minutes(60)))));
    // The third wrong code is newer than what the warning rests on, so it is raised again.
    sessions[1].wrong = 2;
    let alert = shopping(&sessions).remove(0);
    assert_eq!((alert.level, alert.evidence_at), (AlertLevel::Urgent, Some(ago(minutes(20)))));
    assert_eq!(alert.facts.number("wrong"), 3);

    let mut sessions = by(&[ANA, BEN, EVA]);
    sessions[0].reported_at = Some(ago(minutes(1)));
    let alert = shopping(&sessions).remove(0);
    assert_eq!((alert.level, alert.evidence_at), (AlertLevel::Urgent, Some(ago(minutes(1)))));
    assert!(alert.facts.is("reported"));
}

/// Returns sessions of Ana in which the customer got a code, the last one an hour ago.
fn mailed(sessions: usize) -> Vec<WatchedSession> {
    let mut sessions = by(&vec![ANA; sessions]);
    for session in &mut sessions {
        session.mailed_at = Some(session.opened_at + minutes(1));
        session.closed_at = Some(session.opened_at + minutes(2));
    }
    sessions
}

#[test]
fn three_sessions_with_codes_and_no_verification_are_told() {
    let tell = |sessions: &[WatchedSession]| repeated_codes(sessions, NOW);
    assert!(tell(&mailed(2)).is_empty());
    let mut unmailed = mailed(3);
    unmailed[1].mailed_at = None;
    assert!(tell(&unmailed).is_empty());
    // The customer can still read out the third code.
    let mut open = mailed(3);
    open[2].closed_at = None;
    assert!(tell(&open).is_empty());
    for count in [3, 4] {
        let alerts = tell(&mailed(count));
        let subject = format!("customer:{}", pseudonym(CUSTOMER));
        let expected =
            (AlertKind::RepeatedCodes, AlertLevel::Warning, subject, i64::try_from(count).unwrap());
        assert_eq!(raised(&alerts), [expected]);
        assert_eq!(alerts[0].evidence_at, Some(ago(minutes(58))));
        assert_eq!(alerts[0].agent, Some(ANA), "one agent mailed all of them");
    }
    let mut two_agents = mailed(3);
    two_agents[0].agent = BEN;
    let alert = tell(&two_agents).remove(0);
    assert_eq!((alert.agent, alert.facts.agents().collect::<Vec<_>>()), (None, vec![ANA, BEN]));
    // A verification ends it, at once or later.
    let mut verified = mailed(4);
    verified[3].verified_at = Some(ago(minutes(58)));
    assert!(tell(&verified).is_empty());
    let mut verified = mailed(4);
    verified[0].verified_at = verified[0].mailed_at;
    assert_eq!(tell(&verified)[0].facts.number("count"), 3);
    // A code counts for a day from its mail.
    let at = |mailed_at| {
        let mut sessions = mailed(3);
        sessions[0].opened_at = ago(DAY) - minutes(30);
        sessions[0].mailed_at = Some(mailed_at);
        tell(&sessions).len()
    };
    assert_eq!((at(ago(DAY) + MS), at(ago(DAY))), (1, 0));
}

#[test]
fn failing_mails_hold_both_back() {
    let mut sessions = mailed(3);
    (sessions[0].agent, sessions[1].agent) = (BEN, EVA);
    let signals = || [shopping(&sessions), repeated_codes(&sessions, NOW)].concat();
    assert_eq!(hold_back(signals(), false).len(), 2);
    assert!(hold_back(signals(), true).is_empty());
}
