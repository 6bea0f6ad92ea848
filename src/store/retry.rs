//! What the database's errors mean to the store: try again, somebody was faster, or a fault.

use std::time::Duration;

use commands::error::Fault;
use sqlx::Error;
use sqlx::error::DatabaseError;

use crate::sql_error::SqlError;

/// How often something is tried before it is a fault. Whoever lost a race for a lock has the way
/// free the next time; a broken connection is replaced by the pool, and after a restart of the
/// server all of them are broken.
pub(crate) const ATTEMPTS: usize = 10;

/// How long the database may take, counted here: as long as a connection is waited for, and a
/// statement may take by the server's own clock. A server that loses its power says nothing, and
/// the system would wait for it for a quarter of an hour.
pub(crate) const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Waits no longer than that. What was asked may have been done all the same.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Not to be tried again: whoever waits has waited long enough.
    tokio::time::timeout(ANSWERS_WITHIN, work).await.unwrap_or(Err(Error::PoolTimedOut))
}

/// Whether the same thing may go well when it is tried again, nothing having been written.
pub(crate) fn passes(error: &Error) -> bool {
    match error {
        // The connection broke, most likely while it lay idle.
        Error::Io(_) | Error::WorkerCrashed => true,
        Error::Database(error) => matches!(
            error.code().as_deref(),
            // PostgreSQL 15, appendix A: serialization_failure, deadlock_detected; admin_shutdown,
            // crash_shutdown: told to an idle connection, heard at its next use. SQLite's BUSY is
            // not here: `busy_timeout` has tried that long enough. BUSY_SNAPSHOT is, which it does
            // not cover.
            Some("40001" | "40P01" | "57P01" | "57P02" | "517")
        ),
        _ => false,
    }
}

/// The fault that an error is.
pub(crate) fn failed<E: Into<SqlError>>(doing: &'static str) -> impl Fn(E) -> Fault {
    move |error| Fault::new(doing, error.into())
}

/// Whether a unique column had the value already.
pub(crate) fn is_taken(error: &Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}

/// Does a single statement, again where that may help.
pub(crate) async fn again<T, F, W>(doing: &'static str, work: W) -> Result<T, Fault>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, Error>>,
{
    let mut attempt = 1;
    loop {
        match in_time(work()).await {
            Ok(value) => return Ok(value),
            Err(error) if attempt < ATTEMPTS && passes(&error) => attempt += 1,
            Err(error) => return Err(failed(doing)(error)),
        }
    }
}
