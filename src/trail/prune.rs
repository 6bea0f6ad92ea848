//! Retention: removes what has been kept long enough, and names it in signed rows.
//!
//! A session goes with its chain, once both are older than the limit. Of an actor's chain and of
//! the checkpoints the beginning goes. A chain that does not verify, or whose session's row does
//! not, stays, because it is evidence.
//!
//! What is removed is read and verified first. Each removal is a short transaction, because SQLite
//! has one writer and PostgreSQL ends a transaction that waits.

use std::time::Duration;

use commands::model::fault::{ALERTS, Fault};
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Connection as _};

use super::columns::ColumnType::{Number, Text};
use super::columns::{self, number, text};
use super::event::Head;
use super::newest_checkpoint::StoredCheckpoint;
use super::pruned;
use super::verify::evidence::Evidence;
use super::verify::single::{Beginning, PAGE};
use crate::escape::for_terminal;
use crate::store::engine::Pools;
use crate::store::retry::to_fault;
use crate::store::{ClosedRow, Database, find_closed};

const PRUNING: &str = "removing what was kept long enough";
const MAY_NOT_DELETE: &str =
    "the user of DATABASE_URL may not delete events; use the owner of the store";
/// Most sessions that are removed in one transaction.
const SESSIONS: usize = 100;
/// Time by which an event can precede the checkpoint that names it, if the bot was down between
/// them.
const LONGEST_PAUSE: Duration = Duration::from_hours(30 * 24);
/// Most kept chains of one run that are logged.
const MAX_LOGGED: usize = 100;

/// Reasons why a chain is kept. `trail verify` need not report the first one, because it has no
/// `STORE_KEY`.
const ROW: &str = "the row of its session does not verify";
const EVENTS: &str = "its events do not verify";

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub sessions: usize,
    pub events: u64,
    pub checkpoints: u64,
    /// Chains that are older than the limit and stay, because they or the rows of their sessions
    /// do not verify.
    pub kept: usize,
}

/// Fails if this process may not remove anything: its keys do not belong to the store, or its user
/// of the database may not delete.
pub(crate) async fn require_prunable(database: &Database) -> Result<(), Fault> {
    database.require_fitting_keys(PRUNING).await?;
    if database.may_delete().await? { Ok(()) } else { Err(Fault::new(PRUNING, MAY_NOT_DELETE)) }
}

/// Removes closed sessions, events, checkpoints, alerts and requests from before `cutoff`.
pub(crate) async fn prune(
    database: &Database,
    cutoff: Timestamp,
    now: Timestamp,
) -> Result<Pruned, Fault> {
    require_prunable(database).await?;
    let pools = &database.pools;
    let result = async {
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        let mut snapshot = connection.begin_with(pools.engine.snapshot()).await?;
        let trail = &database.keys.trail;
        let evidence = Evidence::load(&mut snapshot, pools.engine, trail, cutoff).await?;
        snapshot.rollback().await?;
        let oldest = evidence.oldest_checkpoint();
        let useful_from = oldest.map_or(Timestamp(i64::MIN), |oldest| oldest - LONGEST_PAUSE);
        let (needed_from, done) = (None, Pruned::default());
        let mut pruning =
            Pruning { database, pools, evidence, cutoff, now, useful_from, needed_from, done };
        pruning.sessions(&mut connection).await?;
        pruning.actors(&mut connection).await?;
        pruning.checkpoints(&mut connection).await?;
        pruning.forget_old_rows().await?;
        pruning.alerts_and_requests().await?;
        connection.close().await?;
        Ok(pruning.done)
    };
    result.await.map_err(to_fault(PRUNING))
}

/// A session that may go.
struct Removable {
    id: String,
    row: ClosedRow,
}

struct Pruning<'a> {
    database: &'a Database,
    pools: &'a Pools,
    evidence: Evidence,
    cutoff: Timestamp,
    now: Timestamp,
    /// Time from which the oldest checkpoint can name events. No checkpoint helps a chain that is
    /// older, and a forged time would otherwise keep all checkpoints.
    useful_from: Timestamp,
    /// Time of the oldest event in the chains that are kept as evidence.
    needed_from: Option<Timestamp>,
    done: Pruned,
}

impl Pruning<'_> {
    /// Removes the old closed sessions whose chain and row verify.
    async fn sessions(&mut self, on: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let rest = "from sessions where closed_at < $1 and pending_since = 0
             and not exists (select 1 from events where chain = sessions.id and at >= $1)
             order by id";
        let statement = columns::select(self.pools.engine, &[("id", Text)], rest);
        let mut rows = sqlx::query(statement).bind(self.cutoff.0).fetch(&mut *on);
        let mut ids = Vec::new();
        while let Some(row) = rows.try_next().await? {
            ids.push(text(&row, 0));
        }
        drop(rows);
        let mut removable = Vec::new();
        let mut events = 0;
        for id in ids {
            let (engine, keys) = (self.pools.engine, &self.database.keys.store);
            let Some(id) = id else {
                self.keep(on, "?", ROW).await?;
                continue;
            };
            let Some(row) = find_closed(&mut *on, engine, keys, &id).await? else {
                self.keep(on, &id, ROW).await?;
                continue;
            };
            if !self.evidence.verify_session(on, &id, &row).await? {
                self.keep(on, &id, EVENTS).await?;
                continue;
            }
            events += usize::try_from(row.head.seq).unwrap_or(PAGE);
            removable.push(Removable { id, row });
            if removable.len() >= SESSIONS || events >= PAGE {
                self.remove_sessions(&removable).await?;
                removable.clear();
                events = 0;
            }
        }
        self.remove_sessions(&removable).await
    }

    /// Keeps a chain as evidence, and the checkpoints since its oldest event.
    async fn keep(
        &mut self,
        on: &mut AnyConnection,
        chain: &str,
        why: &'static str,
    ) -> Result<(), sqlx::Error> {
        self.done.kept += 1;
        if self.done.kept <= MAX_LOGGED {
            tracing::warn!(target: ALERTS, chain = for_terminal(chain), "chain kept: {why}");
        }
        let at = columns::is_number(self.pools.engine, "at");
        let rest = format!("from events where chain = $1 and {at} and at >= $2");
        let statement = columns::select(self.pools.engine, &[("min(at)", Number)], &rest);
        let oldest = sqlx::query(statement).bind(chain).bind(self.useful_from.0).fetch_one(on);
        let oldest = number(&oldest.await?, 0).map(Timestamp);
        self.needed_from = oldest.into_iter().chain(self.needed_from).min();
        Ok(())
    }

    /// Removes sessions whose rows have not changed since they were verified.
    async fn remove_sessions(&mut self, sessions: &[Removable]) -> Result<(), sqlx::Error> {
        let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
        let on = &mut *transaction;
        for Removable { id, row } in sessions {
            let removed = sqlx::query(
                "delete from sessions where id = $1 and mac = $2 and pending_since = 0",
            )
            .bind(id)
            .bind(&row.mac)
            .execute(&mut *on)
            .await?
            .rows_affected();
            if removed > 0 {
                self.done.sessions += 1;
                self.remove_events(on, id, row.head).await?;
            }
        }
        transaction.commit().await
    }

    /// Removes the old beginning of each actor's chain.
    async fn actors(&mut self, on: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let rest = format!("from chains where {} order by chain", pruned::ACTORS);
        let statement = columns::select(self.pools.engine, &[("chain", Text)], &rest);
        let rows = sqlx::query(statement).fetch_all(&mut *on).await?;
        for chain in rows.iter().filter_map(|row| text(row, 0)) {
            let mut snapshot = on.begin_with(self.pools.engine.snapshot()).await?;
            let verified = self.evidence.verify_actor(&mut snapshot, &chain, self.cutoff.0).await?;
            snapshot.rollback().await?;
            match verified {
                Some(beginning) => self.remove_beginning(&chain, beginning).await?,
                None => self.keep(on, &chain, EVENTS).await?,
            }
        }
        Ok(())
    }

    /// Removes the verified beginning of an actor's chain, unless another process does so.
    async fn remove_beginning(
        &mut self,
        chain: &str,
        Beginning { mut start, pages }: Beginning,
    ) -> Result<(), sqlx::Error> {
        for last in pages {
            let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
            let (engine, keys) = (self.pools.engine, &self.evidence.current);
            let before = pruned::find(&mut transaction, engine, keys, chain).await?;
            if before.unwrap_or_default() != start {
                return transaction.rollback().await;
            }
            self.remove_events(&mut transaction, chain, last).await?;
            transaction.commit().await?;
            start = last;
        }
        Ok(())
    }

    /// Removes the events of a chain up to `last`, and says so in a signed row.
    async fn remove_events(
        &mut self,
        on: &mut AnyConnection,
        chain: &str,
        last: Head,
    ) -> Result<(), sqlx::Error> {
        if last.seq == 0 {
            return Ok(());
        }
        let key = self.database.keys.trail.current();
        pruned::write(on, key, chain, last, self.now).await?;
        self.done.events += sqlx::query("delete from events where chain = $1 and seq <= $2")
            .bind(chain)
            .bind(last.seq)
            .execute(on)
            .await?
            .rows_affected();
        Ok(())
    }

    /// Removes the checkpoints from before the cutoff and from before the oldest session and the
    /// oldest evidence that stay, because they show until when a replaced key could sign a chain.
    /// The newest one stays.
    async fn checkpoints(&mut self, on: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let engine = self.pools.engine;
        let opened_at = columns::is_number(engine, "opened_at");
        let rest = format!("from sessions where {opened_at} and opened_at >= $1");
        let statement = columns::select(engine, &[("min(opened_at)", Number)], &rest);
        let row = sqlx::query(statement).bind(self.useful_from.0).fetch_one(on).await?;
        let opened_at = number(&row, 0).map(Timestamp);
        let needed = opened_at.into_iter().chain(self.needed_from);
        let cutoff = needed.fold(self.cutoff, Timestamp::min);
        let newest = self.evidence.newest;
        let may_go = |old: &&StoredCheckpoint| old.at < cutoff && Some(**old) != newest;
        let old = self.evidence.old.iter().take_while(may_go).count();
        let removable: Vec<Head> =
            self.evidence.old.drain(..old).map(|removed| removed.head).collect();
        for page in removable.chunks(PAGE) {
            if let Some(last) = page.last() {
                self.remove_checkpoints(*last).await?;
            }
        }
        Ok(())
    }

    /// Removes the checkpoints up to `last`. What they say about replaced keys is kept.
    async fn remove_checkpoints(&mut self, last: Head) -> Result<(), sqlx::Error> {
        let mut transaction = self.pools.writes.begin_with(self.pools.engine.begin()).await?;
        let on = &mut *transaction;
        let (engine, keys) = (self.pools.engine, &self.evidence.current);
        let before = pruned::find(on, engine, keys, pruned::CHECKPOINTS).await?;
        if before.is_some_and(|before| before.seq >= last.seq) {
            return transaction.rollback().await;
        }
        let key = self.database.keys.trail.current();
        for (checkpoint, head) in &self.evidence.replacements {
            if *checkpoint <= last.seq {
                pruned::write(on, key, &pruned::kept_name(*checkpoint), *head, self.now).await?;
            }
        }
        pruned::write(on, key, pruned::CHECKPOINTS, last, self.now).await?;
        self.done.checkpoints += sqlx::query("delete from checkpoints where seq <= $1")
            .bind(last.seq)
            .execute(on)
            .await?
            .rows_affected();
        transaction.commit().await
    }

    /// Removes requests and alerts, with those that no lead has answered.
    async fn alerts_and_requests(&self) -> Result<(), sqlx::Error> {
        for statement in
            ["delete from requests where asked_at < $1", "delete from alerts where opened_at < $1"]
        {
            sqlx::query(statement).bind(self.cutoff.0).execute(&self.pools.writes).await?;
        }
        Ok(())
    }

    /// Removes rows that name a removed session, once no checkpoint is so old that it names it.
    async fn forget_old_rows(&self) -> Result<(), sqlx::Error> {
        let oldest = self.evidence.oldest_checkpoint();
        let cutoff = oldest.map_or(self.cutoff, |oldest| oldest.min(self.cutoff));
        pruned::forget_sessions(self.pools, cutoff).await
    }
}
