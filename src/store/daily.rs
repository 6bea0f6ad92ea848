//! Work that one replica does: once a day the verification of the trail and the retention, and once
//! a minute the watch.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;

use super::database::Database;
use super::engine::Engine;
use super::retry::retry;

/// Interval of the work.
pub const DAY: Duration = Duration::from_hours(24);

/// Time after which work that has not ended is taken again, because its process died or it failed.
pub(super) const RETRY_AFTER: Duration = Duration::from_hours(1);

/// Time by which a start may lie ahead of this machine's clock. A later one was written by a clock
/// that was wrong, and does not hold the work off.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(10);

const DOING: &str = "planning regular work";

/// Work of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DailyWork {
    /// Verifies the trail.
    Verify,
    /// Removes what has been kept long enough.
    Prune,
}

impl DailyWork {
    const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Prune => "prune",
        }
    }
}

/// The last run that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    pub finished_at: Timestamp,
    /// Findings of a verification.
    pub findings: u64,
}

impl Database {
    /// Takes the work of this day. Returns true if it is due and no other replica has taken it.
    pub async fn take_daily(&self, work: DailyWork, now: Timestamp) -> Result<bool, Fault> {
        self.take_work(work.name(), DAY, RETRY_AFTER, now).await
    }

    /// Takes work that is due after `every`. Returns true if no other replica has taken it.
    pub(super) async fn take_work(
        &self,
        name: &'static str,
        every: Duration,
        retry_after: Duration,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let taken = retry(&self.pools, DOING, || {
            sqlx::query(
                "insert into daily_work (name, started_at) values ($1, $2)
                 on conflict (name) do update set started_at = excluded.started_at
                 where daily_work.started_at <= $3 or daily_work.started_at > $5
                     or (daily_work.started_at <= $4 and (daily_work.finished_at is null
                         or daily_work.finished_at < daily_work.started_at))",
            )
            .bind(name)
            .bind(now.0)
            .bind((now - every).0)
            .bind((now - retry_after).0)
            .bind((now + CLOCK_TOLERANCE).0)
            .execute(&self.pools.writes)
        })
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Records the end of the work.
    pub async fn finish_daily(
        &self,
        work: DailyWork,
        findings: u64,
        now: Timestamp,
    ) -> Result<(), Fault> {
        retry(&self.pools, DOING, || {
            sqlx::query(
                "insert into daily_work (name, started_at, finished_at, findings)
                 values ($1, $2, $2, $3)
                 on conflict (name) do update set finished_at = excluded.finished_at,
                     findings = excluded.findings",
            )
            .bind(work.name())
            .bind(now.0)
            .bind(i64::try_from(findings).unwrap_or(i64::MAX))
            .execute(&self.pools.writes)
        })
        .await
        .map(drop)
    }

    /// Returns the last run that ended.
    pub async fn last_run(&self, work: DailyWork) -> Result<Option<LastRun>, Fault> {
        let row: Option<(Option<i64>, Option<i64>)> = retry(&self.pools, DOING, || {
            sqlx::query_as("select finished_at, findings from daily_work where name = $1")
                .bind(work.name())
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        Ok(row.and_then(|(finished_at, findings)| {
            let findings = findings.and_then(|findings| u64::try_from(findings).ok());
            Some(LastRun {
                finished_at: Timestamp(finished_at?),
                findings: findings.unwrap_or_default(),
            })
        }))
    }

    /// Returns true if the user of the database may delete events. Where the roles are separate,
    /// only the owner may.
    pub async fn may_delete(&self) -> Result<bool, Fault> {
        if self.pools.engine == Engine::Sqlite {
            return Ok(true);
        }
        retry(&self.pools, DOING, || {
            sqlx::query_scalar("select has_table_privilege('events', 'delete')")
                .fetch_one(&self.pools.reads)
        })
        .await
    }
}
