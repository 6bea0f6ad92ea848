//! Signals on attempts at one customer: by several agents, or with codes that lead to nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::flows::watch::{DAY, Window};
use crate::model::alert::{AlertKind, AlertLevel, AlertSubject, NewAlert};
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::ports::watched::WatchedSession;

/// Agents who looked one customer up in a day, from which the leads are told.
///
/// Attackers call until an agent gives in (CISA AA23-320A; Clorox v. Cognizant). A mail that came
/// back explains a second agent, rarely a third.
pub const SHOPPED_AGENTS: usize = 3;

/// Wrong codes of the customer in these sessions from which the alert is urgent. Ours.
pub const SHOPPED_WRONG_CODES: u32 = 3;

/// Sessions of a day in which one customer got a code and was not verified, from which the leads
/// are told. After three mails without a verification, the customer is bothered or away.
pub const MAILED_SESSIONS: usize = 3;

/// Sessions of one customer below which neither signal is possible.
pub const FEWEST_SESSIONS: u32 = 3;

/// Returns the customers whom several agents looked up in a day without verifying them.
pub fn agent_shopping(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, DAY);
    let signal = |(customer, sessions): (&Pseudonym, Vec<&WatchedSession>)| {
        let sessions: Vec<_> =
            sessions.into_iter().filter(|session| window.has(session.opened_at)).collect();
        let agents: BTreeSet<u64> = sessions.iter().map(|session| session.agent).collect();
        let newest = sessions.iter().max_by_key(|session| session.opened_at)?;
        if agents.len() < SHOPPED_AGENTS {
            return None;
        }
        let wrong = sessions.iter().fold(0_u32, |sum, session| sum.saturating_add(session.wrong));
        let reported = sessions.iter().filter_map(|session| window.only(session.reported_at)).max();
        let is_urgent = reported.is_some() || wrong >= SHOPPED_WRONG_CODES;
        let typed = sessions.iter().filter_map(|session| window.only(session.wrong_at)).max();
        // The last of these made it what it is.
        let evidence = [Some(newest.opened_at), reported, typed.filter(|_| is_urgent)];
        let subject = AlertSubject::Customer(customer.clone());
        let alert = NewAlert::new(AlertKind::AgentShopping, subject)
            .with_level(if is_urgent { AlertLevel::Urgent } else { AlertLevel::Warning })
            .with_session(newest.id.clone())
            .with_fact("count", agents.len())
            .with_agents(&agents)
            .with_fact("wrong", wrong)
            .with_fact("reported", reported.is_some())
            .with_evidence(evidence.into_iter().flatten().max()?);
        Some(alert)
    };
    unverified(sessions, window).into_iter().filter_map(signal).collect()
}

/// Returns the customers who got codes in several sessions of a day that closed without a
/// verification.
pub fn repeated_codes(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, DAY);
    let signal = |(customer, sessions): (&Pseudonym, Vec<&WatchedSession>)| {
        let led_to_nothing = |session: &&WatchedSession| {
            window.only(session.mailed_at)?;
            window.only(session.closed_at).filter(|_| session.verified_at.is_none())
        };
        let mailed =
            sessions.iter().filter_map(|session| Some((led_to_nothing(session)?, session)));
        let mailed: Vec<_> = mailed.collect();
        let (closed_at, newest) = mailed.iter().max_by_key(|(at, _)| *at)?;
        if mailed.len() < MAILED_SESSIONS {
            return None;
        }
        let agents: BTreeSet<u64> = mailed.iter().map(|(_, session)| session.agent).collect();
        let subject = AlertSubject::Customer(customer.clone());
        let alert = NewAlert::new(AlertKind::RepeatedCodes, subject)
            .with_session(newest.id.clone())
            .with_fact("count", mailed.len())
            .with_agents(&agents)
            .with_evidence(*closed_at);
        Some(if agents.len() == 1 { alert.with_agent(newest.agent) } else { alert })
    };
    unverified(sessions, window).into_iter().filter_map(signal).collect()
}

/// Returns the sessions of each customer that were opened after the newest verification in the
/// window. A verification ends what came before.
fn unverified(
    sessions: &[WatchedSession],
    window: Window,
) -> BTreeMap<&Pseudonym, Vec<&WatchedSession>> {
    let mut customers: BTreeMap<&Pseudonym, Vec<&WatchedSession>> = BTreeMap::new();
    for session in sessions {
        customers.entry(&session.customer).or_default().push(session);
    }
    for sessions in customers.values_mut() {
        let verified = sessions.iter().filter_map(|session| window.only(session.verified_at)).max();
        if let Some(verified) = verified {
            sessions
                .retain(|session| session.opened_at > verified && session.verified_at.is_none());
        }
    }
    customers
}
