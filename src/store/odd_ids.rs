//! Rows of sessions with an id that the bot never gives.
//!
//! A writer of the database can add such a row. No session belongs to it, so the lists of sessions
//! leave it out, and the operator is alerted once. Once a minute its customer is freed.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use commands::model::fault::{ALERTS, Fault};
use commands::model::words::SessionId;

use super::database::Database;
use super::engine::Engine;
use super::retry::retry;
use crate::{escape, metrics};

/// Ids that are reported one by one, so that a million of them fill neither memory nor log.
const MAX_REPORTED: usize = 1_000;
/// Characters of such an id in the log.
const SHOWN: usize = 32;

/// The ids that were reported.
#[derive(Debug, Default)]
pub(super) struct OddIds(Mutex<HashSet<String>>);

impl Database {
    /// Parses the id of a row. Reports an id that is none, once a process. `None` as `id`: the cell
    /// is no text.
    pub(super) fn session_id(&self, id: Option<String>) -> Option<SessionId> {
        let id = id.unwrap_or_default();
        if let Ok(id) = id.parse() {
            return Some(id);
        }
        let shown: String = id.chars().take(SHOWN).collect();
        let mut reported = self.odd_ids.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.len() < MAX_REPORTED && reported.insert(shown.clone()) {
            metrics::count_tampered_row();
            tracing::error!(
                target: ALERTS,
                id = escape::for_terminal(&shown),
                "session was tampered with in the database (its id is none): left out"
            );
        }
        None
    }

    /// Takes the customer from rows with an odd id. No session with one closes, so such a row would
    /// keep every agent from starting a session of the customer.
    pub(super) async fn free_customers_of_odd_ids(&self) -> Result<(), Fault> {
        let statement = match self.pools.engine {
            Engine::Postgres => {
                "update sessions set attending = null
                 where attending is not null and id !~ '^[A-Za-z0-9_-]{22}$'"
            }
            Engine::Sqlite => {
                "update sessions set attending = null
                 where attending is not null and (typeof(id) <> 'text' or length(cast(id as blob)) <> 22
                     or id glob '*[^A-Za-z0-9_-]*')"
            }
        };
        retry(&self.pools, "freeing the customers of rows with odd ids", || {
            sqlx::query(statement).execute(&self.pools.writes)
        })
        .await
        .map(drop)
    }
}
