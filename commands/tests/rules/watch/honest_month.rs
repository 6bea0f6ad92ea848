//! A month of ten honest agents: the signals stay quiet.

use std::collections::HashMap;
use std::time::Duration;

use commands::flows::watch::access::{bulk_access, colleague_access, repeated_access};
use commands::flows::watch::attempts::{agent_shopping, repeated_codes};
use commands::flows::watch::codes::{fast_code, slow_guessing};
use commands::flows::watch::lookups::{abandoned, enumeration};
use commands::flows::watch::mails::mail_delivery;
use commands::flows::watch::{DAY, SESSION_LENGTH, WEEK, hold_back};
use commands::model::alert::NewAlert;
use commands::model::time::{Timestamp, minutes};
use commands::model::words::Purpose;
use commands::ports::watched::{CustomerMail, UnknownLookup, WatchedSession, WrongCode};

use super::{id, looked_up};

// The assumptions. Shares are per mille. The thresholds rest on three of them: one or two abandoned
// look-ups in a busy hour, one slip in twenty codes, twenty codes a day. The others are guesses.

const AGENTS: u64 = 10;
/// Customers of the company. The first one is a colleague.
const CUSTOMERS: u64 = 5_000;
/// Working days of a month, five a week, and their hours.
const DAYS: u64 = 22;
const HOURS: u64 = 8;
/// Calls in an hour of an agent, and the share of them that come: 20 customers a day.
const CALLS: u64 = 5;
const CALL_COMES: u64 = 500;
/// Look-ups in an hour of an agent that can be abandoned, and the share of them that are: one in an
/// hour, two in a busy one. One hour in ten is busy.
const LOOKUPS: u64 = 4;
const ABANDONED: u64 = 250;
const ABANDONED_BUSY: u64 = 500;
const BUSY: u64 = 100;
/// Hours with a look-up that finds no customer.
const UNKNOWN: u64 = 300;
/// Codes that are typed wrong, and the same of those that are typed again.
const SLIP: u64 = 50;
/// Codes to customers that bounce, and that are late.
const BOUNCED: u64 = 8;
const LATE: u64 = 20;
/// Customers who are not verified although their code arrived: they hang up, or do not find it.
const NOT_VERIFIED: u64 = 180;
/// Customers who read the code out within 6 to 8 s. The others need 12 to 120 s.
const FAST: u64 = 1;
/// Verified customers to whom the agent opens access, one to three times.
const LINKED: u64 = 900;
/// Verified customers who call again that day, with a long case.
const LONG_CASE: u64 = 33;
/// Customers who were not verified and call again, 30 min to 3 h later, to any agent.
const CALL_AGAIN: u64 = 120;

/// Interval of the watch here. Signals only come later.
const TICK: Duration = minutes(5);
/// Time until a lead has handled a card.
const HANDLED_AFTER: Duration = minutes(60);
/// Most cards of the month.
const CARDS: usize = 12;

/// A generator of numbers (xorshift64*): the same month for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    /// Returns true in this share of all cases.
    fn of(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(1_000 * from + self.below(1_000 * (to - from)))
    }
}

/// Rows of the store at the end of the month.
#[derive(Default)]
struct Month {
    sessions: Vec<WatchedSession>,
    colleagues: Vec<WatchedSession>,
    unknown: Vec<UnknownLookup>,
    wrong: Vec<WrongCode>,
    mails: Vec<CustomerMail>,
    /// Until when each agent talks to a customer, by Discord id.
    busy_until: HashMap<u64, Timestamp>,
}

impl Month {
    /// Adds a session with a customer, once the agent has time. Returns true if the customer was
    /// verified.
    fn add(&mut self, chance: &mut Chance, agent: u64, customer: u64, at: Timestamp) -> bool {
        let n = self.sessions.len();
        let at = self.busy_until.get(&agent).map_or(at, |until| at.max(*until));
        let mut session = looked_up(n, agent, &format!("customer-{customer}"), at);
        session.started_at = Some(at + chance.seconds(20, 180));
        let mut typed = at + chance.seconds(190, 240);
        for purpose in [Purpose::AgentMfa, Purpose::CustomerConsent] {
            while chance.of(SLIP) {
                typed = typed + chance.seconds(5, 20);
                if purpose == Purpose::CustomerConsent {
                    (session.wrong, session.wrong_at) = (session.wrong + 1, Some(typed));
                }
                self.wrong.push(WrongCode {
                    session: id(n),
                    purpose,
                    agent,
                    agent_id: agent.to_string(),
                    customer: Some(session.customer.clone()),
                    at: typed,
                });
            }
        }
        let mailed_at = at + chance.seconds(240, 300);
        session.mailed_at = Some(mailed_at);
        let (bounces, is_late) = (chance.of(BOUNCED), chance.of(LATE));
        self.mails.push(CustomerMail {
            session: id(n),
            customer: session.customer.clone(),
            sent_at: mailed_at,
            bounced_at: bounces.then(|| mailed_at + chance.seconds(2, 20)),
            late_at: is_late.then(|| mailed_at + minutes(1)),
        });
        let is_verified = !bounces && !chance.of(NOT_VERIFIED);
        if is_verified {
            let wait = if chance.of(FAST) { chance.seconds(6, 8) } else { chance.seconds(12, 120) };
            session.verified_at = Some(mailed_at + wait);
            if chance.of(LINKED) {
                session.links = 1 + u32::try_from(chance.below(3)).unwrap();
                session.linked_at = Some(mailed_at + wait + chance.seconds(10, 300));
            }
            if customer == 0 {
                self.colleagues.push(session.clone());
            }
        }
        let closed_at = mailed_at + chance.seconds(300, 900);
        session.closed_at = Some(closed_at);
        self.busy_until.insert(agent, closed_at + chance.seconds(30, 120));
        self.sessions.push(session);
        is_verified
    }

    fn of_hour(&mut self, chance: &mut Chance, agent: u64, hour: Timestamp) {
        // These customers hung up, or were looked up by mistake.
        let abandoned = if chance.of(BUSY) { ABANDONED_BUSY } else { ABANDONED };
        for _ in 0..LOOKUPS {
            if chance.of(abandoned) {
                let at = hour + chance.seconds(0, 3_600);
                let customer = chance.below(CUSTOMERS);
                let n = self.sessions.len();
                let lookup = looked_up(n, agent, &format!("customer-{customer}"), at);
                let closed_at = Some(at + chance.seconds(20, 400));
                self.sessions.push(WatchedSession { closed_at, ..lookup });
            }
        }
        if chance.of(UNKNOWN) {
            self.unknown.push(UnknownLookup { agent, at: hour + chance.seconds(0, 3_600) });
        }
        for _ in 0..CALLS {
            if chance.of(CALL_COMES) {
                let (mut agent, customer) = (agent, chance.below(CUSTOMERS));
                let mut at = hour + chance.seconds(0, 3_600);
                loop {
                    let is_verified = self.add(chance, agent, customer, at);
                    if !chance.of(if is_verified { LONG_CASE } else { CALL_AGAIN }) {
                        break;
                    }
                    at = at + chance.seconds(1_800, 10_800);
                    agent = 1 + chance.below(AGENTS);
                }
            }
        }
    }
}

fn month(seed: u64, begin: Timestamp) -> Month {
    let (mut chance, mut month) = (Chance(seed), Month::default());
    for day in 0..DAYS {
        for hour in 0..HOURS {
            let day = day + 2 * (day / 5);
            let at = begin + DAY * u32::try_from(day).unwrap() + minutes(60 * hour);
            for agent in 1..=AGENTS {
                month.of_hour(&mut chance, agent, at);
            }
        }
    }
    month.sessions.sort_by_key(|session| session.opened_at);
    month.unknown.sort_by_key(|lookup| lookup.at);
    month.wrong.sort_by_key(|code| code.at);
    month.mails.sort_by_key(|mail| mail.sent_at);
    month
}

/// Returns the facts until now, from this long before. They are sorted by time.
fn within<T>(all: &[T], at: impl Fn(&T) -> Timestamp, now: Timestamp, long: Duration) -> &[T] {
    let begin = all.partition_point(|fact| at(fact) <= now - long);
    let end = all.partition_point(|fact| at(fact) <= now);
    &all[begin..end]
}

/// Returns the sessions as they were at a time.
fn sessions_at(all: &[WatchedSession], now: Timestamp, long: Duration) -> Vec<WatchedSession> {
    let all = within(all, |session| session.opened_at, now, long + SESSION_LENGTH);
    let past = |at: Option<Timestamp>| at.filter(|at| *at <= now);
    let as_it_was = |session: &WatchedSession| WatchedSession {
        started_at: past(session.started_at),
        closed_at: past(session.closed_at),
        mailed_at: past(session.mailed_at),
        verified_at: past(session.verified_at),
        linked_at: past(session.linked_at),
        wrong: past(session.wrong_at).map_or(0, |_| session.wrong),
        wrong_at: past(session.wrong_at),
        ..session.clone()
    };
    all.iter().map(as_it_was).collect()
}

fn signals(month: &Month, now: Timestamp, with_week: bool) -> Vec<NewAlert> {
    let hour = sessions_at(&month.sessions, now, minutes(60));
    let day = sessions_at(&month.sessions, now, DAY);
    let wrong = within(&month.wrong, |code| code.at, now, DAY);
    let unknown = within(&month.unknown, |lookup| lookup.at, now, minutes(60));
    let mails = within(&month.mails, |mail| mail.sent_at, now, minutes(60));
    let mail = mail_delivery(mails, now);
    let mut signals = [agent_shopping(&day, now), repeated_codes(&day, now)].concat();
    signals = hold_back(signals, mail.is_some());
    signals.extend(mail);
    signals.extend(abandoned(&hour, now));
    signals.extend(enumeration(unknown, now));
    signals.extend(slow_guessing(wrong, now));
    signals.extend(bulk_access(&hour, now));
    signals.extend(colleague_access(&month.colleagues, now));
    if with_week {
        let week = sessions_at(&month.sessions, now, WEEK);
        signals.extend(fast_code(&week, now));
        signals.extend(repeated_access(&week, now));
    }
    signals
}

/// Returns the cards of a month by kind. A signal of an open card is a repeat, and one that rests
/// on nothing new is none.
fn cards(seed: u64) -> HashMap<&'static str, usize> {
    let begin = crate::session_driver::NOW;
    let month = month(seed, begin);
    let mut known: HashMap<String, (Timestamp, Timestamp)> = HashMap::new();
    let mut cards = HashMap::new();
    let last = month.sessions.last().map_or(begin, |session| session.opened_at) + minutes(60);
    for tick in 0..u32::MAX {
        let now = begin + TICK * tick;
        if now > last {
            break;
        }
        for alert in signals(&month, now, tick % 12 == 0) {
            let evidence = alert.evidence_at.unwrap();
            let before = known.get(&alert.key()).copied();
            if before.is_some_and(|(_, newest)| evidence <= newest) {
                continue;
            }
            let is_open = before.is_some_and(|(opened_at, _)| now < opened_at + HANDLED_AFTER);
            let opened_at = before.filter(|_| is_open).map_or(now, |(opened_at, _)| opened_at);
            if !is_open {
                *cards.entry(alert.kind.name()).or_default() += 1;
            }
            known.insert(alert.key(), (opened_at, evidence));
        }
    }
    cards
}

#[test]
fn an_honest_month_of_ten_agents_raises_at_most_twelve_cards() {
    for seed in [1, 2, 3] {
        let cards = cards(seed);
        assert!(cards.values().sum::<usize>() <= CARDS, "seed {seed}: {cards:?}");
    }
}

#[test]
fn the_honest_month_has_what_the_signals_look_at() {
    let month = month(1, crate::session_driver::NOW);
    let verified = month.sessions.iter().filter(|session| session.verified_at.is_some()).count();
    let looked_up = month.sessions.iter().filter(|session| session.started_at.is_none()).count();
    let expected = usize::try_from(AGENTS * DAYS * 20).unwrap();
    assert!(verified > expected * 7 / 10, "{verified}");
    assert!(looked_up > usize::try_from(AGENTS * DAYS * HOURS).unwrap() * 9 / 10, "{looked_up}");
    assert!(month.wrong.len() > expected / 20 && month.unknown.len() > 400);
    let links = month.sessions.iter().filter(|session| session.linked_at.is_some()).count();
    assert!(links > expected * 6 / 10, "{links}");
}
