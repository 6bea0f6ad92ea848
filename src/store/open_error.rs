//! Errors of opening the store.

use std::path::PathBuf;

use super::store_keys::NoRandomness;
use crate::sql_error::SqlError;

/// Reason why the store cannot be opened. It names files, hosts and users, never a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    OtherEngine,
    #[error(
        "DATABASE_URL cannot be parsed; write sqlite://FILE?mode=rwc or \
         postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Malformed,
    #[error(
        "DATABASE_URL names a database in memory; sessions must outlive the process: name a file"
    )]
    InMemory,
    #[error(
        "the folder {} does not exist; create it, or name another in DATABASE_URL",
        .0.display()
    )]
    NoFolder(PathBuf),
    #[error(
        "the file {} does not exist; `support-desk migrate` creates it if DATABASE_URL ends with \
         ?mode=rwc",
        .0.display()
    )]
    NoFile(PathBuf),
    #[error("the file {} cannot be opened or written, or is no SQLite database", file.display())]
    File { file: PathBuf, source: SqlError },
    #[error(
        "another process runs the bot on the file {}; stop it, or use PostgreSQL, which several \
         processes can share",
        .0.display()
    )]
    InUse(PathBuf),
    #[error("the lock {} cannot be taken", file.display())]
    NoLock { file: PathBuf, source: std::io::Error },
    #[error("no PostgreSQL server answers at {0}")]
    Unreachable(String),
    #[error(
        "the certificate of the PostgreSQL server at {place} is not accepted; set sslrootcert in \
         DATABASE_URL to the file of its certificate authority, and write the host as the \
         certificate names it"
    )]
    Untrusted { place: String, source: SqlError },
    #[error("a file that DATABASE_URL names in sslrootcert, sslcert or sslkey cannot be read: {0}")]
    NoCertificate(std::io::ErrorKind),
    #[error("the PostgreSQL server at {0} refuses the user or password of DATABASE_URL")]
    Refused(String),
    #[error(
        "the PostgreSQL server at {0} has no such database; create it, or name another in \
         DATABASE_URL"
    )]
    NoDatabase(String),
    #[error(
        "the PostgreSQL server at {0} is behind a pooler that does not keep the session; use the \
         pooler's session mode (PgBouncer: pool_mode = session and ignore_startup_parameters = \
         extra_float_digits), or name the server itself in DATABASE_URL"
    )]
    Pooled(String),
    #[error(
        "the user of DATABASE_URL has no rights on the store's tables at {0}: run \
         deploy/store/postgres.sql again, after `support-desk migrate`"
    )]
    NoRights(String),
    /// Any other error of the server at `place` (host and port).
    #[error("the PostgreSQL server at {place} cannot be used")]
    Server { place: String, source: SqlError },
    /// The migrations of an unreleased build differ from those of this one.
    #[error(
        "the store was made by an earlier, unreleased version and must be recreated: delete it, \
         or name a new file or database in DATABASE_URL"
    )]
    Unreleased,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
