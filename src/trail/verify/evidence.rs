//! What the retention knows before it removes anything: the keys that count, and the heads that
//! checkpoints name.
//!
//! A person with a replaced key can sign events and checkpoints that look old. So a checkpoint
//! under a replaced key counts only if it precedes one that counts.

use std::collections::VecDeque;

use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::AnyConnection;

use super::chain::Trust;
use super::named_heads::NamedHeads;
use super::rotations;
use crate::store::engine::Engine;
use crate::trail::checkpoint::parse_heads;
use crate::trail::columns;
use crate::trail::event::Head;
use crate::trail::keys::{PublicKeys, TrailKeys};
use crate::trail::newest_checkpoint::{
    CHECKPOINT_COLUMNS, CheckpointRow, StoredCheckpoint, find_newest,
};
use crate::trail::pruned;
use crate::trail::rotation::{self, OPERATOR};

/// Most checkpoints that one run of the retention removes, because each is remembered.
const MAX_OLD: usize = 200_000;

/// The trail's own statements about its chains.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(super) engine: Engine,
    pub(super) trust: Trust,
    /// Keys that were not replaced: they alone say what was pruned.
    pub(crate) current: PublicKeys,
    pub(super) named: NamedHeads,
    /// For each replaced key the first checkpoint that names its replacement, and the head of the
    /// chain `operator` that it names.
    pub(crate) replacements: Vec<(i64, Head)>,
    /// Checkpoints from before the cutoff, the oldest first.
    pub(crate) old: VecDeque<StoredCheckpoint>,
    /// The newest checkpoint.
    pub(crate) newest: Option<StoredCheckpoint>,
    /// Time of the oldest checkpoint that is not among the old ones.
    oldest: Option<Timestamp>,
}

impl Evidence {
    /// Reads the checkpoints, and which keys were replaced. The signatures of all checkpoints are
    /// checked, which takes about as long as in a verification.
    pub(crate) async fn load(
        on: &mut AnyConnection,
        engine: Engine,
        keys: &TrailKeys,
        cutoff: Timestamp,
    ) -> Result<Self, sqlx::Error> {
        Self::load_from(on, engine, &keys.public(), cutoff, None).await
    }

    /// Reads what concerns one chain, from the checkpoints that name it. If a key was replaced, all
    /// checkpoints are read, because only their order tells which ones count.
    pub(super) async fn about(
        on: &mut AnyConnection,
        engine: Engine,
        public: &PublicKeys,
        chain: &str,
    ) -> Result<Self, sqlx::Error> {
        Self::load_from(on, engine, public, Timestamp(i64::MIN), Some(chain)).await
    }

    async fn load_from(
        on: &mut AnyConnection,
        engine: Engine,
        public: &PublicKeys,
        cutoff: Timestamp,
        only: Option<&str>,
    ) -> Result<Self, sqlx::Error> {
        let rotations = rotation::held(on, engine, public).await?;
        let replaced = rotation::replaced(&rotations);
        let mut evidence = Self {
            engine,
            trust: Trust { keys: public.clone(), ..Trust::default() },
            current: public.without(&replaced),
            named: NamedHeads::default(),
            replacements: Vec::new(),
            old: VecDeque::new(),
            newest: find_newest(on, engine, (public, &replaced), None).await?.last,
            oldest: None,
        };
        for (checkpoint, heads) in pruned::kept_heads(on, engine, &evidence.current).await? {
            evidence.named.add_all(&heads, checkpoint);
        }
        let mut expected = evidence.newest.map_or_else(Head::default, |newest| newest.head);
        let mut of_operator = Vec::new();
        let rest = "from checkpoints
             where checkpoints.seq <= $1 and ($2 = '' or checkpoints.heads like $2)
             order by checkpoints.seq desc, checkpoints.signature desc";
        let statement = columns::select(engine, &CHECKPOINT_COLUMNS, rest);
        // An underscore in an id fits every character, which names a few chains too many.
        let only = only.filter(|_| rotations.is_empty()).map(|chain| format!("%{chain}%"));
        let query = sqlx::query(statement).bind(expected.seq).bind(only.unwrap_or_default());
        let mut rows = query.fetch(on);
        while let Some(row) = rows.try_next().await? {
            let row = CheckpointRow::read(&row);
            let Some(checkpoint) = row.verified(public) else { continue };
            let is_current = row.key.as_ref().is_some_and(|key| !replaced.contains(key));
            if !is_current && checkpoint.head != expected {
                continue;
            }
            expected = row.before().unwrap_or_default();
            let heads = row.heads.as_deref().unwrap_or_default();
            evidence.named.add_all(heads, checkpoint.head.seq);
            let its = parse_heads(heads).filter(|(chain, _)| *chain == OPERATOR);
            of_operator.extend(its.map(|(_, head)| (checkpoint.head.seq, head)));
            evidence.remember(checkpoint, cutoff);
        }
        drop(rows);
        // The report never fails.
        let retired = rotations::retired(&rotations, public, &evidence.named, &mut |_| Ok(()));
        evidence.trust.retired =
            retired.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
        let first_naming = |(seq, _): &(i64, _)| {
            let first = evidence.named.first_naming(OPERATOR, *seq)?;
            let names =
                |(checkpoint, head): &&(i64, Head)| *checkpoint == first && head.seq >= *seq;
            of_operator.iter().find(names).copied()
        };
        evidence.replacements = rotations.iter().filter_map(first_naming).collect();
        Ok(evidence)
    }

    /// Returns the time of the oldest checkpoint.
    pub(crate) fn oldest_checkpoint(&self) -> Option<Timestamp> {
        self.old.iter().map(|old| old.at).chain(self.oldest).min()
    }

    /// Remembers a checkpoint. They arrive from the newest one down.
    fn remember(&mut self, checkpoint: StoredCheckpoint, cutoff: Timestamp) {
        self.old.push_front(checkpoint);
        let left = if checkpoint.at >= cutoff {
            // This one stays. If a clock was set back, older ones follow it and stay too.
            self.old.len()
        } else {
            self.old.len().saturating_sub(MAX_OLD)
        };
        let left = self.old.drain(self.old.len() - left..).map(|left| left.at);
        self.oldest = left.chain(self.oldest).min();
    }
}
