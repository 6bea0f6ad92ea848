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
    /// The event was changed or moved, or written without the key.
    #[error("{}: {} was changed, moved or forged", describe(.chain), event(*.seq, .kind, *.at))]
    Changed { chain: String, seq: i64, kind: String, at: i64 },
    /// The event follows a changed event, so it cannot be verified.
    #[error(
        "{}: {} cannot be verified, because the event before it was changed",
        describe(.chain), event(*.seq, .kind, *.at)
    )]
    Unverifiable { chain: String, seq: i64, kind: String, at: i64 },
    /// The event names a key that is not trusted.
    #[error(
        "{}: {} was signed with the unknown key {}",
        describe(.chain), event(*.seq, .kind, *.at), for_terminal(.key)
    )]
    UnknownKey { chain: String, seq: i64, kind: String, at: i64, key: String },
    /// The event names a key that had been replaced before.
    #[error(
        "{}: {} was signed with the key {} after that key was replaced",
        describe(.chain), event(*.seq, .kind, *.at), for_terminal(.key)
    )]
    RetiredKey { chain: String, seq: i64, kind: String, at: i64, key: String },
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
    /// No checkpoint names the last event of a chain, and later ones were made: its time was
    /// changed meanwhile, or a clock was far behind.
    #[error(
        "{}: no checkpoint names {}, and later ones were made",
        describe(.chain), event(*.seq, .kind, *.at)
    )]
    Unnamed { chain: String, seq: i64, kind: String, at: i64 },
    /// The head in the chain's row does not match the last event.
    #[error("{}: its head does not match its last event", describe(.chain))]
    HeadChanged { chain: String },
    /// The row of a session names another agent than its events.
    #[error("{}: its row belongs to another agent than its events", describe(.chain))]
    OwnerChanged { chain: String },
    /// The row of a session is closed and its events are not, or the reverse, or the reasons
    /// differ.
    #[error("{}: its row and its events differ about its close", describe(.chain))]
    CloseChanged { chain: String },
    /// A chain has events but its own row is missing.
    #[error("{}: its row was removed", describe(.chain))]
    RowRemoved { chain: String },
    /// A chain that a checkpoint names has neither events nor a row.
    #[error(
        "{}: all events and its row were removed; checkpoint {checkpoint} names it",
        describe(.chain)
    )]
    ChainRemoved { chain: String, checkpoint: i64 },
    /// A checkpoint was changed, or written without the key. `None` if its number is unreadable.
    #[error("checkpoint {} was changed or forged", .seq.map_or_else(|| "?".to_owned(), |seq| seq.to_string()))]
    CheckpointForged { seq: Option<i64> },
    /// A checkpoint does not follow the one before it: that one was put back, or others removed.
    #[error("checkpoint {seq} does not follow the checkpoint before it")]
    CheckpointForked { seq: i64 },
    /// A checkpoint names a key that had been replaced before.
    #[error("checkpoint {seq} was signed with the key {} after that key was replaced", for_terminal(.key))]
    CheckpointRetired { seq: i64, key: String },
    /// A logged checkpoint is missing, and others are there.
    #[error("checkpoint {seq} differs from the one in the log, or was removed")]
    CheckpointNotLogged { seq: i64 },
    /// The end line of an exported file is missing.
    #[error("the file is cut off: it has no end line")]
    FileCutOff,
    /// An exported file has another number of events than its end line says.
    #[error("the file has {actual} events, and its end line says {expected}")]
    FileEvents { expected: u64, actual: u64 },
    /// A replacement of a key is not among those at the beginning of an exported file.
    #[error(
        "actor operator: event {seq} replaces a key, and the beginning of the file does not say so"
    )]
    FileRotation { seq: i64 },
    /// A chain begins a second time in an exported file.
    #[error("{}: the file has it twice", describe(.chain))]
    FileChainTwice { chain: String },
    /// An event of the log is missing from the database.
    #[error("{}: event {seq} is in the log and not in the database", describe(.chain))]
    LoggedEventMissing { chain: String, seq: i64 },
    /// An event of the log differs from the database's.
    #[error("{}: event {seq} in the log differs from the one in the database", describe(.chain))]
    LoggedEventDiffers { chain: String, seq: i64 },
    /// The replacement of a key lacks the signature of that key.
    #[error("actor operator: event {seq} replaces the key {} without its signature", for_terminal(.key))]
    RotationUnproven { seq: i64, key: String },
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
