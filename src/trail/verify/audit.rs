//! The audit of the whole trail: chains, their heads in the rows, and checkpoints.
//!
//! It reads one snapshot row by row, so the bot can keep running, and reports each finding at once.
//! Memory holds one entry for each chain, one for each different head that checkpoints name, and
//! the current chain while it is short.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};

use super::chain::{ChainCheck, Reporter, StoredEvent};
use super::finding::Finding;
use crate::sql_error::redact;
use crate::store::database::Database;
use crate::store::engine::Engine;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, EVENT_COLUMNS, number, text};
use crate::trail::event::{Event, Head, Mac};
use crate::trail::sign::CheckpointMac;

/// The size of an audited trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSummary {
    pub events: usize,
    pub chains: usize,
    /// The newest checkpoint: its number and MAC.
    pub checkpoint: Option<(i64, String)>,
}

/// The heads that checkpoints name, by chain, each with the number of its checkpoint.
///
/// Older ones are kept too. After the end of a chain is cut off the bot writes new events, and then
/// only an older checkpoint shows the loss.
pub(super) type NamedHeads = BTreeMap<String, Vec<(Head, i64)>>;

/// Audits the whole trail and passes each finding to `each`.
///
/// `logged` is the number and MAC of a checkpoint from the log, which must exist.
pub async fn audit(
    database: &Database,
    logged: Option<(i64, &str)>,
    mut each: impl FnMut(Finding) -> anyhow::Result<()>,
) -> anyhow::Result<AuditSummary> {
    let audited = async {
        let engine = database.pools.engine;
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
        let mut snapshot = connection.begin_with(engine.snapshot()).await?;
        let mut reporter = Reporter::new(&database.key, &mut each);
        let (checkpoint, named) =
            audit_checkpoints(&mut snapshot, engine, logged, &mut reporter).await?;
        let (events, chains) = audit_chains(&mut snapshot, engine, named, &mut reporter).await?;
        snapshot.rollback().await?;
        connection.close().await?;
        Ok(AuditSummary { events, chains, checkpoint })
    };
    audited.await.map_err(redact)
}

/// Audits the checkpoints. Returns the newest one, and the heads that all of them name.
async fn audit_checkpoints(
    on: &mut AnyConnection,
    engine: Engine,
    logged: Option<(i64, &str)>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<(Option<(i64, String)>, NamedHeads)> {
    let mut newest = None;
    let mut named = NamedHeads::new();
    let columns = [("seq", Number), ("at", Number), ("heads", Number), ("mac", Text)];
    // All at once, because there is only one small row for each hour.
    let rows = sqlx::query(columns::select(engine, &columns, "from checkpoints order by seq"))
        .fetch_all(&mut *on)
        .await?;
    let (mut previous, mut next) = (Mac::START, 1);
    for row in rows {
        let (at, heads, mac) = (number(&row, 1), number(&row, 2), text(&row, 3));
        // The gap in the numbers reports a checkpoint whose number is unreadable.
        let Some(seq) = number(&row, 0) else { continue };
        let is_after_a_gap = seq > next;
        if is_after_a_gap {
            reporter.report(Finding::CheckpointsRemoved { first: next, last: seq - 1 })?;
        }
        let expected = at
            .zip(heads)
            .map(|(at, heads)| CheckpointMac::begin(reporter.key, previous, seq, at, heads));
        let expected = read_heads(on, engine, seq, expected, &mut named).await?;
        let differs_from_log =
            logged.is_some_and(|(logged, its)| logged == seq && Some(its) != mac.as_deref());
        if differs_from_log || (!is_after_a_gap && (expected.is_none() || expected != mac)) {
            reporter.report(Finding::CheckpointChanged { seq })?;
        }
        previous = mac.as_deref().and_then(Mac::parse).unwrap_or(Mac::START);
        next = next.max(seq.saturating_add(1));
        newest = Some((seq, mac.unwrap_or_default()));
    }
    match logged {
        Some((last, _)) if newest.as_ref().is_none_or(|(seq, _)| last > *seq) => {
            reporter.report(Finding::CheckpointsRemoved { first: next, last })?;
        }
        _ => {}
    }
    Ok((newest, named))
}

/// Reads the heads of a checkpoint into `named`. Returns the MAC that the checkpoint must have;
/// `None` if a cell is unreadable.
pub(super) async fn read_heads(
    on: &mut AnyConnection,
    engine: Engine,
    checkpoint: i64,
    mut expected: Option<CheckpointMac<'_>>,
    named: &mut NamedHeads,
) -> anyhow::Result<Option<String>> {
    let columns = [("chain", Text), ("seq", Number), ("mac", Text)];
    let statement = columns::select(
        engine,
        &columns,
        "from checkpoint_heads where checkpoint = $1 order by position",
    );
    let mut rows = sqlx::query(statement).bind(checkpoint).fetch(on);
    while let Some(row) = rows.try_next().await? {
        let (Some(chain), Some(seq), Some(mac)) = (text(&row, 0), number(&row, 1), text(&row, 2))
        else {
            expected = None;
            continue;
        };
        if let Some(expected) = &mut expected {
            expected.add(&chain, seq, &mac);
        }
        let head = Head::from_columns(seq, Some(&mac));
        let heads = named.entry(chain).or_default();
        // Checkpoints overlap, so a head can be named twice. The second time adds nothing.
        if heads.last().is_none_or(|(last, _)| *last != head) {
            heads.push((head, checkpoint));
        }
    }
    Ok(expected.map(|mac| mac.mac().encode()))
}

/// Audits the chains. Returns the numbers of events and chains.
async fn audit_chains(
    on: &mut AnyConnection,
    engine: Engine,
    mut named: NamedHeads,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<(usize, usize)> {
    let (mut events, mut chains) = (0, 0);
    let mut heads = stored_heads(on, engine).await?;
    let statement = columns::select(engine, &EVENT_COLUMNS, "from events order by chain, seq");
    let mut rows = sqlx::query(statement).fetch(&mut *on);
    let mut current: Option<ChainCheck> = None;
    loop {
        let row = rows.try_next().await?;
        let name = row.as_ref().and_then(|row| text(row, 0));
        if let Some(complete) = current.take_if(|chain| name.as_ref() != Some(&chain.name)) {
            let head = heads.remove(&complete.name);
            complete.finish(head, reporter)?;
        }
        let Some(row) = row else { break };
        events += 1;
        let Some(name) = name else {
            reporter.report(unplaced(&row, None))?;
            continue;
        };
        let chain = current.get_or_insert_with(|| {
            chains += 1;
            ChainCheck::new(name.clone(), named.remove(&name).unwrap_or_default())
        });
        match number(&row, 1) {
            Some(seq) => chain.push(stored_event(&row, name, seq), reporter)?,
            None => reporter.report(unplaced(&row, Some(name)))?,
        }
    }
    drop(rows);
    report_without_events(heads, named, reporter)?;
    Ok((events, chains))
}

/// Reads the heads that the rows of sessions and of actors' chains hold.
async fn stored_heads(
    on: &mut AnyConnection,
    engine: Engine,
) -> anyhow::Result<HashMap<String, Head>> {
    let mut heads = HashMap::new();
    for (columns, table) in [
        ([("id", Text), ("trail_seq", Number), ("trail_mac", Text)], "from sessions"),
        ([("chain", Text), ("seq", Number), ("mac", Text)], "from chains"),
    ] {
        let mut rows = sqlx::query(columns::select(engine, &columns, table)).fetch(&mut *on);
        while let Some(row) = rows.try_next().await? {
            if let Some(chain) = text(&row, 0) {
                let seq = number(&row, 1).unwrap_or(0);
                heads.insert(chain, Head::from_columns(seq, text(&row, 2).as_deref()));
            }
        }
    }
    Ok(heads)
}

/// Reports the chains that rows or checkpoints name and that have no events.
fn report_without_events(
    heads: HashMap<String, Head>,
    mut named: NamedHeads,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let heads: BTreeMap<_, _> = heads.into_iter().collect();
    for (chain, head) in heads.into_iter().filter(|(_, head)| head.seq > 0) {
        named.remove(&chain);
        let expected = head.seq;
        reporter.report(Finding::CutOff { chain, last: 0, expected, checkpoint: None })?;
    }
    for (chain, heads) in named {
        if let Some((_, checkpoint)) = heads.last() {
            reporter.report(Finding::ChainRemoved { chain, checkpoint: *checkpoint })?;
        }
    }
    Ok(())
}

pub(super) fn stored_event(row: &AnyRow, chain: String, seq: i64) -> StoredEvent {
    let (at, actor, kind, details) = (number(row, 2), text(row, 3), text(row, 5), text(row, 6));
    let is_readable = at.is_some() && actor.is_some() && kind.is_some() && details.is_some();
    let event = Event {
        chain,
        seq,
        at: at.unwrap_or(i64::MIN),
        actor: actor.unwrap_or_default(),
        session: text(row, 4),
        kind: kind.unwrap_or_default(),
        details: details.unwrap_or_default(),
    };
    StoredEvent { event, is_readable, mac: text(row, 7).as_deref().and_then(Mac::parse) }
}

fn unplaced(row: &AnyRow, chain: Option<String>) -> Finding {
    Finding::Unplaced {
        chain,
        kind: text(row, 5).unwrap_or_default(),
        at: number(row, 2).unwrap_or(i64::MIN),
    }
}
