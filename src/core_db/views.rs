//! The five views that Core offers to the bot, and a check that they match the contract.

use std::collections::HashMap;
use std::fmt;

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::escape::for_terminal;
use crate::sql_error::SqlError;

/// Column types that PostgreSQL, SQLite and `sqlx::Any` have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`: ids, words, JSON.
    Text,
    /// `bigint`: times in milliseconds since the epoch, UTC, and cents.
    Bigint,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Bigint => "bigint",
        })
    }
}

use ColumnType::{Bigint, Text};

/// Names of the views, with their columns.
pub const VIEWS: [(&str, &[(&str, ColumnType)]); 5] = [
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

/// Result of the check of one view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewCheck {
    pub view: &'static str,
    /// One sentence for each problem. Empty if the view matches the contract.
    pub problems: Vec<String>,
}

pub(super) async fn check_views(connection: &mut AnyConnection) -> anyhow::Result<Vec<ViewCheck>> {
    let postgres = connection.backend_name() == "PostgreSQL";
    let mut checks = Vec::new();
    for (view, columns) in VIEWS {
        let types = load_types(connection, postgres, view).await?;
        let mut problems: Vec<String> = if types.is_empty() {
            vec!["does not exist, or this user may not read it".to_owned()]
        } else {
            let columns = columns.iter();
            columns.filter_map(|(name, expected)| column_problem(&types, name, *expected)).collect()
        };
        if problems.is_empty() {
            problems.extend(read_problem(connection, view, columns).await);
        }
        if problems.is_empty() && view == "support_users" {
            problems.extend(shared_addresses(connection).await);
        }
        checks.push(ViewCheck { view, problems });
    }
    Ok(checks)
}

/// Loads the declared types of a view's columns, in lower case. Empty if there is no such view.
async fn load_types(
    connection: &mut AnyConnection,
    postgres: bool,
    view: &str,
) -> anyhow::Result<HashMap<String, String>> {
    // Both queries also describe tables, so that a test can use a table.
    let query = if postgres {
        "select cast(column_name as text) as name, cast(data_type as text) as type from information_schema.columns \
         where table_name = $1 and table_schema = any(current_schemas(false))"
    } else {
        "select name, type from pragma_table_info($1)"
    };
    let types: Vec<(String, String)> =
        sqlx::query_as(query).bind(view).fetch_all(connection).await?;
    Ok(types.into_iter().map(|(column, declared)| (column, declared.to_lowercase())).collect())
}

fn column_problem(
    types: &HashMap<String, String>,
    column: &str,
    expected: ColumnType,
) -> Option<String> {
    let Some(declared) = types.get(column) else {
        return Some(format!("has no column {column} ({expected})"));
    };
    let fits = match expected {
        Text => {
            ["text", "character varying"].contains(&declared.as_str())
                || declared.starts_with("varchar")
        }
        Bigint => ["bigint", "integer", "int"].contains(&declared.as_str()),
    };
    // SQLite declares no type for an expression in a view. Then `read_problem` decides.
    (!fits && !declared.is_empty()).then(|| {
        let declared = for_terminal(declared);
        format!("column {column} is {declared}, not {expected}: cast it in the view")
    })
}

/// Reads one row as a look-up does, which finds wrong types that are not declared.
async fn read_problem(
    connection: &mut AnyConnection,
    view: &str,
    columns: &[(&str, ColumnType)],
) -> Option<String> {
    let names: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
    // Safe to format: all names are constants from `VIEWS`.
    let query = format!("select {} from {view} limit 1", names.join(", "));
    let row = match sqlx::query(AssertSqlSafe(query)).fetch_optional(connection).await {
        Ok(row) => row?,
        Err(error) => return Some(format!("cannot be read: {}", SqlError::from(error))),
    };
    columns.iter().find_map(|(column, expected)| {
        let read = match expected {
            Text => row.try_get::<Option<String>, _>(*column).map(drop),
            Bigint => row.try_get::<Option<i64>, _>(*column).map(drop),
        };
        read.err().map(|_| format!("column {column} does not hold {expected}: cast it in the view"))
    })
}

/// Counts the addresses of several customers. The bot refuses to look them up.
async fn shared_addresses(connection: &mut AnyConnection) -> Option<String> {
    // A text without `@` is no address: customers without one are not reported.
    let query = "select count(*) from \
                 (select lower(trim(email)) from support_users where email like '%@%' \
                 group by lower(trim(email)) having count(distinct user_id) > 1) as shared";
    match sqlx::query_scalar::<_, i64>(query).fetch_one(connection).await {
        Ok(0) => None,
        Ok(1) => Some("1 address belongs to several customers, who cannot be looked up".to_owned()),
        Ok(count) => {
            Some(format!("{count} addresses belong to several customers, who cannot be looked up"))
        }
        Err(error) => Some(format!("its addresses cannot be counted: {}", SqlError::from(error))),
    }
}
