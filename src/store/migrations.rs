//! The migrations of the store, embedded in the binary.

use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, Error, Row as _};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

pub(super) async fn run(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    MIGRATIONS.run(connection).await
}

/// Returns true if an applied migration differs from the one in this binary. Changes nothing.
///
/// Until the first release the migrations are edited in place, so such a store cannot be updated.
pub(super) async fn differ_from_store(connection: &mut AnyConnection) -> Result<bool, Error> {
    let applied = sqlx::query("select version, checksum from _sqlx_migrations");
    let applied = match applied.fetch_all(connection).await {
        Ok(applied) => applied,
        Err(error) if is_missing_table(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    for row in applied {
        let (version, checksum): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
        let own = MIGRATIONS.iter().find(|migration| migration.version == version);
        if own.is_some_and(|own| *own.checksum != *checksum) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_missing_table(error: &Error) -> bool {
    // PostgreSQL 15, appendix A: undefined_table. SQLite has one code for every faulty statement,
    // and only a missing table makes this statement faulty.
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("42P01" | "1"))
}
