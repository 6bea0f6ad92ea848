//! One chain, looked over: what fits, and what is wrong with what does not.

use std::fmt;

use commands::session::SessionId;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::store::chain::{Event, Head, Mac};
use crate::store::seal::StoreKey;

/// Above so many events nobody looks where one that does not fit may have stood: it takes all pairs.
const SEARCHED: usize = 500;
/// By so many places an event may have been moved up into a gap.
const SLIPPED: i64 = 16;

/// Something that is wrong with the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An event is not as it was written, or was written by somebody else.
    Changed {
        /// The chain.
        chain: String,
        /// Its number.
        seq: i64,
        /// What it says.
        what: String,
        /// When, it says: milliseconds since the epoch.
        at: i64,
    },
    /// An event stands in another's place.
    Moved {
        /// The chain.
        chain: String,
        /// Where it stands.
        seq: i64,
        /// Where it stood.
        from: i64,
    },
    /// Events are gone from the middle of a chain.
    Removed {
        /// The chain.
        chain: String,
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
    },
    /// Events are gone from the end of a chain.
    CutOff {
        /// The chain.
        chain: String,
        /// The last that is there; 0: none.
        last: i64,
        /// How many there were at least.
        expected: i64,
        /// The checkpoint that says so; `None`: the chain's own head does.
        checkpoint: Option<i64>,
    },
    /// An event that fits stands where a checkpoint names another: the chain was cut off, and the bot has written on.
    Other {
        /// The chain.
        chain: String,
        /// Its number.
        seq: i64,
        /// What it says.
        what: String,
        /// When, it says: milliseconds since the epoch.
        at: i64,
        /// The checkpoint.
        checkpoint: i64,
    },
    /// The head of a chain is not its last event.
    Head {
        /// The chain.
        chain: String,
    },
    /// A session has events, and no row.
    NoSession {
        /// The session.
        chain: String,
    },
    /// A session that a checkpoint names is gone, events and row.
    Gone {
        /// The session, or who acted.
        chain: String,
        /// The checkpoint.
        checkpoint: i64,
    },
    /// A checkpoint is not as it was written.
    Checkpoint {
        /// Its number.
        seq: i64,
    },
    /// A checkpoint is missing.
    NoCheckpoint {
        /// Its number.
        seq: i64,
    },
}

/// What a chain is, in words: a session, or whoever acted outside of any.
fn named(chain: &str) -> String {
    if chain.parse::<SessionId>().is_ok() { format!("session {chain}") } else { format!("the acts of {chain}") }
}

fn time(at: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| "no time".to_owned())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { chain, seq, what, at } => {
                write!(f, "{}: event {seq} ({what}, {}) was changed, or is not ours", named(chain), time(*at))
            }
            Self::Moved { chain, seq, from } => write!(f, "{}: event {seq} was moved there from {from}", named(chain)),
            Self::Removed { chain, first, last } if first == last => write!(f, "{}: event {first} was removed", named(chain)),
            Self::Removed { chain, first, last } => write!(f, "{}: events {first} to {last} were removed", named(chain)),
            Self::CutOff { chain, last, expected, checkpoint } => {
                write!(f, "{}: cut off after event {last}; there were {expected}", named(chain))?;
                match checkpoint {
                    Some(checkpoint) => write!(f, " at checkpoint {checkpoint}"),
                    None => Ok(()),
                }
            }
            Self::Other { chain, seq, what, at, checkpoint } => write!(
                f,
                "{}: event {seq} ({what}, {}) is not the one that checkpoint {checkpoint} names: the chain was cut off, and went on",
                named(chain),
                time(*at)
            ),
            Self::Head { chain } => write!(f, "{}: its head is not its last event", named(chain)),
            Self::NoSession { chain } => write!(f, "{}: its row was removed", named(chain)),
            Self::Gone { chain, checkpoint } => {
                write!(f, "{}: missing altogether; checkpoint {checkpoint} names it", named(chain))
            }
            Self::Checkpoint { seq } => write!(f, "checkpoint {seq} was changed, or is not the one in the log"),
            Self::NoCheckpoint { seq } => write!(f, "checkpoint {seq} is missing"),
        }
    }
}

/// An event and the mac in its row; `None` when that is no mac.
pub(crate) type Stored = (Event, Option<Mac>);

/// What is said of a chain elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// By its row.
    pub(crate) head: Option<Head>,
    /// By the checkpoints that name it, and which those are.
    pub(crate) named: Vec<(Head, i64)>,
}

/// Looks over a chain, whose events come in the order of their numbers. There is one at least.
pub(crate) fn check(key: &StoreKey, chain: &str, events: &[Stored], known: Known) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut before, mut next) = (Mac::START, 1);
    for (event, mac) in events {
        if event.seq > next {
            // What comes after a gap cannot be told from what is ours; its own mac links the rest.
            findings.push(Finding::Removed { chain: chain.to_owned(), first: next, last: event.seq - 1 });
        } else if *mac != Some(event.mac(key, before)) {
            match stood(key, events, event, *mac) {
                // In its place; the one before it is not.
                Some(from) if from == event.seq => {}
                Some(from) => findings.push(Finding::Moved { chain: chain.to_owned(), seq: event.seq, from }),
                None => findings.push(Finding::Changed {
                    chain: chain.to_owned(),
                    seq: event.seq,
                    what: event.what.clone(),
                    at: event.at,
                }),
            }
        }
        before = mac.unwrap_or(Mac::START);
        next = event.seq + 1;
    }
    let last = Head { seq: next - 1, mac: before };
    findings.extend(end(chain, events, last, known));
    findings
}

/// What is wrong with the end of a chain.
fn end(chain: &str, events: &[Stored], last: Head, known: Known) -> Vec<Finding> {
    let mut findings = Vec::new();
    let chain = || chain.to_owned();
    let cut_off = |expected, checkpoint| Finding::CutOff { chain: chain(), last: last.seq, expected, checkpoint };
    match known.head {
        Some(head) if head.seq > last.seq => findings.push(cut_off(head.seq, None)),
        Some(head) if head != last => findings.push(Finding::Head { chain: chain() }),
        Some(_) => {}
        None => findings.push(Finding::NoSession { chain: chain() }),
    }
    for (head, checkpoint) in known.named {
        match events.iter().find(|(event, _)| event.seq == head.seq) {
            None if head.seq > last.seq && findings.iter().all(|finding| !matches!(finding, Finding::CutOff { .. })) => {
                findings.push(cut_off(head.seq, Some(checkpoint)));
            }
            Some((Event { seq, what, at, .. }, mac)) if *mac != Some(head.mac) => {
                findings.push(Finding::Other { chain: chain(), seq: *seq, what: what.clone(), at: *at, checkpoint });
            }
            _ => {}
        }
    }
    findings
}

/// Where an event that does not fit may have stood: after which other it fits, with which number.
fn stood(key: &StoreKey, events: &[Stored], event: &Event, mac: Option<Mac>) -> Option<i64> {
    let mac = mac.filter(|_| events.len() <= SEARCHED)?;
    let last = events.last()?.0.seq;
    let befores = || events.iter().filter_map(|(_, mac)| *mac).chain([Mac::START]);
    (1..=last + SLIPPED).find(|seq| befores().any(|before| Event { seq: *seq, ..event.clone() }.mac(key, before) == mac))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
