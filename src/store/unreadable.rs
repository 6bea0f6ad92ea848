//! Sessions that this build cannot read, because another version of the bot wrote them.
//!
//! No agent can use such a session, but it still attends its customer, and its timers never run. So
//! a replica closes it once its timer is overdue and no other replica has handled it. Access links
//! are not revoked; they expire within about a minute.

use std::sync::PoisonError;
use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::SessionId;
use serde_json::json;

use super::database::Database;
use super::engine::Pools;
use super::events;
use super::retry::{retry, to_fault};

/// Time by which a timer must be overdue. During an upgrade other replicas may read the row, and
/// they check it every second.
pub(super) const GRACE: Duration = Duration::from_mins(1);

/// Reason of the close, in the row and in the trail.
pub(super) const UNREADABLE: &str = "unreadable";

/// Handles the fault of reading a session.
///
/// Returns the fault if it has another cause, or is not logged yet. Returns `Ok` if the session is
/// closed, now or before, or if its due timer was logged before.
pub(super) async fn handle(database: &Database, id: &SessionId, fault: Fault) -> Result<(), Fault> {
    const DOING: &str = "reading the columns of an unreadable session";
    // The columns of a row that any build can read.
    let row: Option<(i64, String, Option<i64>, Option<i64>)> =
        retry(&database.pools, DOING, || {
            sqlx::query_as("select version, state, next_at, closed_at from sessions where id = $1")
                .bind(id.as_str())
                .fetch_optional(&database.pools.reads)
        })
        .await?;
    let is_unreadable = |state: &str| serde_json::from_str::<Session>(state).is_err();
    let Some((version, _, next_at, closed_at)) = row.filter(|row| is_unreadable(&row.1)) else {
        return Err(fault);
    };
    let now = database.clock.now();
    match next_at.map(Timestamp) {
        None if closed_at.is_some() => Ok(()),
        Some(at) if at + GRACE <= now => close(database, id, version, now).await,
        // The timers read the session every second; one line in the log is enough.
        Some(at) if at <= now && !is_first_report(database, id) => Ok(()),
        _ => Err(fault),
    }
}

fn is_first_report(database: &Database, id: &SessionId) -> bool {
    database.unreadable.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone())
}

/// Closes the row and writes the event, unless another process has changed the row.
async fn close(
    database: &Database,
    id: &SessionId,
    version: i64,
    now: Timestamp,
) -> Result<(), Fault> {
    let Pools { writes, engine, .. } = &database.pools;
    let closed = async {
        let mut transaction = writes.begin_with(engine.begin()).await?;
        let closed = sqlx::query(
            "update sessions set version = version + 1, attending = null, sealed = null,
                 next_at = null, pending = 0,
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
            return transaction.rollback().await;
        }
        let event = TrailEvent {
            at: now,
            actor: "clock".to_owned(),
            session: Some(id.clone()),
            kind: kind::CLOSED,
            details: json!({ "why": UNREADABLE }),
        };
        events::append(&mut transaction, &[event], &database.key).await?;
        transaction.commit().await?;
        tracing::error!(
            session = id.short(),
            "overdue session was written by another version of the bot: closed unread"
        );
        Ok(())
    };
    closed.await.map_err(to_fault("closing an unreadable session"))
}
