use std::time::Duration;

use commands::flows::watch::codes::{FAST_CODE, fast_code, slow_guessing};
use commands::flows::watch::{DAY, WEEK};
use commands::model::alert::{AlertKind, AlertLevel, AlertSubject, NewAlert};
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Purpose;
use commands::ports::watched::{WatchedSession, WrongCode};

use super::{ANA, BEN, MS, ago, id, looked_up, raised};
use crate::people::pseudonym_of as pseudonym;
use crate::session_driver::NOW;

/// Returns a wrong code of a customer's, which Ana's or Ben's session had.
fn wrong(session: usize, agent: u64, customer: &str, at: Timestamp) -> WrongCode {
    WrongCode {
        session: id(session),
        purpose: Purpose::CustomerConsent,
        agent,
        agent_id: format!("account-{agent}"),
        customer: Some(pseudonym(customer)),
        at,
    }
}

/// Returns wrong codes of one purpose in Ana's sessions, this many in each.
fn in_sessions(counts: &[usize], purpose: Purpose) -> Vec<WrongCode> {
    let session = |(n, count): (usize, &usize)| {
        let code = WrongCode { purpose, ..wrong(n, ANA, "julia", ago(minutes(60))) };
        vec![code; *count]
    };
    counts.iter().enumerate().flat_map(session).collect()
}

fn tell(codes: &[WrongCode]) -> Vec<NewAlert> {
    slow_guessing(codes, NOW)
}

#[test]
fn six_wrong_codes_over_two_sessions_are_told() {
    for purpose in [Purpose::CustomerConsent, Purpose::AgentMfa, Purpose::AgentLink] {
        assert!(tell(&in_sessions(&[3, 2], purpose)).is_empty());
        for (counts, count) in [(&[4, 2][..], 6), (&[4, 3], 7), (&[1, 1, 1, 1, 1, 1], 6)] {
            let alerts = tell(&in_sessions(counts, purpose));
            let expected =
                (AlertKind::SlowGuessing, AlertLevel::Urgent, "discord:1".to_owned(), count);
            assert_eq!(raised(&alerts), [expected], "{purpose:?}");
            assert_eq!(alerts[0].facts.word("purpose"), purpose.name());
        }
        // One session locks its subject out by itself.
        assert!(tell(&in_sessions(&[6], purpose)).is_empty());
    }
    // Two purposes do not add up.
    let both = [in_sessions(&[2, 1], Purpose::AgentMfa), in_sessions(&[2, 1], Purpose::AgentLink)];
    assert!(tell(&both.concat()).is_empty());
}

#[test]
fn guesses_of_several_accounts_at_one_customer_add_up() {
    let at = ago(minutes(5));
    let codes = |customer: &str| {
        let ana = vec![wrong(1, ANA, customer, at); 3];
        [ana, vec![wrong(2, BEN, customer, at + MS); 3]].concat()
    };
    let alerts = tell(&codes("julia"));
    let subject = AlertSubject::Customer(pseudonym("julia"));
    assert_eq!(alerts.iter().map(|alert| &alert.subject).collect::<Vec<_>>(), [&subject]);
    assert_eq!((alerts[0].agent, &alerts[0].session), (Some(BEN), &Some(id(2))));
    assert_eq!(alerts[0].facts.agents().collect::<Vec<_>>(), [ANA, BEN]);
    let mut mixed = codes("julia");
    mixed[0].customer = Some(pseudonym("tom"));
    assert!(tell(&mixed).is_empty());
    // One account that guesses at several customers is told without a customer.
    let mut spread = vec![wrong(1, ANA, "julia", at); 3];
    spread.extend(vec![wrong(2, ANA, "tom", at); 3]);
    let alerts = tell(&spread);
    assert_eq!((alerts.len(), alerts[0].agent, &alerts[0].customer), (1, Some(ANA), &None));
}

#[test]
fn guesses_at_an_account_that_was_linked_anew_add_up() {
    let code = |session, agent| WrongCode {
        purpose: Purpose::AgentMfa,
        agent_id: "account".to_owned(),
        ..wrong(session, agent, "julia", ago(minutes(5)))
    };
    let codes = [vec![code(1, ANA); 4], vec![code(2, BEN); 2]].concat();
    assert_eq!(tell(&codes).len(), 1);
}

#[test]
fn wrong_codes_count_for_a_day() {
    let at = |at| {
        let mut codes = in_sessions(&[4, 2], Purpose::CustomerConsent);
        codes[0].at = at;
        tell(&codes).len()
    };
    assert_eq!((at(ago(DAY) + MS), at(ago(DAY))), (1, 0));
}

/// Returns a session of Ana whose customer's code was right this long after its mail.
fn typed_after(n: usize, wait: Duration, verified_at: Timestamp) -> WatchedSession {
    WatchedSession {
        mailed_at: Some(verified_at - wait),
        verified_at: Some(verified_at),
        ..looked_up(n, ANA, &format!("customer-{n}"), verified_at - minutes(3))
    }
}

#[test]
fn two_fast_codes_in_a_week_are_told() {
    let fast = |n| typed_after(n, FAST_CODE - MS, ago(minutes(10)));
    let tell = |sessions: &[WatchedSession]| fast_code(sessions, NOW);
    assert!(tell(&[fast(1)]).is_empty());
    let alerts = tell(&[fast(1), fast(2)]);
    let expected = (AlertKind::FastCode, AlertLevel::Warning, "discord:1".to_owned(), 2);
    assert_eq!(raised(&alerts), [expected]);
    assert_eq!(alerts[0].evidence_at, Some(ago(minutes(10))));
    assert_eq!(tell(&[fast(1), fast(2), fast(3)])[0].facts.number("count"), 3);
    // Eight seconds are not fast.
    assert!(tell(&[fast(1), typed_after(2, FAST_CODE, ago(minutes(10)))]).is_empty());
    // Two agents with one each.
    assert!(tell(&[fast(1), WatchedSession { agent: BEN, ..fast(2) }]).is_empty());
    // A mail after the right code is no fast code.
    let later = WatchedSession { mailed_at: Some(ago(minutes(9))), ..fast(2) };
    assert!(tell(&[fast(1), later]).is_empty());
    let edge = |at| tell(&[fast(1), typed_after(2, FAST_CODE - MS, at)]).len();
    assert_eq!((edge(ago(WEEK) + MS), edge(ago(WEEK))), (1, 0));
}
