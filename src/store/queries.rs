//! Reads of sessions: one by its id, and lists of ids.

use std::collections::HashSet;
use std::sync::Arc;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::sessions::SessionHandle;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::bulk::{self, BulkStatement};
use super::database::Database;
use super::retry::{retry, to_fault};
use super::rows::{self, READING};
use super::unreadable;

/// Finds a session in the cache, or else in its row.
pub(super) async fn find(
    database: &Database,
    id: &SessionId,
) -> Result<Option<Arc<SessionHandle>>, Fault> {
    match database.cache.get(id) {
        Some(handle) => Ok(Some(handle)),
        None => reload(database, id).await,
    }
}

/// Reads a session from its row into the cache.
pub(super) async fn reload(
    database: &Database,
    id: &SessionId,
) -> Result<Option<Arc<SessionHandle>>, Fault> {
    let row = retry(READING, || {
        sqlx::query(
            "select id, version, state, sealed, trail_seq, trail_mac from sessions where id = $1",
        )
        .bind(id.as_str())
        .fetch_optional(&database.pools.reads)
    })
    .await;
    match row.and_then(|row| row.map(|row| rows::decode(&row, &database.key)).transpose()) {
        Ok(session) => Ok(session.map(|(session, head)| database.cache.update(session, head))),
        Err(fault) => unreadable::handle(database, id, fault).await.map(|()| None),
    }
}

/// Reloads a cached session if another process has written a newer version.
pub(super) async fn refresh(database: &Database, id: &SessionId) -> Result<(), Fault> {
    const DOING: &str = "reading a session's version";
    if !database.pools.engine.is_shared() {
        return Ok(());
    }
    let Some(handle) = database.cache.get(id) else { return Ok(()) };
    let row = retry(DOING, || {
        sqlx::query("select version from sessions where id = $1")
            .bind(id.as_str())
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let version = row.map(|row| row.try_get::<i64, _>(0)).transpose().map_err(to_fault(DOING))?;
    if version.is_some_and(|version| version > handle.session().version) {
        reload(database, id).await?;
    }
    Ok(())
}

/// Lists an agent's open sessions with customers, oldest first.
pub(super) async fn open_of(database: &Database, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's sessions";
    let rows = retry(DOING, || {
        sqlx::query(
            "select id from sessions
             where discord_id = $1 and closed_at is null and customer_id is not null
             order by opened_at, id",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    decode_ids(&rows, DOING)
}

/// Lists an agent's open recoveries, newest first.
pub(super) async fn recoveries_of(
    database: &Database,
    discord_id: u64,
) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's recoveries";
    let rows = retry(DOING, || {
        sqlx::query(
            "select id from sessions
             where discord_id = $1 and closed_at is null and kind = 'recover'
             order by opened_at desc, id desc",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    decode_ids(&rows, DOING)
}

/// Finds the session that attends a customer, and its agent's Discord id.
pub(super) async fn attending(
    database: &Database,
    customer: &str,
) -> Result<Option<(SessionId, u64)>, Fault> {
    const DOING: &str = "finding the session of a customer";
    let row = retry(DOING, || {
        sqlx::query("select id, discord_id from sessions where attending = $1")
            .bind(customer)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(None) };
    let discord_id: i64 = row.try_get(1).map_err(to_fault(DOING))?;
    Ok(Some((decode_id(&row, DOING)?, discord_id.cast_unsigned())))
}

/// Lists sessions with a due timer, in a page of up to `at_most` that follows `after`. Loads those
/// that are not cached.
pub(super) async fn due(
    database: &Database,
    now: Timestamp,
    after: Option<&(Timestamp, SessionId)>,
    at_most: u32,
) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
    const DOING: &str = "listing sessions with a due timer";
    let (after_at, after_id) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
    let rows = retry(DOING, || {
        sqlx::query(
            "select id, version, state, sealed, trail_seq, trail_mac, next_at from sessions
             where next_at <= $1 and (next_at, id) > ($2, $3) order by next_at, id limit $4",
        )
        .bind(now.0)
        .bind(after_at)
        .bind(after_id)
        .bind(i64::from(at_most))
        .fetch_all(&database.pools.reads)
    })
    .await?;
    rows.iter()
        .map(|row| {
            let id = decode_id(row, DOING)?;
            if database.cache.get(&id).is_none()
                && let Ok((session, head)) = rows::decode(row, &database.key)
            {
                database.cache.update(session, head);
            }
            let at = row.try_get(6).map_err(to_fault(DOING))?;
            Ok((Timestamp(at), id))
        })
        .collect()
}

/// Lists sessions with a pending effect, open or closed.
pub(super) async fn pending(database: &Database) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing sessions with pending effects";
    let rows = retry(DOING, || {
        sqlx::query("select id from sessions where pending = 1 order by opened_at, id")
            .fetch_all(&database.pools.reads)
    })
    .await?;
    decode_ids(&rows, DOING)
}

/// Drops the cached sessions that another process has closed.
pub(super) async fn evict_closed(database: &Database) -> Result<(), Fault> {
    // Read the cache before the rows, so that a session opened in between is not dropped.
    let mut closed = database.cache.open_ids();
    let open = open_among(database, &closed).await?;
    closed.retain(|id| !open.contains(id));
    database.cache.evict(&closed);
    Ok(())
}

/// Returns those of `ids` whose sessions are open.
async fn open_among(database: &Database, ids: &[SessionId]) -> Result<HashSet<SessionId>, Fault> {
    const DOING: &str = "listing open sessions";
    static OPEN: BulkStatement = BulkStatement::new(
        "select id from sessions where closed_at is null and id in (values ",
        1,
        ")",
    );
    let mut open = HashSet::new();
    for chunk in bulk::chunks(ids) {
        let rows = retry(DOING, || {
            let query = sqlx::query(OPEN.sql(chunk));
            chunk
                .iter()
                .fold(query, |query, id| query.bind(id.as_str()))
                .fetch_all(&database.pools.reads)
        })
        .await?;
        open.extend(decode_ids(&rows, DOING)?);
    }
    Ok(open)
}

fn decode_ids(rows: &[AnyRow], doing: &'static str) -> Result<Vec<SessionId>, Fault> {
    rows.iter().map(|row| decode_id(row, doing)).collect()
}

fn decode_id(row: &AnyRow, doing: &'static str) -> Result<SessionId, Fault> {
    let text: String = row.try_get(0).map_err(to_fault(doing))?;
    text.parse().map_err(|error| Fault::new(doing, error))
}
