//! Columns of the trail, read whatever somebody has put into them.
//!
//! SQLite keeps a blob in a column for text, and text in one for numbers, and sqlx then fails the
//! whole row, or everything that is read with it. Here such a cell is as empty as null, and the row
//! says by its mac that it was changed.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _, SqlStr};

use crate::store::engine::Engine;

/// Whether a column holds text or numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// Numbers.
    Number,
}

/// A statement that selects these columns and goes on with `rest`, which, as the names, is ours.
pub(crate) fn select(engine: Engine, columns: &[(&str, Kind)], rest: &str) -> SqlStr {
    let cells: Vec<String> = columns
        .iter()
        .map(|(name, kind)| match (engine, kind) {
            // The server keeps to the types.
            (Engine::Postgres, _) => (*name).to_owned(),
            // Also text that is not UTF-8 stops sqlx, so it comes as bytes.
            (Engine::Sqlite, Kind::Text) => {
                format!("case typeof({name}) when 'text' then cast({name} as blob) end")
            }
            (Engine::Sqlite, Kind::Number) => {
                format!("case typeof({name}) when 'integer' then {name} end")
            }
        })
        .collect();
    AssertSqlSafe(format!("select {} {rest}", cells.join(", "))).into_sql_str()
}

/// Text; `None` when it is null, or none.
pub(crate) fn text(row: &AnyRow, column: usize) -> Option<String> {
    match row.try_get::<Option<String>, _>(column) {
        Ok(text) => text,
        Err(_) => String::from_utf8(row.try_get::<Option<Vec<u8>>, _>(column).ok()??).ok(),
    }
}

/// A number; `None` when it is null, or none.
pub(crate) fn number(row: &AnyRow, column: usize) -> Option<i64> {
    row.try_get::<Option<i64>, _>(column).ok()?
}
