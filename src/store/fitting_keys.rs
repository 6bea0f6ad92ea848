//! Check that the keys of a command belong to the store.
//!
//! A command with other keys would close sessions, or sign events that nobody can verify.

use commands::model::fault::Fault;

use super::database::Database;
use super::retry::retry;
use crate::trail::columns::ColumnType::Text;
use crate::trail::columns::{self, text};
use crate::trail::trusted;

/// Reasons why a command with keys stops.
const FOREIGN_STORE_KEY: &str =
    "STORE_KEY does not belong to this store: none of its rows was written under it";
const FOREIGN_TRAIL_KEY: &str =
    "TRAIL_KEY does not belong to this store: it has been signed with other keys only";
const REPLACED_TRAIL_KEY: &str = "TRAIL_KEY was replaced by another key, and `trail verify` reports \
     what it signs: use the new key, and this one in TRAIL_KEY_OLD";

/// Number of rows that are looked at. A row under the right key is among the newest, unless
/// somebody has edited all of them.
const ROWS: i64 = 50;

/// Keys of a process that do not fit the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKey {
    Store,
    Trail,
    /// Another key has replaced `TRAIL_KEY`.
    ReplacedTrail,
}

impl ForeignKey {
    /// Returns the sentence for the operator.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Store => FOREIGN_STORE_KEY,
            Self::Trail => FOREIGN_TRAIL_KEY,
            Self::ReplacedTrail => REPLACED_TRAIL_KEY,
        }
    }
}

impl Database {
    /// Returns the key that does not belong to this store. An empty store accepts any key.
    pub async fn foreign_key(&self) -> Result<Option<ForeignKey>, Fault> {
        const CHECKING: &str = "checking the keys of the store";
        let mut macs = Vec::new();
        for (mac, newest) in [
            ("mac", "from sessions order by opened_at desc limit $1"),
            ("mac", "from account_links order by linked_at desc limit $1"),
            ("sealed", "from subjects where sealed is not null order by added_at desc limit $1"),
        ] {
            let statement = columns::select(self.pools.engine, &[(mac, Text)], newest);
            let rows = retry(&self.pools, CHECKING, || {
                sqlx::query(statement.clone()).bind(ROWS).fetch_all(&self.pools.reads)
            })
            .await?;
            macs.extend(rows.iter().filter_map(|row| text(row, 0)));
        }
        if !macs.is_empty() && !macs.iter().any(|mac| self.keys.store.knows(mac)) {
            return Ok(Some(ForeignKey::Store));
        }
        let known = trusted::read(&self.pools).await?.0;
        let (own, current) = (self.keys.trail.public(), self.keys.trail.current().public());
        if trusted::is_replaced(&self.pools, &own, current).await? {
            return Ok(Some(ForeignKey::ReplacedTrail));
        }
        let is_known = known.iter().any(|key| own.find(key.id().as_str()).is_some());
        Ok((!known.is_empty() && !is_known).then_some(ForeignKey::Trail))
    }

    /// Fails if a key does not belong to this store.
    pub(crate) async fn require_fitting_keys(&self, doing: &'static str) -> Result<(), Fault> {
        match self.foreign_key().await? {
            None => Ok(()),
            Some(foreign) => Err(Fault::new(doing, foreign.sentence())),
        }
    }
}
