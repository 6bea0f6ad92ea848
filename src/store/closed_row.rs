//! Row of a closed session, as the retention and the verification read it.

use sqlx::AnyConnection;

use super::row_columns::{self, Columns};
use super::store_keys::StoreKeys;
use crate::store::engine::Engine;
use crate::trail::columns;
use crate::trail::event::Head;

/// What the trail needs of a closed session's row.
#[derive(Clone, Debug)]
pub(crate) struct ClosedRow {
    pub(crate) head: Head,
    pub(crate) discord_id: i64,
    pub(crate) closed_why: Option<String>,
    pub(crate) mac: String,
}

/// Reads the row of a closed session; `None` if its MAC is not authentic.
pub(crate) async fn find_closed(
    on: &mut AnyConnection,
    engine: Engine,
    keys: &StoreKeys,
    id: &str,
) -> Result<Option<ClosedRow>, sqlx::Error> {
    let statement = columns::select(engine, &row_columns::cells(), "from sessions where id = $1");
    let row = sqlx::query(statement).bind(id).fetch_optional(on).await?;
    let columns = row.and_then(|row| Columns::read_authentic(&row, keys));
    let Some(columns) = columns.filter(|columns| columns.closed_at.is_some()) else {
        return Ok(None);
    };
    let head = Head::from_columns(columns.trail_seq, columns.trail_signature.as_deref());
    let Columns { discord_id, closed_why, mac, .. } = columns;
    Ok(Some(ClosedRow { head, discord_id, closed_why, mac }))
}
