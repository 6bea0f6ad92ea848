//! Checkpoints of the trail: once an hour the heads of all chains that have grown are named, and the checkpoint's mac is logged.
//!
//! A chain shows by itself when an event in it is changed, missing or in another's place. That its end was cut off together with its
//! head, or that a whole session is gone, shows by a checkpoint that names it; and that the last checkpoints were cut off, by the log.

use std::time::Duration;

use commands::error::Fault;
use commands::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Row as _};

use super::Database;
use super::chain::{Link, Mac};
use super::seal::StoreKey;

/// How often one is made: what was cut off before it was named cannot be told, so this is how long that may be.
pub const CHECKPOINT_EVERY: Duration = Duration::from_hours(1);
/// How far a checkpoint looks back behind the one before. An event has the time of its click and is written when that is done with,
/// seconds later; replicas' clocks differ by less. A head that is named twice does no harm.
const OVERLAP: Duration = Duration::from_mins(10);

/// A checkpoint, as it is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number, from 1.
    pub seq: i64,
    /// When it was made.
    pub at: Timestamp,
    /// How many heads it names.
    pub heads: i64,
    /// Its mac: what the operator compares.
    pub mac: String,
}

/// What one names, in one column after the other.
pub(super) struct Named {
    pub(super) chain: String,
    pub(super) seq: i64,
    pub(super) mac: String,
}

/// The mac of a checkpoint, while the heads it names are read one by one, in their places.
pub(super) struct Naming<'a> {
    key: &'a StoreKey,
    mac: Mac,
}

impl<'a> Naming<'a> {
    pub(super) fn begin(key: &'a StoreKey, before: Mac, seq: i64, at: i64, heads: i64) -> Self {
        let mut link = Link::after(key, before);
        link.text(Some("checkpoint")).number(seq).number(at).number(heads);
        Self { key, mac: link.mac() }
    }

    pub(super) fn name(&mut self, named: &Named) {
        let mut link = Link::after(self.key, self.mac);
        link.text(Some(&named.chain)).number(named.seq).text(Some(&named.mac));
        self.mac = link.mac();
    }

    pub(super) const fn mac(&self) -> Mac {
        self.mac
    }
}

/// Makes a checkpoint if the newest is an hour old; otherwise, and when another replica was faster, `None`.
pub(super) async fn make(database: &Database, now: Timestamp) -> Result<Option<Checkpoint>, Fault> {
    const DOING: &str = "making a checkpoint of the trail";
    let begin = database.pools.engine.begin();
    let made = async {
        let mut transaction = database.pools.writes.begin_with(begin).await?;
        let made = write(&mut transaction, &database.key, now).await?;
        transaction.commit().await?;
        Ok(made)
    };
    made.await.map_err(|error: sqlx::Error| Fault::new(DOING, error))
}

async fn write(on: &mut AnyConnection, key: &StoreKey, now: Timestamp) -> Result<Option<Checkpoint>, sqlx::Error> {
    let last = sqlx::query("select seq, at, mac from checkpoints order by seq desc limit 1").fetch_optional(&mut *on).await?;
    let (last, since, before) = match last {
        Some(row) => (row.try_get(0)?, Timestamp(row.try_get(1)?), Mac::parse(row.try_get(2)?).unwrap_or(Mac::START)),
        None => (0, Timestamp(i64::MIN), Mac::START),
    };
    if last > 0 && since + CHECKPOINT_EVERY > now {
        return Ok(None);
    }
    let seq = last + 1;
    // The number first: who comes second waits for the first, and finds it taken.
    let won = sqlx::query("insert into checkpoints (seq, at, heads, mac) values ($1, $2, 0, '') on conflict (seq) do nothing")
        .bind(seq)
        .bind(now.0)
        .execute(&mut *on)
        .await?;
    if won.rows_affected() == 0 {
        return Ok(None);
    }
    let heads = sqlx::query(
        "insert into checkpoint_heads (checkpoint, place, chain, seq, mac)
         select $1, row_number() over (order by grown.chain), grown.chain, grown.seq, coalesce(events.mac, '')
         from (select chain, max(seq) as seq from events where at >= $2 group by chain) as grown
         join events on events.chain = grown.chain and events.seq = grown.seq",
    )
    .bind(seq)
    .bind((since - OVERLAP).0)
    .execute(&mut *on)
    .await?
    .rows_affected();
    let heads = i64::try_from(heads).unwrap_or(i64::MAX);
    let mut naming = Naming::begin(key, before, seq, now.0, heads);
    let mut rows = sqlx::query("select chain, seq, mac from checkpoint_heads where checkpoint = $1 order by place")
        .bind(seq)
        .fetch(&mut *on);
    while let Some(row) = rows.try_next().await? {
        naming.name(&Named { chain: row.try_get(0)?, seq: row.try_get(1)?, mac: row.try_get(2)? });
    }
    drop(rows);
    let mac = naming.mac().text();
    sqlx::query("update checkpoints set heads = $2, mac = $3 where seq = $1")
        .bind(seq)
        .bind(heads)
        .bind(&mac)
        .execute(on)
        .await?;
    Ok(Some(Checkpoint { seq, at: now, heads, mac }))
}
