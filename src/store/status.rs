//! The state of the store, for `/health` and the metrics.

use std::time::Duration;

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

/// Longest wait for the load. Real time, because it depends on the database. Ours: a probe has 2 s
/// for the whole state.
const LOAD_TIMEOUT: Duration = Duration::from_secs(1);

impl Database {
    /// Returns the state of the store for the operator. Fails as [`ping`](Self::ping) does. A load
    /// that cannot be read in time is left out.
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
        let load = tokio::time::timeout(LOAD_TIMEOUT, self.load()).await.ok().and_then(Result::ok);
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
