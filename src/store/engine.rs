//! Connections to the store: engine, pools, and the errors of opening it.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _};

use super::file;
use super::open_error::OpenError;
use crate::sql_error::{code, is_no_table, is_pooled};
use crate::sql_pool::{PoolUse, Retirement, shares_connections};

/// SQLite allows one writer. With one connection, writers wait in the pool's fair queue. With more,
/// `busy_timeout` would pick one at random.
const SQLITE_WRITERS: u32 = 1;
/// In WAL mode readers do not block the writer. Beside one writer a few readers suffice.
const SQLITE_READERS: u32 = 4;
/// A click holds a connection for a few round trips. Eight keep a server of a few cores busy, and
/// ten replicas stay below PostgreSQL's default of 100 connections.
const POSTGRES_CONNECTIONS: u32 = 8;
/// Longest wait for a connection, and for a server's first answer. An interaction expires after
/// 3 s, so a longer wait is useless.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Wait before the next attempt while another process locks a file that both just created.
const BUSY_RETRY_INTERVAL: Duration = Duration::from_millis(10);
/// SQLite's code `SQLITE_BUSY`.
const SQLITE_BUSY: &str = "5";
/// Interval between the steps that move SQLite's write-ahead log into the file. It is real time,
/// not the product's clock, because it depends on the disk.
const WAL_CHECKPOINT_INTERVAL: Duration = Duration::from_millis(500);

/// Sent on every new writing connection to SQLite. With `synchronous = full` a reported commit is
/// on the disk, also in WAL mode. `busy_timeout` only concerns other processes, such as an
/// operator's shell. `secure_delete` overwrites what is deleted, such as the key of a customer. A
/// commit moves the log itself only when it is 64 MiB long, see
/// [`spawn_wal_checkpoints`].
const SQLITE_WRITER_SETUP: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
    pragma busy_timeout = 2000; pragma wal_autocheckpoint = 16384; pragma secure_delete = on;";
/// Sent on every new writing connection to SQLite that must not change the file.
const SQLITE_UNCHANGED_SETUP: &str = "pragma busy_timeout = 2000;";
/// Sent on every new reading connection to SQLite.
const SQLITE_READER_SETUP: &str = "pragma busy_timeout = 2000; pragma query_only = on;";
/// Sent on every new connection to PostgreSQL. A statement ends before its caller gives up, and a
/// replica that hangs in a transaction loses its locks.
const POSTGRES_SETUP: &str =
    "set statement_timeout = '5s'; set idle_in_transaction_session_timeout = '10s';";

/// The migrations of the store, embedded in the binary. `versions` compares the store with them
/// before and after they run, because a newer program can migrate it at the same moment.
pub(super) static MIGRATIONS: Migrator =
    Migrator { ignore_missing: true, ..sqlx::migrate!("./migrations") };

/// The database engine of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Returns true if several processes can share the database. A SQLite file has one process.
    pub(crate) const fn is_shared(self) -> bool {
        matches!(self, Self::Postgres)
    }

    /// Returns the word in the traces.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    /// Returns how many batches are written at a time. SQLite has one writer. On PostgreSQL a
    /// second writer works while the first waits for the disk.
    pub(crate) const fn writers(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 2,
        }
    }

    /// Returns the statement that begins a read-only transaction on one snapshot.
    pub(crate) const fn snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "begin",
            Self::Postgres => "begin isolation level repeatable read read only",
        }
    }

    /// Returns the statement that begins a writing transaction. SQLite takes the write lock at
    /// once, because it can refuse the lock after a read.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin isolation level read committed",
        }
    }
}

/// The connections of an opened store.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    pub(crate) engine: Engine,
    /// The file of SQLite.
    file: Option<PathBuf>,
    pub(crate) options: AnyConnectOptions,
    /// Connections for transactions and single writes.
    pub(crate) writes: AnyPool,
    /// Connections for reads. On PostgreSQL this is the same pool as `writes`.
    pub(crate) reads: AnyPool,
    /// Retires the connections of both pools.
    pub(crate) retirement: Retirement,
}

impl Pools {
    /// Takes the permissions of other users away from the files of SQLite.
    pub(super) fn make_files_private(&self) {
        if let Some(file) = &self.file {
            file::make_private(file);
        }
    }

    /// Returns where the store is: the file, or host, port and name of the database.
    pub(crate) fn place(&self) -> String {
        let url = &self.options.database_url;
        match &self.file {
            Some(file) => file.display().to_string(),
            None => PgConnectOptions::from_str(url.as_str()).map_or_else(
                |_| "PostgreSQL".to_owned(),
                |server| {
                    let (host, port) = (server.get_host(), server.get_port());
                    format!("{host}:{port}/{}", server.get_database().unwrap_or_default())
                },
            ),
        }
    }

    /// Returns the pools, for the metrics.
    pub(crate) fn pool_use(&self) -> PoolUse {
        let mut pools = vec![self.writes.clone()];
        if self.engine == Engine::Sqlite {
            pools.push(self.reads.clone());
        }
        PoolUse { database: "store", pools, retirement: self.retirement.clone() }
    }

    /// Closes all connections after their current work.
    pub(crate) async fn close(&self) {
        self.writes.close().await;
        self.reads.close().await;
    }
}

/// Opens the database. Makes one connection first, to report errors precisely.
pub(crate) async fn open(url: &str) -> Result<Pools, OpenError> {
    open_with(url, SQLITE_WRITER_SETUP).await
}

/// Opens the database. An SQLite file keeps its journal mode.
pub(crate) async fn open_unchanged(url: &str) -> Result<Pools, OpenError> {
    open_with(url, SQLITE_UNCHANGED_SETUP).await
}

async fn open_with(url: &str, sqlite_setup: &'static str) -> Result<Pools, OpenError> {
    sqlx::any::install_default_drivers();
    let (engine, file) = if url.starts_with("sqlite:") {
        (Engine::Sqlite, Some(file::prepare(url)?))
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        (Engine::Postgres, None)
    } else {
        return Err(OpenError::OtherEngine);
    };
    let options = AnyConnectOptions::from_str(url)
        .map_err(|_| OpenError::Malformed)?
        .disable_statement_logging();
    test_connection(engine, url, &options, sqlite_setup).await?;
    let retirement = Retirement::default();
    let pool = |connections: u32, setup: &'static str| {
        retirement
            .check_in(AnyPoolOptions::new())
            .max_connections(connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            // A test at each acquire would double the time of a single read. `retry` replaces a
            // broken connection instead.
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(sqlx::raw_sql(setup)).await.map(drop) })
            })
            .connect_lazy_with(options.clone())
    };
    let (writes, reads) = match engine {
        Engine::Sqlite => {
            (pool(SQLITE_WRITERS, sqlite_setup), pool(SQLITE_READERS, SQLITE_READER_SETUP))
        }
        Engine::Postgres => {
            let shared = pool(POSTGRES_CONNECTIONS, POSTGRES_SETUP);
            (shared.clone(), shared)
        }
    };
    Ok(Pools { engine, file, options, writes, reads, retirement })
}

/// Moves SQLite's write-ahead log into the database file in small steps, until the pool is closed.
///
/// SQLite itself moves the log during the commit that exceeds a threshold, and every writer waits
/// for that. A reading connection that does so often blocks no writer. SQLite's own
/// threshold (`wal_autocheckpoint`) stays as a fallback.
pub(super) fn spawn_wal_checkpoints(reads: AnyPool) {
    tokio::spawn(async move {
        while !reads.is_closed() {
            // A failed step does no harm, because the next one moves more.
            let _ = sqlx::raw_sql("pragma wal_checkpoint(passive)").execute(&reads).await;
            tokio::time::sleep(WAL_CHECKPOINT_INTERVAL).await;
        }
    });
}

/// Makes one connection, because a pool would only report a timeout.
async fn test_connection(
    engine: Engine,
    url: &str,
    options: &AnyConnectOptions,
    sqlite_setup: &'static str,
) -> Result<(), OpenError> {
    let tested = tokio::time::timeout(CONNECT_TIMEOUT, async {
        let mut connection = AnyConnection::connect_with(options).await?;
        if engine == Engine::Sqlite {
            set_up_sqlite(&mut connection, sqlite_setup).await?;
        }
        let is_unreleased = is_unreleased(&mut connection).await?;
        connection.close().await?;
        let is_pooled = engine == Engine::Postgres && shares_connections(options).await?;
        Ok((is_unreleased, is_pooled))
    })
    .await;
    let error = match tested.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
        Ok((_, true)) => return Err(OpenError::Pooled(server(url)?)),
        Ok((true, false)) => return Err(OpenError::Unreleased),
        Ok((false, false)) => return Ok(()),
        Err(error) => error,
    };
    Err(match engine {
        Engine::Sqlite => OpenError::File { file: file::path(url)?, source: error.into() },
        Engine::Postgres => server_error(url, error)?,
    })
}

/// Sets up a connection to a SQLite file, which can switch the file to WAL mode.
///
/// If several processes create the file at the same moment, SQLite refuses all but one at once to
/// avoid a deadlock. The others try again.
async fn set_up_sqlite(
    connection: &mut AnyConnection,
    setup: &'static str,
) -> Result<(), sqlx::Error> {
    while let Err(error) = connection.execute(sqlx::raw_sql(setup)).await {
        if code(&error).as_deref() != Some(SQLITE_BUSY) {
            return Err(error);
        }
        tokio::time::sleep(BUSY_RETRY_INTERVAL).await;
    }
    Ok(())
}

/// Returns true if an applied migration differs from the one in this binary. Changes nothing.
///
/// Until the first release the migrations are edited in place, so such a store cannot be updated.
async fn is_unreleased(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let applied = sqlx::query_as("select version, checksum from _sqlx_migrations");
    let applied: Vec<(i64, Vec<u8>)> = match applied.fetch_all(connection).await {
        Ok(applied) => applied,
        // The table does not exist yet.
        Err(error) if is_no_table(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(applied.iter().any(|(version, checksum)| {
        MIGRATIONS.iter().any(|own| own.version == *version && *own.checksum != **checksum)
    }))
}

/// Returns host and port of a PostgreSQL server.
fn server(url: &str) -> Result<String, OpenError> {
    let server = PgConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    Ok(match server.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", server.get_host(), server.get_port()),
    })
}

/// Maps the error of a PostgreSQL server.
fn server_error(url: &str, error: sqlx::Error) -> Result<OpenError, OpenError> {
    let place = server(url)?;
    let is_socket = place.starts_with('/');
    Ok(match (&error, code(&error).as_deref()) {
        // Before the handshake sqlx reads the files of the certificates.
        (sqlx::Error::Io(error), _)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
                && !is_socket =>
        {
            OpenError::NoCertificate(error.kind())
        }
        // Errors of rustls.
        (sqlx::Error::Io(io), _) if io.kind() == ErrorKind::InvalidData => {
            if io.to_string().starts_with("invalid peer certificate") {
                OpenError::Untrusted { place, source: error.into() }
            } else {
                OpenError::Server { place, source: error.into() }
            }
        }
        (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut, _) => OpenError::Unreachable(place),
        (sqlx::Error::Configuration(_), _) => OpenError::Malformed,
        // invalid_authorization_specification, invalid_password; invalid_catalog_name
        // (PostgreSQL 15, appendix A)
        (_, Some("28000" | "28P01")) => OpenError::Refused(place),
        (_, Some("3D000")) => OpenError::NoDatabase(place),
        // insufficient_privilege
        (_, Some("42501")) => OpenError::NoRights(place),
        _ if is_pooled(&error) => OpenError::Pooled(place),
        _ => OpenError::Server { place, source: error.into() },
    })
}
