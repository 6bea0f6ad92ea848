//! The audit of the whole trail: checkpoints, chains, and what rows say about them.
//!
//! It reads one snapshot row by row, so the bot can keep running, and reports each finding at once.
//! Memory holds the heads that checkpoints name, in a compact form, and the current event. Public
//! keys suffice.

use std::collections::HashMap;

use commands::model::words::SessionId;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};

use super::chain::{ChainCheck, ChainRow, Report, RowState, StoredEvent, Trust};
use super::checkpoints::{self, LoggedCheckpoint};
use super::finding::Finding;
use super::named_heads::{self, NamedHeads};
use super::rotations;
use crate::sql_error::redact;
use crate::store::engine::{Engine, Pools};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, ColumnType, EVENT_COLUMNS, number, text};
use crate::trail::event::{Event, Head, Signature};
use crate::trail::keys::PublicKeys;
use crate::trail::pruned;
use crate::trail::rotation;

/// The size of an audited trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSummary {
    pub events: usize,
    pub chains: usize,
    /// Chains that the retention has removed and that a checkpoint still names.
    pub pruned: usize,
    /// The newest checkpoint: its number and signature.
    pub checkpoint: Option<(i64, String)>,
}

/// Audits the whole trail and passes each finding to `each`.
///
/// `logged` is a checkpoint from the log, which must exist.
pub(crate) async fn audit(
    pools: &Pools,
    keys: &PublicKeys,
    logged: Option<&LoggedCheckpoint>,
    mut each: impl FnMut(Finding) -> anyhow::Result<()>,
) -> anyhow::Result<AuditSummary> {
    let audited = async {
        let engine = pools.engine;
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        let mut snapshot = connection.begin_with(engine.snapshot()).await?;
        let on = &mut *snapshot;
        let rotations = rotation::held(on, engine, keys).await?;
        let current = keys.without(&rotation::replaced(&rotations));
        let all = (keys, &current);
        let checkpoints = checkpoints::audit(on, engine, all, logged, &mut each).await?;
        let newest = checkpoints.last();
        let retired = rotations::retired(&rotations, keys, &checkpoints.named, &mut each)?;
        checkpoints.check_keys(&retired, &mut each)?;
        let named_between = checkpoints.named_between();
        let trust = Trust { keys: keys.clone(), retired, named_between };
        let pruned = pruned::of_actors(on, engine, &current).await?;
        let named = checkpoints.named;
        let summary = AuditSummary::default();
        let mut audit = Audit { engine, trust, current, pruned, named, summary };
        audit.chains(on, &mut each).await?;
        audit.rows(on, &mut each).await?;
        let mut summary = audit.missing_chains(on, &mut each).await?;
        summary.checkpoint = newest.map(|head| (head.seq, head.signature.encode()));
        snapshot.rollback().await?;
        connection.close().await?;
        Ok(summary)
    };
    audited.await.map_err(redact)
}

/// Columns that the rows of a chain have beside an event: of the session, and of the actor's chain.
const ROW_COLUMNS: [(&str, ColumnType); 6] = [
    ("sessions.trail_seq", Number),
    ("sessions.trail_signature", Text),
    ("sessions.discord_id", Number),
    ("sessions.closed_why", Text),
    ("chains.seq", Number),
    ("chains.signature", Text),
];

struct Audit {
    engine: Engine,
    trust: Trust,
    /// Keys that were not replaced: they alone say what was pruned.
    current: PublicKeys,
    /// The last removed event of each actor's chain.
    pruned: HashMap<String, Head>,
    named: NamedHeads,
    summary: AuditSummary,
}

impl Audit {
    /// Audits the events of all chains, and what the chain's row says about them.
    async fn chains(&mut self, on: &mut AnyConnection, report: Report<'_>) -> anyhow::Result<()> {
        let selected: Vec<_> = EVENT_COLUMNS.into_iter().chain(ROW_COLUMNS).collect();
        let from = "from events left join sessions on sessions.id = events.chain
             left join chains on chains.chain = events.chain order by events.chain, events.seq";
        let mut rows = sqlx::query(columns::select(self.engine, &selected, from)).fetch(on);
        let mut current: Option<(ChainCheck, Option<ChainRow>)> = None;
        loop {
            let row = rows.try_next().await?;
            let name = row.as_ref().and_then(|row| text(row, 0));
            if let Some((complete, its_row)) =
                current.take_if(|(chain, _)| name.as_ref() != Some(&chain.name))
            {
                let its_row = its_row.as_ref().map_or(RowState::Missing, RowState::Read);
                complete.finish(its_row, report)?;
            }
            let Some(row) = row else { return Ok(()) };
            self.summary.events += 1;
            let Some(name) = name else {
                report(unplaced(&row, None))?;
                continue;
            };
            let (chain, _) = current.get_or_insert_with(|| {
                self.summary.chains += 1;
                let start = self.pruned.get(&name).copied().unwrap_or_default();
                let named = self.named.take(&name);
                let its_row = chain_row(&row, name.parse::<SessionId>().is_ok());
                (ChainCheck::new(name.clone(), named, start), its_row)
            });
            match number(&row, 1) {
                Some(seq) => chain.push(&stored_event(&row, name, seq), &self.trust, report)?,
                None => report(unplaced(&row, Some(name)))?,
            }
        }
    }

    /// Audits rows without events, and the owner in the state of sessions.
    async fn rows(&self, on: &mut AnyConnection, report: Report<'_>) -> anyhow::Result<()> {
        for (columns, from) in [
            (
                [("id", Text), ("trail_seq", Number), ("trail_signature", Text)],
                "from sessions where trail_seq > 0
                 and not exists (select 1 from events where chain = sessions.id) order by id",
            ),
            (
                [("chain", Text), ("seq", Number), ("signature", Text)],
                "from chains where not exists (select 1 from events where chain = chains.chain)
                 order by chains.chain",
            ),
        ] {
            let mut rows =
                sqlx::query(columns::select(self.engine, &columns, from)).fetch(&mut *on);
            while let Some(row) = rows.try_next().await? {
                let (Some(chain), expected) = (text(&row, 0), number(&row, 1).unwrap_or(0)) else {
                    continue;
                };
                let pruned = self.pruned.get(&chain).copied().unwrap_or_default();
                if pruned != Head::from_columns(expected, text(&row, 2).as_deref()) {
                    let last = pruned.seq;
                    report(Finding::CutOff { chain, last, expected, checkpoint: None })?;
                }
            }
        }
        let columns = [("id", Text), ("discord_id", Number), ("state", Text)];
        let statement = columns::select(self.engine, &columns, "from sessions order by id");
        let mut rows = sqlx::query(statement).fetch(on);
        while let Some(row) = rows.try_next().await? {
            let state = text(&row, 2).unwrap_or_default();
            // A state that cannot be parsed was written by another version of the bot.
            if let (Some(chain), Some(owner), Ok(state)) =
                (text(&row, 0), number(&row, 1), serde_json::from_str::<StateOwner>(&state))
                && state.actor.discord_id != owner.cast_unsigned()
            {
                report(Finding::OwnerChanged { chain })?;
            }
        }
        Ok(())
    }

    /// Reports the chains that checkpoints name and that have no events, unless they were pruned.
    async fn missing_chains(
        mut self,
        on: &mut AnyConnection,
        report: Report<'_>,
    ) -> anyhow::Result<AuditSummary> {
        for (chain, named) in self.named.into_rest() {
            let pruned = pruned::find(on, self.engine, &self.current, &chain).await?;
            match named_heads::missing(chain, &named, pruned) {
                Some(finding) => report(finding)?,
                None => self.summary.pruned += 1,
            }
        }
        Ok(self.summary)
    }
}

/// The part of a session's state that names its owner.
#[derive(Deserialize)]
struct StateOwner {
    actor: OwnerId,
}

#[derive(Deserialize)]
struct OwnerId {
    discord_id: u64,
}

/// Reads [`ROW_COLUMNS`] after an event; `None` if the chain has no row. That of a session is in
/// `sessions` only.
fn chain_row(row: &AnyRow, is_session: bool) -> Option<ChainRow> {
    let at = EVENT_COLUMNS.len();
    let head = |seq: i64, column| Head::from_columns(seq, text(row, column).as_deref());
    if let Some(owner) = number(row, at + 2) {
        let head = head(number(row, at).unwrap_or(0), at + 1);
        return Some(ChainRow { head, owner: Some(owner), closed_why: text(row, at + 3) });
    }
    let signature = text(row, at + 5);
    if is_session || number(row, at + 4).is_none() && signature.is_none() {
        return None;
    }
    let head = head(number(row, at + 4).unwrap_or(0), at + 5);
    Some(ChainRow { head, owner: None, closed_why: None })
}

/// Reads [`EVENT_COLUMNS`].
pub(super) fn stored_event(row: &AnyRow, chain: String, seq: i64) -> StoredEvent {
    let (at, actor, kind, details) = (number(row, 2), text(row, 3), text(row, 5), text(row, 6));
    let key = text(row, 8);
    let is_readable =
        at.is_some() && actor.is_some() && kind.is_some() && details.is_some() && key.is_some();
    let event = Event {
        chain,
        seq,
        at: at.unwrap_or(i64::MIN),
        actor: actor.unwrap_or_default(),
        session: text(row, 4),
        kind: kind.unwrap_or_default(),
        details: details.unwrap_or_default(),
        about: text(row, 7),
        key: key.unwrap_or_default(),
    };
    let signature = text(row, 9).as_deref().and_then(Signature::parse);
    StoredEvent { event, is_readable, signature }
}

fn unplaced(row: &AnyRow, chain: Option<String>) -> Finding {
    Finding::Unplaced {
        chain,
        kind: text(row, 5).unwrap_or_default(),
        at: number(row, 2).unwrap_or(i64::MIN),
    }
}
