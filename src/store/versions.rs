//! Versions: which programs can use a store.
//!
//! A program is named by the newest migration that it knows. `run`, `migrate` and `check` compare
//! it with the store here, so that they agree. An older program can use a newer store, unless the
//! store's `min_reader` excludes it.

use commands::model::fault::Fault;
use sqlx::{AnyConnection, Connection as _};

use super::engine::{Engine, MIGRATIONS, Pools};
use super::retry::{retry, to_fault};
use crate::sql_error::is_no_table;

/// A store that this program can use, or can migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreVersion {
    /// The store has the migrations of this program.
    Current,
    /// A newer program has migrated the store, and this one can still use it.
    Newer { store: i64, program: i64 },
    /// The store lacks migrations of this program. An empty one has migration 0.
    Behind { store: i64, program: i64 },
}

/// Reason why this program cannot use a store that was opened.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    #[error(
        "the store needs a program with migration {min_reader} or newer, and this program has \
         migration {program}: run the newer version of support-desk, or restore the backup from \
         before its upgrade"
    )]
    TooNew { min_reader: i64, program: i64 },
    #[error("{}: run `support-desk migrate` as the owner of the store", behind(*store, *program))]
    Behind { store: i64, program: i64 },
    /// A migration was interrupted that does not run in a transaction.
    #[error(
        "migration {0} of the store was applied in part: restore the backup from before the \
         upgrade, then run `support-desk migrate`"
    )]
    AppliedInPart(i64),
    /// The history of the store is not that of a version of this program.
    #[error(
        "the store has migration {0}, which belongs to no version of this program: check \
         DATABASE_URL, or restore a backup"
    )]
    Foreign(i64),
    /// `deploy/store/postgres.sql` did not run after a migration.
    #[error(
        "the user of DATABASE_URL may not read the table {0}: run deploy/store/postgres.sql again, \
         after `support-desk migrate`"
    )]
    NoRights(String),
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// Describes a store that lacks migrations.
pub(crate) fn behind(store: i64, program: i64) -> String {
    if store == 0 {
        return "the store has no tables".to_owned();
    }
    format!("the store has migration {store}, and this program needs migration {program}")
}

/// Returns the newest migration that this program knows.
pub(super) fn program() -> i64 {
    MIGRATIONS.iter().map(|own| own.version).max().unwrap_or_default()
}

/// Compares the store with this program. Changes nothing.
pub(super) async fn compare(pools: &Pools) -> Result<StoreVersion, VersionError> {
    let program = program();
    let mut applied = Vec::new();
    for (version, is_whole) in read_applied(pools).await? {
        if is_whole == 0 {
            return Err(VersionError::AppliedInPart(version));
        }
        applied.push(version);
    }
    let is_known = |version: &i64| MIGRATIONS.iter().any(|own| own.version == *version);
    if let Some(foreign) = applied.iter().find(|version| **version < program && !is_known(version))
    {
        return Err(VersionError::Foreign(*foreign));
    }
    let store = applied.last().copied().unwrap_or_default();
    let is_complete = MIGRATIONS.iter().all(|own| applied.contains(&own.version));
    if store <= program {
        let behind = StoreVersion::Behind { store, program };
        return Ok(if is_complete { StoreVersion::Current } else { behind });
    }
    if !is_complete {
        return Err(VersionError::Foreign(store));
    }
    let min_reader = read_min_reader(pools).await?;
    if min_reader > program {
        return Err(VersionError::TooNew { min_reader, program });
    }
    Ok(StoreVersion::Newer { store, program })
}

impl Pools {
    /// Creates or updates the tables if the store lacks migrations, and takes the permissions of
    /// other users away from the files. Replicas that start together wait for each other.
    ///
    /// Changes no tables of a newer store. Fails if the user of the URL may not create tables.
    pub(crate) async fn migrate(&self) -> Result<(), VersionError> {
        self.make_files_private();
        let is_behind = matches!(compare(self).await?, StoreVersion::Behind { .. });
        if is_behind && may_migrate(self).await? {
            self.apply_migrations().await.map_err(to_fault("migrating the store"))?;
        }
        self.require_tables().await
    }

    /// Checks that this program can use the store, or can migrate it.
    pub(crate) async fn require_version(&self) -> Result<(), VersionError> {
        compare(self).await.map(drop)
    }

    /// Checks that the store has all tables of this program, and that the user of the URL may read
    /// them. Logs a warning if the store is newer.
    pub(crate) async fn require_tables(&self) -> Result<(), VersionError> {
        let version = compare(self).await?;
        if let StoreVersion::Behind { store, program } = version {
            return Err(VersionError::Behind { store, program });
        }
        require_rights(self).await?;
        if let StoreVersion::Newer { store, program } = version {
            tracing::warn!(
                store_migration = store,
                program_migration = program,
                "a newer version of the bot has migrated the store: continuing"
            );
        }
        Ok(())
    }

    async fn apply_migrations(&self) -> Result<(), sqlx::Error> {
        // Use a separate connection, because those of the pool abort slow statements.
        let mut connection = AnyConnection::connect_with(&self.options).await?;
        match self.engine {
            // sqlx holds an advisory lock.
            Engine::Postgres => MIGRATIONS.run(&mut connection).await?,
            // sqlx takes no lock here, so the write lock is held during all migrations.
            Engine::Sqlite => {
                let mut transaction = connection.begin_with(Engine::Sqlite.begin()).await?;
                MIGRATIONS.run(&mut *transaction).await?;
                transaction.commit().await?;
            }
        }
        connection.close().await
    }
}

/// Returns the migrations of the store in their order, each with 0 if it was applied in part.
async fn read_applied(pools: &Pools) -> Result<Vec<(i64, i64)>, Fault> {
    retry(pools, "reading the migrations of the store", || async {
        // A number, because SQLite has no truth values that the drivers share.
        let applied = sqlx::query_as(
            "select version, cast(case when success then 1 else 0 end as bigint)
             from _sqlx_migrations order by version",
        );
        match applied.fetch_all(&pools.reads).await {
            Err(error) if is_no_table(&error) => Ok(Vec::new()),
            applied => applied,
        }
    })
    .await
}

/// Returns the oldest program that can use the store. The store has migration 3 or a newer one.
async fn read_min_reader(pools: &Pools) -> Result<i64, Fault> {
    retry(pools, "reading the versions of the store", || {
        sqlx::query_scalar("select min_reader from store_meta").fetch_one(&pools.reads)
    })
    .await
}

/// Returns true if the user of the URL may migrate the store. A SQLite file has no users.
pub(super) async fn may_migrate(pools: &Pools) -> Result<bool, Fault> {
    if pools.engine == Engine::Sqlite {
        return Ok(true);
    }
    retry(pools, "reading the privileges in the store", || {
        sqlx::query_scalar(
            "select coalesce(has_schema_privilege(current_schema(), 'create'), false)",
        )
        .fetch_one(&pools.reads)
    })
    .await
}

/// Checks that the user of the URL may read all tables of the store's owner. The bot may read each
/// of its tables, so an unreadable one was added by a migration.
pub(super) async fn require_rights(pools: &Pools) -> Result<(), VersionError> {
    if pools.engine == Engine::Sqlite {
        return Ok(());
    }
    let unreadable: Option<String> = retry(pools, "reading the rights in the store", || {
        sqlx::query_scalar(
            "select cast(min(relname) as text) from pg_class
             where relkind = 'r' and not has_table_privilege(oid, 'select')
                 and (relnamespace, relowner) = (
                     select relnamespace, relowner from pg_class
                     where oid = to_regclass('_sqlx_migrations')
                 )",
        )
        .fetch_one(&pools.reads)
    })
    .await?;
    unreadable.map_or(Ok(()), |table| Err(VersionError::NoRights(table)))
}
