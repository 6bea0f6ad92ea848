//! Rows of customers' keys.

use std::sync::Arc;

use commands::model::fault::Fault;

use super::database::Database;
use super::retry::retry;
use super::store_keys::DataKey;
use super::subject_keys::{KeyName, SubjectKey};

const READING: &str = "reading a customer's key";

impl Database {
    /// Returns a key, and creates it at its first use. A customer who was erased gets no key any
    /// more.
    pub(crate) async fn subject_key(&self, name: KeyName) -> Result<Arc<SubjectKey>, Fault> {
        const CREATING: &str = "creating a customer's key";
        if let Some(key) = self.find_subject_key(&name).await? {
            return Ok(key);
        }
        let sealed = DataKey::generate()
            .and_then(|key| self.keys.store.seal(&name.binding(), key.expose_bytes()))
            .map_err(|error| Fault::new(CREATING, error))?;
        // The first insert wins, so all processes read one key.
        retry(&self.pools, CREATING, || {
            sqlx::query(
                "insert into subject_keys (subject, quarter, sealed)
                 select $1, $2, $3
                 where not exists
                     (select 1 from subjects where pseudonym = $1 and lookup is null)
                 on conflict do nothing",
            )
            .bind(name.subject())
            .bind(name.quarter.to_string())
            .bind(&sealed)
            .execute(&self.pools.writes)
        })
        .await?;
        let created = self.find_subject_key(&name).await?;
        created.ok_or_else(|| Fault::new(CREATING, "the customer was erased"))
    }

    /// Reads a key; `None` if it was destroyed, or never created.
    pub(crate) async fn find_subject_key(
        &self,
        name: &KeyName,
    ) -> Result<Option<Arc<SubjectKey>>, Fault> {
        let row: Option<String> = retry(&self.pools, READING, || {
            sqlx::query_scalar(
                "select sealed from subject_keys where subject = $1 and quarter = $2",
            )
            .bind(name.subject())
            .bind(name.quarter.to_string())
            .fetch_optional(&self.pools.reads)
        })
        .await?;
        let Some(sealed) = row else { return Ok(None) };
        let key = SubjectKey::unseal(&self.keys.store, name.clone(), &sealed);
        Ok(Some(Arc::new(key.map_err(|error| Fault::new(READING, error))?)))
    }
}
