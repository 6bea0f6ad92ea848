//! Lists of sessions: whose are open, who attends a customer, what is due, what is pending.

use std::collections::HashSet;

use commands::error::Fault;
use commands::session::SessionId;
use commands::time::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::bulk::{self, Many};
use super::retry::{again, failed};
use super::{Database, rows};

pub(super) async fn open_of(database: &Database, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's sessions";
    let rows = again(DOING, || {
        sqlx::query(
            "select id from sessions where discord_id = $1 and closed_at is null and customer_id is not null order by opened_at, id",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

pub(super) async fn recovering(
    database: &Database,
    discord_id: u64,
) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing an agent's recoveries";
    let rows = again(DOING, || {
        sqlx::query(
            "select id from sessions where discord_id = $1 and closed_at is null and kind = 'recover' order by opened_at desc, id desc",
        )
        .bind(discord_id.cast_signed())
        .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

pub(super) async fn attending(
    database: &Database,
    customer: &str,
) -> Result<Option<(SessionId, u64)>, Fault> {
    const DOING: &str = "asking who attends a customer";
    let row = again(DOING, || {
        sqlx::query("select id, discord_id from sessions where attending = $1")
            .bind(customer)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(None) };
    let discord_id: i64 = row.try_get(1).map_err(failed(DOING))?;
    Ok(Some((id(&row, DOING)?, discord_id.cast_unsigned())))
}

/// Sessions on which a clock has to act, after a place in their order; those that are not in memory
/// are read into it.
pub(super) async fn due(
    database: &Database,
    now: Timestamp,
    after: Option<&(Timestamp, SessionId)>,
    at_most: u32,
) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
    const DOING: &str = "listing sessions that are due";
    let (at, place) = after.map_or((i64::MIN, ""), |(at, id)| (at.0, id.as_str()));
    let rows = again(DOING, || {
        sqlx::query(
            "select id, version, state, sealed, trail_seq, trail_mac, next_at from sessions
             where next_at <= $1 and (next_at, id) > ($2, $3) order by next_at, id limit $4",
        )
        .bind(now.0)
        .bind(at)
        .bind(place)
        .bind(i64::from(at_most))
        .fetch_all(&database.pools.reads)
    })
    .await?;
    rows.iter()
        .map(|row| {
            let id = id(row, DOING)?;
            if database.memory.get(&id).is_none()
                && let Ok((session, head)) = rows::session(row, &database.key)
            {
                database.memory.keep(session, head);
            }
            let at = row.try_get(6).map_err(failed(DOING))?;
            Ok((Timestamp(at), id))
        })
        .collect()
}

pub(super) async fn pending(database: &Database) -> Result<Vec<SessionId>, Fault> {
    const DOING: &str = "listing sessions with pending effects";
    let rows = again(DOING, || {
        sqlx::query("select id from sessions where pending = 1 order by opened_at, id")
            .fetch_all(&database.pools.reads)
    })
    .await?;
    ids(&rows, DOING)
}

/// Those of the sessions that are open.
pub(super) async fn open(
    database: &Database,
    of: &[SessionId],
) -> Result<HashSet<SessionId>, Fault> {
    const DOING: &str = "listing open sessions";
    static OPEN: Many =
        Many::new("select id from sessions where closed_at is null and id in (values ", 1, ")");
    let mut open = HashSet::new();
    for piece in bulk::pieces(of) {
        let rows = again(DOING, || {
            let query = sqlx::query(OPEN.sql(piece));
            piece
                .iter()
                .fold(query, |query, id| query.bind(id.as_str()))
                .fetch_all(&database.pools.reads)
        })
        .await?;
        open.extend(ids(&rows, DOING)?);
    }
    Ok(open)
}

fn ids(rows: &[AnyRow], doing: &'static str) -> Result<Vec<SessionId>, Fault> {
    rows.iter().map(|row| id(row, doing)).collect()
}

fn id(row: &AnyRow, doing: &'static str) -> Result<SessionId, Fault> {
    let text: String = row.try_get(0).map_err(failed(doing))?;
    text.parse().map_err(|error| Fault::new(doing, error))
}
