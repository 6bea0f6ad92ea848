//! Limits in rolling windows.
//!
//! One row holds the times of all uses in a window. [`limit_rows`](super::limit_rows) changes the
//! rows.

use std::time::Duration;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::limit::{LimitUsage, LimitUse, Lockout};
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use commands::ports::limits::Limits;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::database::Database;
use super::limit_windows::{parse_times, usage_of};
use super::lockouts::{self, LockoutRow};
use super::retry::retry;

/// Time for which uses are kept after the newest one. No window that ends is longer than a day.
const USE_RETENTION: Duration = Duration::from_hours(24);

/// Removes all uses of a limit. Returns the number of rows, 0 or 1.
pub(super) async fn reset(
    on: &mut AnyConnection,
    limit: Limit,
    subject: &str,
) -> Result<u64, sqlx::Error> {
    let removed = sqlx::query("delete from limit_uses where kind = $1 and subject = $2")
        .bind(limit.name())
        .bind(subject)
        .execute(on)
        .await?;
    Ok(removed.rows_affected())
}

#[async_trait]
impl Limits for Database {
    async fn usage(
        &self,
        limit_uses: &[LimitUse],
        now: Timestamp,
    ) -> Result<Vec<LimitUsage>, Fault> {
        static READ: BulkStatement = BulkStatement::new(
            "select kind, subject, times from limit_uses where (kind, subject) in (values ",
            2,
            ")",
        );
        let mut rows: Vec<(String, String, String)> = Vec::with_capacity(limit_uses.len());
        for chunk in bulk::chunks(limit_uses) {
            rows.extend(
                retry(&self.pools, "counting uses of a limit", || {
                    let query = sqlx::query_as(READ.sql(chunk));
                    let query = chunk.iter().fold(query, |query, limit_use| {
                        query.bind(limit_use.limit.name()).bind(&limit_use.subject)
                    });
                    query.fetch_all(&self.pools.reads)
                })
                .await?,
            );
        }
        let usage = |limit_use: &LimitUse| {
            let is_own = |(kind, subject, _): &&(String, String, String)| {
                kind == limit_use.limit.name() && *subject == limit_use.subject
            };
            let times = rows.iter().find(is_own).map_or("", |(_, _, times)| times);
            usage_of(&parse_times(times), limit_use, now)
        };
        Ok(limit_uses.iter().map(usage).collect())
    }

    async fn lockouts(&self, subjects: &[String], now: Timestamp) -> Result<Vec<Lockout>, Fault> {
        let read = retry(&self.pools, "reading lockouts", || async {
            let mut connection = self.pools.reads.acquire().await?;
            lockouts::read(&mut connection, subjects).await
        });
        let lockout = |(subject, row): (String, LockoutRow)| {
            let (until, reason) = row.end();
            Lockout { subject, until, reason }
        };
        Ok(read.await?.into_iter().map(lockout).filter(|lockout| now < lockout.until).collect())
    }

    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault> {
        for (statement, before) in [
            // Wrong codes in a row have no window: only a right code or an unlock ends them.
            (
                "delete from limit_uses
                 where newest < $1 and (kind <> 'wrong_in_a_row' or times = '')",
                now - USE_RETENTION,
            ),
            ("delete from lockouts where until < $1", now),
        ] {
            retry(&self.pools, "purging limits", || {
                sqlx::query(statement).bind(before.0).execute(&self.pools.writes)
            })
            .await?;
        }
        Ok(())
    }
}
