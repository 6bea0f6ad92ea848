//! Lockouts: subjects that cannot be verified until a given time.

use std::collections::{BTreeMap, HashMap};

use commands::model::time::Timestamp;
use sqlx::AnyConnection;
use sqlx::query::QueryAs;

use super::bulk::{self, BulkStatement};

/// Returns the ends of the lockouts of subjects, past ones included.
pub(super) async fn read(
    on: &mut AnyConnection,
    subjects: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, Timestamp>, sqlx::Error> {
    static READ: BulkStatement =
        BulkStatement::new("select subject, until from lockouts where subject in (values ", 1, ")");
    let subjects: Vec<_> = subjects.into_iter().collect();
    let mut lockouts: Vec<(String, i64)> = Vec::new();
    for chunk in bulk::chunks(&subjects) {
        let query = chunk.iter().copied().fold(sqlx::query_as(READ.sql(chunk)), QueryAs::bind);
        lockouts.extend(query.fetch_all(&mut *on).await?);
    }
    Ok(lockouts.into_iter().map(|(subject, until)| (subject, Timestamp(until))).collect())
}

/// Locks subjects out, in their order. A longer lockout is never shortened.
pub(super) async fn add(
    on: &mut AnyConnection,
    lockouts: &BTreeMap<&str, Timestamp>,
) -> Result<(), sqlx::Error> {
    static ADD: BulkStatement = BulkStatement::new(
        "insert into lockouts (subject, until) values ",
        2,
        " on conflict (subject) do update set
             until = case when excluded.until > lockouts.until then excluded.until
             else lockouts.until end",
    );
    let lockouts: Vec<_> = lockouts.iter().collect();
    for chunk in bulk::chunks(&lockouts) {
        let query = sqlx::query(ADD.sql(chunk));
        let query =
            chunk.iter().fold(query, |query, (subject, until)| query.bind(**subject).bind(until.0));
        query.execute(&mut *on).await?;
    }
    Ok(())
}
