//! The settings of commands that use nothing but the store.
//!
//! An auditor verifies the trail without the bot's token, and a deployment migrates without the
//! store's key. So each command reads only what it uses.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::reader::{ConfigFaults, Reader};
use super::{environment, transport, values};
use crate::demo_marks;
use crate::store::StoreKey;

/// Settings of `migrate` and `trail export`.
#[derive(Clone, Debug)]
pub struct StoreUrl(pub SecretString);

/// Settings of `trail verify`.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    pub url: SecretString,
    pub key: Arc<StoreKey>,
}

impl StoreUrl {
    /// Reads the variables of the process.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        Self::from_map(&environment())
    }

    /// Reads a map of variables.
    pub fn from_map(variables: &HashMap<String, String>) -> Result<Self, ConfigFaults> {
        let mut read = Reader::new(variables);
        let url = read_url(&mut read);
        url.map(Self).ok_or_else(|| read.finish().0)
    }
}

impl StoreSettings {
    /// Reads the variables of the process.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        Self::from_map(&environment())
    }

    /// Reads a map of variables.
    pub fn from_map(variables: &HashMap<String, String>) -> Result<Self, ConfigFaults> {
        let mut read = Reader::new(variables);
        let (url, key) = (read_url(&mut read), read_key(&mut read));
        let settings = url.zip(key).map(|(url, key)| Self { url, key });
        settings.ok_or_else(|| read.finish().0)
    }
}

/// Reads the URL of the store.
pub(super) fn read_url(read: &mut Reader<'_>) -> Option<SecretString> {
    let default = "sqlite://support-desk.db?mode=rwc";
    read.or_default("DATABASE_URL", default, transport::store_url)
}

/// Reads the key of the store.
pub(super) fn read_key(read: &mut Reader<'_>) -> Option<Arc<StoreKey>> {
    read.required("STORE_KEY", |text| values::store_key(text, demo_marks::STORE_KEY))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn map(variables: &[(&str, &str)]) -> HashMap<String, String> {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn named(faults: &ConfigFaults) -> Vec<&str> {
        faults.0.iter().map(|fault| fault.variable).collect()
    }

    #[test]
    fn small_command_reads_only_its_settings() {
        let store = ("DATABASE_URL", "postgres://desk@127.0.0.1/desk");
        assert!(StoreUrl::from_map(&map(&[store])).is_ok());
        assert!(StoreUrl::from_map(&map(&[])).is_ok(), "the URL has a default");
        assert!(StoreSettings::from_map(&map(&[store, ("STORE_KEY", KEY)])).is_ok());
        let invalid = map(&[("DATABASE_URL", "mysql://desk"), ("DISCORD_TOKEN", "two words")]);
        assert_eq!(named(&StoreUrl::from_map(&invalid).unwrap_err()), ["DATABASE_URL"]);
        assert_eq!(
            named(&StoreSettings::from_map(&invalid).unwrap_err()),
            ["DATABASE_URL", "STORE_KEY"],
            "all faults at once"
        );
    }
}
