//! The columns of a session's row that is not believed.

use commands::model::fault::Fault;
use commands::model::words::SessionId;
use sqlx::AssertSqlSafe;

use super::database::Database;
use super::retry::retry;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

/// The columns of a row that any build can read, as far as they hold values of their type.
pub(super) struct LooseColumns {
    pub(super) version: Option<i64>,
    pub(super) generation: Option<i64>,
    pub(super) kind: Option<String>,
    pub(super) discord_id: Option<i64>,
    pub(super) agent_id: Option<String>,
    pub(super) agent_name: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) about: Option<String>,
    pub(super) next_at: Option<i64>,
    pub(super) opened_at: Option<i64>,
    pub(super) closed_at: Option<i64>,
    pub(super) closed_why: Option<String>,
}

/// Reads a row, however it was edited.
pub(super) async fn read_columns(
    database: &Database,
    id: &SessionId,
) -> Result<Option<LooseColumns>, Fault> {
    let cells = [
        ("version", Number),
        ("generation", Number),
        ("kind", Text),
        ("discord_id", Number),
        ("agent_id", Text),
        ("agent_name", Text),
        ("customer", Text),
        ("about", Text),
        ("next_at", Number),
        ("opened_at", Number),
        ("closed_at", Number),
        ("closed_why", Text),
    ];
    let rest = "from sessions where id = $1";
    let statement = columns::select(database.pools.engine, &cells, rest);
    let row = retry(&database.pools, "reading the columns of an unusable session", || {
        sqlx::query(statement.clone()).bind(id.as_str()).fetch_optional(&database.pools.reads)
    })
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(LooseColumns {
        version: number(&row, 0),
        generation: number(&row, 1),
        kind: text(&row, 2),
        discord_id: number(&row, 3),
        agent_id: text(&row, 4),
        agent_name: text(&row, 5),
        customer: text(&row, 6),
        about: text(&row, 7),
        next_at: number(&row, 8),
        opened_at: number(&row, 9),
        closed_at: number(&row, 10),
        closed_why: text(&row, 11),
    }))
}

/// Raises the version of a row, which a writer of the database can have set to anything. Returns
/// the row with it; `None` if another process has changed the row.
///
/// The new version is the time in milliseconds. That is above the version of the session in every
/// cache, so that the close replaces such a session and no older copy can be written again.
pub(super) async fn raise_version(
    database: &Database,
    id: &SessionId,
    row: LooseColumns,
) -> Result<Option<LooseColumns>, Fault> {
    let cached = database.cache.get(id).map_or(0, |handle| handle.session().version);
    let raised = database.clock.now().0.max(cached.saturating_add(1));
    let unchanged = match row.version {
        Some(_) => "version = $3",
        None => "version <> cast(version as bigint) and $3 = 0",
    };
    let statement = format!("update sessions set version = $2 where id = $1 and {unchanged}");
    let updated = retry(&database.pools, "raising the version of an unusable session", || {
        sqlx::query(AssertSqlSafe(statement.clone()))
            .bind(id.as_str())
            .bind(raised)
            .bind(row.version.unwrap_or_default())
            .execute(&database.pools.writes)
    })
    .await?;
    Ok((updated.rows_affected() > 0).then_some(LooseColumns { version: Some(raised), ..row }))
}
