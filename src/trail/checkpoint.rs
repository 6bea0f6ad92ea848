//! Checkpoints of the trail. Once a minute one names the heads of the chains that have grown, and
//! it is logged.
//!
//! A chain shows by itself that an event was changed, removed or moved. A checkpoint shows that the
//! end of a chain was removed together with its head, or that a whole session is missing. The log
//! shows that the newest checkpoints were removed.
//!
//! Each checkpoint is chained to the newest one that verifies under a key that was not replaced. A
//! row that does not verify is reported, and neither believed nor waited for.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use sqlx::AnyConnection;

use super::checkpoint_pages::CheckpointPages;
use super::columns::ColumnType::{Number, Text};
use super::columns::{self, number, text};
use super::event::{Head, Signature};
use super::keys::{PublicKeys, TrailKeys};
use super::newest_checkpoint::{NewestCheckpoint, Refused, StoredCheckpoint};
use super::rotation;
use super::sign::checkpoint_message;
use crate::store::engine::{Engine, Pools};
use crate::store::retry::{Attempts, to_fault};

/// Interval between checkpoints while chains grow. The removal of an event is undetectable until a
/// checkpoint names its chain.
pub const CHECKPOINT_EVERY: Duration = Duration::from_mins(1);
/// Interval between checkpoints while no chain grows, so that their age shows that they are made.
pub const EMPTY_CHECKPOINT_EVERY: Duration = Duration::from_hours(1);
/// Time by which a checkpoint looks back behind its predecessor. An event carries the time of its
/// click and is written seconds later, and the clocks of replicas differ by less.
pub(super) const OVERLAP: Duration = Duration::from_mins(10);
/// Time for the statements of a checkpoint, each of which the server ends after 5 s.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Number of the advisory lock under which a replica writes a checkpoint. Ours.
const LOCK: &str = "select pg_advisory_xact_lock(7305804402217)";

/// A checkpoint in the form of its log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number, from 1.
    pub seq: i64,
    pub at: Timestamp,
    /// Number of heads that it names.
    pub heads: usize,
    /// The signature that the operator compares with the log.
    pub signature: String,
}

/// Result of an attempt to write a checkpoint.
#[derive(Debug, Default)]
pub struct CheckpointRound {
    /// `None` if none is due, or if another replica was faster.
    pub written: Option<Checkpoint>,
    /// Faults of the rows that were not reported before.
    pub refused: Vec<Refused>,
}

/// Writes a checkpoint if one is due.
pub(crate) async fn write_if_due(
    pools: &Pools,
    keys: &TrailKeys,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<CheckpointRound, Fault> {
    let mut attempts = Attempts::new(pools);
    loop {
        let writing = write_transaction(pools, keys, newest, now);
        let written = pools.retirement.within(WRITE_TIMEOUT, writing).await;
        match written.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Ok(round) => return Ok(round),
            Err(error) if attempts.may_repeat(&error) => {}
            Err(error) => return Err(to_fault("writing a checkpoint")(error)),
        }
    }
}

async fn write_transaction(
    pools: &Pools,
    keys: &TrailKeys,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<CheckpointRound, sqlx::Error> {
    let engine = pools.engine;
    let mut transaction = pools.writes.begin_with(engine.begin()).await?;
    if engine == Engine::Postgres {
        // A second replica waits here, and then finds the checkpoint of the first. SQLite has one
        // writer.
        sqlx::raw_sql(LOCK).execute(&mut *transaction).await?;
    }
    let public = keys.public();
    let mut replaced =
        rotation::replaced(&rotation::held(&mut transaction, engine, &public).await?);
    replaced.remove(keys.current().id().as_str());
    let seen = newest.look(&mut transaction, engine, &public, &replaced).await?;
    let current = PublicKeys(vec![keys.current().public().clone()]);
    let written = match next(&mut transaction, engine, &current, seen.last.as_ref(), now).await? {
        Some(heads) => Some(write(&mut transaction, keys, seen.last.as_ref(), &heads, now).await?),
        None => None,
    };
    transaction.commit().await?;
    if let Some((head, checkpoint)) = &written {
        newest.set(*head, checkpoint.at);
    } else if let Some(last) = &seen.last {
        newest.set(last.head, last.at);
    }
    let refused = newest.unreported(seen.refused);
    Ok(CheckpointRound { written: written.map(|(_, checkpoint)| checkpoint), refused })
}

/// Returns the heads of the next checkpoint; `None` if it is not due.
async fn next(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
    last: Option<&StoredCheckpoint>,
    now: Timestamp,
) -> Result<Option<String>, sqlx::Error> {
    let Some(last) = last else {
        return grown(on, engine, Timestamp(i64::MIN), &HashMap::new()).await.map(Some);
    };
    // A clock that was set back does not hold the next checkpoint off.
    let age = if now < last.at { EMPTY_CHECKPOINT_EVERY } else { now.since(last.at) };
    if age < CHECKPOINT_EVERY {
        return Ok(None);
    }
    // Events also carry the time of a clock that was set back.
    let since = last.at.min(now) - OVERLAP;
    let named = named_since(on, engine, keys, last.head.seq, since - CHECKPOINT_EVERY).await?;
    let heads = grown(on, engine, since, &named).await?;
    Ok(Some(heads).filter(|heads| !heads.is_empty() || age >= EMPTY_CHECKPOINT_EVERY))
}

/// Reads the newest heads that the checkpoints since a time name, from the number `from` down. Only
/// those under the current key count: a forged one, or one under a replaced key, could name the
/// heads of a session that is to be removed.
///
/// Any row from before that time ends the search, because after the replacement of a key no row
/// below counts, and the whole table would be read. A forged row that ends it early has heads named
/// a second time.
async fn named_since(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &PublicKeys,
    from: i64,
    since: Timestamp,
) -> Result<HashMap<String, Head>, sqlx::Error> {
    let mut named = HashMap::new();
    let mut pages = CheckpointPages::new(engine, from, None);
    loop {
        let page = pages.next(on).await?;
        if page.is_empty() {
            return Ok(named);
        }
        for row in page {
            if row.at.is_some_and(|at| at < since.0) {
                return Ok(named);
            }
            if row.verified(keys).is_none() {
                continue;
            }
            for (chain, head) in parse_heads(row.heads.as_deref().unwrap_or_default()) {
                named.entry(chain.to_owned()).or_insert(head);
            }
        }
    }
}

/// Reads the heads of the chains that have grown since a time and are not `named` yet, as the
/// column of a checkpoint.
async fn grown(
    on: &mut AnyConnection,
    engine: Engine,
    since: Timestamp,
    named: &HashMap<String, Head>,
) -> Result<String, sqlx::Error> {
    if engine == Engine::Postgres {
        // The statement can be slow: the first checkpoint names every chain.
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *on).await?;
    }
    let rest = format!(
        "from (select chain, max(seq) as seq from events where at >= $1 and {} group by chain)
             as grown
         join events on events.chain = grown.chain and events.seq = grown.seq
         order by grown.chain",
        columns::is_number(engine, "seq")
    );
    let selected = [("grown.chain", Text), ("grown.seq", Number), ("events.signature", Text)];
    let statement = columns::select(engine, &selected, &rest);
    let mut heads = String::new();
    for row in sqlx::query(statement).bind(since.0).fetch_all(on).await? {
        // The bot writes neither a name nor a number that cannot be read.
        let (Some(chain), Some(seq)) = (text(&row, 0), number(&row, 1)) else { continue };
        let head = Head::from_columns(seq, text(&row, 2).as_deref());
        // A chain whose name has a space or line break is none of the bot's.
        if named.get(&chain) != Some(&head) && !chain.contains(char::is_whitespace) {
            // Writing to a text cannot fail.
            let _ = writeln!(heads, "{chain} {seq} {}", head.signature.encode());
        }
    }
    Ok(heads)
}

/// Parses the heads in the column of a checkpoint. A line that is none is left out.
pub(super) fn parse_heads(heads: &str) -> impl Iterator<Item = (&str, Head)> {
    heads.lines().filter_map(|line| {
        let (rest, signature) = line.rsplit_once(' ')?;
        let (chain, seq) = rest.rsplit_once(' ')?;
        Some((chain, Head { seq: seq.parse().ok()?, signature: Signature::parse(signature)? }))
    })
}

async fn write(
    on: &mut AnyConnection,
    keys: &TrailKeys,
    last: Option<&StoredCheckpoint>,
    heads: &str,
    now: Timestamp,
) -> Result<(Head, Checkpoint), sqlx::Error> {
    let previous = last.map_or_else(Head::default, |last| last.head);
    // The greatest number is not believed, so there is a next one.
    let seq = previous.seq.saturating_add(1);
    let key = keys.current();
    let message = checkpoint_message(key.id().as_str(), previous, seq, now.0, heads);
    let signature = key.sign(message.as_bytes());
    sqlx::query(
        "insert into checkpoints (seq, at, previous, previous_signature, heads, key, signature)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(seq)
    .bind(now.0)
    .bind(previous.seq)
    .bind(previous.to_column())
    .bind(heads)
    .bind(key.id().as_str())
    .bind(signature.encode())
    .execute(on)
    .await?;
    let count = heads.lines().count();
    let checkpoint = Checkpoint { seq, at: now, heads: count, signature: signature.encode() };
    Ok((Head { seq, signature }, checkpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_round_trip() {
        let signature = Signature([7; 64]);
        let text = format!("discord:7 3 {0}\nodd name 4 {0}\nno head\n", signature.encode());
        let heads: Vec<_> = parse_heads(&text).collect();
        assert_eq!(
            heads,
            [("discord:7", Head { seq: 3, signature }), ("odd name", Head { seq: 4, signature })]
        );
    }
}
