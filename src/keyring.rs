//! The keys of a process: those of the store and those of the trail.

use crate::store::{StoreKey, StoreKeys};
use crate::trail::{TrailKey, TrailKeys};

/// All keys of the bot. `Debug` shows their ids only.
#[derive(Debug)]
pub struct Keyring {
    pub store: StoreKeys,
    pub trail: TrailKeys,
}

impl Keyring {
    /// Parses values of `STORE_KEY` and `TRAIL_KEY`, without earlier keys.
    pub fn parse(store: &str, trail: &str) -> anyhow::Result<Self> {
        let store = StoreKeys::new(StoreKey::parse(store)?, Vec::new());
        let trail = TrailKeys::new(TrailKey::parse(trail)?, Vec::new());
        Ok(Self { store, trail })
    }
}

/// Returns keys for tests; equal bytes give equal keys.
#[cfg(test)]
pub(crate) fn test_keyring(byte: u8) -> Keyring {
    use crate::store::store_keys::test_store_key;
    use crate::trail::keys::test_trail_key;

    Keyring {
        store: StoreKeys::new(test_store_key(byte), Vec::new()),
        trail: TrailKeys::new(test_trail_key(byte), Vec::new()),
    }
}
