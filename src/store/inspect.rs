//! Checks of a store that change nothing.

use commands::model::fault::Fault;
use sqlx::Error;
use sqlx::migrate::MigrateError;

use super::engine::{self, Engine, MIGRATIONS, Pools};
use super::open_error::OpenError;
use super::retry::{retry, to_fault};

/// Reason why `run` cannot use the store.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Failed(#[from] Fault),
    /// `run` and `migrate` create the table of migrations, if it is missing, under this privilege.
    #[error("the user of DATABASE_URL may not create tables in the database's schema")]
    NoCreate,
}

/// Checks that `run` can use the store at a URL: that it can be opened, has the tables of this
/// program, and accepts writes. Does not switch an SQLite file to another journal.
pub async fn inspect(url: &str) -> Result<(), Unusable> {
    let pools = engine::open_unchanged(url).await?;
    let result = check(&pools).await;
    pools.close().await;
    result
}

async fn check(pools: &Pools) -> Result<(), Unusable> {
    if pools.engine == Engine::Postgres {
        let may_create: bool = retry(pools, "reading the privileges in the store", || {
            sqlx::query_scalar(
                "select coalesce(has_schema_privilege(current_schema(), 'create'), false)",
            )
            .fetch_one(&pools.reads)
        })
        .await?;
        if !may_create {
            return Err(Unusable::NoCreate);
        }
    }
    ping(pools).await?;
    Ok(check_migrations(pools).await?)
}

/// Checks that the database has its tables and can do what a click needs, which is to write.
///
/// The statement changes no row. A read-only server, a locked file and a missing privilege still
/// refuse it.
pub(super) async fn ping(pools: &Pools) -> Result<(), Fault> {
    retry(pools, "checking that the store accepts writes", || {
        sqlx::query("update sessions set version = version where id = ''").execute(&pools.writes)
    })
    .await
    .map(drop)
}

/// Fails as the migration of `run` would: at one that this program does not know, or that was
/// applied in part.
async fn check_migrations(pools: &Pools) -> Result<(), Fault> {
    // A number, because SQLite has no truth values that the drivers share.
    let applied: Vec<(i64, i64)> = retry(pools, "reading the migrations of the store", || {
        sqlx::query_as(
            "select version, cast(case when success then 1 else 0 end as bigint)
             from _sqlx_migrations order by version",
        )
        .fetch_all(&pools.reads)
    })
    .await?;
    let fault = applied.into_iter().find_map(|(version, success)| {
        let is_known = MIGRATIONS.iter().any(|own| own.version == version);
        if success == 0 {
            Some(MigrateError::Dirty(version))
        } else {
            (!is_known).then_some(MigrateError::VersionMissing(version))
        }
    });
    match fault {
        Some(fault) => Err(to_fault("migrating the store")(Error::from(fault))),
        None => Ok(()),
    }
}
