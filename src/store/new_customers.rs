//! Customers whom a look-up has found for the first time: their rows, with the key of the quarter.
//!
//! They wait for the next batch, as commits do, so that first look-ups share transactions too.

use commands::model::pseudonym::Pseudonym;
use sqlx::AnyConnection;

use super::bulk::{self, BulkStatement};
use super::quarter::Quarter;
use super::store_keys::{DataKey, NoRandomness, StoreKeys};
use super::subject_keys::KeyName;

/// A customer as the rows hold them.
#[derive(Debug)]
pub(super) struct NewCustomer {
    pseudonym: Pseudonym,
    /// Keyed hash of Core's id.
    lookup: String,
    /// Core's id, sealed.
    sealed: String,
    /// Milliseconds since 1970.
    added_at: i64,
    quarter: Quarter,
    /// Key of the quarter, sealed.
    key: String,
}

impl NewCustomer {
    /// Prepares a customer with a new key.
    pub(super) fn new(
        keys: &StoreKeys,
        pseudonym: Pseudonym,
        (lookup, sealed): (String, String),
        (added_at, quarter): (i64, Quarter),
    ) -> Result<Self, NoRandomness> {
        let name = KeyName { subject: Some(pseudonym.clone()), quarter };
        let key = keys.seal(&name.binding(), DataKey::generate()?.expose_bytes())?;
        Ok(Self { pseudonym, lookup, sealed, added_at, quarter, key })
    }
}

/// Adds customers and their keys, except those whose hash has a row already.
pub(super) async fn add(
    on: &mut AnyConnection,
    customers: &[&NewCustomer],
) -> Result<(), sqlx::Error> {
    static ADD: BulkStatement = BulkStatement::new(
        "insert into subjects (pseudonym, lookup, sealed, added_at) values ",
        4,
        " on conflict do nothing",
    );
    static ADD_KEYS: BulkStatement = BulkStatement::new(
        "with new (subject, quarter, sealed) as (values ",
        3,
        ") insert into subject_keys (subject, quarter, sealed)
             select subject, quarter, new.sealed from new
                 join subjects on subjects.pseudonym = subject",
    );
    let mut customers = customers.to_vec();
    // In the order of the hashes, so that two replicas do not deadlock.
    customers.sort_unstable_by(|one, other| one.lookup.cmp(&other.lookup));
    for chunk in bulk::chunks(&customers) {
        let mut query = sqlx::query(ADD.sql(chunk));
        for customer in chunk {
            query = query
                .bind(customer.pseudonym.as_str())
                .bind(&customer.lookup)
                .bind(&customer.sealed)
                .bind(customer.added_at);
        }
        query.execute(&mut *on).await?;
        let mut query = sqlx::query(ADD_KEYS.sql(chunk));
        for customer in chunk {
            query = query
                .bind(customer.pseudonym.as_str())
                .bind(customer.quarter.to_string())
                .bind(&customer.key);
        }
        query.execute(&mut *on).await?;
    }
    Ok(())
}
