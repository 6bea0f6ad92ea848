//! Signals on look-ups: of customers who were not helped, and of unknown addresses.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::flows::watch::Window;
use crate::model::alert::{AlertKind, AlertSubject, NewAlert};
use crate::model::pseudonym::Pseudonym;
use crate::model::time::{Timestamp, minutes};
use crate::ports::watched::{UnknownLookup, WatchedSession};

/// Window of an agent's look-ups.
pub const LOOKUPS_WINDOW: Duration = minutes(60);

/// Customers whom one agent looked up and did not help, from which the leads are told.
///
/// An honest busy hour has one or two. With a mean of two, eight come in 0.11 % of the hours
/// (Poisson): one card in 11 days for ten agents. With a mean of one: one in years.
pub const ABANDONED_CUSTOMERS: u32 = 8;

/// Share of these among the customers whom the agent looked up, in percent. Ours.
pub const ABANDONED_PERCENT: u64 = 60;

/// Time from a look-up to Start. A customer who waits longer counts as abandoned.
pub const START_WITHIN: Duration = minutes(10);

/// Look-ups of one agent that found no customer, from which the leads are told. Misheard addresses
/// come in ones and twos; ten is a list.
pub const UNKNOWN_ADDRESSES: usize = 10;

/// A customer whom one agent looked up in the window.
#[derive(Default)]
struct Customer {
    was_started: bool,
    /// Newest time at which a look-up became an abandoned one.
    abandoned_at: Option<Timestamp>,
}

/// Returns the agents who look customers up and do not help them.
pub fn abandoned(sessions: &[WatchedSession], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, LOOKUPS_WINDOW);
    let mut agents: BTreeMap<u64, BTreeMap<&Pseudonym, Customer>> = BTreeMap::new();
    for session in sessions.iter().filter(|session| window.has(session.opened_at)) {
        let customers = agents.entry(session.agent).or_default();
        let customer = customers.entry(&session.customer).or_default();
        match abandoned_at(session, now) {
            Some(at) => customer.abandoned_at = customer.abandoned_at.max(Some(at)),
            None => customer.was_started |= session.started_at.is_some(),
        }
    }
    let signal = |(agent, customers): (u64, BTreeMap<&Pseudonym, Customer>)| {
        let abandoned = customers.values().filter(|customer| !customer.was_started);
        let times: Vec<_> = abandoned.filter_map(|customer| customer.abandoned_at).collect();
        let (count, total) = (times.len() as u64, customers.len() as u64);
        let is_many =
            count >= ABANDONED_CUSTOMERS.into() && count * 100 >= ABANDONED_PERCENT * total;
        let newest = times.into_iter().max().filter(|_| is_many)?;
        let alert = NewAlert::new(AlertKind::LookupsAbandoned, AlertSubject::Agent(agent))
            .with_fact("count", count)
            .with_fact("total", total)
            .with_evidence(newest);
        Some(alert)
    };
    agents.into_iter().filter_map(signal).collect()
}

/// Returns the time at which a look-up became an abandoned one: it was closed before Start, or not
/// started within [`START_WITHIN`].
fn abandoned_at(session: &WatchedSession, now: Timestamp) -> Option<Timestamp> {
    let late = session.opened_at + START_WITHIN;
    if session.started_at.is_some_and(|at| at <= late) {
        return None;
    }
    let closed = session.closed_at.filter(|_| session.started_at.is_none());
    Some(closed.map_or(late, |at| at.min(late))).filter(|at| *at <= now)
}

/// Returns the agents whose look-ups find no customer again and again.
pub fn enumeration(lookups: &[UnknownLookup], now: Timestamp) -> Vec<NewAlert> {
    let window = Window::new(now, LOOKUPS_WINDOW);
    let mut agents: BTreeMap<u64, Vec<Timestamp>> = BTreeMap::new();
    for lookup in lookups.iter().filter(|lookup| window.has(lookup.at)) {
        agents.entry(lookup.agent).or_default().push(lookup.at);
    }
    let signal = |(agent, times): (u64, Vec<Timestamp>)| {
        let count = times.len();
        let newest = times.into_iter().max().filter(|_| count >= UNKNOWN_ADDRESSES)?;
        let alert = NewAlert::new(AlertKind::Enumeration, AlertSubject::Agent(agent))
            .with_fact("count", count)
            .with_evidence(newest);
        Some(alert)
    };
    agents.into_iter().filter_map(signal).collect()
}
