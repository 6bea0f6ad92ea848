//! The state of the store, for `/health` and the metrics.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::alerts::Alerts as _;

use super::daily::DailyWork;
use super::database::Database;
use super::retry::retry;
use super::versions;
use crate::health::StoreStatus;
use crate::trail::columns::ColumnType::Number;
use crate::trail::columns::{self, number};

impl Database {
    /// Returns the state of the store for the operator. Fails as [`ping`](Self::ping) does.
    pub async fn status(&self) -> Result<StoreStatus, Fault> {
        self.ping().await?;
        let doing = "reading the state of the store";
        let engine = self.pools.engine;
        let rest = format!(
            "from sessions where pending_since > 0 and {}",
            columns::is_number(engine, "pending_since")
        );
        let statement = columns::select(engine, &[("min(pending_since)", Number)], &rest);
        let oldest = retry(&self.pools, doing, || {
            sqlx::query(statement.clone()).fetch_one(&self.pools.reads)
        })
        .await?;
        let migration: Option<i64> = retry(&self.pools, doing, || {
            sqlx::query_scalar("select max(version) from _sqlx_migrations")
                .fetch_one(&self.pools.reads)
        })
        .await?;
        let alerts_open = self.count_open().await?;
        let verified = self.last_run(DailyWork::Verify).await?;
        let pruned = self.last_run(DailyWork::Prune).await?;
        let load = self.load().await?;
        Ok(StoreStatus {
            load,
            oldest_pending: number(&oldest, 0).map(Timestamp),
            alerts_open: u32::try_from(alerts_open).unwrap_or(u32::MAX),
            migration,
            program_migration: Some(versions::program()),
            verified: verified.map(|run| (run.finished_at, run.findings)),
            pruned_at: pruned.map(|run| run.finished_at),
        })
    }
}
