//! Findings of an audit of the trail.

use std::fmt;

use commands::model::words::SessionId;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A trace of tampering.
///
/// Fields: `chain` is a session id or an actor, `seq` the event's number in it, `kind` and `at` the
/// event's columns (`at` in milliseconds since the epoch).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The event was changed, or written without the key.
    Changed { chain: String, seq: i64, kind: String, at: i64 },
    /// The event follows a changed event that lost its MAC, so it cannot be verified.
    Unverifiable { chain: String, seq: i64, kind: String, at: i64 },
    /// The event has another number than the one under which it was signed.
    Moved { chain: String, seq: i64, from: i64 },
    /// The event's number, or its chain (`None`), is unreadable.
    Unplaced { chain: Option<String>, kind: String, at: i64 },
    /// Events are missing from the middle of a chain.
    Removed { chain: String, first: i64, last: i64 },
    /// Events are missing from the end of a chain.
    CutOff {
        chain: String,
        /// The last event that exists; 0 if none does.
        last: i64,
        /// The last event that is known to have existed.
        expected: i64,
        /// The checkpoint that names it; `None` if the chain's own head does.
        checkpoint: Option<i64>,
    },
    /// A valid event stands where a checkpoint names another: the chain was cut off, and the bot
    /// wrote new events.
    Replaced { chain: String, seq: i64, kind: String, at: i64, checkpoint: i64 },
    /// The head in the chain's row does not match the last event.
    HeadChanged { chain: String },
    /// A chain has events but its own row is missing.
    RowRemoved { chain: String },
    /// A chain that a checkpoint names has neither events nor a row.
    ChainRemoved { chain: String, checkpoint: i64 },
    /// A checkpoint was changed, or differs from the log.
    CheckpointChanged { seq: i64 },
    /// Checkpoints are missing.
    CheckpointsRemoved { first: i64, last: i64 },
}

/// Names a chain: a session, or the actor of events outside sessions.
fn describe(chain: &str) -> String {
    if chain.parse::<SessionId>().is_ok() {
        format!("session {chain}")
    } else {
        format!("actor {chain}")
    }
}

fn time(at: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| "no time".to_owned())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { chain, seq, kind, at } => {
                let (chain, at) = (describe(chain), time(*at));
                write!(f, "{chain}: event {seq} ({kind}, {at}) was changed or forged")
            }
            Self::Unverifiable { chain, seq, kind, at } => {
                let (chain, at) = (describe(chain), time(*at));
                write!(
                    f,
                    "{chain}: event {seq} ({kind}, {at}) cannot be verified, because the event \
                     before it was changed"
                )
            }
            Self::Moved { chain, seq, from } => {
                write!(f, "{}: event {seq} was moved there from {from}", describe(chain))
            }
            Self::Unplaced { chain: Some(chain), kind, at } => {
                let (chain, at) = (describe(chain), time(*at));
                write!(f, "{chain}: the number of an event ({kind}, {at}) cannot be read")
            }
            Self::Unplaced { chain: None, kind, at } => {
                write!(f, "the chain of an event ({kind}, {}) cannot be read", time(*at))
            }
            Self::Removed { chain, first, last } if first == last => {
                write!(f, "{}: event {first} was removed", describe(chain))
            }
            Self::Removed { chain, first, last } => {
                write!(f, "{}: events {first} to {last} were removed", describe(chain))
            }
            Self::CutOff { chain, last, expected, checkpoint } => {
                write!(f, "{}: ", describe(chain))?;
                match last {
                    0 => f.write_str("all events were removed")?,
                    last => write!(f, "the events after {last} were removed")?,
                }
                match checkpoint {
                    Some(checkpoint) => {
                        write!(f, "; checkpoint {checkpoint} names event {expected}")
                    }
                    None => write!(f, "; the last was event {expected}"),
                }
            }
            Self::Replaced { chain, seq, kind, at, checkpoint } => {
                let (chain, at) = (describe(chain), time(*at));
                write!(
                    f,
                    "{chain}: event {seq} ({kind}, {at}) is not the one that checkpoint \
                     {checkpoint} names: the chain was cut off and continued"
                )
            }
            Self::HeadChanged { chain } => {
                write!(f, "{}: its head does not match its last event", describe(chain))
            }
            Self::RowRemoved { chain } => write!(f, "{}: its row was removed", describe(chain)),
            Self::ChainRemoved { chain, checkpoint } => {
                let chain = describe(chain);
                write!(
                    f,
                    "{chain}: all events and its row were removed; checkpoint {checkpoint} names it"
                )
            }
            Self::CheckpointChanged { seq } => {
                write!(f, "checkpoint {seq} was changed, or differs from the one in the log")
            }
            Self::CheckpointsRemoved { first, last } if first == last => {
                write!(f, "checkpoint {first} is missing")
            }
            Self::CheckpointsRemoved { first, last } => {
                write!(f, "checkpoints {first} to {last} are missing")
            }
        }
    }
}
