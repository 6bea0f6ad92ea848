//! Writes events of the trail.

use std::collections::BTreeMap;

use commands::model::trail::TrailEvent;
use serde_json::Value;
use sqlx::AnyConnection;

use super::about::{event_binding, event_key_name, seal_about};
use super::bulk::{self, BulkStatement};
use super::named_customer::customer_column;
use super::subject_keys::SubjectKey;
use crate::trail::event::{Head, SignedEvent};
use crate::trail::keys::TrailKey;
use crate::trail::sign::extend_chain;

/// Writes events that have nothing to seal to the chains of their actors.
pub(super) async fn append(
    on: &mut AnyConnection,
    events: &[TrailEvent],
    key: &TrailKey,
) -> Result<Vec<SignedEvent>, sqlx::Error> {
    let signed = sign_for_actors(on, events, &[], key).await?;
    insert(on, &signed).await?;
    Ok(signed)
}

/// Signs events as the next ones of the chains of their actors, and writes the new heads to the
/// table `chains`. The caller inserts the events in the same transaction.
///
/// `about_keys` seal what the events are about. That is done here, because a sealed value is bound
/// to the number of its event.
pub(super) async fn sign_for_actors(
    on: &mut AnyConnection,
    events: impl IntoIterator<Item = &TrailEvent>,
    about_keys: &[&SubjectKey],
    key: &TrailKey,
) -> Result<Vec<SignedEvent>, sqlx::Error> {
    // Raising the number in the head locks the chain.
    static LOCK: BulkStatement = BulkStatement::new(
        "insert into chains (chain, seq) values ",
        2,
        " on conflict (chain) do update set seq = chains.seq + excluded.seq
         returning chain, seq, signature",
    );
    static SAVE: BulkStatement = BulkStatement::new(
        "with new (chain, signature) as (values ",
        2,
        ") update chains set signature = new.signature from new where chains.chain = new.chain",
    );
    // Chains are locked in the order of their names, so that two replicas do not deadlock.
    let mut chains: BTreeMap<&str, Vec<&TrailEvent>> = BTreeMap::new();
    for event in events {
        chains.entry(&event.actor).or_default().push(event);
    }
    let chains: Vec<_> = chains.into_iter().collect();
    let mut heads: Vec<(String, i64, Option<String>)> = Vec::with_capacity(chains.len());
    for chunk in bulk::chunks(&chains) {
        let query = sqlx::query_as(LOCK.sql(chunk));
        let query = chunk.iter().fold(query, |query, (chain, events)| {
            query.bind(*chain).bind(i64::try_from(events.len()).unwrap_or(i64::MAX))
        });
        heads.extend(query.fetch_all(&mut *on).await?);
    }
    // Both lists then have the order of the names.
    heads.sort_unstable();
    let (mut signed, mut new_heads) = (Vec::new(), Vec::with_capacity(chains.len()));
    for ((chain, events), (_, last, signature)) in chains.into_iter().zip(&heads) {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let head = Head::from_columns(last - count, signature.as_deref());
        let mut with_about = Vec::with_capacity(events.len());
        for (seq, event) in (head.seq + 1..).zip(events) {
            with_about.push((event, seal(event, about_keys, &event_binding(chain, seq))?));
        }
        let (own, head) = extend_chain(key, chain, head, with_about);
        signed.extend(own);
        new_heads.push((chain, head));
    }
    for chunk in bulk::chunks(&new_heads) {
        let query = sqlx::query(SAVE.sql(chunk));
        let query = chunk
            .iter()
            .fold(query, |query, (chain, head)| query.bind(*chain).bind(head.signature.encode()));
        query.execute(&mut *on).await?;
    }
    Ok(signed)
}

/// Seals what an event of an actor's chain is about.
fn seal(
    event: &TrailEvent,
    keys: &[&SubjectKey],
    binding: &str,
) -> Result<Option<String>, sqlx::Error> {
    if event.about == Value::Null {
        return Ok(None);
    }
    let name = event_key_name(event);
    let key = keys.iter().find(|key| key.name == name);
    let key = key.ok_or_else(|| sqlx::Error::Encode("the key of an event is missing".into()))?;
    seal_about(key, binding, &event.about)
        .map(Some)
        .map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

pub(super) async fn insert(
    on: &mut AnyConnection,
    events: impl IntoIterator<Item = &SignedEvent>,
) -> Result<(), sqlx::Error> {
    static INSERT: BulkStatement = BulkStatement::new(
        "insert into events (chain, seq, at, actor, session_id, kind, details, about, key,
             signature, customer) values ",
        11,
        "",
    );
    let events: Vec<_> = events.into_iter().collect();
    for chunk in bulk::chunks(&events) {
        let mut query = sqlx::query(INSERT.sql(chunk));
        for SignedEvent { event, signature } in chunk {
            query = query
                .bind(&event.chain)
                .bind(event.seq)
                .bind(event.at)
                .bind(&event.actor)
                .bind(event.session.as_deref())
                .bind(&event.kind)
                .bind(&event.details)
                .bind(event.about.as_deref())
                .bind(&event.key)
                .bind(signature.encode())
                .bind(customer_column(event).map(|customer| customer.to_string()));
        }
        query.execute(&mut *on).await?;
    }
    Ok(())
}
