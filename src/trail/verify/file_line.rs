//! A line of an exported trail.

use commands::model::trail::kind;
use serde::Deserialize;
use serde_json::Value;

use super::chain::StoredEvent;
use super::finding::Finding;
use crate::trail::event::{Event, Head, Signature};
use crate::trail::export::parse_time;
use crate::trail::newest_checkpoint::CheckpointRow;
use crate::trail::pruned::PrunedRow;
use crate::trail::rotation::{OPERATOR, Rotation};

/// A line of the file.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Head { export: ExportHead },
    Rotation { rotation: RotationLine },
    Pruned { pruned: PrunedRow },
    Checkpoint { checkpoint: CheckpointRow },
    End { end: ExportEnd },
    Event(Box<EventLine>),
}

impl Line {
    /// Returns the place of the line's kind in a file.
    pub(super) const fn section(&self) -> u8 {
        match self {
            Self::Head { .. } => 0,
            Self::Rotation { .. } => 1,
            Self::Pruned { .. } => 2,
            Self::Checkpoint { .. } => 3,
            Self::Event(_) => 4,
            Self::End { .. } => 5,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ExportHead {
    pub(super) format: u64,
    pub(super) public_keys: Vec<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RotationLine {
    pub(super) seq: i64,
    pub(super) replaces: Rotation,
}

#[derive(Deserialize)]
pub(super) struct ExportEnd {
    pub(super) events: u64,
}

/// An event. A field is `None` if its cell in the database was null or unreadable.
#[derive(Deserialize)]
pub(super) struct EventLine {
    at: Option<String>,
    pub(super) chain: Option<String>,
    pub(super) seq: Option<i64>,
    actor: Option<String>,
    session: Option<String>,
    kind: Option<String>,
    details: Option<Value>,
    about: Option<String>,
    key: Option<String>,
    signature: Option<String>,
    previous: Option<String>,
}

impl EventLine {
    /// Returns the event before this one, which has the number `seq`.
    pub(super) fn before(&self, seq: i64) -> Head {
        Head::from_columns(seq.saturating_sub(1), self.previous.as_deref())
    }

    /// Returns true if the event replaces a key and is not among these.
    pub(super) fn is_unannounced_rotation(&self, announced: &[(i64, Rotation)]) -> bool {
        self.chain.as_deref() == Some(OPERATOR)
            && self.kind.as_deref() == Some(kind::KEY_ROTATED)
            && !announced.iter().any(|(seq, replaces)| {
                Some(*seq) == self.seq && serde_json::to_value(replaces).ok() == self.details
            })
    }

    fn at(&self) -> Option<i64> {
        Some(parse_time(self.at.as_deref()?).ok()?.0)
    }

    /// Returns the finding about an event without a number or a chain.
    pub(super) fn unplaced(self) -> Finding {
        let at = self.at().unwrap_or(i64::MIN);
        Finding::Unplaced { chain: self.chain, kind: self.kind.unwrap_or_default(), at }
    }

    pub(super) fn into_stored(self, chain: String, seq: i64) -> StoredEvent {
        let at = self.at();
        let is_readable = at.is_some()
            && [&self.actor, &self.kind, &self.key].iter().all(|cell| cell.is_some())
            && self.details.is_some();
        let details = self.details.map(|details| details.to_string());
        let event = Event {
            chain,
            seq,
            at: at.unwrap_or(i64::MIN),
            actor: self.actor.unwrap_or_default(),
            session: self.session,
            kind: self.kind.unwrap_or_default(),
            details: details.unwrap_or_default(),
            about: self.about,
            key: self.key.unwrap_or_default(),
        };
        let signature = self.signature.as_deref().and_then(Signature::parse);
        StoredEvent { event, is_readable, signature }
    }
}
