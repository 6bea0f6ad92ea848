//! The settings of commands that use nothing but the store.
//!
//! An auditor verifies the trail without the bot's token and keys, and a deployment migrates
//! without them. So each command reads only what it uses.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::reader::{ConfigFault, ConfigFaults, Reader};
use super::{environment, transport, values, warnings};
use crate::keyring::Keyring;
use crate::retention::{ABOUT_DAYS, Retention, TRAIL_DAYS};
use crate::store::StoreKeys;
use crate::trail::TrailKeys;

/// Settings of `migrate`, `trail verify` and `trail export`.
#[derive(Clone, Debug)]
pub struct StoreUrl {
    pub url: SecretString,
    /// Settings that work and that an operator should change.
    pub warnings: Vec<ConfigFault>,
}

/// Settings of commands that write to the store.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    pub url: SecretString,
    pub keys: Arc<Keyring>,
    /// How long data is kept.
    pub retention: Retention,
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

    /// Reads the variables of the process, and the URL of Core for a command that looks a customer
    /// up.
    pub fn from_env_with_core() -> Result<(Self, SecretString), ConfigFaults> {
        Self::from_map_with_core(&environment())
    }

    /// Reads a map of variables.
    pub fn from_map(variables: &HashMap<String, String>) -> Result<Self, ConfigFaults> {
        Self::read(Reader::new(variables), None)
    }

    /// Reads a map of variables, and the URL of Core.
    pub fn from_map_with_core(
        variables: &HashMap<String, String>,
    ) -> Result<(Self, SecretString), ConfigFaults> {
        let mut read = Reader::new(variables);
        let core = read.required("CORE_DATABASE_URL", transport::database_url);
        read.judge_resembling(&["CORE_DATABASE_URL"]);
        let settings = Self::read(read, core.as_ref())?;
        // Without the URL the reader holds a fault, so the settings were not read.
        core.map(|core| (settings, core)).ok_or_else(ConfigFaults::default)
    }

    fn read(mut read: Reader<'_>, core: Option<&SecretString>) -> Result<Self, ConfigFaults> {
        let (url, keys) = (read_url(&mut read), read_keys(&mut read));
        let retention = read_retention(&mut read).unwrap_or_default();
        read.judge_resembling(&[
            "DATABASE_URL",
            "RETENTION_ABOUT_DAYS",
            "RETENTION_TRAIL_DAYS",
            "STORE_KEY",
            "STORE_KEY_OLD",
            "TRAIL_KEY",
            "TRAIL_KEY_OLD",
        ]);
        warnings::check_databases(&mut read, url.as_ref(), core);
        let (faults, warnings) = read.finish();
        match url.zip(keys) {
            Some((url, keys)) if faults.0.is_empty() => Ok(Self { url, keys, retention, warnings }),
            _ => Err(faults),
        }
    }
}

/// Reads the URL of the store.
pub(super) fn read_url(read: &mut Reader<'_>) -> Option<SecretString> {
    let default = "sqlite://support-desk.db?mode=rwc";
    read.or_default("DATABASE_URL", default, transport::store_url)
}

/// Reads the keys of the store and of the trail.
pub(super) fn read_keys(read: &mut Reader<'_>) -> Option<Arc<Keyring>> {
    let store = read.required("STORE_KEY", values::store_key);
    let store_old = read.optional("STORE_KEY_OLD", values::store_keys).unwrap_or_default();
    let trail = read.required("TRAIL_KEY", values::trail_key);
    let trail_old = read.optional("TRAIL_KEY_OLD", values::trail_keys).unwrap_or_default();
    let (store, trail) = (store?, trail?);
    if store_old.iter().any(|old| old.id() == store.id()) {
        read.fault("STORE_KEY_OLD", "contains STORE_KEY itself; remove it from the list");
    }
    if trail_old.iter().any(|old| old.public() == trail.public()) {
        read.fault("TRAIL_KEY_OLD", "contains TRAIL_KEY itself; remove it from the list");
    }
    Some(Arc::new(Keyring {
        store: StoreKeys::new(store, store_old),
        trail: TrailKeys::new(trail, trail_old),
    }))
}

/// Reads how long data is kept.
pub(super) fn read_retention(read: &mut Reader<'_>) -> Option<Retention> {
    let about = read.or_default("RETENTION_ABOUT_DAYS", &ABOUT_DAYS.to_string(), values::retention);
    let trail = read.or_default("RETENTION_TRAIL_DAYS", &TRAIL_DAYS.to_string(), values::retention);
    Some(Retention { about: about?, trail: trail? })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::store::StoreKey;
    use crate::trail::TrailKey;

    const KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";
    const TRAIL_KEY: &str = "trail-secret:DnNMx6TZJP1YF/LRIYUXDyeFy8nTjtyOOMvXC7jnT5g=";

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
        let (key, trail) = (("STORE_KEY", KEY), ("TRAIL_KEY", TRAIL_KEY));
        assert!(StoreSettings::from_map(&map(&[store, key, trail])).is_ok());
        let weak = ("DATABASE_URL", "postgres://desk@db.example.com/desk?sslmode=require");
        let warnings = StoreUrl::from_map(&map(&[weak])).unwrap().warnings;
        assert_eq!(warnings.iter().map(|w| w.variable).collect::<Vec<_>>(), ["DATABASE_URL"]);
        let warnings = StoreSettings::from_map(&map(&[weak, key, trail])).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let invalid = map(&[("DATABASE_URL", "mysql://desk"), ("DISCORD_TOKEN", "two words")]);
        assert_eq!(named(&StoreUrl::from_map(&invalid).unwrap_err()), ["DATABASE_URL"]);
        assert_eq!(
            named(&StoreSettings::from_map(&invalid).unwrap_err()),
            ["DATABASE_URL", "STORE_KEY", "TRAIL_KEY"],
            "all faults at once"
        );
    }

    #[test]
    fn keys_are_told_apart() {
        let keys = |store: &str, trail: &str, more: &[(&str, &str)]| {
            let mut variables = map(&[("STORE_KEY", store), ("TRAIL_KEY", trail)]);
            variables.extend(map(more));
            StoreSettings::from_map(&variables).map(|settings| settings.keys)
        };
        let swapped = keys(TRAIL_KEY, KEY, &[]).unwrap_err();
        assert_eq!(named(&swapped), ["STORE_KEY", "TRAIL_KEY"]);
        let zeros = "trail-secret:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(named(&keys(KEY, zeros, &[]).unwrap_err()), ["TRAIL_KEY"]);
        let itself = [("STORE_KEY_OLD", KEY), ("TRAIL_KEY_OLD", TRAIL_KEY)];
        let itself = keys(KEY, TRAIL_KEY, &itself).unwrap_err();
        assert_eq!(named(&itself), ["STORE_KEY_OLD", "TRAIL_KEY_OLD"]);
        let (store, trail) = (StoreKey::generate().unwrap(), TrailKey::generate().unwrap());
        let (store, trail) = (store.expose_secret(), trail.expose_secret());
        let old = [("STORE_KEY_OLD", format!("{store}, {store}")), ("TRAIL_KEY_OLD", trail.into())];
        let old: Vec<_> = old.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let ring = keys(KEY, TRAIL_KEY, &old).unwrap();
        assert_eq!((ring.store.macs("").len(), ring.trail.public().0.len()), (3, 2));
        let broken = keys(KEY, TRAIL_KEY, &[("STORE_KEY_OLD", &format!("{store},")), old[1]]);
        assert_eq!(named(&broken.unwrap_err()), ["STORE_KEY_OLD"]);
    }
}
