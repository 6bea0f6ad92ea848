//! The audit of the checkpoints.

use std::collections::HashMap;
use std::str::FromStr;

use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::AnyConnection;

use super::chain::Report;
use super::checkpoint_chain::CheckpointChain;
use super::finding::Finding;
use super::named_heads::NamedHeads;
use crate::store::engine::Engine;
use crate::trail::checkpoint::{CHECKPOINT_EVERY, OVERLAP};
use crate::trail::columns;
use crate::trail::event::Head;
use crate::trail::export::Span;
use crate::trail::keys::PublicKeys;
use crate::trail::newest_checkpoint::{CHECKPOINT_COLUMNS, CheckpointRow};
use crate::trail::pruned;

/// A checkpoint copied from the log: number and signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCheckpoint {
    pub(crate) seq: i64,
    pub(crate) signature: String,
}

impl FromStr for LoggedCheckpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, signature) =
            text.split_once(':').ok_or("write it as NUMBER:SIGNATURE, as in the log")?;
        let seq =
            seq.parse().map_err(|_| "the part before the colon is the checkpoint's number")?;
        Ok(Self { seq, signature: signature.to_owned() })
    }
}

/// The audit of checkpoints that arrive in the order of their numbers. Only those that verify
/// count, and of those under a replaced key only the ones in the chain.
pub(super) struct CheckpointAudit {
    pub(super) named: NamedHeads,
    chain: CheckpointChain,
    /// The newest checkpoint under each key.
    last_of_key: HashMap<String, i64>,
    last: Head,
    /// Checkpoint from the log that must exist.
    logged: Option<LoggedCheckpoint>,
    is_logged_found: bool,
    /// Part of the trail that is audited; `None` for the whole.
    part: Option<Span>,
    last_at: Option<Timestamp>,
}

impl CheckpointAudit {
    /// Starts after a checkpoint; the default before the first one.
    ///
    /// `logged` is a checkpoint from the log, which must exist.
    pub(super) fn after(last: Head, logged: Option<&LoggedCheckpoint>) -> Self {
        let (named, last_of_key) = (NamedHeads::default(), HashMap::new());
        Self {
            named,
            chain: CheckpointChain::default(),
            last_of_key,
            last,
            logged: logged.cloned(),
            is_logged_found: false,
            part: None,
            last_at: None,
        }
    }

    /// Lets only those checkpoints count that name nothing outside of a part of the trail.
    pub(super) fn of_part(self, part: Option<Span>) -> Self {
        Self { part, ..self }
    }

    /// Returns the times between which each event must be named by a checkpoint that counts; `None`
    /// if no checkpoint counts.
    pub(super) fn named_between(&self) -> Option<(i64, i64)> {
        let (first, last) = self.chain.counted?;
        Some((first.0, (last - OVERLAP - CHECKPOINT_EVERY).0))
    }

    /// Returns true if the part that is audited holds every event that a checkpoint names. It names
    /// what was written since its predecessor.
    fn counts(&self, at: Timestamp) -> bool {
        let Some(Span { from, to }) = self.part else { return true };
        let is_after = |from| self.last_at.is_some_and(|last| from <= last.min(at) - OVERLAP);
        from.is_none_or(is_after) && to.is_none_or(|to| at + OVERLAP <= to)
    }

    /// Returns the newest checkpoint that verifies.
    pub(super) fn last(&self) -> Option<Head> {
        (self.last != Head::default()).then_some(self.last)
    }

    /// Checks the next checkpoint. `current` are the keys that were not replaced.
    pub(super) fn push(
        &mut self,
        row: &CheckpointRow,
        (keys, current): (&PublicKeys, &PublicKeys),
        report: Report<'_>,
    ) -> anyhow::Result<()> {
        let (Some(checkpoint), Some(before)) = (row.verified(keys), row.before()) else {
            return report(Finding::CheckpointForged { seq: row.seq });
        };
        let seq = checkpoint.head.seq;
        if before != self.last {
            report(if before.seq > self.last.seq {
                let first = self.last.seq.saturating_add(1);
                Finding::CheckpointsRemoved { first, last: before.seq }
            } else {
                Finding::CheckpointForked { seq }
            })?;
        }
        let heads = row.heads.as_deref().filter(|_| self.counts(checkpoint.at));
        self.chain.push(checkpoint, before, heads);
        let key = row.key.as_deref().unwrap_or_default();
        if current.find(key).is_some() {
            self.chain.confirm(&mut self.named);
        }
        self.last_at = Some(checkpoint.at);
        self.is_logged_found |= self.logged.as_ref().is_some_and(|logged| {
            logged.seq == seq && logged.signature == checkpoint.head.signature.encode()
        });
        self.last = checkpoint.head;
        self.last_of_key.insert(key.to_owned(), seq);
        Ok(())
    }

    /// Ends the chain after the last checkpoint.
    pub(super) fn end_chain(&mut self) {
        self.chain.finish(&mut self.named);
    }

    /// Reports checkpoints under a replaced key, after the one that names its replacement.
    pub(super) fn check_keys(
        &self,
        retired: &HashMap<String, i64>,
        report: Report<'_>,
    ) -> anyhow::Result<()> {
        for (key, replaced) in retired {
            if let Some(seq) = self.last_of_key.get(key).filter(|seq| *seq > replaced) {
                report(Finding::CheckpointRetired { seq: *seq, key: key.clone() })?;
            }
        }
        Ok(())
    }

    /// Reports that a logged checkpoint is missing. `pruned` is the last one that was removed.
    pub(super) fn finish(&self, pruned: Head, report: Report<'_>) -> anyhow::Result<()> {
        let is_missing =
            |logged: &&LoggedCheckpoint| !self.is_logged_found && logged.seq > pruned.seq;
        let Some(logged) = self.logged.as_ref().filter(is_missing) else { return Ok(()) };
        report(if logged.seq > self.last.seq {
            let first = self.last.seq.saturating_add(1);
            Finding::CheckpointsRemoved { first, last: logged.seq }
        } else {
            Finding::CheckpointNotLogged { seq: logged.seq }
        })
    }
}

/// Audits the checkpoints in the database.
///
/// `current` are the keys that were not replaced: they alone say what was pruned.
pub(super) async fn audit(
    on: &mut AnyConnection,
    engine: Engine,
    (keys, current): (&PublicKeys, &PublicKeys),
    logged: Option<&LoggedCheckpoint>,
    report: Report<'_>,
) -> anyhow::Result<CheckpointAudit> {
    let pruned = pruned::find(on, engine, current, pruned::CHECKPOINTS).await?.unwrap_or_default();
    let mut audit = CheckpointAudit::after(pruned, logged);
    for (checkpoint, heads) in pruned::kept_heads(on, engine, current).await? {
        audit.named.add_all(&heads, checkpoint);
    }
    let order = "from checkpoints order by checkpoints.seq, checkpoints.signature";
    let mut rows = sqlx::query(columns::select(engine, &CHECKPOINT_COLUMNS, order)).fetch(on);
    while let Some(row) = rows.try_next().await? {
        audit.push(&CheckpointRow::read(&row), (keys, current), report)?;
    }
    audit.end_chain();
    audit.finish(pruned, report)?;
    Ok(audit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logged_checkpoint_is_parsed() {
        let checkpoint = LoggedCheckpoint { seq: 12, signature: "abc".to_owned() };
        assert_eq!("12:abc".parse(), Ok(checkpoint));
        assert!("abc".parse::<LoggedCheckpoint>().is_err());
        assert!("a:bc".parse::<LoggedCheckpoint>().is_err());
    }
}
