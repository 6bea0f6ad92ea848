//! Customers under their pseudonyms.
//!
//! A row holds a keyed hash of Core's id, to find the customer, and the id itself, sealed. Both are
//! null once the customer is erased.

use async_trait::async_trait;
use commands::model::fault::{ALERTS, Fault};
use commands::model::pseudonym::Pseudonym;
use commands::ports::customers::Customers;
use ring::rand::{self, SystemRandom};
use sqlx::any::AnyRow;
use sqlx::query::Query;

use super::database::Database;
use super::retry::retry;
use super::store_keys::{NoRandomness, StoreKeys};
use crate::metrics;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

const READING: &str = "reading a customer's pseudonym";
const ADDING: &str = "adding a customer's pseudonym";

/// Returns the keyed hash of Core's id, as a new row has it.
pub(crate) fn lookup_of(keys: &StoreKeys, core_id: &str) -> String {
    keys.mac(core_id)
}

/// Ending of the second form of a hash.
const SECOND: &str = ".2";

/// Returns the forms in which a row can have the hash of Core's id under the current key, the usual
/// one first. The hash of a row is unique, so the second form is for a customer whose first row was
/// edited, and `rekey` gives it to one of two rows of the same customer.
pub(super) fn lookups_of(keys: &StoreKeys, core_id: &str) -> [String; 2] {
    let lookup = lookup_of(keys, core_id);
    [lookup.clone(), lookup + SECOND]
}

/// Seals Core's id for the row of its pseudonym.
pub(crate) fn seal_core_id(
    keys: &StoreKeys,
    pseudonym: &Pseudonym,
    core_id: &str,
) -> Result<String, NoRandomness> {
    keys.seal(pseudonym.as_str(), core_id.as_bytes().to_vec())
}

fn new_pseudonym() -> Result<Pseudonym, NoRandomness> {
    let bytes = rand::generate(&SystemRandom::new()).map_err(|_| NoRandomness)?;
    Ok(Pseudonym::from_bytes(bytes.expose()))
}

#[async_trait]
impl Customers for Database {
    async fn pseudonym_of(&self, core_id: &str) -> Result<Pseudonym, Fault> {
        if let Some(pseudonym) = self.find_pseudonym(core_id).await? {
            return Ok(pseudonym);
        }
        let new = new_pseudonym().map_err(|error| Fault::new(ADDING, error))?;
        let sealed = seal_core_id(&self.keys.store, &new, core_id)
            .map_err(|error| Fault::new(ADDING, error))?;
        let [usual, second] = lookups_of(&self.keys.store, core_id);
        if let Some(pseudonym) = self.add_under(&usual, &new, &sealed, core_id).await? {
            return Ok(pseudonym);
        }
        // A row that does not hold this customer has the usual hash.
        metrics::count_tampered_row();
        tracing::error!(
            target: ALERTS,
            "a customer's row was edited in the database: the customer gets a new pseudonym"
        );
        let added = self.add_under(&second, &new, &sealed, core_id).await?;
        added.ok_or_else(|| Fault::new(ADDING, "both of its rows were edited"))
    }

    async fn find_pseudonym(&self, core_id: &str) -> Result<Option<Pseudonym>, Fault> {
        // Two replicas that write under different keys could both add a row. The older one counts.
        Ok(self.find_pseudonyms(core_id).await?.into_iter().next())
    }
}

impl Database {
    /// Adds a customer under one form of the hash, unless a row has it. Returns the customer's
    /// pseudonym afterwards; `None` if the row with this hash does not hold the customer.
    async fn add_under(
        &self,
        lookup: &str,
        new: &Pseudonym,
        sealed: &str,
        core_id: &str,
    ) -> Result<Option<Pseudonym>, Fault> {
        // The first insert wins, so simultaneous look-ups read one pseudonym.
        retry(&self.pools, ADDING, || {
            sqlx::query(
                "insert into subjects (pseudonym, lookup, sealed, added_at)
                 values ($1, $2, $3, $4) on conflict do nothing",
            )
            .bind(new.as_str())
            .bind(lookup)
            .bind(sealed)
            .bind(self.clock.now().0)
            .execute(&self.pools.writes)
        })
        .await?;
        self.find_pseudonym(core_id).await
    }

    /// Returns every pseudonym of a customer, the oldest first. More than one is rare: two replicas
    /// have added the customer at one moment, under different keys.
    pub async fn find_pseudonyms(&self, core_id: &str) -> Result<Vec<Pseudonym>, Fault> {
        // A row keeps the hash under the key with which it was written.
        let mut macs = self.keys.store.macs(core_id);
        let second: Vec<_> = macs.iter().map(|mac| format!("{mac}{SECOND}")).collect();
        macs.extend(second);
        let places: Vec<_> = (1..=macs.len()).map(|nth| format!("${nth}")).collect();
        let statement = columns::select(
            self.pools.engine,
            &[("added_at", Number), ("pseudonym", Text), ("sealed", Text)],
            &format!("from subjects where lookup in ({})", places.join(", ")),
        );
        let rows = retry(&self.pools, READING, || {
            let query = sqlx::query(statement.clone());
            macs.iter().fold(query, Query::bind).fetch_all(&self.pools.reads)
        })
        .await?;
        let read = |row: &AnyRow| {
            let (pseudonym, sealed) = (text(row, 1)?, text(row, 2)?);
            // A writer of the database could point a hash at another customer's row.
            let plain = self.keys.store.open(&pseudonym, &sealed).ok()?;
            let pseudonym = pseudonym.parse().ok().filter(|_| plain == core_id.as_bytes())?;
            Some((number(row, 0).unwrap_or(i64::MAX), pseudonym))
        };
        let mut found: Vec<(i64, Pseudonym)> = rows.iter().filter_map(read).collect();
        found.sort_unstable_by(|(at, a), (bt, b)| (at, a.as_str()).cmp(&(bt, b.as_str())));
        Ok(found.into_iter().map(|(_, pseudonym)| pseudonym).collect())
    }

    /// Returns true if a customer's row is sealed under a key that this process does not have. Such
    /// a customer is not found.
    pub async fn has_customers_under_unknown_key(&self) -> Result<bool, Fault> {
        const CHECKING: &str = "checking the keys of customers";
        // The id of a key has eight characters, and a dot ends it. Other values were edited.
        let statement = columns::select(
            self.pools.engine,
            &[("substr(sealed, 1, 9)", Text)],
            "from subjects where sealed like '________.%' group by 1",
        );
        let rows = retry(&self.pools, CHECKING, || {
            sqlx::query(statement.clone()).fetch_all(&self.pools.reads)
        })
        .await?;
        Ok(rows.iter().filter_map(|row| text(row, 0)).any(|id| !self.keys.store.knows(&id)))
    }
}
