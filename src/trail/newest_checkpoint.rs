//! The newest checkpoint that verifies.
//!
//! A row that does not verify is never believed, and one under a replaced key only until there is
//! one under another key. This process remembers the newest checkpoint that it has seen, so it also
//! notices that this one was removed.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use commands::model::time::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::checkpoint_pages::CheckpointPages;
use super::columns::ColumnType::{Number, Text};
use super::columns::{ColumnType, number, text};
use super::event::{Head, Signature};
use super::keys::{PublicKeys, Verdict};
use super::sign::checkpoint_message;
use crate::escape::for_terminal;
use crate::store::engine::Engine;

/// Most refused rows that are remembered. Beyond it a row can be reported twice.
const MAX_REFUSED: usize = 10_000;

/// Most refused rows of one look that are read from the top and reported. `trail verify` names all
/// of them.
const MAX_REFUSED_AT_ONCE: usize = 100;

/// Greatest number of a checkpoint that is believed under a replaced key: a million years of one a
/// minute. A thief of the key could otherwise leave no number for the next checkpoint.
pub(super) const MAX_REPLACED_SEQ: i64 = 1 << 40;

/// The columns of a checkpoint.
pub(super) const CHECKPOINT_COLUMNS: [(&str, ColumnType); 7] = [
    ("seq", Number),
    ("at", Number),
    ("previous", Number),
    ("previous_signature", Text),
    ("heads", Text),
    ("key", Text),
    ("signature", Text),
];

/// A checkpoint as its row holds it. A field is `None` if its cell is null or unreadable.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CheckpointRow {
    pub(super) seq: Option<i64>,
    pub(super) at: Option<i64>,
    pub(super) previous: Option<i64>,
    pub(super) previous_signature: Option<String>,
    pub(super) heads: Option<String>,
    pub(super) key: Option<String>,
    pub(super) signature: Option<String>,
}

impl CheckpointRow {
    /// Reads [`CHECKPOINT_COLUMNS`].
    pub(super) fn read(row: &AnyRow) -> Self {
        Self {
            seq: number(row, 0),
            at: number(row, 1),
            previous: number(row, 2),
            previous_signature: text(row, 3),
            heads: text(row, 4),
            key: text(row, 5),
            signature: text(row, 6),
        }
    }

    /// Returns the checkpoint before this one.
    pub(super) fn before(&self) -> Option<Head> {
        Some(Head::from_columns(self.previous?, self.previous_signature.as_deref()))
    }

    /// Returns the checkpoint if its signature is valid.
    pub(super) fn verified(&self, keys: &PublicKeys) -> Option<StoredCheckpoint> {
        let (seq, at, key) = (self.seq?, self.at?, self.key.as_deref()?);
        let signature = Signature::parse(self.signature.as_deref()?)?;
        let message = checkpoint_message(key, self.before()?, seq, at, self.heads.as_deref()?);
        let verdict = keys.verify(key, message.as_bytes(), signature);
        let checkpoint = StoredCheckpoint { head: Head { seq, signature }, at: Timestamp(at) };
        (verdict == Verdict::Valid).then_some(checkpoint)
    }

    /// Returns the checkpoint if its signature is valid and it can be the newest. No number follows
    /// the greatest one.
    fn believed(&self, keys: &PublicKeys) -> Option<StoredCheckpoint> {
        self.verified(keys).filter(|found| found.head.seq < i64::MAX)
    }
}

/// A checkpoint whose signature is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredCheckpoint {
    pub(crate) head: Head,
    pub(crate) at: Timestamp,
}

/// Something wrong with the rows of the checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// A row does not verify, or a replaced key signed it: its number and signature.
    Forged(i64, String),
    /// The newest checkpoint that this process has seen is missing: its number.
    Removed(i64),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forged(seq, signature) => {
                write!(f, "checkpoint {seq}:{} does not verify", for_terminal(signature))
            }
            Self::Removed(seq) => write!(f, "checkpoint {seq} was removed"),
        }
    }
}

/// The newest checkpoint, and the rows that do not count.
pub(super) struct Seen {
    /// The newest checkpoint that verifies.
    pub(super) last: Option<StoredCheckpoint>,
    pub(super) refused: Vec<Refused>,
}

/// Refused rows, and whether the leads were told of them.
#[derive(Debug, Default)]
struct Reports {
    reported: HashSet<Refused>,
    /// At most [`MAX_REFUSED_AT_ONCE`].
    waiting: Vec<Refused>,
}

/// The newest checkpoint that this process knows, and the rows that it has refused.
#[derive(Debug, Default)]
pub(crate) struct NewestCheckpoint {
    known: Mutex<Option<(Head, Timestamp)>>,
    reports: Mutex<Reports>,
}

impl NewestCheckpoint {
    /// Returns the time of the newest checkpoint that verifies and that this process has seen.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).map(|(_, at)| at)
    }

    pub(super) fn set(&self, head: Head, at: Timestamp) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, at));
    }

    /// Reads the rows from the newest one down to one that is believed, see [`find_newest`].
    pub(super) async fn look(
        &self,
        on: &mut AnyConnection,
        engine: Engine,
        keys: &PublicKeys,
        replaced: &HashSet<String>,
    ) -> Result<Seen, sqlx::Error> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).map(|(head, _)| head);
        let mut seen = find_newest(on, engine, (keys, replaced), known).await?;
        let newest = seen.last.as_ref().map(|last| last.head);
        if let Some(known) = known.filter(|known| newest.is_none_or(|head| head.seq < known.seq)) {
            seen.refused.push(Refused::Removed(known.seq));
        }
        Ok(seen)
    }

    /// Adds what a look has refused. Returns all that was not reported before, also of earlier
    /// looks, because a look finds a row only until a newer checkpoint is written.
    pub(super) fn unreported(&self, refused: Vec<Refused>) -> Vec<Refused> {
        let Reports { reported, waiting } =
            &mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        for refused in refused {
            let is_new = !reported.contains(&refused) && !waiting.contains(&refused);
            if is_new && waiting.len() < MAX_REFUSED_AT_ONCE {
                waiting.push(refused);
            }
        }
        waiting.clone()
    }

    /// Remembers that everything which [`unreported`](Self::unreported) has returned was reported.
    pub(crate) fn note_reported(&self) {
        let Reports { reported, waiting } =
            &mut *self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() + waiting.len() > MAX_REFUSED {
            reported.clear();
        }
        reported.extend(waiting.drain(..));
    }
}

/// Returns the newest checkpoint that is believed, and the rows above it that are not.
///
/// A checkpoint under a replaced key is believed only until there is one under another key.
/// `replaced` holds the ids of these keys. If many rows at the top are refused, the search goes on
/// from `known`, so that a process does not read all of them each minute.
pub(super) async fn find_newest(
    on: &mut AnyConnection,
    engine: Engine,
    (keys, replaced): (&PublicKeys, &HashSet<String>),
    known: Option<Head>,
) -> Result<Seen, sqlx::Error> {
    let unreplaced = keys.without(replaced);
    let top = CheckpointPages::new(engine, i64::MAX, None);
    let (mut last, refused) = find_verified(on, top, &unreplaced, MAX_REFUSED_AT_ONCE).await?;
    if last.is_none()
        && let Some(known) = known
    {
        last = find_after(on, engine, &unreplaced, known).await?;
    }
    if last.is_none() {
        for key in &unreplaced.0 {
            let pages = CheckpointPages::new(engine, i64::MAX, Some(key.id().as_str()));
            let (found, _) = find_verified(on, pages, &unreplaced, usize::MAX).await?;
            last = last.into_iter().chain(found).max_by_key(|found| found.head.seq);
        }
    }
    if last.is_some() {
        return Ok(Seen { last, refused });
    }
    let top = CheckpointPages::new(engine, i64::MAX, None);
    let (last, mut refused) = find_verified(on, top, keys, usize::MAX).await?;
    let Some(found) = last.filter(|found| found.head.seq > MAX_REPLACED_SEQ) else {
        return Ok(Seen { last, refused });
    };
    refused.push(Refused::Forged(found.head.seq, found.head.signature.encode()));
    refused.truncate(MAX_REFUSED_AT_ONCE);
    let pages = CheckpointPages::new(engine, MAX_REPLACED_SEQ, None);
    let (last, _) = find_verified(on, pages, keys, usize::MAX).await?;
    Ok(Seen { last, refused })
}

/// Returns the newest of the checkpoints whose numbers follow that of `known` without a gap. `None`
/// if no row with that number verifies any more.
async fn find_after(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
    known: Head,
) -> Result<Option<StoredCheckpoint>, sqlx::Error> {
    let mut last = None;
    let mut seq = known.seq;
    while let Some(found) = find_numbered(on, engine, keys, seq).await? {
        last = Some(found);
        seq = seq.saturating_add(1);
    }
    Ok(last)
}

/// Returns a checkpoint with this number that verifies.
async fn find_numbered(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
    seq: i64,
) -> Result<Option<StoredCheckpoint>, sqlx::Error> {
    let mut pages = CheckpointPages::new(engine, seq, None);
    loop {
        let page = pages.next(on).await?;
        let is_last = page.last().is_none_or(|row| row.seq != Some(seq));
        let mut its = page.iter().filter(|row| row.seq == Some(seq));
        if let Some(found) = its.find_map(|row| row.believed(keys)) {
            return Ok(Some(found));
        }
        if is_last {
            return Ok(None);
        }
    }
}

/// A checkpoint that verifies, and the rows that were refused before it.
type Found = (Option<StoredCheckpoint>, Vec<Refused>);

/// Reads down to a checkpoint that verifies, at most as many rows as `limit` says.
async fn find_verified(
    on: &mut AnyConnection,
    mut pages: CheckpointPages<'_>,
    keys: &PublicKeys,
    limit: usize,
) -> Result<Found, sqlx::Error> {
    let mut refused = Vec::new();
    let mut left = limit;
    loop {
        let page = if left == 0 { Vec::new() } else { pages.next(on).await? };
        if page.is_empty() {
            return Ok((None, refused));
        }
        left = left.saturating_sub(page.len());
        for row in page {
            if let Some(found) = row.believed(keys) {
                return Ok((Some(found), refused));
            }
            if refused.len() < MAX_REFUSED_AT_ONCE {
                let signature = row.signature.unwrap_or_default();
                refused.push(Refused::Forged(row.seq.unwrap_or(0), signature));
            }
        }
    }
}
