//! Writes events of the trail.

use commands::model::trail::TrailEvent;
use sqlx::{AnyConnection, Row as _};

use super::bulk::{self, BulkStatement};
use super::seal::StoreKey;
use crate::trail::event::{Head, SignedEvent};
use crate::trail::sign::extend_chain;

/// Writes events to the chains of their actors: events whose session is not written with them.
///
/// The heads of these chains are in the table `chains`.
pub(super) async fn append(
    on: &mut AnyConnection,
    events: &[&TrailEvent],
    key: &StoreKey,
) -> Result<(), sqlx::Error> {
    let mut left = events.to_vec();
    while let Some(first) = left.first() {
        let actor = first.actor.clone();
        let (own, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|event| event.actor == actor);
        left = others;
        let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
        let head = advance_head(on, &actor, count).await?;
        let update = extend_chain(key, &actor, head, own.into_iter());
        insert(on, &update.events.iter().collect::<Vec<_>>()).await?;
        sqlx::query("update chains set mac = $2 where chain = $1")
            .bind(&actor)
            .bind(update.head.mac.encode())
            .execute(&mut *on)
            .await?;
    }
    Ok(())
}

/// Raises the number in a chain's head by `count`, which locks the chain. Returns the old head.
async fn advance_head(
    on: &mut AnyConnection,
    chain: &str,
    count: i64,
) -> Result<Head, sqlx::Error> {
    let row = sqlx::query(
        "insert into chains (chain, seq) values ($1, $2)
         on conflict (chain) do update set seq = chains.seq + excluded.seq returning seq, mac",
    )
    .bind(chain)
    .bind(count)
    .fetch_one(on)
    .await?;
    let mac: Option<&str> = row.try_get(1)?;
    Ok(Head::from_columns(row.try_get::<i64, _>(0)? - count, mac))
}

pub(super) async fn insert(
    on: &mut AnyConnection,
    events: &[&SignedEvent],
) -> Result<(), sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "insert into events (chain, seq, at, actor, session_id, kind, details, mac) values ",
        8,
        "",
    );
    for chunk in bulk::chunks(events) {
        let mut query = sqlx::query(INSERT.sql(chunk));
        for SignedEvent { event, mac } in chunk {
            query = query
                .bind(&event.chain)
                .bind(event.seq)
                .bind(event.at)
                .bind(&event.actor)
                .bind(event.session.as_deref())
                .bind(&event.kind)
                .bind(&event.details)
                .bind(mac.encode());
        }
        query.execute(&mut *on).await?;
    }
    Ok(())
}
