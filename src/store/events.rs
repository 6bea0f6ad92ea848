//! Writes events of the trail.

use commands::model::trail::TrailEvent;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::seal::StoreKey;
use crate::trail::event::{Head, SignedEvent};
use crate::trail::sign::extend_chain;

/// Writes events to the chains of their actors: events whose session is not written with them.
///
/// The heads of these chains are in the table `chains`.
pub(super) async fn append(
    on: &mut AnyConnection,
    events: &[TrailEvent],
    key: &StoreKey,
) -> Result<(), sqlx::Error> {
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by(|one, other| one.actor.cmp(&other.actor));
    for own in events.chunk_by(|one, other| one.actor == other.actor) {
        let chain = &own[0].actor;
        let count = i64::try_from(own.len()).unwrap_or(i64::MAX);
        // Raising the number in the head locks the chain.
        let (last, mac): (i64, Option<String>) = sqlx::query_as(
            "insert into chains (chain, seq) values ($1, $2)
             on conflict (chain) do update set seq = chains.seq + excluded.seq returning seq, mac",
        )
        .bind(chain)
        .bind(count)
        .fetch_one(&mut *on)
        .await?;
        let head = Head::from_columns(last - count, mac.as_deref());
        let (signed, head) = extend_chain(key, chain, head, own.iter().copied());
        insert(on, &signed).await?;
        sqlx::query("update chains set mac = $2 where chain = $1")
            .bind(chain)
            .bind(head.mac.encode())
            .execute(&mut *on)
            .await?;
    }
    Ok(())
}

pub(super) async fn insert(
    on: &mut AnyConnection,
    events: impl IntoIterator<Item = &SignedEvent>,
) -> Result<(), sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "insert into events (chain, seq, at, actor, session_id, kind, details, mac) values ",
        8,
        "",
    );
    let events: Vec<_> = events.into_iter().collect();
    for chunk in bulk::chunks(&events) {
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
