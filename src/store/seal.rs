//! The store's key: what it seals, and its keyed hash.
//!
//! One secret, `STORE_KEY`, is stretched by HKDF into a key for each purpose, so that what one of
//! them gives away says nothing about the others. Sealed text is bound to the session in whose row
//! it stands: moved to another row it does not open.

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

/// Bytes of `STORE_KEY`: as many as the ciphers and HMAC-SHA-256 take.
pub const KEY_BYTES: usize = 32;

/// The salt of the derivation: fixed, and different from that of any other product the same secret
/// might be given to.
const SALT: &[u8] = b"support-desk store key v1";
/// The purpose under which the key of [`StoreKey::seal`] is derived.
const SEAL: &[u8] = b"seal";
/// The purpose under which the key of [`StoreKey::mac`] is derived.
const MAC: &[u8] = b"mac";
/// The purpose under which the key of the trail's chains is derived.
const TRAIL: &[u8] = b"trail";

/// The keys derived from `STORE_KEY`. The same on every replica; `Debug` shows nothing of them.
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

/// The text is not a store key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 32 random bytes in base64; `support-desk key` prints a new one")]
pub struct NotAStoreKey;

/// Why a sealed text stays shut. Says nothing of the text.
#[derive(Debug, thiserror::Error)]
#[error(
    "the sealed part of a session cannot be opened: STORE_KEY is another than the one it was sealed with, or the row was tampered with"
)]
struct Shut;

/// The system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

impl StoreKey {
    /// Reads the key as it stands in `STORE_KEY`: 32 bytes in base64, with or without surrounding
    /// white space.
    pub fn parse(text: &str) -> Result<Self, NotAStoreKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| NotAStoreKey)?;
        if bytes.len() != KEY_BYTES {
            return Err(NotAStoreKey);
        }
        let secret = Salt::new(HKDF_SHA256, SALT).extract(&bytes);
        Ok(Self {
            seal: LessSafeKey::new(derive(&secret, SEAL, &CHACHA20_POLY1305)?),
            mac: derive(&secret, MAC, hmac::HMAC_SHA256)?,
            trail: derive(&secret, TRAIL, hmac::HMAC_SHA256)?,
            random: SystemRandom::new(),
        })
    }

    /// A new key from the system's CSPRNG, as it would be written into `STORE_KEY`.
    pub fn generate() -> Result<SecretString, NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(STANDARD.encode(bytes).into())
    }

    /// HMAC-SHA-256 of the text, base64url without padding.
    #[must_use]
    pub fn mac(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.mac, text.as_bytes()))
    }

    /// The key of the trail's chains.
    pub(super) const fn trail(&self) -> &hmac::Key {
        &self.trail
    }

    /// Seals a session's secrets for its row; `None` when there are none.
    pub(super) fn seal(
        &self,
        session: &SessionId,
        secrets: &Secrets,
    ) -> Result<Option<String>, Fault> {
        let plain = Plain::of(secrets);
        if plain == Plain::default() {
            return Ok(None);
        }
        let doing = "sealing a session's secrets";
        let mut bytes = serde_json::to_vec(&plain)
            .map_err(|_| Fault::new(doing, "it cannot be written as JSON"))?;
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| Fault::new(doing, NoRandomness))?;
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(session), &mut bytes)
            .map_err(|_| Fault::new(doing, "the cipher failed"))?;
        Ok(Some(STANDARD.encode([nonce.as_slice(), &bytes].concat())))
    }

    /// Opens what stands in the row of the session.
    pub(super) fn open(&self, session: &SessionId, sealed: &str) -> Result<Secrets, Fault> {
        let shut = || Fault::new("opening a session's secrets", Shut);
        let mut bytes = STANDARD.decode(sealed).map_err(|_| shut())?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(shut)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| shut())?;
        let plain = self.seal.open_in_place(nonce, aad(session), body).map_err(|_| shut())?;
        // The parser's own words could quote a secret.
        let plain: Plain = serde_json::from_slice(plain).map_err(|_| shut())?;
        Ok(plain.into_secrets())
    }
}

/// Binds sealed text to the row it stands in.
fn aad(session: &SessionId) -> Aad<&[u8]> {
    Aad::from(session.as_str().as_bytes())
}

fn derive<L, K>(secret: &Prk, purpose: &[u8], kind: L) -> Result<K, NotAStoreKey>
where
    L: ring::hkdf::KeyType,
    K: for<'a> From<ring::hkdf::Okm<'a, L>>,
{
    // Fails only for keys longer than HKDF can make, which no kind here is.
    Ok(secret.expand(&[purpose], kind).map_err(|_| NotAStoreKey)?.into())
}

/// [`Secrets`] as they are written, inside the seal only.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Plain {
    panel: Option<(String, Timestamp)>,
    messages: Vec<(u32, String)>,
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

impl Plain {
    fn of(secrets: &Secrets) -> Self {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        let proof = |proof: &StoredProof| PlainProof {
            value: text(&proof.value),
            bound: proof.bound.clone(),
        };
        Self {
            panel: secrets.panel.as_ref().map(|(token, at)| (text(token), *at)),
            messages: secrets.messages.iter().map(|(nth, token)| (*nth, text(token))).collect(),
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
            messages: self.messages.into_iter().map(|(nth, token)| (nth, token.into())).collect(),
            agent_proof: self.agent_proof.map(proof),
            customer_proof: self.customer_proof.map(proof),
            draft: self.draft.map(Into::into),
            page: self.page.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> StoreKey {
        StoreKey::parse(&STANDARD.encode([byte; KEY_BYTES])).unwrap()
    }

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
            messages: vec![(1, "first-token".into()), (2, "second-token".into())],
            agent_proof: proof("agent-proof", "agent:1"),
            customer_proof: proof("customer-proof", "customer:2"),
            draft: Some("zu kurz ñ".into()),
            page: Some("https://desk.example.com/recover/page-token".into()),
        }
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let sealed = key(1).seal(&id('a'), &secrets()).unwrap().unwrap();
        let opened = key(1).open(&id('a'), &sealed).unwrap();
        assert!(Plain::of(&opened) == Plain::of(&secrets()));
    }

    #[test]
    fn what_an_older_version_has_sealed_opens_too() {
        let plain: Plain = serde_json::from_str(
            r#"{"panel":null,"messages":[],"agent_proof":null,"customer_proof":null,"draft":"x"}"#,
        )
        .unwrap();
        assert!(plain.page.is_none() && plain.draft.is_some());
    }

    #[test]
    fn sealed_text_shows_nothing_and_never_repeats() {
        let (one, two) = (
            key(1).seal(&id('a'), &secrets()).unwrap().unwrap(),
            key(1).seal(&id('a'), &secrets()).unwrap().unwrap(),
        );
        assert_ne!(one, two);
        let bytes = STANDARD.decode(&one).unwrap();
        assert!(!bytes.windows(5).any(|w| w == b"token" || w == b"proof"));
    }

    #[test]
    fn nothing_to_seal_is_no_text() {
        assert!(key(1).seal(&id('a'), &Secrets::default()).unwrap().is_none());
    }

    #[test]
    fn another_key_row_or_any_changed_byte_keeps_it_shut() {
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
    fn only_32_bytes_in_base64_are_a_key() {
        for wrong in
            ["", "short", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33]), &"?".repeat(44)]
        {
            assert_eq!(StoreKey::parse(wrong).unwrap_err(), NotAStoreKey);
        }
        let new = StoreKey::generate().unwrap();
        assert!(StoreKey::parse(&format!(" {}\n", new.expose_secret())).is_ok());
        assert_ne!(new.expose_secret(), StoreKey::generate().unwrap().expose_secret());
    }

    #[test]
    fn the_keyed_hash_depends_on_text_and_key() {
        assert_eq!(key(1).mac("a"), key(1).mac("a"));
        assert_ne!(key(1).mac("a"), key(1).mac("b"));
        assert_ne!(key(1).mac("a"), key(2).mac("a"));
        assert_eq!(key(1).mac("a").len(), 43);
    }
}
