//! The whole trail, looked over: every chain, what the rows say of their heads, and what the checkpoints name.
//!
//! It is read in one snapshot, one event after the other, so the bot may go on meanwhile. In memory is a line for each chain.

mod check;

use std::collections::HashMap;

use commands::error::Fault;
use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _, Row as _};

use self::check::{Known, Stored, check};
use super::Database;
use super::chain::{Event, Head, Mac};
use super::checkpoints::{Named, Naming};
use super::seal::StoreKey;

pub use self::check::Finding;

const DOING: &str = "reading the trail";

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// How many events there are.
    pub events: usize,
    /// In so many chains.
    pub chains: usize,
    /// The newest checkpoint: its number and mac.
    pub checkpoint: Option<(i64, String)>,
    /// Everything that is wrong.
    pub findings: Vec<Finding>,
}

/// Looks over everything. `logged` is a checkpoint from the log, which has to be there.
pub(super) async fn audit(database: &Database, logged: Option<(i64, &str)>) -> Result<Audit, Fault> {
    let read = async {
        // A connection of its own: those of the pools give up on slow statements.
        let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
        let mut snapshot = connection.begin_with(database.pools.engine.snapshot()).await?;
        let mut audit = Audit::default();
        let named = checkpoints(&mut snapshot, &database.key, logged, &mut audit).await?;
        chains(&mut snapshot, &database.key, named, &mut audit).await?;
        snapshot.rollback().await?;
        connection.close().await?;
        Ok(audit)
    };
    read.await.map_err(|error: sqlx::Error| Fault::new(DOING, error))
}

/// All namings of each chain: that its end was cut off can show by an older one, when the bot has written on since.
async fn checkpoints(
    on: &mut AnyConnection,
    key: &StoreKey,
    logged: Option<(i64, &str)>,
    audit: &mut Audit,
) -> Result<HashMap<String, Vec<(Head, i64)>>, sqlx::Error> {
    let mut named: HashMap<String, Vec<(Head, i64)>> = HashMap::new();
    let all = sqlx::query("select seq, at, heads, mac from checkpoints order by seq").fetch_all(&mut *on).await?;
    let (mut before, mut next) = (Mac::START, 1);
    for row in all {
        let (seq, at, heads, mac): (i64, i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        audit.findings.extend((next..seq).map(|seq| Finding::NoCheckpoint { seq }));
        let after_a_gap = seq > next;
        let mut naming = Naming::begin(key, before, seq, at, heads);
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
        if is_other || (!after_a_gap && naming.mac().text() != mac) {
            audit.findings.push(Finding::Checkpoint { seq });
        }
        before = Mac::parse(&mac).unwrap_or(Mac::START);
        next = seq + 1;
        audit.checkpoint = Some((seq, mac));
    }
    if let Some((seq, _)) = logged
        && seq >= next
    {
        audit.findings.extend((next..=seq).map(|seq| Finding::NoCheckpoint { seq }));
    }
    Ok(named)
}

async fn chains(
    on: &mut AnyConnection,
    key: &StoreKey,
    mut named: HashMap<String, Vec<(Head, i64)>>,
    audit: &mut Audit,
) -> Result<(), sqlx::Error> {
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
    let mut chain: Vec<Stored> = Vec::new();
    loop {
        let next = rows.try_next().await?.as_ref().map(stored).transpose()?;
        let is_other = chain.last().is_some_and(|(last, _)| next.as_ref().is_none_or(|(event, _)| event.chain != last.chain));
        if is_other {
            let name = chain[0].0.chain.clone();
            let known = Known { head: heads.remove(&name), named: named.remove(&name).unwrap_or_default() };
            audit.findings.extend(check(key, &name, &chain, known));
            audit.chains += 1;
            audit.events += chain.len();
            chain.clear();
        }
        match next {
            Some(event) => chain.push(event),
            None => break,
        }
    }
    drop(rows);
    // What is left is said elsewhere and has no events at all.
    for (chain, head) in heads {
        named.remove(&chain);
        audit.findings.push(Finding::CutOff { chain, last: 0, expected: head.seq, checkpoint: None });
    }
    let gone = named.into_iter().filter_map(|(chain, namings)| Some((chain, namings.last()?.1)));
    audit.findings.extend(gone.map(|(chain, checkpoint)| Finding::Gone { chain, checkpoint }));
    Ok(())
}

/// Reads `chain, seq, at, who, session_id, what, detail, mac` of a row.
pub(super) fn stored(row: &AnyRow) -> Result<Stored, sqlx::Error> {
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
