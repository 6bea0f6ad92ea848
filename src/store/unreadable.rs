//! Rows that this build cannot read, because another version of the bot wrote them.
//!
//! Nobody can act on such a session, yet it holds its customer, and its clocks never act. So once
//! it is overdue, and nobody who can read it has looked at it, it is closed in the store. What it
//! opened is not revoked: a link ends by itself within a minute or so.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use commands::error::Fault;
use commands::session::{Session, SessionId};
use commands::time::Timestamp;
use commands::trail::{TrailEvent, kind};
use serde_json::json;
use sqlx::Row as _;

use super::retry::{again, failed};
use super::{Database, events};

/// How long a clock must have been overdue. During an upgrade other replicas can read what this one
/// cannot, and they look every second.
pub(super) const OVERDUE: Duration = Duration::from_mins(1);

/// Why it closed: in the row, and in the trail.
pub(super) const UNREADABLE: &str = "unreadable";

/// The sessions of which it was said that they cannot be read: once each is enough for a log.
#[derive(Debug, Default)]
pub(super) struct Unreadable(Mutex<HashSet<SessionId>>);

impl Unreadable {
    /// Whether it is the first time.
    fn is_news(&self, id: &SessionId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone())
    }
}

/// Looks at a row that could not be read. `Ok`: there is nothing to be done with it, and it was
/// said before; or it is closed now.
pub(super) async fn look_at(
    database: &Database,
    id: &SessionId,
    fault: Fault,
) -> Result<(), Fault> {
    let Some(row) = Row::read(database, id).await?.filter(Row::is_unreadable) else {
        return Err(fault);
    };
    let now = database.clock.now();
    match row.next_at {
        None if row.closed => Ok(()),
        Some(at) if at + OVERDUE <= now => close(database, id, row.version, now).await,
        // Its clocks ask every second.
        Some(at) if at <= now && !database.unreadable.is_news(id) => Ok(()),
        _ => Err(fault),
    }
}

struct Row {
    version: i64,
    state: String,
    next_at: Option<Timestamp>,
    closed: bool,
}

impl Row {
    async fn read(database: &Database, id: &SessionId) -> Result<Option<Self>, Fault> {
        const DOING: &str = "looking at a session that cannot be read";
        let row = again(DOING, || {
            sqlx::query("select version, state, next_at, closed_at from sessions where id = $1")
                .bind(id.as_str())
                .fetch_optional(&database.pools.reads)
        })
        .await?;
        row.map(|row| {
            Ok(Self {
                version: row.try_get(0)?,
                state: row.try_get(1)?,
                next_at: row.try_get::<Option<i64>, _>(2)?.map(Timestamp),
                closed: row.try_get::<Option<i64>, _>(3)?.is_some(),
            })
        })
        .transpose()
        .map_err(failed::<sqlx::Error>(DOING))
    }

    fn is_unreadable(&self) -> bool {
        serde_json::from_str::<Session>(&self.state).is_err()
    }
}

async fn close(
    database: &Database,
    id: &SessionId,
    version: i64,
    now: Timestamp,
) -> Result<(), Fault> {
    let closed = transact(database, id, version, now).await;
    // `false`: somebody has moved it who can read it.
    if closed.map_err(failed("closing a session that cannot be read"))? {
        tracing::error!(
            session = id.short(),
            "a session that another version of the bot wrote was overdue, and is closed unread"
        );
    }
    Ok(())
}

async fn transact(
    database: &Database,
    id: &SessionId,
    version: i64,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let mut transaction = database.pools.writes.begin_with(database.pools.engine.begin()).await?;
    let closed = sqlx::query(
        "update sessions set version = version + 1, attending = null, sealed = null, next_at = null, pending = 0,
             closed_at = coalesce(closed_at, $3), closed_why = coalesce(closed_why, $4)
         where id = $1 and version = $2",
    )
    .bind(id.as_str())
    .bind(version)
    .bind(now.0)
    .bind(UNREADABLE)
    .execute(&mut *transaction)
    .await?;
    if closed.rows_affected() == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    let detail = json!({ "why": UNREADABLE });
    let act = TrailEvent {
        at: now,
        actor: "clock".to_owned(),
        session: Some(id.clone()),
        kind: kind::CLOSED,
        details: detail,
    };
    events::add(&mut transaction, &[&act], &database.key).await?;
    transaction.commit().await?;
    Ok(true)
}
