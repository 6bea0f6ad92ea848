//! Retries of statements, their timeout, and the meaning of the database's errors.

use std::time::Duration;

use commands::model::fault::Fault;
use sqlx::Error;
use sqlx::error::DatabaseError;

use super::engine::Pools;
use crate::metrics::{self, RetryReason};
use crate::sql_codes::ErrorScope;
use crate::sql_error::SqlError;

/// Maximum attempts while other transactions conflict. The next attempt normally succeeds.
const MAX_ATTEMPTS: usize = 10;

/// Longest time for the database to answer: the wait for a connection plus the server's own
/// statement timeout. After a power failure the server is silent, and the operating system would
/// wait for a quarter of an hour.
pub(super) const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs a statement, and repeats it if another attempt can succeed.
pub(crate) async fn retry<T, F, W>(pools: &Pools, doing: &'static str, work: W) -> Result<T, Fault>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, Error>>,
{
    run(pools, work).await.map_err(to_fault(doing))
}

/// Runs a statement as [`retry`] does. `None`: another row has a value that must be unique.
pub(super) async fn retry_unless_taken<T, F, W>(
    pools: &Pools,
    doing: &'static str,
    work: W,
) -> Result<Option<T>, Fault>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, Error>>,
{
    match run(pools, work).await {
        Err(error) if is_unique_violation(&error) => Ok(None),
        result => result.map(Some).map_err(to_fault(doing)),
    }
}

async fn run<T, F, W>(pools: &Pools, work: W) -> Result<T, Error>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, Error>>,
{
    let mut attempts = Attempts::new(pools);
    loop {
        // A timeout is final, because the caller has waited long enough. The server may have
        // executed the statement.
        let result = pools.retirement.within(DATABASE_TIMEOUT, work()).await;
        match result.unwrap_or(Err(Error::PoolTimedOut)) {
            Err(error) if attempts.may_repeat(&error) => {}
            result => return result,
        }
    }
}

/// The failed attempts of one statement or transaction.
pub(crate) struct Attempts<'a> {
    pools: &'a Pools,
    conflicts: usize,
    replaced: bool,
    repeated: i64,
}

impl<'a> Attempts<'a> {
    pub(crate) const fn new(pools: &'a Pools) -> Self {
        Self { pools, conflicts: 0, replaced: false, repeated: 0 }
    }

    /// Returns true if nothing was written and another attempt can succeed: several after
    /// conflicts, one on a new connection. Counts the other attempt.
    pub(crate) fn may_repeat(&mut self, error: &Error) -> bool {
        let (may_repeat, reason) = match self.pools.retirement.observe(error) {
            ErrorScope::Connection => {
                (!std::mem::replace(&mut self.replaced, true), RetryReason::Connection)
            }
            ErrorScope::Conflict => {
                self.conflicts += 1;
                (self.conflicts < MAX_ATTEMPTS, RetryReason::Conflict)
            }
            ErrorScope::Statement => return false,
        };
        if may_repeat {
            self.repeated += 1;
            metrics::count_retry(reason);
        }
        may_repeat
    }

    /// Returns the number of further attempts so far.
    pub(crate) const fn repeated(&self) -> i64 {
        self.repeated
    }
}

/// Converts an error into the fault of `doing`.
pub(crate) fn to_fault(doing: &'static str) -> impl Fn(Error) -> Fault {
    move |error| Fault::new(doing, SqlError::from(error))
}

pub(super) fn is_unique_violation(error: &Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}
