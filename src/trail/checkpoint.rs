//! Checkpoints of the trail: once an hour the heads of all chains that have grown are named, and
//! the checkpoint's mac is logged.
//!
//! A chain shows by itself when an event in it is changed, missing or in another's place. That its
//! end was cut off together with its head, or that a whole session is gone, shows by a checkpoint
//! that names it; and that the last checkpoints were cut off, by the log.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use commands::error::Fault;
use commands::time::Timestamp;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Row as _};

use super::columns::{self, Kind, number, text};
use super::event::{Link, Mac};
use crate::store::Database;
use crate::store::engine::Engine;
use crate::store::retry::failed;
use crate::store::seal::StoreKey;

/// How often one is made: what was cut off before it was named cannot be told, so this is how long
/// that may be.
pub const CHECKPOINT_EVERY: Duration = Duration::from_hours(1);
/// How far a checkpoint looks back behind the one before. An event has the time of its click and is
/// written when that is done with, seconds later; replicas' clocks differ by less. A head that is
/// named twice does no harm.
const OVERLAP: Duration = Duration::from_mins(10);

/// How far the newest may seem to be made in the future before its time is not believed: the clocks
/// of replicas differ by less.
const AHEAD: Duration = Duration::from_mins(10);

/// What this process knows of the newest checkpoint: its number, and since when it is there. The
/// row alone could be made to say for ever that it was made just now.
#[derive(Debug, Default)]
pub(crate) struct Newest(Mutex<Option<(i64, Timestamp)>>);

impl Newest {
    /// Since when it is there.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map(|(_, since)| since)
    }

    /// The row says that the newest is this one, made then.
    fn sees(&self, seq: i64, at: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = at.map_or(now, |at| at.min(now));
        let since =
            known.filter(|(known, _)| *known == seq).map_or(said, |(_, since)| since.min(said));
        *known = Some((seq, since));
        since
    }
}

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
pub(crate) struct Named {
    pub(crate) chain: String,
    pub(crate) seq: i64,
    pub(crate) mac: String,
}

/// The mac of a checkpoint, while the heads it names are read one by one, in their places.
pub(crate) struct Naming<'a> {
    key: &'a StoreKey,
    mac: Mac,
}

impl<'a> Naming<'a> {
    pub(crate) fn begin(key: &'a StoreKey, before: Mac, seq: i64, at: i64, heads: i64) -> Self {
        let mut link = Link::after(key, before);
        link.text(Some("checkpoint")).number(seq).number(at).number(heads);
        Self { key, mac: link.mac() }
    }

    pub(crate) fn name(&mut self, named: &Named) {
        let mut link = Link::after(self.key, self.mac);
        link.text(Some(&named.chain)).number(named.seq).text(Some(&named.mac));
        self.mac = link.mac();
    }

    pub(crate) const fn mac(&self) -> Mac {
        self.mac
    }
}

/// Makes a checkpoint if the newest is an hour old; otherwise, and when another replica was faster,
/// `None`.
pub(crate) async fn make(database: &Database, now: Timestamp) -> Result<Option<Checkpoint>, Fault> {
    const DOING: &str = "making a checkpoint of the trail";
    let begin = database.pools.engine.begin();
    let made = async {
        let mut transaction = database.pools.writes.begin_with(begin).await?;
        let made = write(&mut transaction, database, now).await?;
        transaction.commit().await?;
        if let Some(made) = &made {
            database.newest.sees(made.seq, Some(made.at), now);
        }
        Ok(made)
    };
    made.await.map_err(failed::<sqlx::Error>(DOING))
}

async fn write(
    on: &mut AnyConnection,
    database: &Database,
    now: Timestamp,
) -> Result<Option<Checkpoint>, sqlx::Error> {
    let (key, engine) = (&*database.key, database.pools.engine);
    let columns = [("seq", Kind::Number), ("at", Kind::Number), ("mac", Kind::Text)];
    let last = sqlx::query(columns::select(
        engine,
        &columns,
        "from checkpoints order by checkpoints.seq desc limit 1",
    ));
    let (seq, from, before) = match last.fetch_optional(&mut *on).await? {
        None => (1, Timestamp(i64::MIN), Mac::START),
        Some(row) => {
            let Some((last, next)) =
                number(&row, 0).and_then(|last| Some((last, last.checked_add(1)?)))
            else {
                tracing::error!(
                    "no checkpoint of the trail can be made: somebody has changed the number of the newest"
                );
                return Ok(None);
            };
            let at = number(&row, 1).map(Timestamp);
            let since = database.newest.sees(last, at, now);
            let believed = at.filter(|at| *at <= now + AHEAD);
            if believed.is_some() && since + CHECKPOINT_EVERY > now {
                return Ok(None);
            }
            if believed.is_none() {
                tracing::warn!(
                    checkpoint = last,
                    "the newest checkpoint of the trail is of the future: it was changed, or a clock was wrong; another is made"
                );
            }
            // Of one that is not believed nobody knows what it named: all heads, then.
            let from = believed.map_or(Timestamp(i64::MIN), |at| at.min(since));
            (next, from, text(&row, 2).as_deref().and_then(Mac::parse).unwrap_or(Mac::START))
        }
    };
    // The number first: who comes second waits for the first, and finds it taken.
    let won = sqlx::query("insert into checkpoints (seq, at, heads, mac) values ($1, $2, 0, '') on conflict (seq) do nothing")
        .bind(seq)
        .bind(now.0)
        .execute(&mut *on)
        .await?;
    if won.rows_affected() == 0 {
        return Ok(None);
    }
    if engine == Engine::Postgres {
        // The first one names all chains there ever were, and one that is not believed lets the
        // next do so too.
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *on).await?;
    }
    let heads = sqlx::query(
        "insert into checkpoint_heads (checkpoint, place, chain, seq, mac)
         select $1, row_number() over (order by grown.chain), grown.chain, grown.seq, coalesce(events.mac, '')
         from (select chain, max(seq) as seq from events where at >= $2 group by chain) as grown
         join events on events.chain = grown.chain and events.seq = grown.seq",
    )
    .bind(seq)
    .bind((from - OVERLAP).0)
    .execute(&mut *on)
    .await?
    .rows_affected();
    let heads = i64::try_from(heads).unwrap_or(i64::MAX);
    let mut naming = Naming::begin(key, before, seq, now.0, heads);
    let mut rows = sqlx::query(
        "select chain, seq, mac from checkpoint_heads where checkpoint = $1 order by place",
    )
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
