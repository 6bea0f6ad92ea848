//! The whole trail, looked over: every chain, what the rows say of their heads, and what the
//! checkpoints name.
//!
//! It is read in one snapshot, one row after the other, so the bot may go on meanwhile, and each
//! finding is told when it is found. In memory are a line for each chain, one for each time that a
//! checkpoint names another head of it, and the chain that is looked at as long as it is short.

mod chain;
mod finding;

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};

use self::chain::{Chain, Search, Stored};
use super::checkpoint::{Named, Naming};
use super::columns::Kind::{self, Number, Text};
use super::columns::{self, number, text};
use super::event::{Event, Head, Mac};
use crate::store::Database;
use crate::store::engine::Engine;

pub use self::finding::Finding;

/// An event's columns.
pub(crate) const EVENT: [(&str, Kind); 8] = [
    ("chain", Text),
    ("seq", Number),
    ("at", Number),
    ("actor", Text),
    ("session_id", Text),
    ("kind", Text),
    ("details", Text),
    ("mac", Text),
];

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

/// The heads that checkpoints name, by chain, each with the checkpoint. All of them: that its end
/// was cut off can show by an older one, when the bot has written on since.
type Namings = BTreeMap<String, Vec<(Head, i64)>>;

/// Looks over everything. `logged` is a checkpoint from the log, which has to be there.
pub(crate) async fn audit(
    database: &Database,
    logged: Option<(i64, &str)>,
    tell: &mut dyn FnMut(Finding) -> anyhow::Result<()>,
) -> anyhow::Result<Seen> {
    // A connection of its own: those of the pools give up on slow statements.
    let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
    let mut snapshot = connection.begin_with(database.pools.engine.snapshot()).await?;
    let engine = database.pools.engine;
    let mut seen = Seen::default();
    let mut search = Search::new(&database.key, tell);
    let named = checkpoints(&mut snapshot, engine, logged, &mut seen, &mut search).await?;
    chains(&mut snapshot, engine, named, &mut seen, &mut search).await?;
    snapshot.rollback().await?;
    connection.close().await?;
    Ok(seen)
}

/// Looks over the checkpoints.
async fn checkpoints(
    on: &mut AnyConnection,
    engine: Engine,
    logged: Option<(i64, &str)>,
    seen: &mut Seen,
    search: &mut Search<'_>,
) -> anyhow::Result<Namings> {
    let mut named = Namings::new();
    let columns = [("seq", Number), ("at", Number), ("heads", Number), ("mac", Text)];
    // A few numbers for each hour of the bot's life.
    let all = sqlx::query(columns::select(engine, &columns, "from checkpoints order by seq"))
        .fetch_all(&mut *on)
        .await?;
    let (mut before, mut next) = (Mac::START, 1);
    for row in all {
        let (at, heads, mac) = (number(&row, 1), number(&row, 2), text(&row, 3));
        // Where it stood shows by the gap.
        let Some(seq) = number(&row, 0) else { continue };
        let is_after_a_gap = seq > next;
        if is_after_a_gap {
            search.found(Finding::NoCheckpoint { first: next, last: seq - 1 })?;
        }
        let its =
            at.zip(heads).map(|(at, heads)| Naming::begin(search.key(), before, seq, at, heads));
        let its = heads_of(on, seq, its, &mut named, engine).await?;
        let is_other =
            logged.is_some_and(|(logged, its)| logged == seq && Some(its) != mac.as_deref());
        if is_other || (!is_after_a_gap && (its.is_none() || its != mac)) {
            search.found(Finding::Checkpoint { seq })?;
        }
        before = mac.as_deref().and_then(Mac::parse).unwrap_or(Mac::START);
        next = next.max(seq.saturating_add(1));
        seen.checkpoint = Some((seq, mac.unwrap_or_default()));
    }
    match logged {
        Some((last, _)) if seen.checkpoint.as_ref().is_none_or(|(seq, _)| last > *seq) => {
            search.found(Finding::NoCheckpoint { first: next, last })?;
        }
        _ => {}
    }
    Ok(named)
}

/// Reads the heads that a checkpoint names, and answers with the mac that it should have; `None`
/// when one of its cells cannot be read.
async fn heads_of(
    on: &mut AnyConnection,
    checkpoint: i64,
    mut naming: Option<Naming<'_>>,
    named: &mut Namings,
    engine: Engine,
) -> anyhow::Result<Option<String>> {
    let columns = [("chain", Text), ("seq", Number), ("mac", Text)];
    let statement = columns::select(
        engine,
        &columns,
        "from checkpoint_heads where checkpoint = $1 order by place",
    );
    let mut rows = sqlx::query(statement).bind(checkpoint).fetch(on);
    while let Some(row) = rows.try_next().await? {
        let (Some(chain), Some(seq), Some(mac)) = (text(&row, 0), number(&row, 1), text(&row, 2))
        else {
            naming = None;
            continue;
        };
        let head = Named { chain, seq, mac };
        if let Some(naming) = &mut naming {
            naming.name(&head);
        }
        let its = Head::read(head.seq, Some(&head.mac));
        let namings = named.entry(head.chain).or_default();
        // One that was named twice, as it is within a checkpoint's look back, says nothing new.
        if namings.last().is_none_or(|(last, _)| *last != its) {
            namings.push((its, checkpoint));
        }
    }
    Ok(naming.map(|naming| naming.mac().text()))
}

/// Looks over the chains.
async fn chains(
    on: &mut AnyConnection,
    engine: Engine,
    mut named: Namings,
    seen: &mut Seen,
    search: &mut Search<'_>,
) -> anyhow::Result<()> {
    let mut heads: HashMap<String, Head> = HashMap::new();
    for (names, table) in [
        (["id", "trail_seq", "trail_mac"], "from sessions"),
        (["chain", "seq", "mac"], "from chains"),
    ] {
        let [chain, seq, mac] = names;
        let statement =
            columns::select(engine, &[(chain, Text), (seq, Number), (mac, Text)], table);
        let mut rows = sqlx::query(statement).fetch(&mut *on);
        while let Some(row) = rows.try_next().await? {
            if let Some(chain) = text(&row, 0) {
                heads.insert(
                    chain,
                    Head::read(number(&row, 1).unwrap_or(0), text(&row, 2).as_deref()),
                );
            }
        }
    }
    let mut rows = sqlx::query(columns::select(engine, &EVENT, "from events order by chain, seq"))
        .fetch(&mut *on);
    let mut chain: Option<Chain> = None;
    loop {
        let row = rows.try_next().await?;
        let name = row.as_ref().and_then(|row| text(row, 0));
        if let Some(over) = chain.take_if(|chain| name.as_deref() != Some(chain.name())) {
            let head = heads.remove(over.name());
            over.end(head, search)?;
        }
        let Some(row) = row else { break };
        seen.events += 1;
        let Some(name) = name else {
            search.found(stray(&row, None))?;
            continue;
        };
        let chain = chain.get_or_insert_with(|| {
            seen.chains += 1;
            Chain::new(name.clone(), named.remove(&name).unwrap_or_default())
        });
        match number(&row, 1) {
            Some(seq) => chain.take(stored(&row, name, seq), search)?,
            None => search.found(stray(&row, Some(name)))?,
        }
    }
    drop(rows);
    // What is left is said elsewhere and has no events at all.
    let heads: BTreeMap<_, _> = heads.into_iter().collect();
    for (chain, head) in heads.into_iter().filter(|(_, head)| head.seq > 0) {
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

/// Reads an event.
fn stored(row: &AnyRow, chain: String, seq: i64) -> Stored {
    let (at, actor, kind, details) = (number(row, 2), text(row, 3), text(row, 5), text(row, 6));
    let is_whole = at.is_some() && actor.is_some() && kind.is_some() && details.is_some();
    let event = Event {
        chain,
        seq,
        at: at.unwrap_or(i64::MIN),
        actor: actor.unwrap_or_default(),
        session: text(row, 4),
        kind: kind.unwrap_or_default(),
        details: details.unwrap_or_default(),
    };
    Stored { event, is_whole, mac: text(row, 7).as_deref().and_then(Mac::parse) }
}

/// Tells of an event that stands nowhere.
fn stray(row: &AnyRow, chain: Option<String>) -> Finding {
    Finding::Stray {
        chain,
        kind: text(row, 5).unwrap_or_default(),
        at: number(row, 2).unwrap_or(i64::MIN),
    }
}
