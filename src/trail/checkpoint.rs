//! Checkpoints of the trail. Once an hour one names the head of every chain that has grown, and its
//! MAC is logged.
//!
//! A chain shows by itself that an event was changed, removed or moved. A checkpoint shows that the
//! end of a chain was removed together with its head, or that a whole session is missing. The log
//! shows that the newest checkpoints were removed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::AnyConnection;

use super::columns::{self, ColumnType, number, text};
use super::event::Mac;
use super::sign::CheckpointMac;
use crate::store::engine::{Engine, Pools};
use crate::store::retry::{Attempts, to_fault};
use crate::store::seal::StoreKey;
use crate::telemetry::CHECKPOINTS;

/// Interval between checkpoints. The removal of an event is undetectable until a checkpoint names
/// its chain.
pub const CHECKPOINT_EVERY: Duration = Duration::from_hours(1);
/// Time by which a checkpoint looks back behind its predecessor. An event carries the time of its
/// click and is written seconds later, and the clocks of replicas differ by less. Naming a head
/// twice is harmless.
const OVERLAP: Duration = Duration::from_mins(10);
/// Time for the statements of a checkpoint, each of which the server ends after 5 s.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Clock skew tolerated in a checkpoint's timestamp.
const MAX_CLOCK_SKEW: Duration = Duration::from_mins(10);

/// The newest checkpoint that this process knows: its number, and the time since which it exists.
///
/// The row alone is not trusted: a tampered row could claim for ever that it was just written.
#[derive(Debug, Default)]
pub(crate) struct NewestCheckpoint(Mutex<Option<(i64, Timestamp)>>);

impl NewestCheckpoint {
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map(|(_, since)| since)
    }

    /// Records the newest row, with the time that it states. Returns the earliest known time of
    /// that checkpoint.
    fn observe(&self, seq: i64, at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stated = at.map_or(now, |at| at.min(now));
        let since =
            known.filter(|(known, _)| *known == seq).map_or(stated, |(_, since)| since.min(stated));
        *known = Some((seq, since));
        since
    }
}

/// A checkpoint in the form of its log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number, from 1.
    pub seq: i64,
    pub at: Timestamp,
    /// Number of heads that it names.
    pub heads: i64,
    /// The MAC that the operator compares with the log.
    pub mac: String,
}

/// Writes a checkpoint if the newest one is an hour old. Returns `None` if it is younger, or if
/// another replica was faster.
pub(crate) async fn write_if_due(
    pools: &Pools,
    key: &StoreKey,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<Option<Checkpoint>, Fault> {
    let mut attempts = Attempts::new(pools);
    loop {
        let writing = write_transaction(pools, key, newest, now);
        let written = pools.retirement.within(WRITE_TIMEOUT, writing).await;
        match written.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(written) => return Ok(written),
            Err(error) if attempts.may_repeat(&error) => {}
            Err(error) => return Err(to_fault("writing a checkpoint")(error)),
        }
    }
}

async fn write_transaction(
    pools: &Pools,
    key: &StoreKey,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let mut transaction = pools.writes.begin_with(pools.engine.begin()).await?;
    let written = match find_next(&mut transaction, pools.engine, newest, now).await? {
        Some(next) => write(&mut transaction, pools.engine, key, &next, now).await?,
        None => None,
    };
    transaction.commit().await?;
    if let Some(written) = &written {
        newest.observe(written.seq, Some(written.at), now);
    }
    Ok(written)
}

/// The checkpoint that is due.
struct NextCheckpoint {
    seq: i64,
    /// The MAC of its predecessor.
    previous: Mac,
    /// It names the chains that have grown since then.
    grown_since: Timestamp,
}

/// Returns the next checkpoint if one is due and can be numbered.
async fn find_next(
    on: &mut AnyConnection,
    engine: Engine,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<Option<NextCheckpoint>, sqlx::Error> {
    let columns =
        [("seq", ColumnType::Number), ("at", ColumnType::Number), ("mac", ColumnType::Text)];
    let statement =
        columns::select(engine, &columns, "from checkpoints order by checkpoints.seq desc limit 1");
    let Some(row) = sqlx::query(statement).fetch_optional(on).await? else {
        let grown_since = Timestamp(i64::MIN);
        return Ok(Some(NextCheckpoint { seq: 1, previous: Mac::START, grown_since }));
    };
    let last = number(&row, 0);
    let Some((last, seq)) = last.and_then(|last| Some((last, last.checked_add(1)?))) else {
        tracing::error!(
            target: CHECKPOINTS,
            "cannot write a checkpoint: the newest one's number is invalid (tampered?)"
        );
        return Ok(None);
    };
    let stated = number(&row, 1).map(Timestamp);
    let since = newest.observe(last, stated, now);
    let credible = stated.filter(|at| *at <= now + MAX_CLOCK_SKEW);
    if credible.is_some() && since + CHECKPOINT_EVERY > now {
        return Ok(None);
    }
    if credible.is_none() {
        tracing::warn!(
            target: CHECKPOINTS,
            checkpoint = last,
            "newest checkpoint is dated in the future (tampered, or clock skew): writing another"
        );
    }
    // After a checkpoint without a credible time name all heads, because the heads that it named
    // are not known.
    let grown_since = credible.map_or(Timestamp(i64::MIN), |at| at.min(since));
    let previous = text(&row, 2).as_deref().and_then(Mac::parse).unwrap_or(Mac::START);
    Ok(Some(NextCheckpoint { seq, previous, grown_since }))
}

/// Writes a checkpoint with its heads; `None` if another replica has written this number.
async fn write(
    on: &mut AnyConnection,
    engine: Engine,
    key: &StoreKey,
    next: &NextCheckpoint,
    now: Timestamp,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let seq = next.seq;
    // Insert the number first: a second replica waits for this transaction and then finds the
    // number taken.
    let inserted = sqlx::query(
        "insert into checkpoints (seq, at, heads, mac) values ($1, $2, 0, '')
         on conflict (seq) do nothing",
    )
    .bind(seq)
    .bind(now.0)
    .execute(&mut *on)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(None);
    }
    if engine == Engine::Postgres {
        // The statement below can be slow: the first checkpoint names every chain, and so does one
        // after an implausible time.
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *on).await?;
    }
    let heads = sqlx::query(
        "insert into checkpoint_heads (checkpoint, position, chain, seq, mac)
         select $1, row_number() over (order by grown.chain), grown.chain, grown.seq,
             coalesce(events.mac, '')
         from (select chain, max(seq) as seq from events where at >= $2 group by chain) as grown
         join events on events.chain = grown.chain and events.seq = grown.seq",
    )
    .bind(seq)
    .bind((next.grown_since - OVERLAP).0)
    .execute(&mut *on)
    .await?
    .rows_affected();
    let heads = i64::try_from(heads).unwrap_or(i64::MAX);
    let mut mac = CheckpointMac::begin(key, next.previous, seq, now.0, heads);
    let mut rows = sqlx::query_as::<_, (String, i64, String)>(
        "select chain, seq, mac from checkpoint_heads where checkpoint = $1 order by position",
    )
    .bind(seq)
    .fetch(&mut *on);
    while let Some((chain, seq, head)) = rows.try_next().await? {
        mac.add(&chain, seq, &head);
    }
    drop(rows);
    let mac = mac.mac().encode();
    sqlx::query("update checkpoints set heads = $2, mac = $3 where seq = $1")
        .bind(seq)
        .bind(heads)
        .bind(&mac)
        .execute(on)
        .await?;
    Ok(Some(Checkpoint { seq, at: now, heads, mac }))
}
