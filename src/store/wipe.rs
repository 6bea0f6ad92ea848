//! Removes erased rows from the files of the database.
//!
//! A deleted row is no longer found by a query, but its bytes can still be in a file.

use std::time::Duration;

use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::database::Database;
use super::engine::{Engine, Pools};
use crate::sql_error::SqlError;

/// Attempts while a reader or a lock of another process is in the way.
const ATTEMPTS: u32 = 3;
/// Wait between two attempts. It is real time, because it depends on another process.
const INTERVAL: Duration = Duration::from_millis(200);

/// Statements for PostgreSQL, in their order. Each runs outside of a transaction.
///
/// `alter column … type` removes the planner's statistics, which hold samples of the column's
/// values, and builds the partial index on the tickets again. `vacuum full` writes the two small
/// tables and their indexes again. The sessions are too many for that: `vacuum` frees the space of
/// older versions of their rows, which the next rows overwrite.
const POSTGRES: [&str; 7] = [
    "set lock_timeout = '5s'",
    "alter table subjects alter column lookup type text, alter column sealed type text",
    "alter table subject_keys alter column sealed type text",
    "alter table sessions alter column ticket type text",
    "vacuum (full) subjects",
    "vacuum (full) subject_keys",
    "vacuum sessions",
];

/// Overwrites what is deleted with zeros. Keeps temporary tables in memory, because they hold keys.
const SQLITE_SETUP: &str = "pragma secure_delete = on; pragma temp_store = memory;";
/// Writes both tables again on fresh pages. SQLite can have left copies of a row on a page whose
/// rows it moved, and `secure_delete` only overwrites the row that is deleted.
///
/// The rows have the order of the primary key, because its index is then written in half the time.
/// Other writers wait meanwhile; docs/data-retention.md has the time.
const SQLITE_REWRITE: &str = "
    create temp table kept as select * from subject_keys order by subject, quarter;
    delete from subject_keys;
    insert into subject_keys select * from temp.kept;
    drop table temp.kept;
    create temp table kept as select * from subjects order by pseudonym;
    delete from subjects;
    insert into subjects select * from temp.kept;
    drop table temp.kept;";

/// Reason why the files can still hold what was erased.
#[derive(Debug, thiserror::Error)]
pub enum NotWiped {
    #[error(
        "the rows are erased, but {0}-wal can still hold them, because another process reads it; \
         stop the bot once, or run `pragma wal_checkpoint(truncate)` on the file"
    )]
    ReadByOthers(String),
    #[error(
        "the rows are erased, but the server's files and the planner's samples in `pg_stats` can \
         still hold them; run the command again as the owner of the store, or these statements: \
         {statements}: {0}",
        statements = POSTGRES[1..].join("; ")
    )]
    NotVacuumed(SqlError),
    #[error("the rows are erased, but the write-ahead log was not emptied: {0}")]
    NotEmptied(SqlError),
}

/// Prepares a connection for [`rewrite`], before its transaction begins.
pub(super) async fn prepare(on: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    if engine == Engine::Sqlite {
        sqlx::raw_sql(SQLITE_SETUP).execute(on).await?;
    }
    Ok(())
}

/// Writes SQLite's two tables again, in the transaction that deletes rows. PostgreSQL does so
/// outside of a transaction, see [`Database::wipe`].
pub(super) async fn rewrite(on: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    if engine == Engine::Sqlite {
        sqlx::raw_sql(SQLITE_REWRITE).execute(&mut *on).await?;
        forget_samples(on).await?;
    }
    Ok(())
}

/// Removes the samples of SQLite's planner, which hold values of indexed columns. They exist if an
/// operator ran `analyze`.
async fn forget_samples(on: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let tables: i64 =
        sqlx::query_scalar("select count(*) from sqlite_master where name = 'sqlite_stat4'")
            .fetch_one(&mut *on)
            .await?;
    if tables > 0 {
        sqlx::query("delete from sqlite_stat4").execute(on).await?;
    }
    Ok(())
}

impl Database {
    /// Removes what [`Database::erase`] or the retention has deleted from the files: empties
    /// SQLite's write-ahead log, or writes PostgreSQL's two tables again.
    pub async fn wipe(&self) -> Result<(), NotWiped> {
        match self.pools.engine {
            Engine::Sqlite => empty_wal(&self.pools).await,
            Engine::Postgres => rewrite_tables(&self.pools).await,
        }
    }
}

async fn empty_wal(pools: &Pools) -> Result<(), NotWiped> {
    for _ in 0..ATTEMPTS {
        // 1 if a reader or a writer was in the way; pages in the log; pages that were moved.
        let (is_busy, ..): (i64, i64, i64) = sqlx::query_as("pragma wal_checkpoint(truncate)")
            .fetch_one(&pools.writes)
            .await
            .map_err(|error| NotWiped::NotEmptied(error.into()))?;
        if is_busy == 0 {
            return Ok(());
        }
        tokio::time::sleep(INTERVAL).await;
    }
    Err(NotWiped::ReadByOthers(pools.place()))
}

async fn rewrite_tables(pools: &Pools) -> Result<(), NotWiped> {
    let mut attempts = 0;
    while let Err(error) = try_to_rewrite(pools).await {
        attempts += 1;
        if attempts == ATTEMPTS {
            return Err(NotWiped::NotVacuumed(error.into()));
        }
        tokio::time::sleep(INTERVAL).await;
    }
    Ok(())
}

async fn try_to_rewrite(pools: &Pools) -> Result<(), sqlx::Error> {
    // A separate connection, because those of the pool abort slow statements.
    let mut connection = AnyConnection::connect_with(&pools.options).await?;
    for statement in POSTGRES {
        connection.execute(sqlx::raw_sql(statement)).await?;
    }
    connection.close().await
}
