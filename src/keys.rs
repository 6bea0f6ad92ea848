//! Random ids, secrets and references, and the keyed hash of the store's key.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::model::pseudonym::CROCKFORD;
use commands::model::request::RequestId;
use commands::model::words::SessionId;
use commands::ports::keys::Keys;
use ring::rand::{self, SystemRandom};
use secrecy::SecretString;

use crate::keyring::Keyring;

/// Bytes of a session id (ASVS 7.2.3: 128 bits or more).
const SESSION_ID_BYTES: usize = 16;
/// Bytes of the secret in a recovery link (ASVS 7.2.3: 128 bits or more).
const SECRET_BYTES: usize = 32;
/// Characters of a reference after its `F-`, `R-` or `A-`. 32^6, a thousand million, identify a
/// line in the log.
const REFERENCE_LENGTH: usize = 6;

/// [`Keys`] from the system's random generator.
#[derive(Debug)]
pub struct DeskKeys {
    keys: Arc<Keyring>,
}

impl DeskKeys {
    pub fn new(keys: Arc<Keyring>) -> Self {
        Self { keys }
    }
}

/// Returns the letters of a new reference.
pub(crate) fn letters() -> String {
    let letter = |byte: u8| char::from(CROCKFORD[usize::from(byte % 32)]);
    random_bytes::<REFERENCE_LENGTH>().map(letter).into_iter().collect()
}

/// Returns random bytes.
///
/// # Panics
///
/// If the system's random generator fails, because no id or secret would be safe then.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let bytes = rand::generate(&SystemRandom::new());
    bytes.expect("the system's random generator works").expose()
}

impl Keys for DeskKeys {
    fn session_id(&self) -> SessionId {
        let text = URL_SAFE_NO_PAD.encode(random_bytes::<SESSION_ID_BYTES>());
        text.parse().expect("16 bytes in base64url are a valid session id")
    }

    fn secret(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(random_bytes::<SECRET_BYTES>()).into()
    }

    fn number(&self) -> u64 {
        u64::from_ne_bytes(random_bytes())
    }

    fn reference(&self) -> String {
        format!("F-{}", letters())
    }

    fn request_id(&self) -> RequestId {
        let id = format!("E-{}", letters());
        id.parse().expect("six letters of Crockford's alphabet are a valid id")
    }

    fn report_reference(&self) -> String {
        format!("R-{}", letters())
    }

    fn mac(&self, text: &str) -> String {
        self.keys.store.mac(text)
    }

    fn is_mac_of(&self, mac: &str, text: &str) -> bool {
        // Keyed hashes of both are compared, so that the time says nothing about an own one.
        let given = self.keys.store.mac(mac);
        self.keys.store.macs(text).iter().any(|own| self.keys.store.mac(own) == given)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn keys() -> DeskKeys {
        DeskKeys::new(Arc::new(crate::keyring::test_keyring(1)))
    }

    #[test]
    fn session_ids_differ() {
        let keys = keys();
        let ids: HashSet<SessionId> = (0..1000).map(|_| keys.session_id()).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn mac_counts_until_its_key_is_retired() {
        use crate::store::StoreKeys;
        use crate::store::store_keys::test_store_key;
        use crate::trail::TrailKeys;
        use crate::trail::keys::test_trail_key;

        let keys = |store: StoreKeys| {
            let trail = TrailKeys::new(test_trail_key(1), Vec::new());
            DeskKeys::new(Arc::new(Keyring { store, trail }))
        };
        let old = keys(StoreKeys::new(test_store_key(1), Vec::new())).mac("report:s:c");
        let during = keys(StoreKeys::new(test_store_key(2), vec![test_store_key(1)]));
        let after = keys(StoreKeys::new(test_store_key(2), Vec::new()));
        assert!(during.is_mac_of(&old, "report:s:c") && !during.is_mac_of(&old, "report:s:v"));
        assert!(!after.is_mac_of(&old, "report:s:c"));
        assert_eq!(old.len(), 43, "256 bits");
    }

    #[test]
    fn secrets_differ_and_have_their_length() {
        use secrecy::ExposeSecret as _;
        let keys = keys();
        let secrets: HashSet<String> =
            (0..1000).map(|_| keys.secret().expose_secret().to_owned()).collect();
        assert_eq!(secrets.len(), 1000);
        assert!(
            secrets
                .iter()
                .all(|secret| secret.len() == commands::flows::recover::token::SECRET_LENGTH)
        );
    }

    #[test]
    fn reference_has_six_unambiguous_characters() {
        let keys = keys();
        let references: HashSet<String> = (0..100).map(|_| keys.reference()).collect();
        assert!(references.len() > 95, "they differ");
        for reference in references {
            let letters = reference.strip_prefix("F-").unwrap();
            assert!(
                letters.len() == 6 && letters.bytes().all(|b| CROCKFORD.contains(&b)),
                "{reference}"
            );
        }
    }
}
