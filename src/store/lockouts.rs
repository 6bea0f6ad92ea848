//! Lockouts: subjects that cannot be verified until a given time.

use std::collections::{BTreeMap, HashMap};

use commands::model::limit::LockoutReason;
use commands::model::time::Timestamp;
use sqlx::AnyConnection;
use sqlx::query::QueryAs;

use super::bulk::{self, BulkStatement};

/// End and reason of a lockout.
pub(super) type LockoutEnd = (Timestamp, LockoutReason);

/// Returns the reason in a row. One of an older version is wrong codes, one of a newer version
/// makes an agent ineligible.
pub(super) fn reason_of(word: Option<&str>) -> LockoutReason {
    word.map_or(LockoutReason::WrongCodes, |_| LockoutReason::Report)
}

fn to_column(reason: LockoutReason) -> Option<&'static str> {
    (reason != LockoutReason::WrongCodes).then_some(reason.name())
}

/// Returns the ends of the lockouts of subjects, past ones included.
pub(super) async fn read(
    on: &mut AnyConnection,
    subjects: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, LockoutEnd>, sqlx::Error> {
    static READ: BulkStatement = BulkStatement::new(
        "select subject, until, reason from lockouts where subject in (values ",
        1,
        ")",
    );
    let subjects: Vec<_> = subjects.into_iter().collect();
    let mut lockouts: Vec<(String, i64, Option<String>)> = Vec::new();
    for chunk in bulk::chunks(&subjects) {
        let query = chunk.iter().copied().fold(sqlx::query_as(READ.sql(chunk)), QueryAs::bind);
        lockouts.extend(query.fetch_all(&mut *on).await?);
    }
    let end = |(subject, until, reason): (String, i64, Option<String>)| {
        (subject, (Timestamp(until), reason_of(reason.as_deref())))
    };
    Ok(lockouts.into_iter().map(end).collect())
}

/// Locks subjects out, in their order. A longer lockout is never shortened. A report replaces the
/// reason of a lockout for wrong codes, because it makes an agent ineligible.
pub(super) async fn add(
    on: &mut AnyConnection,
    lockouts: &BTreeMap<&str, LockoutEnd>,
) -> Result<(), sqlx::Error> {
    static ADD: BulkStatement = BulkStatement::new(
        "insert into lockouts (subject, until, reason) values ",
        3,
        " on conflict (subject) do update set
             reason = case when excluded.reason is not null then excluded.reason
             when excluded.until > lockouts.until then null else lockouts.reason end,
             until = case when excluded.until > lockouts.until then excluded.until
             else lockouts.until end",
    );
    let lockouts: Vec<_> = lockouts.iter().collect();
    for chunk in bulk::chunks(&lockouts) {
        let query = sqlx::query(ADD.sql(chunk));
        let query = chunk.iter().fold(query, |query, (subject, (until, reason))| {
            query.bind(**subject).bind(until.0).bind(to_column(*reason))
        });
        query.execute(&mut *on).await?;
    }
    Ok(())
}
