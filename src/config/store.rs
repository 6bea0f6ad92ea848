//! The settings of commands that use nothing but the store.
//!
//! An auditor verifies the trail without the bot's token, and a deployment migrates without the
//! store's key. So each command reads only what it uses.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::reader::{ConfigFault, ConfigFaults, Reader};
use super::{environment, transport, values, warnings};
use crate::store::StoreKey;

/// Settings of `migrate` and `trail export`.
#[derive(Clone, Debug)]
pub struct StoreUrl {
    pub url: SecretString,
    /// Settings that work and that an operator should change.
    pub warnings: Vec<ConfigFault>,
}

/// Settings of `trail verify`.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    pub url: SecretString,
    pub key: Arc<StoreKey>,
    /// Settings that work and that an operator should change.
    pub warnings: Vec<ConfigFault>,
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
        read.judge_resembling(&["DATABASE_URL"]);
        warnings::check_databases(&mut read, url.as_ref(), None);
        let (faults, warnings) = read.finish();
        match url {
            Some(url) if faults.0.is_empty() => Ok(Self { url, warnings }),
            _ => Err(faults),
        }
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
        read.judge_resembling(&["DATABASE_URL", "STORE_KEY"]);
        warnings::check_databases(&mut read, url.as_ref(), None);
        let (faults, warnings) = read.finish();
        match url.zip(key) {
            Some((url, key)) if faults.0.is_empty() => Ok(Self { url, key, warnings }),
            _ => Err(faults),
        }
    }
}

/// Reads the URL of the store.
pub(super) fn read_url(read: &mut Reader<'_>) -> Option<SecretString> {
    let default = "sqlite://support-desk.db?mode=rwc";
    read.or_default("DATABASE_URL", default, transport::store_url)
}

/// Reads the key of the store.
pub(super) fn read_key(read: &mut Reader<'_>) -> Option<Arc<StoreKey>> {
    read.required("STORE_KEY", values::store_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";

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
        let weak = ("DATABASE_URL", "postgres://desk@db.example.com/desk?sslmode=require");
        let warnings = StoreUrl::from_map(&map(&[weak])).unwrap().warnings;
        assert_eq!(warnings.iter().map(|w| w.variable).collect::<Vec<_>>(), ["DATABASE_URL"]);
        let warnings = StoreSettings::from_map(&map(&[weak, ("STORE_KEY", KEY)])).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let invalid = map(&[("DATABASE_URL", "mysql://desk"), ("DISCORD_TOKEN", "two words")]);
        assert_eq!(named(&StoreUrl::from_map(&invalid).unwrap_err()), ["DATABASE_URL"]);
        assert_eq!(
            named(&StoreSettings::from_map(&invalid).unwrap_err()),
            ["DATABASE_URL", "STORE_KEY"],
            "all faults at once"
        );
    }
}
