//! Replacement of pooled connections after an error that speaks of a connection.
//!
//! After a failover or a restart of the server every connection of a pool can be useless: it is
//! broken, leads to the former primary, or still has the settings of the outage. A pool would hand
//! such connections out for ever, because each looks alive. So one such error retires all
//! connections that exist at that moment, and the statement runs once more on a new one.
//!
//! A server that lost its power reports no error at all. Its silence retires the connections too.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection as _, Row as _};

use crate::sql_codes::ErrorScope;
use crate::sql_error;

/// Time after which an idle connection is closed, and age at which every connection is replaced, so
/// that a moved server or a changed right is noticed. The values are sqlx's defaults, which a later
/// version could change.
const IDLE_LIFETIME: Duration = Duration::from_mins(10);
const MAX_LIFETIME: Duration = Duration::from_mins(30);
/// Age at which a statement that its caller gives up speaks of a silent server. A server that lives
/// answers within milliseconds. A new connection costs little, so a mistake does no harm.
pub(crate) const SILENCE: Duration = Duration::from_secs(1);

/// The time before which connections are retired, and the work in flight. Shared by the pools of
/// one database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Retirement(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    retired_at: Mutex<Option<Instant>>,
    /// Work that has a connection or waits for one.
    in_flight: AtomicUsize,
}

impl Retirement {
    /// Retires every connection that exists now. A pool closes it instead of handing it out.
    pub(crate) fn retire_all(&self) {
        *self.0.retired_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Retires all connections if the error speaks of a connection. Returns what it speaks of.
    pub(crate) fn observe(&self, error: &sqlx::Error) -> ErrorScope {
        let scope = sql_error::scope(error);
        if scope == ErrorScope::Connection {
            self.retire_all();
        }
        scope
    }

    /// Runs work on connections within `limit`. Returns `None` if the limit passes.
    ///
    /// If the work ends without a result, by the limit or because the caller is gone, the server is
    /// probably silent and the connections are retired. This happens before the work is dropped. A
    /// connection that returns to its pool unretired is tested there without a limit, and keeps its
    /// place in the pool for the quarter of an hour that the operating system waits.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        let work = pin!(tokio::time::timeout(limit, work));
        // Declared after the work, so dropped before it.
        let mut silence = Silence {
            retirement: self,
            since: Instant::now(),
            least: SILENCE.min(limit),
            is_over: false,
        };
        let result = work.await.ok();
        silence.is_over = result.is_some();
        result
    }

    /// Adds the limits and the check to a pool. The check costs no round trip. It applies when a
    /// connection is handed out and when it returns.
    pub(crate) fn check_in(&self, options: AnyPoolOptions) -> AnyPoolOptions {
        let (handed_out, returned) = (self.clone(), self.clone());
        options
            .idle_timeout(IDLE_LIFETIME)
            .max_lifetime(MAX_LIFETIME)
            .before_acquire(move |_, connection| {
                let is_usable = !handed_out.is_retired(connection.age);
                Box::pin(async move { Ok(is_usable) })
            })
            .after_release(move |_, connection| {
                let is_usable = !returned.is_retired(connection.age);
                Box::pin(async move { Ok(is_usable) })
            })
    }

    /// Returns true if a connection of this age is retired.
    fn is_retired(&self, age: Duration) -> bool {
        let since = *self.0.retired_at.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| age >= since.elapsed())
    }
}

/// Pools of one database, as the metrics see them.
#[derive(Clone, Debug)]
pub(crate) struct PoolUse {
    /// Word in the metrics.
    pub(crate) database: &'static str,
    pub(crate) pools: Vec<AnyPool>,
    pub(crate) retirement: Retirement,
}

impl PoolUse {
    /// Returns the number of connections at work, and that of the work that waits for one. One
    /// piece of work has one connection at a time.
    pub(crate) fn count(&self) -> (u32, u32) {
        let in_use = |pool: &AnyPool| {
            pool.size().saturating_sub(u32::try_from(pool.num_idle()).unwrap_or(u32::MAX))
        };
        let in_use = self.pools.iter().map(in_use).sum::<u32>();
        let in_flight = self.retirement.0.in_flight.load(Ordering::Relaxed);
        (in_use, u32::try_from(in_flight).unwrap_or(u32::MAX).saturating_sub(in_use))
    }
}

/// Ends work in flight. Retires the connections if it is dropped while the server is silent.
struct Silence<'a> {
    retirement: &'a Retirement,
    since: Instant,
    least: Duration,
    is_over: bool,
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        self.retirement.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        if !self.is_over && self.since.elapsed() >= self.least {
            self.retirement.retire_all();
        }
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

    /// Records at its end whether the connections are retired.
    struct Connection<'a>(&'a Retirement, &'a Mutex<Option<bool>>);

    impl Drop for Connection<'_> {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = Some(self.0.is_retired(Duration::from_hours(1)));
        }
    }

    #[tokio::test]
    async fn silence_retires_before_the_connection_returns() {
        for (limit, is_silent) in [(Duration::from_millis(1), true), (SILENCE, false)] {
            let (retirement, at_end) = (Retirement::default(), Mutex::new(None));
            let connection = Connection(&retirement, &at_end);
            let result = retirement.within(limit, async move {
                let _connection = connection;
                if is_silent {
                    std::future::pending::<()>().await;
                }
            });
            assert_eq!(result.await.is_none(), is_silent);
            assert_eq!(*at_end.lock().unwrap(), Some(is_silent));
        }
    }

    #[tokio::test]
    async fn caller_that_leaves_soon_retires_nothing() {
        let retirement = Retirement::default();
        let work = retirement.within(Duration::from_hours(1), std::future::pending::<()>());
        assert!(tokio::time::timeout(Duration::from_millis(1), work).await.is_err());
        assert!(!retirement.is_retired(Duration::from_hours(1)));
    }

    #[tokio::test]
    async fn pool_counts_connections_at_work_and_waiting_work() {
        sqlx::any::install_default_drivers();
        let retirement = Retirement::default();
        let options = AnyPoolOptions::new().max_connections(1).test_before_acquire(false);
        let pool = options.connect("sqlite::memory:").await.unwrap();
        let (pools, shared) = (vec![pool.clone()], retirement.clone());
        let seen = PoolUse { database: "store", pools, retirement: shared };
        let hour = Duration::from_hours(1);
        let work = || {
            retirement.within(hour, async {
                let _connection = pool.acquire().await.unwrap();
                std::future::pending::<()>().await;
            })
        };
        let both = async { tokio::join!(work(), work()) };
        let counted = async {
            while seen.count() != (1, 1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = both => unreachable!("the work never ends"),
            () = counted => {}
            () = tokio::time::sleep(Duration::from_secs(10)) => panic!("{:?}", seen.count()),
        }
        assert_eq!(seen.count().1, 0, "dropped work waits no longer");
    }

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
