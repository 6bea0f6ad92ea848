//! Checks of a store that change nothing.

use commands::model::fault::Fault;

use super::engine::{self, Pools};
use super::open_error::OpenError;
use super::retry::retry;
use super::versions::{self, StoreVersion, VersionError};

/// Reason why `run` cannot use the store.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Version(#[from] VersionError),
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// A store that `run` can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inspected {
    pub version: StoreVersion,
    /// True if the user of the URL may migrate the store.
    pub may_migrate: bool,
}

/// Checks that `run` can use the store at a URL: that it can be opened, has tables that this
/// program can use or migrate, and accepts writes. Does not switch an SQLite file to another
/// journal.
pub async fn inspect(url: &str) -> Result<Inspected, Unusable> {
    let pools = engine::open_unchanged(url).await?;
    let result = check(&pools).await;
    pools.close().await;
    result
}

async fn check(pools: &Pools) -> Result<Inspected, Unusable> {
    let version = versions::compare(pools).await?;
    let may_migrate = versions::may_migrate(pools).await?;
    if let StoreVersion::Behind { store, program } = version
        && (store == 0 || !may_migrate)
    {
        return Err(VersionError::Behind { store, program }.into());
    }
    versions::require_rights(pools).await?;
    ping(pools).await?;
    Ok(Inspected { version, may_migrate })
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
