//! Check that a store key belongs to a trail.
//!
//! A command with another key would report every event as forged, or break the chains that it
//! extends.

use commands::model::fault::Fault;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Connection as _};

use super::audit::{NamedHeads, read_heads, stored_event};
use crate::sql_error::redact;
use crate::store::database::Database;
use crate::store::engine::Engine;
use crate::store::seal::StoreKey;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, EVENT_COLUMNS, number, text};
use crate::trail::event::Mac;
use crate::trail::sign::CheckpointMac;

/// Reason why a command with a key stops.
pub(crate) const FOREIGN_KEY: &str =
    "STORE_KEY does not belong to this store: no event or checkpoint of the trail fits it";

/// The chains of the newest events. With the right key the first of their events fits.
const NEWEST: &str = "from events where chain in (select newest.chain from events as newest
     order by newest.at desc limit 20) order by chain, seq";
/// All events. They are read only if nothing else fits, because the newest ones can be forged.
const ALL: &str = "from events order by chain, seq";

impl Database {
    /// Returns true if some event or checkpoint of the trail fits the key, or if there is no event
    /// yet.
    pub async fn has_fitting_key(&self) -> Result<bool, Fault> {
        let (engine, key) = (self.pools.engine, &*self.key);
        let checked = async {
            // Use a separate connection, because those of the pools abort slow statements.
            let mut connection = AnyConnection::connect_with(&self.pools.options).await?;
            let on = &mut connection;
            let fits = some_event_fits(on, engine, key, NEWEST).await?
                || some_checkpoint_fits(on, engine, key).await?
                || some_event_fits(on, engine, key, ALL).await?;
            connection.close().await?;
            anyhow::Ok(fits)
        };
        checked.await.map_err(|error| Fault::new("checking the key of the store", redact(error)))
    }
}

/// Returns true if one of the events fits the key, or if there are none.
async fn some_event_fits(
    on: &mut AnyConnection,
    engine: Engine,
    key: &StoreKey,
    events: &str,
) -> anyhow::Result<bool> {
    let mut rows = sqlx::query(columns::select(engine, &EVENT_COLUMNS, events)).fetch(on);
    let mut is_empty = true;
    let mut previous: Option<(String, Option<Mac>)> = None;
    while let Some(row) = rows.try_next().await? {
        is_empty = false;
        let (Some(chain), Some(seq)) = (text(&row, 0), number(&row, 1)) else { continue };
        let stored = stored_event(&row, chain.clone(), seq);
        let predecessor = match previous {
            _ if seq == 1 => Some(Mac::START),
            Some((before, mac)) if before == chain => mac,
            _ => None,
        };
        let expected = predecessor.map(|mac| stored.event.sign(key, mac));
        if expected.is_some() && expected == stored.mac {
            return Ok(true);
        }
        previous = Some((chain, stored.mac));
    }
    Ok(is_empty)
}

/// Returns true if one of the checkpoints fits the key.
async fn some_checkpoint_fits(
    on: &mut AnyConnection,
    engine: Engine,
    key: &StoreKey,
) -> anyhow::Result<bool> {
    let columns = [("seq", Number), ("at", Number), ("heads", Number), ("mac", Text)];
    let statement = columns::select(engine, &columns, "from checkpoints order by seq");
    let mut previous = Mac::START;
    for row in sqlx::query(statement).fetch_all(&mut *on).await? {
        let (at, heads, mac) = (number(&row, 1), number(&row, 2), text(&row, 3));
        let Some(seq) = number(&row, 0) else { continue };
        let expected =
            at.zip(heads).map(|(at, heads)| CheckpointMac::begin(key, previous, seq, at, heads));
        let expected = read_heads(on, engine, seq, expected, &mut NamedHeads::new()).await?;
        if expected.is_some() && expected == mac {
            return Ok(true);
        }
        previous = mac.as_deref().and_then(Mac::parse).unwrap_or(Mac::START);
    }
    Ok(false)
}
