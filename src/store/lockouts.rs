//! Lockouts: subjects that cannot be verified until a given time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use commands::model::limit::{Lockout, LockoutReason};
use commands::model::time::Timestamp;
use sqlx::AnyConnection;
use sqlx::query::QueryAs;

use super::bulk::{self, BulkStatement};

/// The lockouts of a subject together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LockoutRow {
    /// Time until which no code is accepted. Never before the end of [`bar`](Self::bar).
    until: Timestamp,
    /// Time until which an agent is not eligible for anything, and why. `None` after wrong codes.
    bar: Option<(Timestamp, LockoutReason)>,
}

impl LockoutRow {
    /// Returns the lockouts of a row. A reason of a newer version is taken as a report.
    pub(super) fn of(until: i64, barred_until: Option<i64>, locked_by: Option<i64>) -> Self {
        let reason = locked_by
            .map_or(LockoutReason::Report, |lead| LockoutReason::Lead(lead.cast_unsigned()));
        let bar = barred_until.map(|end| (Timestamp(end), reason));
        Self { until: Timestamp(until), bar }
    }

    /// Returns the longest end and its reason.
    pub(super) fn end(self) -> (Timestamp, LockoutReason) {
        let bar = self.bar.filter(|(end, _)| self.until <= *end);
        bar.unwrap_or((self.until, LockoutReason::WrongCodes))
    }

    /// Returns the row with the longer end of each kind.
    pub(super) fn merge(self, other: Self) -> Self {
        Self { until: self.until.max(other.until), bar: self.bar.max(other.bar) }
    }
}

impl From<&Lockout> for LockoutRow {
    fn from(lockout: &Lockout) -> Self {
        let is_bar = lockout.reason != LockoutReason::WrongCodes;
        Self { until: lockout.until, bar: is_bar.then_some((lockout.until, lockout.reason)) }
    }
}

const fn locked_by(reason: LockoutReason) -> Option<i64> {
    match reason {
        LockoutReason::Lead(lead) => Some(lead.cast_signed()),
        LockoutReason::WrongCodes | LockoutReason::Report => None,
    }
}

/// Returns the lockouts of subjects, past ones included.
pub(super) async fn read(
    on: &mut AnyConnection,
    subjects: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, LockoutRow>, sqlx::Error> {
    static READ: BulkStatement = BulkStatement::new(
        "select subject, until, barred_until, locked_by from lockouts where subject in (values ",
        1,
        ")",
    );
    let subjects: Vec<_> = subjects.into_iter().collect();
    let mut lockouts: Vec<(String, i64, Option<i64>, Option<i64>)> = Vec::new();
    for chunk in bulk::chunks(&subjects) {
        let query = chunk.iter().copied().fold(sqlx::query_as(READ.sql(chunk)), QueryAs::bind);
        lockouts.extend(query.fetch_all(&mut *on).await?);
    }
    let row =
        |(subject, until, barred, locked_by)| (subject, LockoutRow::of(until, barred, locked_by));
    Ok(lockouts.into_iter().map(row).collect())
}

/// Locks subjects out, in their order. A longer lockout is never shortened. The end of a bar is
/// kept apart, so that neither an endless lockout for wrong codes prolongs it nor a later one ends
/// it.
pub(super) async fn add(
    on: &mut AnyConnection,
    lockouts: &BTreeMap<&str, LockoutRow>,
) -> Result<(), sqlx::Error> {
    static ADD: BulkStatement = BulkStatement::new(
        "insert into lockouts (subject, until, barred_until, reason, locked_by) values ",
        5,
        " on conflict (subject) do update set
             until = case when excluded.until > lockouts.until then excluded.until
             else lockouts.until end,
             barred_until = case when excluded.barred_until is null
             or lockouts.barred_until >= excluded.barred_until then lockouts.barred_until
             else excluded.barred_until end,
             reason = case when excluded.barred_until is null
             or lockouts.barred_until >= excluded.barred_until then lockouts.reason
             else excluded.reason end,
             locked_by = case when excluded.barred_until is null
             or lockouts.barred_until >= excluded.barred_until then lockouts.locked_by
             else excluded.locked_by end",
    );
    let lockouts: Vec<_> = lockouts.iter().collect();
    for chunk in bulk::chunks(&lockouts) {
        let query = sqlx::query(ADD.sql(chunk));
        let query = chunk.iter().fold(query, |query, (subject, row)| {
            let (barred_until, reason) = row.bar.unzip();
            query
                .bind(**subject)
                .bind(row.until.0)
                .bind(barred_until.map(|end| end.0))
                .bind(reason.map(LockoutReason::name))
                .bind(reason.and_then(locked_by))
        });
        query.execute(&mut *on).await?;
    }
    Ok(())
}

/// Ends the lockouts of subjects, in their order.
pub(super) async fn end(
    on: &mut AnyConnection,
    subjects: impl Iterator<Item = &String>,
) -> Result<(), sqlx::Error> {
    static END: BulkStatement =
        BulkStatement::new("delete from lockouts where subject in (values ", 1, ")");
    let subjects: Vec<_> = subjects.collect::<BTreeSet<_>>().into_iter().collect();
    for chunk in bulk::chunks(&subjects) {
        let query = sqlx::query(END.sql(chunk));
        let query = chunk.iter().fold(query, |query, subject| query.bind(subject.as_str()));
        query.execute(&mut *on).await?;
    }
    Ok(())
}
