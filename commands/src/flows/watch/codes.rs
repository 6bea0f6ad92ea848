//! Signals on codes: guessed slowly over several sessions, or typed sooner than a person reads them
//! out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::flows::watch::{DAY, WEEK, Window};
use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::words::Purpose;
use crate::ports::watched::{WatchedSession, WrongCode};

/// Wrong codes of one purpose in a day, by one Discord account or against one subject, from which
/// the leads are told.
///
/// Four guesses a session never lock, and the lockout after 20 in a row comes later. With one slip
/// in 20 codes and 20 codes a day, one agent's codes of one purpose reach six in a day of 1,700
/// (Poisson). The simulated month of ten agents has about three, because windows roll, two purposes
/// count, and the sessions of a customer who calls again lie close together.
pub const WRONG_CODES: usize = 6;

/// Sessions over which these were typed. One session locks its subject out after five.
pub const WRONG_CODE_SESSIONS: usize = 2;

/// Time from the mail to the right code of a customer, below which the customer cannot have read it
/// out.
///
/// Delivery takes 1 to 4 s, six spoken digits about 3 s, typing about 3 s. Who is faster reads the
/// mailbox.
pub const FAST_CODE: Duration = Duration::from_secs(8);

/// Fast codes of one agent in a week from which the leads are told. One can be a customer with the
/// mail open.
pub const FAST_CODES: usize = 2;

/// Subject or account whose guesses are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Guesses<'a> {
    By(u64),
    AtAccount(&'a str),
    AtCustomer(&'a Pseudonym),
}

/// Returns the Discord accounts and subjects with many wrong codes over several sessions. A subject
/// counts by itself only if several accounts guessed at it.
pub fn slow_guessing(codes: &[WrongCode], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, DAY);
    let mut groups: BTreeMap<(Guesses<'_>, &str), Vec<&WrongCode>> = BTreeMap::new();
    for code in codes.iter().filter(|code| window.has(code.at)) {
        let subject = match code.purpose {
            Purpose::CustomerConsent => code.customer.as_ref().map(Guesses::AtCustomer),
            Purpose::AgentMfa => Some(Guesses::AtAccount(&code.agent_id)),
            // The subject of a link code is the Discord account.
            Purpose::AgentLink => None,
        };
        for guesses in [Guesses::By(code.agent)].into_iter().chain(subject) {
            groups.entry((guesses, code.purpose.name())).or_default().push(code);
        }
    }
    let signal = |((guesses, purpose), codes): ((Guesses<'_>, &str), Vec<&WrongCode>)| {
        let sessions: BTreeSet<_> = codes.iter().map(|code| code.session.as_str()).collect();
        let accounts: BTreeSet<_> = codes.iter().map(|code| code.agent).collect();
        let newest = codes.iter().max_by_key(|code| code.at)?;
        let is_own_group = matches!(guesses, Guesses::By(_)) || accounts.len() > 1;
        if codes.len() < WRONG_CODES || sessions.len() < WRONG_CODE_SESSIONS || !is_own_group {
            return None;
        }
        let subject = match guesses {
            Guesses::By(_) | Guesses::AtAccount(_) => AlertSubject::Agent(newest.agent),
            Guesses::AtCustomer(customer) => AlertSubject::Customer(customer.clone()),
        };
        let of_one = codes.iter().all(|code| code.customer == newest.customer);
        let alert = NewAlert::new(AlertKind::SlowGuessing, subject)
            .with_agent(newest.agent)
            .with_session(newest.session.clone())
            .with_customer(newest.customer.clone().filter(|_| of_one))
            .with_fact("purpose", purpose)
            .with_fact("count", codes.len())
            .with_fact("sessions", sessions.len())
            .with_agents(&accounts)
            .with_evidence(newest.at);
        Some(alert)
    };
    groups.into_iter().filter_map(signal).collect()
}

/// Returns the agents who typed customers' codes too soon.
pub fn fast_code(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, WEEK);
    let mut agents: BTreeMap<u64, Vec<(Timestamp, &WatchedSession)>> = BTreeMap::new();
    for session in sessions {
        let Some(verified_at) = window.only(session.verified_at) else { continue };
        let is_fast = session.mailed_at.is_some_and(|mailed_at| {
            mailed_at <= verified_at && verified_at.since(mailed_at) < FAST_CODE
        });
        if is_fast {
            agents.entry(session.agent).or_default().push((verified_at, session));
        }
    }
    let signal = |(agent, fast): (u64, Vec<(Timestamp, &WatchedSession)>)| {
        let (newest_at, newest) = fast.iter().max_by_key(|(at, _)| *at)?;
        if fast.len() < FAST_CODES {
            return None;
        }
        let alert = NewAlert::new(AlertKind::FastCode, AlertSubject::Agent(agent))
            .with_session(newest.id.clone())
            .with_customer(Some(newest.customer.clone()))
            .with_fact("count", fast.len())
            .with_evidence(*newest_at);
        Some(alert)
    };
    agents.into_iter().filter_map(signal).collect()
}
