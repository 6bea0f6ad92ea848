//! The public keys of a verification, and their table in the database.

use commands::model::fault::Fault;
use commands::model::time::Timestamp;

use sqlx::{AnyConnection, Connection as _};

use super::columns::ColumnType::Text;
use super::columns::{self, text};
use super::keys::{PublicKey, PublicKeys};
use super::rotation::{self, Rotation};
use crate::store::engine::Pools;
use crate::store::retry::{retry, to_fault};

/// What a verification says when it takes the keys from the database.
pub(super) const WARNING: &str = "the public keys came from the database, where a writer can have \
     put them: to rule that out, use --public-key with the keys that `support-desk key` printed";

/// The keys that a verification trusts.
pub(super) struct TrustedKeys {
    pub(super) keys: PublicKeys,
    pub(super) is_from_database: bool,
}

/// Returns the given keys, or else those of the database.
pub(super) async fn choose(pools: &Pools, given: Option<PublicKeys>) -> Result<TrustedKeys, Fault> {
    match given {
        Some(keys) => Ok(TrustedKeys { keys, is_from_database: false }),
        None => Ok(TrustedKeys { keys: read(pools).await?, is_from_database: true }),
    }
}

/// Reads the keys in the database. A row that holds no key is left out.
pub(crate) async fn read(pools: &Pools) -> Result<PublicKeys, Fault> {
    let rows = retry(pools, "reading the public keys of the trail", || {
        let rest = "from trail_keys order by added_at, id";
        let statement = columns::select(pools.engine, &[("public", Text)], rest);
        sqlx::query(statement).fetch_all(&pools.reads)
    })
    .await?;
    Ok(PublicKeys(rows.iter().filter_map(|row| text(row, 0)?.parse().ok()).collect()))
}

/// Adds the public half of a key that signs from now on.
pub(crate) async fn add(pools: &Pools, key: &PublicKey, now: Timestamp) -> Result<(), Fault> {
    retry(pools, "saving a public key of the trail", || {
        sqlx::query(
            "insert into trail_keys (id, public, added_at) values ($1, $2, $3)
             on conflict (id) do nothing",
        )
        .bind(key.id().to_string())
        .bind(key.to_string())
        .bind(now.0)
        .execute(&pools.writes)
    })
    .await
    .map(drop)
}

/// Reads the keys that have signed the trail and were not replaced. `own` are the keys of this
/// process.
pub(crate) async fn unreplaced(pools: &Pools, own: &PublicKeys) -> Result<PublicKeys, Fault> {
    let published = read(pools).await?;
    let rotations = rotations(pools).await?;
    let replaced = rotation::replaced(&rotation::believed(rotations.clone(), own));
    let all = PublicKeys([&own.0[..], &published.0[..]].concat());
    let said = rotation::replaced(&rotation::believed(rotations, &all));
    // Only another own key says that an own key was replaced, because a writer of the database can
    // publish keys.
    let is_replaced = |key: &PublicKey| {
        let id = key.id().as_str();
        if own.find(id).is_some() { replaced.contains(id) } else { said.contains(id) }
    };
    Ok(PublicKeys(published.0.into_iter().filter(|key| !is_replaced(key)).collect()))
}

/// Returns true if the trail says that a key was replaced by another one.
pub(crate) async fn is_replaced(
    pools: &Pools,
    own: &PublicKeys,
    key: &PublicKey,
) -> Result<bool, Fault> {
    let all = PublicKeys([&own.0[..], &read(pools).await?.0[..]].concat());
    let believed = rotation::believed(rotations(pools).await?, &all);
    Ok(rotation::replaced(&believed).contains(key.id().as_str()))
}

/// Publishes those of the given keys that have signed an event or a checkpoint, because a writer of
/// the database can have removed them from the published ones.
pub(crate) async fn publish_signers(
    pools: &Pools,
    keys: &PublicKeys,
    now: Timestamp,
) -> Result<(), Fault> {
    let reading = async {
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        let signers = "from (select key from events union select key from checkpoints) as signers";
        let statement = columns::select(pools.engine, &[("signers.key", Text)], signers);
        let rows = sqlx::query(statement).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(rows.iter().filter_map(|row| text(row, 0)).collect::<Vec<_>>())
    };
    let signers = reading.await.map_err(to_fault("reading the signers of the trail"))?;
    for key in signers.iter().filter_map(|id| keys.find(id)) {
        add(pools, key, now).await?;
    }
    Ok(())
}

async fn rotations(pools: &Pools) -> Result<Vec<(i64, Rotation)>, Fault> {
    let reading = async {
        let mut connection = pools.reads.acquire().await?;
        rotation::read(&mut connection, pools.engine).await
    };
    reading.await.map_err(to_fault("reading the replaced keys of the trail"))
}
