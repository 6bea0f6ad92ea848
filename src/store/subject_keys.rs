//! Keys that seal what a session or an event is about: one for each customer and quarter.
//!
//! The store keeps them sealed with its own key. Whoever destroys a key makes everything that it
//! has sealed unreadable for ever, in this database and in every copy of it that has no older key.
//! So a process forgets a key when it closes the session, and within the hour if another process
//! has closed it.

use std::fmt;

use commands::model::pseudonym::Pseudonym;

use super::quarter::Quarter;
use super::store_keys::{CannotOpen, DataKey, NoRandomness, StoreKeys};

/// Subject of a sealed value without a customer, such as a look-up that found none.
pub(crate) const NOBODY: &str = "nobody";

/// Subject and quarter of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyName {
    /// The pseudonym. `None`: the key that everything without a customer shares.
    pub subject: Option<Pseudonym>,
    pub quarter: Quarter,
}

impl KeyName {
    pub(crate) fn subject(&self) -> &str {
        self.subject.as_ref().map_or(NOBODY, Pseudonym::as_str)
    }

    /// Parses two columns; `None` if they name no key.
    pub(crate) fn parse(subject: &str, quarter: &str) -> Option<Self> {
        let subject = if subject == NOBODY { None } else { Some(subject.parse().ok()?) };
        Some(Self { subject, quarter: quarter.parse().ok()? })
    }

    /// Returns what the key is bound to in its row.
    pub(crate) fn binding(&self) -> String {
        format!("{}:{}", self.subject(), self.quarter)
    }
}

/// A key of a subject with its name. `Debug` shows the name only.
pub(crate) struct SubjectKey {
    pub(crate) name: KeyName,
    key: DataKey,
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectKey({})", self.name.binding())
    }
}

impl SubjectKey {
    /// Opens a key as its row holds it.
    pub(crate) fn unseal(
        keys: &StoreKeys,
        name: KeyName,
        sealed: &str,
    ) -> Result<Self, CannotOpen> {
        let bytes = keys.open(&name.binding(), sealed)?;
        let key = DataKey::from_bytes(&bytes).ok_or(CannotOpen::Tampered)?;
        Ok(Self { name, key })
    }

    /// Seals bytes. The text names the key: `{subject}.{quarter}.{base64}`.
    pub(crate) fn seal(&self, binding: &str, plain: Vec<u8>) -> Result<String, NoRandomness> {
        let sealed = self.key.seal(binding, plain)?;
        Ok(format!("{}.{}.{sealed}", self.name.subject(), self.name.quarter))
    }

    /// Opens the base64 of a sealed value.
    pub(crate) fn open(&self, binding: &str, sealed: &str) -> Option<Vec<u8>> {
        self.key.open(binding, sealed)
    }
}
