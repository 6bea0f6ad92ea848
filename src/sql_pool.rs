//! Replacement of pooled connections after an error that speaks of a connection.
//!
//! After a failover or a restart of the server every connection of a pool can be useless: it is
//! broken, leads to the former primary, or still has the settings of the outage. A pool would hand
//! such connections out for ever, because each looks alive. So one such error retires all
//! connections that exist at that moment, and the statement runs once more on a new one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::sql_codes::ErrorScope;
use crate::sql_error;

/// The time before which connections are retired. Shared by the pools of one database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retirement(Arc<Mutex<Option<Instant>>>);

impl Retirement {
    /// Retires every connection that exists now. A pool closes it instead of handing it out.
    pub(crate) fn retire_all(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Retires all connections if the error speaks of a connection. Returns what it speaks of.
    pub(crate) fn observe(&self, error: &sqlx::Error) -> ErrorScope {
        let scope = sql_error::scope(error);
        if scope == ErrorScope::Connection {
            self.retire_all();
        }
        scope
    }

    /// Adds the check to a pool. It costs no round trip.
    pub(crate) fn check_in(&self, options: AnyPoolOptions) -> AnyPoolOptions {
        let this = self.clone();
        options.before_acquire(move |_, connection| {
            let is_usable = !this.is_retired(connection.age);
            Box::pin(async move { Ok(is_usable) })
        })
    }

    /// Returns true if a connection of this age is retired.
    fn is_retired(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| age >= since.elapsed())
    }
}

/// Returns true if two connections at a time are one connection of the PostgreSQL server.
///
/// Then a pooler lends the server's connection for one transaction. Settings, prepared statements
/// and locks of one client reach another, so nothing can work. A pooler with many idle connections
/// can stay undetected here; its errors are explained when they come.
pub(crate) async fn shares_connections(options: &AnyConnectOptions) -> Result<bool, sqlx::Error> {
    let mut one = AnyConnection::connect_with(options).await?;
    let mut other = AnyConnection::connect_with(options).await?;
    let is_shared = server_process(&mut one).await? == server_process(&mut other).await?;
    one.close().await?;
    other.close().await?;
    Ok(is_shared)
}

/// Returns the id of the server's process behind a connection.
async fn server_process(connection: &mut AnyConnection) -> Result<i32, sqlx::Error> {
    // Without a prepared statement, because a pooler can refuse it.
    let row = sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection).await?;
    row.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_connection_retires_older_connections() {
        let retirement = Retirement::default();
        assert!(!retirement.is_retired(Duration::from_hours(1)));
        assert_eq!(retirement.observe(&sqlx::Error::RowNotFound), ErrorScope::Statement);
        assert!(!retirement.is_retired(Duration::from_hours(1)));
        assert_eq!(retirement.observe(&sqlx::Error::WorkerCrashed), ErrorScope::Connection);
        assert!(retirement.is_retired(Duration::from_hours(1)), "it existed before");
        assert!(!retirement.is_retired(Duration::ZERO), "it is newer");
    }
}
