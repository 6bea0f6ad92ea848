//! Check that a store key belongs to a trail.
//!
//! A command with another key would report every event as forged, or break the chains that it
//! extends.

use commands::model::fault::Fault;
use futures_util::TryStreamExt as _;
use sqlx::{AnyConnection, Connection as _};

use super::audit::stored_event;
use crate::store::database::Database;
use crate::store::engine::Engine;
use crate::store::retry::to_fault;
use crate::store::seal::StoreKey;
use crate::trail::columns::{self, EVENT_COLUMNS, number, text};
use crate::trail::event::Mac;

/// Reason why a command with a key stops.
pub(crate) const FOREIGN_KEY: &str =
    "STORE_KEY does not belong to this store: no event of the trail fits it";

/// The chains of the newest events. With the right key the first of their events fits.
const NEWEST: &str = "from events where chain in (select newest.chain from events as newest
     order by newest.at desc limit 20) order by chain, seq";
/// All events. They are read only if the newest ones do not fit, because those can be forged.
const ALL: &str = "from events order by chain, seq";

impl Database {
    /// Returns true if some event of the trail fits the key, or if there is no event yet.
    pub async fn has_fitting_key(&self) -> Result<bool, Fault> {
        let checked = async {
            // Use a separate connection, because those of the pools abort slow statements.
            let mut connection = AnyConnection::connect_with(&self.pools.options).await?;
            let mut fits = true;
            for events in [NEWEST, ALL] {
                fits =
                    some_event_fits(&mut connection, self.pools.engine, &self.key, events).await?;
                if fits {
                    break;
                }
            }
            connection.close().await?;
            Ok(fits)
        };
        checked.await.map_err(to_fault("checking the key of the store"))
    }
}

/// Returns true if one of the events fits the key, or if there are none.
async fn some_event_fits(
    on: &mut AnyConnection,
    engine: Engine,
    key: &StoreKey,
    events: &str,
) -> Result<bool, sqlx::Error> {
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
