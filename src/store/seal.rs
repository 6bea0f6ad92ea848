//! The store's key: it seals the secrets of sessions, hashes addresses and signs the trail.
//!
//! HKDF derives a separate key for each purpose from one secret, `STORE_KEY`, so that a leak of one
//! key does not affect the others. Sealed text is bound to the session of its row: in another row
//! it cannot be opened.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use commands::model::fault::Fault;
use commands::model::session::Secrets;
use commands::model::time::Timestamp;
use commands::model::verification::{ProofBinding, StoredProof};
use commands::model::words::SessionId;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Bytes of `STORE_KEY`, which is the key size of the cipher and of HMAC-SHA-256.
pub const KEY_BYTES: usize = 32;

/// Salt of the derivation. It is fixed and specific to this product, in case the same secret is
/// used elsewhere.
const SALT: &[u8] = b"support-desk store key v1";
/// Derivation purpose of the key of [`StoreKey::seal`].
const SEAL: &[u8] = b"seal";
/// Derivation purpose of the key of [`StoreKey::mac`].
const MAC: &[u8] = b"mac";
/// Derivation purpose of the key that signs the trail.
const TRAIL: &[u8] = b"trail";

/// The keys derived from `STORE_KEY`, identical on every replica. `Debug` shows none of them.
pub struct StoreKey {
    seal: LessSafeKey,
    mac: hmac::Key,
    trail: hmac::Key,
    random: SystemRandom,
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 32 random bytes in base64; `support-desk key` prints a new one")]
pub struct InvalidStoreKey;

/// Failure to open a sealed text. It does not quote the text.
#[derive(Debug, thiserror::Error)]
#[error("they were sealed with another STORE_KEY, or the row was tampered with")]
struct CannotOpen;

#[derive(Debug, thiserror::Error)]
#[error("the operating system provides no random bytes")]
pub struct NoRandomness;

impl StoreKey {
    /// Parses the value of `STORE_KEY`: 32 bytes in base64. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, InvalidStoreKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidStoreKey)?;
        if bytes.len() != KEY_BYTES {
            return Err(InvalidStoreKey);
        }
        let secret = Salt::new(HKDF_SHA256, SALT).extract(&bytes);
        Ok(Self {
            seal: LessSafeKey::new(derive(&secret, SEAL, &CHACHA20_POLY1305)?),
            mac: derive(&secret, MAC, hmac::HMAC_SHA256)?,
            trail: derive(&secret, TRAIL, hmac::HMAC_SHA256)?,
            random: SystemRandom::new(),
        })
    }

    /// Generates a value for `STORE_KEY` from the system's CSPRNG.
    pub fn generate() -> Result<SecretString, NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(STANDARD.encode(bytes).into())
    }

    /// Returns the HMAC-SHA-256 of a text, base64url without padding.
    pub fn mac(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.mac, text.as_bytes()))
    }

    /// Returns the key that signs the trail.
    pub(crate) const fn trail(&self) -> &hmac::Key {
        &self.trail
    }

    /// Seals a session's secrets for its row; `None` if there are none.
    pub(crate) fn seal(
        &self,
        session: &SessionId,
        secrets: &Secrets,
    ) -> Result<Option<String>, Fault> {
        let plain = PlainSecrets::of(secrets);
        if plain == PlainSecrets::default() {
            return Ok(None);
        }
        let doing = "sealing a session's secrets";
        let mut bytes = serde_json::to_vec(&plain)
            .map_err(|_| Fault::new(doing, "they cannot be encoded as JSON"))?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| Fault::new(doing, NoRandomness))?;
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(session), &mut bytes)
            .map_err(|_| Fault::new(doing, "the cipher failed"))?;
        Ok(Some(STANDARD.encode([nonce.as_slice(), &bytes].concat())))
    }

    /// Opens the sealed secrets in the row of a session.
    pub(crate) fn open(&self, session: &SessionId, sealed: &str) -> Result<Secrets, Fault> {
        let cannot_open = || Fault::new("opening a session's secrets", CannotOpen);
        let mut bytes = STANDARD.decode(sealed).map_err(|_| cannot_open())?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(cannot_open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| cannot_open())?;
        let plain =
            self.seal.open_in_place(nonce, aad(session), body).map_err(|_| cannot_open())?;
        // Drop the parser's message, because it could quote a secret.
        let plain: PlainSecrets = serde_json::from_slice(plain).map_err(|_| cannot_open())?;
        Ok(plain.into_secrets())
    }
}

/// Returns the associated data that binds sealed text to the row of its session.
fn aad(session: &SessionId) -> Aad<&[u8]> {
    Aad::from(session.as_str().as_bytes())
}

fn derive<L, K>(secret: &Prk, purpose: &[u8], kind: L) -> Result<K, InvalidStoreKey>
where
    L: ring::hkdf::KeyType,
    K: for<'a> From<ring::hkdf::Okm<'a, L>>,
{
    // HKDF only fails for longer keys than these.
    Ok(secret.expand(&[purpose], kind).map_err(|_| InvalidStoreKey)?.into())
}

/// [`Secrets`] in their serialized form, which exists only inside the seal.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct PlainSecrets {
    panel: Option<(String, Timestamp)>,
    access_urls: Vec<(u32, String)>,
    agent_proof: Option<PlainProof>,
    customer_proof: Option<PlainProof>,
    draft: Option<String>,
    #[serde(default)]
    page: Option<String>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct PlainProof {
    value: String,
    bound: ProofBinding,
}

impl PlainSecrets {
    fn of(secrets: &Secrets) -> Self {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        let proof = |proof: &StoredProof| PlainProof {
            value: text(&proof.value),
            bound: proof.bound.clone(),
        };
        Self {
            panel: secrets.panel.as_ref().map(|(token, at)| (text(token), *at)),
            access_urls: secrets.access_urls.iter().map(|(nth, url)| (*nth, text(url))).collect(),
            agent_proof: secrets.agent_proof.as_deref().map(proof),
            customer_proof: secrets.customer_proof.as_deref().map(proof),
            draft: secrets.draft.as_ref().map(text),
            page: secrets.page.as_ref().map(text),
        }
    }

    fn into_secrets(self) -> Secrets {
        let proof = |proof: PlainProof| {
            Box::new(StoredProof { value: proof.value.into(), bound: proof.bound })
        };
        Secrets {
            panel: self.panel.map(|(token, at)| (token.into(), at)),
            access_urls: self.access_urls.into_iter().map(|(nth, url)| (nth, url.into())).collect(),
            agent_proof: self.agent_proof.map(proof),
            customer_proof: self.customer_proof.map(proof),
            draft: self.draft.map(Into::into),
            page: self.page.map(Into::into),
        }
    }
}

/// Returns a key for tests; equal bytes give equal keys.
#[cfg(test)]
pub(crate) fn test_key(byte: u8) -> StoreKey {
    StoreKey::parse(&STANDARD.encode([byte; KEY_BYTES])).unwrap()
}

#[cfg(test)]
mod tests {
    use super::test_key as key;
    use super::*;

    fn id(last: char) -> SessionId {
        format!("AAAAAAAAAAAAAAAAAAAAA{last}").parse().unwrap()
    }

    fn secrets() -> Secrets {
        let proof = |value: &str, subject: &str| {
            let bound =
                ProofBinding { session: id('a'), subject: subject.to_owned(), until: Timestamp(9) };
            Some(Box::new(StoredProof { value: value.into(), bound }))
        };
        Secrets {
            panel: Some(("panel-token".into(), Timestamp(7))),
            access_urls: vec![(1, "https://first".into()), (2, "https://second".into())],
            agent_proof: proof("agent-proof", "agent:1"),
            customer_proof: proof("customer-proof", "customer:2"),
            draft: Some("too short ñ".into()),
            page: Some("https://desk.example.com/recover/page-token".into()),
        }
    }

    #[test]
    fn sealed_secrets_can_be_opened() {
        let sealed = key(1).seal(&id('a'), &secrets()).unwrap().unwrap();
        let opened = key(1).open(&id('a'), &sealed).unwrap();
        assert!(PlainSecrets::of(&opened) == PlainSecrets::of(&secrets()));
    }

    #[test]
    fn secrets_without_page_can_be_parsed() {
        let plain: PlainSecrets = serde_json::from_str(
            r#"{"panel":null,"access_urls":[],"agent_proof":null,"customer_proof":null,"draft":"x"}"#,
        )
        .unwrap();
        assert!(plain.page.is_none() && plain.draft.is_some());
    }

    #[test]
    fn sealed_text_is_unreadable_and_unique() {
        let (one, two) = (
            key(1).seal(&id('a'), &secrets()).unwrap().unwrap(),
            key(1).seal(&id('a'), &secrets()).unwrap().unwrap(),
        );
        assert_ne!(one, two);
        let bytes = STANDARD.decode(&one).unwrap();
        assert!(!bytes.windows(5).any(|w| w == b"token" || w == b"proof"));
    }

    #[test]
    fn empty_secrets_are_not_sealed() {
        assert!(key(1).seal(&id('a'), &Secrets::default()).unwrap().is_none());
    }

    #[test]
    fn wrong_key_row_or_byte_cannot_open() {
        let sealed = key(1).seal(&id('a'), &secrets()).unwrap().unwrap();
        let fault = key(2).open(&id('a'), &sealed).unwrap_err();
        assert!(fault.to_string().contains("STORE_KEY"), "{fault}");
        assert!(key(1).open(&id('b'), &sealed).is_err());
        let bytes = STANDARD.decode(&sealed).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&id('a'), &STANDARD.encode(changed)).is_err(), "byte {at}");
        }
        for wrong in ["", "no base64!", "AAAA", &STANDARD.encode(&bytes[..bytes.len() - 1])] {
            assert!(key(1).open(&id('a'), wrong).is_err());
        }
    }

    #[test]
    fn store_key_is_32_bytes_in_base64() {
        for wrong in
            ["", "short", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33]), &"?".repeat(44)]
        {
            assert_eq!(StoreKey::parse(wrong).unwrap_err(), InvalidStoreKey);
        }
        let new = StoreKey::generate().unwrap();
        assert!(StoreKey::parse(&format!(" {}\n", new.expose_secret())).is_ok());
        assert_ne!(new.expose_secret(), StoreKey::generate().unwrap().expose_secret());
    }

    #[test]
    fn mac_depends_on_text_and_key() {
        assert_eq!(key(1).mac("a"), key(1).mac("a"));
        assert_ne!(key(1).mac("a"), key(1).mac("b"));
        assert_ne!(key(1).mac("a"), key(2).mac("a"));
        assert_eq!(key(1).mac("a").len(), 43);
    }
}
