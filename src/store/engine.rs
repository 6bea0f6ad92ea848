//! Opening the store: which engine it is, how its connections are set up, and what is wrong when it
//! cannot be opened.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _};

use crate::sql_error::SqlError;

/// SQLite has one writer, whoever waits: they wait in the pool's fair queue instead of in
/// `busy_timeout`'s lottery.
const SQLITE_WRITERS: u32 = 1;
/// In WAL mode readers stand in nobody's way; more than a few have nothing to do beside one writer.
const SQLITE_READERS: u32 = 4;
/// A click holds a connection for a few round trips: so many keep a server of a few cores busy, and
/// ten replicas stay below PostgreSQL's default of 100 connections.
const POSTGRES_CONNECTIONS: u32 = 8;
/// How long a connection is waited for, and how long a server may take to answer the first. An
/// interaction is dead after 3 s, so who waits longer than a little more waits for nothing.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a process that finds the file locked by another that has just begun waits before it
/// looks again.
const BUSY: Duration = Duration::from_millis(10);
/// SQLite's code for that.
const SQLITE_BUSY: &str = "5";

/// FieldMessage to every new connection to SQLite. FULL: a commit that was reported is on the disk, also in
/// WAL mode. The time-out is for other processes only (an operator's shell, a second bot by
/// mistake). A commit moves the log itself only when it is 64 MiB long: see [`wal`](super::wal).
const SQLITE_WRITER: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
    pragma busy_timeout = 2000; pragma wal_autocheckpoint = 16384;";
/// Likewise to those that read.
const SQLITE_READER: &str = "pragma busy_timeout = 2000; pragma query_only = on;";
/// FieldMessage to every new connection to PostgreSQL: nothing waits longer than anybody waits for it, and
/// a replica that hangs inside a transaction does not keep its locks.
const POSTGRES_ANY: &str =
    "set statement_timeout = '5s'; set idle_in_transaction_session_timeout = '10s';";

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// How many batches are written at a time. SQLite has one writer. On PostgreSQL a second works
    /// while the first waits for its sync.
    pub(crate) const fn writers(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => 2,
        }
    }

    /// How a transaction begins that reads everything as it is at one moment.
    pub(crate) const fn snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "begin",
            Self::Postgres => "begin isolation level repeatable read read only",
        }
    }

    /// How a writing transaction begins. SQLite takes the write lock at once: taken later, after a
    /// read, it can be refused.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin isolation level read committed",
        }
    }
}

/// Why the store cannot be opened. Names files, hosts and users, never a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a URL of an engine that the store speaks.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    OtherEngine,
    /// A URL with something wrong in it, such as an unknown option.
    #[error(
        "DATABASE_URL cannot be read; write sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Malformed,
    /// A database that would be gone with the process.
    #[error(
        "DATABASE_URL names a database in memory; sessions must outlive the process: name a file"
    )]
    InMemory,
    /// The folder of the file is not there.
    #[error("the folder {} does not exist; create it, or name another in DATABASE_URL", .0.display())]
    NoFolder(PathBuf),
    /// The file is not there, and may not be made.
    #[error("the file {} does not exist; add ?mode=rwc to DATABASE_URL to have it made", .0.display())]
    NoFile(PathBuf),
    /// The file is there and cannot be opened or written, or is no database.
    #[error("the file {} cannot be opened or written, or is no SQLite database", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        source: SqlError,
    },
    /// Nobody answers there.
    #[error("no PostgreSQL server answers at {0}")]
    Unreachable(String),
    /// The server does not let the user in.
    #[error("the PostgreSQL server at {0} refuses the user or password of DATABASE_URL")]
    Refused(String),
    /// The server has no such database.
    #[error(
        "the PostgreSQL server at {0} has no such database; create it, or name another in DATABASE_URL"
    )]
    NoDatabase(String),
    /// Anything else the server says.
    #[error("the PostgreSQL server at {place} cannot be used")]
    Server {
        /// Host and port.
        place: String,
        /// What the server says.
        source: SqlError,
    },
    /// The system gives no random bytes for the process's name.
    #[error(transparent)]
    NoRandomness(#[from] super::seal::NoRandomness),
}

/// The connections of an opened store.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    pub(crate) engine: Engine,
    pub(crate) options: AnyConnectOptions,
    /// For transactions.
    pub(crate) writes: AnyPool,
    /// For everything else; the same as `writes` where engine and server have no reason to tell
    /// them apart.
    pub(crate) reads: AnyPool,
}

/// Opens the database, with one connection made to know that it works.
pub(crate) async fn open(url: &str) -> Result<Pools, OpenError> {
    sqlx::any::install_default_drivers();
    let engine = if url.starts_with("sqlite:") {
        check_file(url)?;
        Engine::Sqlite
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        Engine::Postgres
    } else {
        return Err(OpenError::OtherEngine);
    };
    let options = AnyConnectOptions::from_str(url)
        .map_err(|_| OpenError::Malformed)?
        .disable_statement_logging();
    try_out(engine, url, &options).await?;
    let pool = |most: u32, hello: &'static str| {
        AnyPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(CONNECT)
            // A round trip at each acquire would double the cost of a look-up; a dead connection is
            // noticed by `again` instead.
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(sqlx::raw_sql(hello)).await.map(drop) })
            })
            .connect_lazy_with(options.clone())
    };
    let (writes, reads) = match engine {
        Engine::Sqlite => {
            (pool(SQLITE_WRITERS, SQLITE_WRITER), pool(SQLITE_READERS, SQLITE_READER))
        }
        Engine::Postgres => {
            let one = pool(POSTGRES_CONNECTIONS, POSTGRES_ANY);
            (one.clone(), one)
        }
    };
    Ok(Pools { engine, options, writes, reads })
}

/// What can be said of the file without opening it: SQLite itself only says "unable to open
/// database file".
fn check_file(url: &str) -> Result<(), OpenError> {
    let file = file_of(url)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder(folder.to_owned()));
    }
    if !file.exists() && !url.contains("mode=rwc") {
        return Err(OpenError::NoFile(file));
    }
    Ok(())
}

fn file_of(url: &str) -> Result<PathBuf, OpenError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(OpenError::InMemory);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    Ok(options.get_filename().to_owned())
}

fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == SQLITE_BUSY)
}

/// Makes one connection, so that what is wrong is said now and in words: a pool would only say that
/// it timed out.
async fn try_out(engine: Engine, url: &str, options: &AnyConnectOptions) -> Result<(), OpenError> {
    let connected = tokio::time::timeout(CONNECT, async {
        let mut connection = AnyConnection::connect_with(options).await?;
        if engine == Engine::Sqlite {
            // Of several processes that make the file at the same moment one switches it to WAL.
            // SQLite refuses the others at once, as waiting for each other could go on for ever.
            while let Err(error) = connection.execute(sqlx::raw_sql(SQLITE_WRITER)).await {
                if !is_busy(&error) {
                    return Err(error);
                }
                tokio::time::sleep(BUSY).await;
            }
        }
        connection.close().await
    })
    .await;
    let failed = match connected {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    if engine == Engine::Sqlite {
        return Err(OpenError::File {
            file: file_of(url)?,
            source: failed.unwrap_or(sqlx::Error::PoolTimedOut).into(),
        });
    }
    let server = PgConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    let place = format!("{}:{}", server.get_host(), server.get_port());
    Err(match failed {
        None | Some(sqlx::Error::Io(_)) => OpenError::Unreachable(place),
        Some(sqlx::Error::Configuration(_)) => OpenError::Malformed,
        Some(sqlx::Error::Database(error)) => match error.code().as_deref() {
            // invalid_authorization_specification, invalid_password; invalid_catalog_name
            // (PostgreSQL 15, appendix A)
            Some("28000" | "28P01") => OpenError::Refused(place),
            Some("3D000") => OpenError::NoDatabase(place),
            _ => OpenError::Server { place, source: sqlx::Error::Database(error).into() },
        },
        Some(error) => OpenError::Server { place, source: error.into() },
    })
}
