//! The trail: events are added, never changed, each chained to the one before by a keyed hash.

use commands::time::Timestamp;
use commands::trail::TrailEvent as Recorded;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Connection as _, Row as _};

use super::Database;
use super::bulk::{self, Many};
use super::seal::StoreKey;
use crate::trail::columns::{self, number, text};
use crate::trail::event::{self, Event, Head, Mac};
use crate::trail::verify::EVENT;

/// Adds acts that belong to no session that is being written: to the chain of whoever acted. The
/// chains' heads stand in a table of their own.
pub(super) async fn add(
    on: &mut AnyConnection,
    events: &[&Recorded],
    key: &StoreKey,
) -> Result<(), sqlx::Error> {
    let mut left = events.to_vec();
    while let Some(first) = left.first() {
        let chain = &first.actor;
        let count = left.iter().filter(|act| act.actor == *chain).count();
        let before = advance(on, chain, i64::try_from(count).unwrap_or(i64::MAX)).await?;
        let (events, head) = event::continued(
            key,
            chain,
            before,
            left.iter().copied().filter(|act| act.actor == *chain),
        );
        insert(on, &events.iter().collect::<Vec<_>>()).await?;
        sqlx::query("update chains set mac = $2 where chain = $1")
            .bind(chain)
            .bind(head.mac.text())
            .execute(&mut *on)
            .await?;
        let chain = chain.clone();
        left.retain(|act| act.actor != chain);
    }
    Ok(())
}

/// Moves the head of a chain on by so many events, and with that locks it. Answers with the head as
/// it was.
async fn advance(on: &mut AnyConnection, chain: &str, by: i64) -> Result<Head, sqlx::Error> {
    let row = sqlx::query(
        "insert into chains (chain, seq) values ($1, $2)
         on conflict (chain) do update set seq = chains.seq + excluded.seq returning seq, mac",
    )
    .bind(chain)
    .bind(by)
    .fetch_one(on)
    .await?;
    Ok(Head::read(row.try_get::<i64, _>(0)? - by, row.try_get::<Option<&str>, _>(1)?))
}

/// Writes events.
pub(super) async fn insert(
    on: &mut AnyConnection,
    events: &[&(Event, Mac)],
) -> Result<(), sqlx::Error> {
    static INSERT: Many = Many::new(
        "insert into events (chain, seq, at, actor, session_id, kind, details, mac) values ",
        8,
        "",
    );
    for piece in bulk::pieces(events) {
        let mut query = sqlx::query(INSERT.sql(piece));
        for (event, mac) in piece {
            query = query
                .bind(&event.chain)
                .bind(event.seq)
                .bind(event.at)
                .bind(&event.actor)
                .bind(event.session.as_deref())
                .bind(&event.kind)
                .bind(&event.details)
                .bind(mac.text());
        }
        query.execute(&mut *on).await?;
    }
    Ok(())
}

/// An event as it is written out, word for word. `None`: nothing, or nothing that can be read, as
/// somebody has put it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEvent {
    /// A session, or whoever acted outside of any.
    pub chain: Option<String>,
    /// Its number in the chain, from 1.
    pub seq: Option<i64>,
    /// When.
    pub at: Option<Timestamp>,
    /// `discord:…`, or `clock`.
    pub actor: Option<String>,
    /// In which session.
    pub session: Option<String>,
    /// A word that does not change.
    pub kind: Option<String>,
    /// JSON.
    pub details: Option<String>,
    /// Its mac, after the one before.
    pub mac: Option<String>,
}

/// Gives away the events from a time on and before another, in their order, as they were at one
/// moment.
pub(super) async fn export(
    database: &Database,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    mut each: impl FnMut(TrailEvent) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // A connection of its own: those of the pools give up on slow statements.
    let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
    // Without an end it has no condition: somebody may have written a time that is later than any,
    // or none.
    let span = match (from, to) {
        (None, None) => "",
        (Some(_), None) => "where at >= $1",
        (None, Some(_)) => "where at < $1",
        (Some(_), Some(_)) => "where at >= $1 and at < $2",
    };
    let statement = columns::select(
        database.pools.engine,
        &EVENT,
        &format!("from events {span} order by at, chain, seq"),
    );
    let query = [from, to]
        .into_iter()
        .flatten()
        .fold(sqlx::query(statement), |query, time| query.bind(time.0));
    let mut rows = query.fetch(&mut connection);
    while let Some(row) = rows.try_next().await? {
        each(TrailEvent {
            chain: text(&row, 0),
            seq: number(&row, 1),
            at: number(&row, 2).map(Timestamp),
            actor: text(&row, 3),
            session: text(&row, 4),
            kind: text(&row, 5),
            details: text(&row, 6),
            mac: text(&row, 7),
        })?;
    }
    drop(rows);
    Ok(connection.close().await?)
}
