//! Findings of an audit of the trail.

use commands::model::words::SessionId;

use crate::escape::for_terminal;
use crate::trail::event::format_time;

/// A trace of tampering.
///
/// Fields: `chain` is a session id or an actor, `seq` the event's number in it, `kind` and `at` the
/// event's columns (`at` in milliseconds since the epoch). `Display` escapes the texts of the
/// database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The event was changed, or written without the key.
    #[error("{}: {} was changed or forged", describe(.chain), event(*.seq, .kind, *.at))]
    Changed { chain: String, seq: i64, kind: String, at: i64 },
    /// The event follows a changed event that lost its MAC, so it cannot be verified.
    #[error(
        "{}: {} cannot be verified, because the event before it was changed",
        describe(.chain), event(*.seq, .kind, *.at)
    )]
    Unverifiable { chain: String, seq: i64, kind: String, at: i64 },
    /// The event has another number than the one under which it was signed.
    #[error("{}: event {seq} was moved there from {from}", describe(.chain))]
    Moved { chain: String, seq: i64, from: i64 },
    /// The event's number, or its chain (`None`), is unreadable.
    #[error(
        "{} of an event ({}, {}) cannot be read",
        .chain.as_deref().map_or_else(
            || "the chain".to_owned(),
            |chain| format!("{}: the number", describe(chain))
        ),
        for_terminal(.kind),
        time(*.at)
    )]
    Unplaced { chain: Option<String>, kind: String, at: i64 },
    /// Events are missing from the middle of a chain.
    #[error("{}: {}", describe(.chain), removed(*.first, *.last))]
    Removed { chain: String, first: i64, last: i64 },
    /// Events are missing from the end of a chain.
    #[error("{}: {}", describe(.chain), cut_off(*.last, *.expected, *.checkpoint))]
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
    #[error(
        "{}: {} is not the one that checkpoint {checkpoint} names: the chain was cut off and \
         continued",
        describe(.chain), event(*.seq, .kind, *.at)
    )]
    Replaced { chain: String, seq: i64, kind: String, at: i64, checkpoint: i64 },
    /// The head in the chain's row does not match the last event.
    #[error("{}: its head does not match its last event", describe(.chain))]
    HeadChanged { chain: String },
    /// A chain has events but its own row is missing.
    #[error("{}: its row was removed", describe(.chain))]
    RowRemoved { chain: String },
    /// A chain that a checkpoint names has neither events nor a row.
    #[error(
        "{}: all events and its row were removed; checkpoint {checkpoint} names it",
        describe(.chain)
    )]
    ChainRemoved { chain: String, checkpoint: i64 },
    /// A checkpoint was changed, or differs from the log.
    #[error("checkpoint {seq} was changed, or differs from the one in the log")]
    CheckpointChanged { seq: i64 },
    /// Checkpoints are missing.
    #[error("{}", missing_checkpoints(*.first, *.last))]
    CheckpointsRemoved { first: i64, last: i64 },
}

/// Names a chain: a session, or the actor of events outside sessions.
fn describe(chain: &str) -> String {
    if chain.parse::<SessionId>().is_ok() {
        format!("session {chain}")
    } else {
        format!("actor {}", for_terminal(chain))
    }
}

fn event(seq: i64, kind: &str, at: i64) -> String {
    format!("event {seq} ({}, {})", for_terminal(kind), time(at))
}

fn time(at: i64) -> String {
    format_time(at).unwrap_or_else(|| "no time".to_owned())
}

fn removed(first: i64, last: i64) -> String {
    if first == last {
        format!("event {first} was removed")
    } else {
        format!("events {first} to {last} were removed")
    }
}

fn missing_checkpoints(first: i64, last: i64) -> String {
    if first == last {
        format!("checkpoint {first} is missing")
    } else {
        format!("checkpoints {first} to {last} are missing")
    }
}

fn cut_off(last: i64, expected: i64, checkpoint: Option<i64>) -> String {
    let removed = match last {
        0 => "all events were removed".to_owned(),
        last => format!("the events after {last} were removed"),
    };
    match checkpoint {
        Some(checkpoint) => format!("{removed}; checkpoint {checkpoint} names event {expected}"),
        None => format!("{removed}; the last was event {expected}"),
    }
}
