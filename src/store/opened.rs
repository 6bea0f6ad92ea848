//! What is sealed in the store, opened for the requests of leads and for tests.

use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use serde_json::Value;

use super::about::{key_name_of, open_about};
use super::database::Database;
use super::retry::retry;

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

    /// Opens the sealed details of an event, or what a session's row is about.
    ///
    /// `binding` is [`event_binding`](super::event_binding) or the session's id. `None` if the key
    /// was destroyed, or if the value was tampered with or moved here.
    pub async fn open_about(&self, binding: &str, text: &str) -> Result<Option<Value>, Fault> {
        let Some(name) = key_name_of(text) else { return Ok(None) };
        let key = self.find_subject_key(&name).await?;
        Ok(open_about(|_| key.as_deref(), binding, text))
    }
}
