//! The store: its transactions, connections, claims and rows.

use std::time::Duration;

use super::series::{ALONE, by, counters, durations, gauges};

/// 1 if the store accepted a write at the scrape, or up to a second before, else 0.
const UP: &str = "support_desk_store_up";

/// Duration of a transaction of commits, from the wait for a connection to the disk.
const COMMIT_SECONDS: &str = "support_desk_store_commit_seconds";

/// Commits that share a transaction.
const BATCH_SIZE: &str = "support_desk_store_batch_size";

/// Repeated statements and transactions, by reason.
const RETRIES: &str = "support_desk_store_retries_total";

/// Reason of a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryReason {
    /// The connection was useless, so another one is used.
    Connection,
    /// Another transaction was at work on the same rows.
    Conflict,
    /// A batch of commits failed, so they are written one by one.
    Batch,
}

impl RetryReason {
    const ALL: [Self; 3] = [Self::Connection, Self::Conflict, Self::Batch];

    const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Conflict => "conflict",
            Self::Batch => "batch",
        }
    }
}

/// Connections to a database that are at work.
const POOL_IN_USE: &str = "support_desk_pool_in_use";

/// Work that waits for a connection to a database.
const POOL_WAITING: &str = "support_desk_pool_waiting";

/// Databases of the pools: the store and Core.
const DATABASES: [&str; 2] = ["store", "core"];

/// Claims of interactions and page requests by [`ClaimHow`].
const CLAIMS: &str = "support_desk_claims_total";

/// Outcome of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimHow {
    /// This replica was the first.
    First,
    /// Another replica was faster, or the interaction arrived twice.
    Lost,
    /// This replica took it over from another one.
    TakenOver,
}

impl ClaimHow {
    const ALL: [Self; 3] = [Self::First, Self::Lost, Self::TakenOver];

    const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Lost => "lost",
            Self::TakenOver => "taken_over",
        }
    }
}

/// Leases that could not be renewed in time. Another replica takes over if that lasts.
const RENEWALS_FAILED: &str = "support_desk_lease_renewals_failed_total";

/// Rows of sessions, customers and account links that are not believed.
pub const TAMPERED_ROWS: &str = "support_desk_tampered_rows_total";

/// Rows of sessions and account links under a key that this process does not have.
pub const FOREIGN_ROWS: &str = "support_desk_foreign_rows_total";

/// Bounds of a commit in seconds, and of a batch.
pub(super) const BUCKETS: [(&str, &[f64]); 2] = [
    (COMMIT_SECONDS, &[0.003, 0.01, 0.03, 0.1, 0.3, 1.5, 3.0]),
    (BATCH_SIZE, &[1.0, 4.0, 16.0, 64.0]),
];

pub(super) fn register() {
    gauges(UP, "1 if the store accepts writes, else 0", ALONE, 0.0);
    durations(COMMIT_SECONDS, "Duration of a transaction of commits", ALONE);
    metrics::describe_histogram!(BATCH_SIZE, "Commits that share a transaction");
    drop(metrics::histogram!(BATCH_SIZE));
    let reasons = by("reason", RetryReason::ALL.map(RetryReason::name));
    counters(RETRIES, "Repeated statements and transactions", reasons);
    gauges(POOL_IN_USE, "Connections that are at work", by("database", DATABASES), 0.0);
    gauges(POOL_WAITING, "Work that waits for a connection", by("database", DATABASES), 0.0);
    let how = by("how", ClaimHow::ALL.map(ClaimHow::name));
    counters(CLAIMS, "Claims of interactions and page requests", how);
    counters(RENEWALS_FAILED, "Leases that could not be renewed in time", ALONE);
    counters(TAMPERED_ROWS, "Rows of the store that are not believed", ALONE);
    counters(FOREIGN_ROWS, "Rows of the store under an unknown key", ALONE);
}

pub fn set_store_up(up: bool) {
    metrics::gauge!(UP).set(if up { 1.0 } else { 0.0 });
}

/// Records a transaction that has ended, with its number of commits.
pub fn record_transaction(commits: usize, took: Duration) {
    metrics::histogram!(COMMIT_SECONDS).record(took);
    metrics::histogram!(BATCH_SIZE).record(f64::from(u32::try_from(commits).unwrap_or(u32::MAX)));
}

/// Counts a repeated statement or transaction.
pub fn count_retry(reason: RetryReason) {
    metrics::counter!(RETRIES, "reason" => reason.name()).increment(1);
}

/// Sets how much a database is used. `database` is `store` or `core`.
pub fn set_pool(database: &'static str, in_use: u32, waiting: u32) {
    debug_assert!(DATABASES.contains(&database), "{database} has no series from the start");
    metrics::gauge!(POOL_IN_USE, "database" => database).set(f64::from(in_use));
    metrics::gauge!(POOL_WAITING, "database" => database).set(f64::from(waiting));
}

/// Counts a claim.
pub fn count_claim(how: ClaimHow) {
    metrics::counter!(CLAIMS, "how" => how.name()).increment(1);
}

pub fn count_failed_renewal() {
    metrics::counter!(RENEWALS_FAILED).increment(1);
}

/// Counts a row of the store that is not believed.
pub fn count_tampered_row() {
    metrics::counter!(TAMPERED_ROWS).increment(1);
}

/// Counts a row of the store under a key that this process does not have.
pub fn count_foreign_row() {
    metrics::counter!(FOREIGN_ROWS).increment(1);
}
