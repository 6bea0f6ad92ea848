//! Checkpoints that are missing: chains have grown, and no checkpoint names it.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use sqlx::AnyConnection;

use super::checkpoint::CHECKPOINT_EVERY;
use super::columns::{self, ColumnType, number};
use super::keys::TrailKeys;
use super::newest_checkpoint::NewestCheckpoint;
use super::rotation;
use crate::store::engine::Pools;
use crate::store::retry::to_fault;

/// Age of an event at which a checkpoint has to name its chain. Ten checkpoints are due until then.
pub(crate) const OVERDUE_AFTER: Duration = Duration::from_mins(10);

/// First event after the newest checkpoint.
pub(crate) const FIRST_EVENT: &str =
    "from events where events.at > $1 and events.at <= $2 order by events.at limit 1";

/// Returns since when the newest checkpoint that verifies is too old: it is older than
/// [`OVERDUE_AFTER`], and so is an event after it. `None`: it is not.
pub(crate) async fn since(
    pools: &Pools,
    keys: &TrailKeys,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let fault = to_fault("looking for the newest checkpoint");
    let mut connection = pools.reads.acquire().await.map_err(&fault)?;
    first_unnamed(&mut connection, pools, keys, newest, now).await.map_err(&fault)
}

async fn first_unnamed(
    on: &mut AnyConnection,
    pools: &Pools,
    keys: &TrailKeys,
    newest: &NewestCheckpoint,
    now: Timestamp,
) -> Result<Option<Timestamp>, sqlx::Error> {
    let public = keys.public();
    let mut replaced = rotation::replaced(&rotation::held(on, pools.engine, &public).await?);
    replaced.remove(keys.current().id().as_str());
    let seen = newest.look(on, pools.engine, &public, &replaced).await?;
    // An event within this time can be named by the checkpoint, because the clock of another
    // replica can be ahead.
    let after = seen.last.map_or(Timestamp(i64::MIN), |last| last.at + CHECKPOINT_EVERY);
    let cells = [("events.at", ColumnType::Number)];
    let row = sqlx::query(columns::select(pools.engine, &cells, FIRST_EVENT))
        .bind(after.0)
        .bind((now - OVERDUE_AFTER).0)
        .fetch_optional(on)
        .await?;
    Ok(row.and_then(|row| number(&row, 0)).map(|at| Timestamp(at) + OVERDUE_AFTER))
}
