//! Limits in rolling windows.
//!
//! One row holds the times of all uses in a window. [`limit_rows`](super::limit_rows) changes the
//! rows.

use std::time::Duration;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::limit::LimitUse;
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use commands::ports::limits::Limits;
use sqlx::AnyConnection;

use super::database::Database;
use super::limit_windows::{LimitCheck, check_window, count, in_window, name, parse_times};
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
        .bind(name(limit))
        .bind(subject)
        .execute(on)
        .await?;
    Ok(removed.rows_affected())
}

/// Reads the times of the uses that are still in the window.
async fn read_window(
    database: &Database,
    limit_use: &LimitUse,
    now: Timestamp,
) -> Result<Vec<i64>, Fault> {
    let times: Option<String> = retry(&database.pools, "counting uses of a limit", || {
        sqlx::query_scalar("select times from limit_uses where kind = $1 and subject = $2")
            .bind(name(limit_use.limit))
            .bind(&limit_use.subject)
            .fetch_optional(&database.pools.reads)
    })
    .await?;
    Ok(in_window(&parse_times(&times.unwrap_or_default()), limit_use, now))
}

#[async_trait]
impl Limits for Database {
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        Ok(count(&read_window(self, limit_use, now).await?))
    }

    async fn exceeded(
        &self,
        limit_uses: &[LimitUse],
        now: Timestamp,
    ) -> Result<Option<(Limit, Timestamp)>, Fault> {
        for limit_use in limit_uses {
            let mut window = read_window(self, limit_use, now).await?;
            window.push(now.0);
            if let LimitCheck::Exceeded { retry_at } = check_window(&window, limit_use, now) {
                return Ok(Some((limit_use.limit, retry_at)));
            }
        }
        Ok(None)
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
