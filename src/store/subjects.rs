//! Customers under their pseudonyms.
//!
//! A row holds a keyed hash of Core's id, to find the customer, and the id itself, sealed. Both are
//! null once the customer is erased.

use async_trait::async_trait;
use commands::model::fault::{ALERTS, Fault};
use commands::model::pseudonym::Pseudonym;
use commands::ports::customers::{Customers, KnownCustomer};
use ring::rand::{self, SystemRandom};
use sqlx::any::AnyRow;
use sqlx::query::Query;

use super::bulk::placeholders;
use super::database::Database;
use super::lockouts::LockoutRow;
use super::new_customers::NewCustomer;
use super::past;
use super::prepared::PreparedCommit;
use super::quarter::quarter_of;
use super::retry::retry;
use super::store_keys::{NoRandomness, StoreKeys};
use crate::metrics;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

const READING: &str = "reading a customer's pseudonym";
const ADDING: &str = "adding a customer's pseudonym";

/// Columns of a look-up that precede those about earlier sessions.
const OWN_CELLS: usize = 9;

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
    async fn look_up(&self, core_id: &str, mailbox: &str) -> Result<KnownCustomer, Fault> {
        if let Some(customer) = self.find_known(core_id, mailbox).await? {
            return Ok(customer);
        }
        let new = new_pseudonym().map_err(|error| Fault::new(ADDING, error))?;
        let sealed = seal_core_id(&self.keys.store, &new, core_id)
            .map_err(|error| Fault::new(ADDING, error))?;
        let [usual, second] = lookups_of(&self.keys.store, core_id);
        self.add_under(usual, new.clone(), sealed.clone()).await?;
        if let Some(customer) = self.find_known(core_id, mailbox).await? {
            return Ok(customer);
        }
        // A row that does not hold this customer has the usual hash.
        metrics::count_tampered_row();
        tracing::error!(
            target: ALERTS,
            "a customer's row was edited in the database: the customer gets a new pseudonym"
        );
        self.add_under(second, new, sealed).await?;
        let added = self.find_known(core_id, mailbox).await?;
        added.ok_or_else(|| Fault::new(ADDING, "both of its rows were edited"))
    }

    async fn is_erased(&self, pseudonym: &Pseudonym) -> Result<bool, Fault> {
        let erased: i64 = retry(&self.pools, READING, || {
            sqlx::query_scalar(
                "select count(*) from subjects where pseudonym = $1 and lookup is null",
            )
            .bind(pseudonym.as_str())
            .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(erased > 0)
    }

    async fn find_pseudonym(&self, core_id: &str) -> Result<Option<Pseudonym>, Fault> {
        Ok(self.find_pseudonyms(core_id).await?.into_iter().next())
    }
}

impl Database {
    /// Adds a customer under one form of the hash, unless a row has it. The first one to add it
    /// wins, so simultaneous look-ups read one pseudonym.
    async fn add_under(&self, lookup: String, new: Pseudonym, sealed: String) -> Result<(), Fault> {
        let now = self.clock.now();
        let row = (lookup, sealed);
        let customer = NewCustomer::new(&self.keys.store, new, row, (now.0, quarter_of(now)));
        let customer = customer.map_err(|error| Fault::new(ADDING, error))?;
        self.batches.write(PreparedCommit::adding(customer)).await.map(drop)
    }

    /// Returns every pseudonym of a customer, the oldest first. More than one is rare: two replicas
    /// have added the customer at one moment, under different keys.
    pub async fn find_pseudonyms(&self, core_id: &str) -> Result<Vec<Pseudonym>, Fault> {
        let found = self.find_all(core_id, "").await?;
        Ok(found.into_iter().map(|customer| customer.pseudonym).collect())
    }

    async fn find_known(
        &self,
        core_id: &str,
        mailbox: &str,
    ) -> Result<Option<KnownCustomer>, Fault> {
        // Two replicas that write under different keys could both add a row. The older one counts.
        Ok(self.find_all(core_id, mailbox).await?.into_iter().next())
    }

    /// Returns the customer under every pseudonym, the oldest first. One statement, because each
    /// look-up waits for it.
    async fn find_all(&self, core_id: &str, mailbox: &str) -> Result<Vec<KnownCustomer>, Fault> {
        // A row keeps the hash under the key with which it was written.
        let mut macs = self.keys.store.macs(core_id);
        let second: Vec<_> = macs.iter().map(|mac| format!("{mac}{SECOND}")).collect();
        macs.extend(second);
        let count = macs.len();
        macs.extend(self.keys.store.macs(mailbox));
        let lookups = placeholders(1..=count);
        let past = past::join(&lookups, macs.len());
        let colleagues = format!(
            "(select count(*) from account_links where email_mac in ({}))",
            placeholders(count + 1..=macs.len())
        );
        let own: [_; OWN_CELLS] = [
            ("subjects.added_at", Number),
            ("subjects.pseudonym", Text),
            ("subjects.sealed", Text),
            ("sessions.id", Text),
            ("sessions.discord_id", Number),
            (&colleagues, Number),
            ("lockouts.until", Number),
            ("lockouts.barred_until", Number),
            ("lockouts.locked_by", Number),
        ];
        let cells: Vec<_> = own.into_iter().chain(past::CELLS).collect();
        let statement = columns::select(
            self.pools.engine,
            &cells,
            &format!(
                "from subjects left join sessions on sessions.attending = subjects.pseudonym
                 left join lockouts on lockouts.subject = 'customer:' || subjects.pseudonym
                 {past}
                 where subjects.lookup in ({lookups})"
            ),
        );
        let starts = past::starts(self.clock.now());
        let rows = retry(&self.pools, READING, || {
            let query = sqlx::query(statement.clone());
            let query = macs.iter().fold(query, Query::bind);
            starts.iter().fold(query, Query::bind).fetch_all(&self.pools.reads)
        })
        .await?;
        let read = |row: &AnyRow| {
            let (pseudonym, sealed) = (text(row, 1)?, text(row, 2)?);
            // A writer of the database could point a hash at another customer's row.
            let plain = self.keys.store.open(&pseudonym, &sealed).ok()?;
            let pseudonym = pseudonym.parse().ok().filter(|_| plain == core_id.as_bytes())?;
            let attending = text(row, 3).and_then(|id| self.session_id(Some(id)));
            let attended_by = attending.map(|_| number(row, 4).unwrap_or_default());
            let customer = KnownCustomer {
                pseudonym,
                is_colleague: number(row, 5).is_some_and(|links| links > 0),
                attended_by: attended_by.map(i64::cast_unsigned),
                lockout: number(row, 6)
                    .map(|until| LockoutRow::of(until, number(row, 7), number(row, 8)).end()),
                past: past::read(row, OWN_CELLS).map(Box::new),
            };
            Some((number(row, 0).unwrap_or(i64::MAX), customer))
        };
        let mut found: Vec<(i64, KnownCustomer)> = rows.iter().filter_map(read).collect();
        found.sort_unstable_by(|(at, a), (bt, b)| {
            (at, a.pseudonym.as_str()).cmp(&(bt, b.pseudonym.as_str()))
        });
        Ok(found.into_iter().map(|(_, customer)| customer).collect())
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

impl Database {
    /// Returns Core's id of a customer; `None` if the pseudonym is unknown, or was erased.
    pub async fn core_id_of(&self, pseudonym: &Pseudonym) -> Result<Option<String>, Fault> {
        const OPENING: &str = "reading a customer's id";
        let sealed: Option<Option<String>> = retry(&self.pools, OPENING, || {
            sqlx::query_scalar("select sealed from subjects where pseudonym = $1")
                .bind(pseudonym.as_str())
                .fetch_optional(&self.pools.reads)
        })
        .await?;
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        let plain = self.keys.store.open(pseudonym.as_str(), &sealed);
        let plain = plain.map_err(|error| Fault::new(OPENING, error))?;
        let id = String::from_utf8(plain).map_err(|_| Fault::new(OPENING, "it is no text"))?;
        Ok(Some(id))
    }
}
