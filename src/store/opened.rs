//! Sealed details, opened for tests.

use commands::model::fault::Fault;
use serde_json::Value;

use super::about::{key_name_of, open_about};
use super::database::Database;

impl Database {
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
