//! Retries of statements, their timeout, and the meaning of the database's errors.

use std::borrow::Cow;
use std::time::Duration;

use commands::model::fault::Fault;
use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::sql_error::SqlError;

/// Maximum attempts for a statement. After a serialization failure the next one normally succeeds.
/// After a restart of the server every connection of the pool is broken, and each fails once.
pub(super) const MAX_ATTEMPTS: usize = 10;

/// Longest time for the database to answer: the wait for a connection plus the server's own
/// statement timeout. After a power failure the server is silent, and the operating system would
/// wait for a quarter of an hour.
pub(super) const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs a statement, and repeats it while the error is transient.
pub(super) async fn retry<T, F, W>(doing: &'static str, work: W) -> Result<T, Fault>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        // A timeout is final, because the caller has waited long enough. The server may have
        // executed the statement.
        let result = tokio::time::timeout(DATABASE_TIMEOUT, work()).await;
        match result.unwrap_or(Err(Error::PoolTimedOut)) {
            Ok(value) => return Ok(value),
            Err(error) if attempt < MAX_ATTEMPTS && is_transient(&error) => attempt += 1,
            Err(error) => return Err(to_fault(doing)(error)),
        }
    }
}

/// Returns true if nothing was written and another attempt can succeed.
pub(super) fn is_transient(error: &Error) -> bool {
    // The connection broke, most likely while it was idle.
    matches!(error, Error::Io(_) | Error::WorkerCrashed)
        // PostgreSQL 15, appendix A: serialization_failure, deadlock_detected; and admin_shutdown,
        // crash_shutdown, which an idle connection reports at its next use. SQLite: BUSY_SNAPSHOT,
        // which `busy_timeout` does not cover. BUSY itself is not listed, because `busy_timeout`
        // has already waited for it.
        || matches!(code(error).as_deref(), Some("40001" | "40P01" | "57P01" | "57P02" | "517"))
}

/// Converts an error into the fault of `doing`.
pub(crate) fn to_fault(doing: &'static str) -> impl Fn(Error) -> Fault {
    move |error| Fault::new(doing, SqlError::from(error))
}

/// Returns the code of an error that the database reports.
pub(super) fn code(error: &Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

pub(super) fn is_unique_violation(error: &Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}
