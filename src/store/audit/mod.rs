//! The whole trail, looked over: every chain, what the rows say of their heads, and what the checkpoints name.
//!
//! It is read in one snapshot, one row after the other, so the bot may go on meanwhile, and each finding is told when it is found. In
//! memory are a line for each chain, one for each time that a checkpoint names another head of it, and the chain that is looked at
//! as long as it is short.

mod check;
mod finding;

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _, Row as _};

use self::check::{Chain, Search, Stored};
use super::Database;
use super::chain::{Event, Head, Mac};
use super::checkpoints::{Named, Naming};

pub use self::finding::Finding;

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many events there are.
    pub events: usize,
    /// In so many chains.
    pub chains: usize,
    /// The newest checkpoint: its number and mac.
    pub checkpoint: Option<(i64, String)>,
}

/// The heads that checkpoints name, by chain, each with the checkpoint. All of them: that its end was cut off can show by an older one,
/// when the bot has written on since.
type Namings = BTreeMap<String, Vec<(Head, i64)>>;

/// Looks over everything. `logged` is a checkpoint from the log, which has to be there.
pub(super) async fn audit(
    database: &Database,
    logged: Option<(i64, &str)>,
    tell: &mut dyn FnMut(Finding) -> anyhow::Result<()>,
) -> anyhow::Result<Seen> {
    // A connection of its own: those of the pools give up on slow statements.
    let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
    let mut snapshot = connection.begin_with(database.pools.engine.snapshot()).await?;
    let mut seen = Seen::default();
    let mut search = Search::new(&database.key, tell);
    let named = checkpoints(&mut snapshot, logged, &mut seen, &mut search).await?;
    chains(&mut snapshot, named, &mut seen, &mut search).await?;
    snapshot.rollback().await?;
    connection.close().await?;
    Ok(seen)
}

/// Looks over the checkpoints.
async fn checkpoints(
    on: &mut AnyConnection,
    logged: Option<(i64, &str)>,
    seen: &mut Seen,
    search: &mut Search<'_>,
) -> anyhow::Result<Namings> {
    let mut named = Namings::new();
    // A few numbers for each hour of the bot's life.
    let all = sqlx::query("select seq, at, heads, mac from checkpoints order by seq").fetch_all(&mut *on).await?;
    let (mut before, mut next) = (Mac::START, 1);
    for row in all {
        let (seq, at, heads, mac): (i64, i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let is_after_a_gap = seq > next;
        if is_after_a_gap {
            search.found(Finding::NoCheckpoint { first: next, last: seq - 1 })?;
        }
        let mut naming = Naming::begin(search.key(), before, seq, at, heads);
        let mut rows = sqlx::query("select chain, seq, mac from checkpoint_heads where checkpoint = $1 order by place")
            .bind(seq)
            .fetch(&mut *on);
        while let Some(row) = rows.try_next().await? {
            let head = Named { chain: row.try_get(0)?, seq: row.try_get(1)?, mac: row.try_get(2)? };
            naming.name(&head);
            let its = Head::read(head.seq, Some(&head.mac));
            let namings = named.entry(head.chain).or_default();
            // One that was named twice, as it is within a checkpoint's look back, says nothing new.
            if namings.last().is_none_or(|(last, _)| *last != its) {
                namings.push((its, seq));
            }
        }
        let is_other = logged.is_some_and(|(logged, its)| logged == seq && its != mac);
        if is_other || (!is_after_a_gap && naming.mac().text() != mac) {
            search.found(Finding::Checkpoint { seq })?;
        }
        before = Mac::parse(&mac).unwrap_or(Mac::START);
        next = next.max(seq.saturating_add(1));
        seen.checkpoint = Some((seq, mac));
    }
    match logged {
        Some((last, _)) if seen.checkpoint.as_ref().is_none_or(|(seq, _)| last > *seq) => {
            search.found(Finding::NoCheckpoint { first: next, last })?;
        }
        _ => {}
    }
    Ok(named)
}

/// Looks over the chains.
async fn chains(on: &mut AnyConnection, mut named: Namings, seen: &mut Seen, search: &mut Search<'_>) -> anyhow::Result<()> {
    let mut heads: HashMap<String, Head> = HashMap::new();
    for statement in
        ["select id, trail_seq, trail_mac from sessions where trail_seq > 0", "select chain, seq, mac from chains where seq > 0"]
    {
        let mut rows = sqlx::query(statement).fetch(&mut *on);
        while let Some(row) = rows.try_next().await? {
            heads.insert(row.try_get(0)?, Head::read(row.try_get(1)?, row.try_get::<Option<&str>, _>(2)?));
        }
    }
    let mut rows =
        sqlx::query("select chain, seq, at, who, session_id, what, detail, mac from events order by chain, seq").fetch(&mut *on);
    let mut chain: Option<Chain> = None;
    loop {
        let next = rows.try_next().await?.as_ref().map(stored).transpose()?;
        let name = next.as_ref().map(|(event, _)| event.chain.as_str());
        if let Some(over) = chain.take_if(|chain| name != Some(chain.name())) {
            let head = heads.remove(over.name());
            over.end(head, search)?;
        }
        let Some(next) = next else { break };
        seen.events += 1;
        let chain = chain.get_or_insert_with(|| {
            seen.chains += 1;
            Chain::new(next.0.chain.clone(), named.remove(&next.0.chain).unwrap_or_default())
        });
        chain.take(next, search)?;
    }
    drop(rows);
    // What is left is said elsewhere and has no events at all.
    let heads: BTreeMap<_, _> = heads.into_iter().collect();
    for (chain, head) in heads {
        named.remove(&chain);
        search.found(Finding::CutOff { chain, last: 0, expected: head.seq, checkpoint: None })?;
    }
    for (chain, namings) in named {
        if let Some((_, checkpoint)) = namings.last() {
            search.found(Finding::Gone { chain, checkpoint: *checkpoint })?;
        }
    }
    Ok(())
}

/// Reads `chain, seq, at, who, session_id, what, detail, mac` of a row.
fn stored(row: &AnyRow) -> Result<Stored, sqlx::Error> {
    let event = Event {
        chain: row.try_get(0)?,
        seq: row.try_get(1)?,
        at: row.try_get(2)?,
        who: row.try_get(3)?,
        session: row.try_get(4)?,
        what: row.try_get(5)?,
        detail: row.try_get(6)?,
    };
    Ok((event, row.try_get::<Option<&str>, _>(7)?.and_then(Mac::parse)))
}
