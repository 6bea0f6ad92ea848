//! The migrations of the store, embedded in the binary.

use sqlx::AnyConnection;
use sqlx::migrate::{MigrateError, Migrator};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

pub(super) async fn run(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    MIGRATIONS.run(connection).await
}
