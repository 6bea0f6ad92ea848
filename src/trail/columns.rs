//! Columns of the trail, read so that a tampered cell does not stop the reader.
//!
//! SQLite accepts a blob in a text column and text in a number column. sqlx then fails the row, or
//! the whole result. Here such a cell reads as null, and the row's signature shows the change.

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr as _, SqlStr};

use self::ColumnType::{Number, Text};
use crate::store::engine::Engine;

#[derive(Clone, Copy, Debug)]
pub(crate) enum ColumnType {
    Text,
    Number,
}

/// The columns of an event.
pub(crate) const EVENT_COLUMNS: [(&str, ColumnType); 10] = [
    ("events.chain", Text),
    ("events.seq", Number),
    ("events.at", Number),
    ("events.actor", Text),
    ("events.session_id", Text),
    ("events.kind", Text),
    ("events.details", Text),
    ("events.about", Text),
    ("events.key", Text),
    ("events.signature", Text),
];

/// Builds a statement that selects `columns` and continues with `rest`.
///
/// The names and `rest` are constants of the trail, never input.
pub(crate) fn select(engine: Engine, columns: &[(&str, ColumnType)], rest: &str) -> SqlStr {
    let cells: Vec<String> = columns
        .iter()
        .map(|(name, column_type)| match (engine, column_type) {
            // PostgreSQL enforces the column's type.
            (Engine::Postgres, _) => (*name).to_owned(),
            // As a blob, because text that is not UTF-8 stops sqlx too.
            (Engine::Sqlite, Text) => {
                format!("case typeof({name}) when 'text' then cast({name} as blob) end")
            }
            (Engine::Sqlite, Number) => {
                format!("case typeof({name}) when 'integer' then {name} end")
            }
        })
        .collect();
    AssertSqlSafe(format!("select {} {rest}", cells.join(", "))).into_sql_str()
}

/// Returns a condition that is true if a cell holds a number.
///
/// In SQLite text and blobs count as greater than every number, so one of them would be the
/// greatest of its column.
pub(crate) fn is_number(engine: Engine, name: &str) -> String {
    match engine {
        Engine::Postgres => "true".to_owned(),
        Engine::Sqlite => format!("typeof({name}) = 'integer'"),
    }
}

/// Reads a text; `None` if it is null or unreadable.
pub(crate) fn text(row: &AnyRow, column: usize) -> Option<String> {
    match row.try_get::<Option<String>, _>(column) {
        Ok(text) => text,
        Err(_) => String::from_utf8(row.try_get::<Option<Vec<u8>>, _>(column).ok()??).ok(),
    }
}

/// Reads a number; `None` if it is null or unreadable.
pub(crate) fn number(row: &AnyRow, column: usize) -> Option<i64> {
    row.try_get::<Option<i64>, _>(column).ok()?
}
