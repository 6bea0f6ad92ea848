//! What can be wrong with the trail, each thing with its name.

use std::fmt;

use commands::session::SessionId;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

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
        kind: String,
        /// When, it says: milliseconds since the epoch.
        at: i64,
    },
    /// An event after one that does not fit, and that lost its mac: it cannot be told whether this
    /// one was changed as well.
    Unsure {
        /// The chain.
        chain: String,
        /// Its number.
        seq: i64,
        /// What it says.
        kind: String,
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
    /// An event's number or chain cannot be read: nobody knows where it stood.
    Stray {
        /// The chain, if that can be read.
        chain: Option<String>,
        /// What it says.
        kind: String,
        /// When, it says: milliseconds since the epoch.
        at: i64,
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
    /// An event that fits stands where a checkpoint names another: the chain was cut off, and the
    /// bot has written on.
    Other {
        /// The chain.
        chain: String,
        /// Its number.
        seq: i64,
        /// What it says.
        kind: String,
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
    /// Checkpoints are missing.
    NoCheckpoint {
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
    },
}

/// What a chain is, in words: a session, or whoever acted outside of any.
fn named(chain: &str) -> String {
    if chain.parse::<SessionId>().is_ok() {
        format!("session {chain}")
    } else {
        format!("the events of {chain}")
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
                write!(
                    f,
                    "{}: event {seq} ({kind}, {}) was changed, or is not ours",
                    named(chain),
                    time(*at)
                )
            }
            Self::Unsure { chain, seq, kind, at } => {
                write!(
                    f,
                    "{}: event {seq} ({kind}, {}) was changed too, or only the one before it",
                    named(chain),
                    time(*at)
                )
            }
            Self::Moved { chain, seq, from } => {
                write!(f, "{}: event {seq} was moved there from {from}", named(chain))
            }
            Self::Stray { chain: Some(chain), kind, at } => {
                write!(
                    f,
                    "{}: an event ({kind}, {}) has no number any more",
                    named(chain),
                    time(*at)
                )
            }
            Self::Stray { chain: None, kind, at } => {
                write!(f, "an event ({kind}, {}) belongs to nobody any more", time(*at))
            }
            Self::Removed { chain, first, last } if first == last => {
                write!(f, "{}: event {first} was removed", named(chain))
            }
            Self::Removed { chain, first, last } => {
                write!(f, "{}: events {first} to {last} were removed", named(chain))
            }
            Self::CutOff { chain, last, expected, checkpoint } => {
                write!(f, "{}: cut off after event {last}; there were {expected}", named(chain))?;
                match checkpoint {
                    Some(checkpoint) => write!(f, " at checkpoint {checkpoint}"),
                    None => Ok(()),
                }
            }
            Self::Other { chain, seq, kind, at, checkpoint } => write!(
                f,
                "{}: event {seq} ({kind}, {}) is not the one that checkpoint {checkpoint} names: the chain was cut off, and went on",
                named(chain),
                time(*at)
            ),
            Self::Head { chain } => write!(f, "{}: its head is not its last event", named(chain)),
            Self::NoSession { chain } => write!(f, "{}: its row was removed", named(chain)),
            Self::Gone { chain, checkpoint } => {
                write!(f, "{}: missing altogether; checkpoint {checkpoint} names it", named(chain))
            }
            Self::Checkpoint { seq } => {
                write!(f, "checkpoint {seq} was changed, or is not the one in the log")
            }
            Self::NoCheckpoint { first, last } if first == last => {
                write!(f, "checkpoint {first} is missing")
            }
            Self::NoCheckpoint { first, last } => {
                write!(f, "checkpoints {first} to {last} are missing")
            }
        }
    }
}
