//! What Core has to offer us: five views, their columns and types, and whether they are there.

use std::collections::HashMap;
use std::fmt;

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::sql_error::SqlError;

/// The two types of column that every engine and `sqlx::Any` have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `text`: ids, words, JSON.
    Text,
    /// `bigint`: times in milliseconds since the epoch, UTC, and cents.
    Bigint,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Bigint => "bigint",
        })
    }
}

use Kind::{Bigint, Text};

/// The views, each with its columns.
pub const VIEWS: [(&str, &[(&str, Kind)]); 5] = [
    (
        "support_users",
        &[
            ("user_id", Text),
            ("email", Text),
            ("full_name", Text),
            ("status", Text),
            ("locale", Text),
            ("created_at", Bigint),
        ],
    ),
    (
        "support_ecosystems",
        &[
            ("ecosystem_id", Text),
            ("name", Text),
            ("plan_name", Text),
            ("plan_status", Text),
            ("plan_price_cents", Bigint),
            ("plan_currency", Text),
            ("plan_period", Text),
            ("plan_renews_at", Bigint),
            ("plan_features", Text),
        ],
    ),
    ("support_memberships", &[("ecosystem_id", Text), ("user_id", Text), ("role", Text)]),
    (
        "support_successions",
        &[
            ("succession_id", Text),
            ("ecosystem_id", Text),
            ("successor_user_id", Text),
            ("started_at", Bigint),
        ],
    ),
    (
        "support_succession_steps",
        &[
            ("succession_id", Text),
            ("position", Bigint),
            ("title", Text),
            ("status", Text),
            ("summary", Text),
            ("detail", Text),
            ("reasons", Text),
            ("updated_at", Bigint),
        ],
    ),
];

/// What is wrong with one view; nothing when the list is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The view.
    pub view: &'static str,
    /// One sentence for each thing that is wrong.
    pub faults: Vec<String>,
}

/// Checks each view.
pub(super) async fn check(connection: &mut AnyConnection) -> anyhow::Result<Vec<Verdict>> {
    let postgres = connection.backend_name() == "PostgreSQL";
    let mut verdicts = Vec::new();
    for (view, columns) in VIEWS {
        let types = types(connection, postgres, view).await?;
        let mut faults: Vec<String> = Vec::new();
        if types.is_empty() {
            faults.push("is not there, or may not be read by this user".to_owned());
        } else {
            faults.extend(
                columns.iter().filter_map(|(column, kind)| column_fault(&types, column, *kind)),
            );
        }
        if faults.is_empty() {
            faults.extend(read_fault(connection, view, columns).await);
        }
        verdicts.push(Verdict { view, faults });
    }
    Ok(verdicts)
}

/// The view's columns with the types that the engine declares, in lower case; empty when there is
/// no such view.
async fn types(
    connection: &mut AnyConnection,
    postgres: bool,
    view: &str,
) -> anyhow::Result<HashMap<String, String>> {
    // Both engines describe tables and views alike here, so that a test may use a table.
    let query = if postgres {
        "select cast(column_name as text) as name, cast(data_type as text) as type from information_schema.columns \
         where table_name = $1 and table_schema = any(current_schemas(false))"
    } else {
        "select name, type from pragma_table_info($1)"
    };
    let rows = sqlx::query(query).bind(view).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get::<String, _>("name")?,
                row.try_get::<String, _>("type")?.to_lowercase(),
            ))
        })
        .collect()
}

fn column_fault(types: &HashMap<String, String>, column: &str, kind: Kind) -> Option<String> {
    let Some(declared) = types.get(column) else {
        return Some(format!("has no column {column} ({kind})"));
    };
    let fits = match kind {
        Text => {
            ["text", "character varying"].contains(&declared.as_str())
                || declared.starts_with("varchar")
        }
        Bigint => ["bigint", "integer", "int"].contains(&declared.as_str()),
    };
    // SQLite forgets the type of an expression in a view: reading a row decides then.
    (!fits && !declared.is_empty())
        .then(|| format!("column {column} is {declared}, not {kind}: cast it in the view"))
}

/// Reads one row as a look-up would: a type that was not declared shows now.
async fn read_fault(
    connection: &mut AnyConnection,
    view: &str,
    columns: &[(&str, Kind)],
) -> Option<String> {
    let names: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
    // Names are ours, from the list above.
    let query = format!("select {} from {view} limit 1", names.join(", "));
    let row = match sqlx::query(AssertSqlSafe(query)).fetch_optional(connection).await {
        Ok(row) => row?,
        Err(error) => return Some(format!("cannot be read: {}", SqlError::from(error))),
    };
    columns.iter().find_map(|(column, kind)| {
        let read = match kind {
            Text => row.try_get::<Option<String>, _>(*column).map(drop),
            Bigint => row.try_get::<Option<i64>, _>(*column).map(drop),
        };
        read.err().map(|_| format!("column {column} does not hold {kind}: cast it in the view"))
    })
}
