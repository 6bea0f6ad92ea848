//! Signals on access: to one customer again and again, to many customers, and to colleagues.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::flows::watch::{DAY, WEEK, Window};
use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::pseudonym::Pseudonym;
use crate::model::time::{Timestamp, minutes};
use crate::ports::watched::WatchedSession;

/// Sessions of a day in which one agent opened access to one customer, from which the leads are
/// told: a long case, or a private interest.
pub const ACCESS_A_DAY: usize = 3;

/// The same, of a week.
pub const ACCESS_A_WEEK: usize = 5;

/// Window of an agent's access links.
pub const BULK_WINDOW: Duration = minutes(60);

/// Customers to whom one agent opened access in an hour, from which the leads are told. Two codes
/// and a talk take minutes: six customers are the honest maximum.
pub const BULK_CUSTOMERS: usize = 6;

/// Access links of one session from which the leads are told. A session lasts an hour from Start.
pub const BULK_LINKS: u32 = 6;

/// Time in which the watch looks for customers who are colleagues. It covers a pause of the watch.
pub const COLLEAGUE_WINDOW: Duration = minutes(60);

/// Returns the agents who open access to one customer again and again.
pub fn repeated_access(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let (day, week) = (Window::new(now, DAY), Window::new(now, WEEK));
    let mut pairs: BTreeMap<(&Pseudonym, u64), Vec<(Timestamp, &WatchedSession)>> = BTreeMap::new();
    for session in sessions {
        if let Some(at) = week.only(session.linked_at) {
            pairs.entry((&session.customer, session.agent)).or_default().push((at, session));
        }
    }
    let signal = |((customer, agent), opened): ((&Pseudonym, u64), Vec<_>)| {
        let (newest_at, newest): &(Timestamp, &WatchedSession) =
            opened.iter().max_by_key(|(at, _)| *at)?;
        let today = opened.iter().filter(|(at, _)| day.has(*at)).count();
        if today < ACCESS_A_DAY && opened.len() < ACCESS_A_WEEK {
            return None;
        }
        let subject = AlertSubject::Pair(agent, customer.clone());
        let alert = NewAlert::new(AlertKind::RepeatedAccess, subject)
            .with_session(newest.id.clone())
            .with_fact("today", today)
            .with_fact("count", opened.len())
            .with_evidence(*newest_at);
        Some(alert)
    };
    pairs.into_iter().filter_map(signal).collect()
}

/// Returns the agents who open access to many customers, or many times in one session.
pub fn bulk_access(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, BULK_WINDOW);
    let mut agents: BTreeMap<u64, Vec<(Timestamp, &WatchedSession)>> = BTreeMap::new();
    for session in sessions {
        if let Some(at) = window.only(session.linked_at) {
            agents.entry(session.agent).or_default().push((at, session));
        }
    }
    let signal = |(agent, opened): (u64, Vec<(Timestamp, &WatchedSession)>)| {
        let customers: BTreeSet<_> = opened.iter().map(|(_, session)| &session.customer).collect();
        let mut large = opened.iter().filter(|(_, session)| session.links >= BULK_LINKS);
        let is_wide = customers.len() >= BULK_CUSTOMERS;
        let (at, session) =
            if is_wide { opened.iter().max_by_key(|(at, _)| *at) } else { large.next_back() }?;
        let alert = NewAlert::new(AlertKind::BulkAccess, AlertSubject::Agent(agent))
            .with_session(session.id.clone())
            .with_customer(Some(session.customer.clone()).filter(|_| !is_wide))
            .with_fact("customers", customers.len())
            .with_fact("links", session.links)
            .with_fact("wide", is_wide)
            .with_evidence(*at);
        Some(alert)
    };
    agents.into_iter().filter_map(signal).collect()
}

/// Returns the verified customers who are linked agents. `sessions` are those with a colleague.
pub fn colleague_access(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, COLLEAGUE_WINDOW);
    let alert = |session: &WatchedSession| {
        let at = window.only(session.verified_at)?;
        let subject = AlertSubject::Customer(session.customer.clone());
        let alert = NewAlert::new(AlertKind::ColleagueAccess, subject)
            .with_agent(session.agent)
            .with_session(session.id.clone())
            .with_evidence(at);
        Some(alert)
    };
    in_order(sessions.iter().filter_map(alert).collect())
}

/// Sorts alerts by their events, because several can have one key and an older one would not count
/// after a newer one.
fn in_order(mut alerts: Vec<NewAlert>) -> Vec<NewAlert> {
    alerts.sort_by_key(|alert| alert.evidence_at);
    alerts
}
