//! The store's keys: they seal secrets, hash addresses and authenticate rows.
//!
//! HKDF derives a separate key for each purpose from one secret, `STORE_KEY`, so that a leak of one
//! key does not affect the others. Keys of `STORE_KEY_OLD` only open and verify, so that a new key
//! can reach all replicas before one of them seals with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;

/// Bytes of `STORE_KEY`, which is the key size of the cipher and of HMAC-SHA-256.
pub const KEY_BYTES: usize = 32;

/// Salt of the derivation. It is fixed and specific to this product, in case the same secret is
/// used elsewhere.
const SALT: &[u8] = b"support-desk store key v2";
/// Derivation purposes.
const SEAL: &[u8] = b"seal";
const MAC: &[u8] = b"mac";
const ROW: &[u8] = b"row";
const ID: &[u8] = b"id";
/// Bytes of a key's id: enough that two keys of one store differ.
const ID_BYTES: usize = 6;
/// Separates the id of a key from a sealed value or MAC. Base64 does not use it.
const SEPARATOR: char = '.';

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 32 random bytes in base64; `support-desk key` prints a new one")]
pub struct InvalidStoreKey;

#[derive(Debug, thiserror::Error)]
#[error("the operating system provides no random bytes")]
pub struct NoRandomness;

/// Failure to open a sealed value. It does not quote the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CannotOpen {
    #[error("it was sealed with a key that is neither STORE_KEY nor in STORE_KEY_OLD")]
    UnknownKey,
    #[error("it was tampered with")]
    Tampered,
}

/// Result of the check of a row's MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowCheck {
    Authentic,
    Forged,
    /// No key of this process has the id that the MAC names.
    UnknownKey,
}

/// The keys derived from one secret, identical on every replica. `Debug` shows none of them.
pub struct StoreKey {
    id: String,
    seal: LessSafeKey,
    mac: hmac::Key,
    row: hmac::Key,
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({})", self.id)
    }
}

impl StoreKey {
    /// Parses a value of `STORE_KEY`: 32 bytes in base64. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, InvalidStoreKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidStoreKey)?;
        if bytes.len() != KEY_BYTES {
            return Err(InvalidStoreKey);
        }
        let secret = Salt::new(HKDF_SHA256, SALT).extract(&bytes);
        let mut id = [0; KEY_BYTES];
        let okm = secret.expand(&[ID], hmac::HMAC_SHA256).map_err(|_| InvalidStoreKey)?;
        okm.fill(&mut id).map_err(|_| InvalidStoreKey)?;
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(&id[..ID_BYTES]),
            seal: LessSafeKey::new(derive(&secret, SEAL, &CHACHA20_POLY1305)?),
            mac: derive(&secret, MAC, hmac::HMAC_SHA256)?,
            row: derive(&secret, ROW, hmac::HMAC_SHA256)?,
        })
    }

    /// Generates a value for `STORE_KEY` from the system's CSPRNG.
    pub fn generate() -> Result<SecretString, NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(STANDARD.encode(bytes).into())
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the HMAC-SHA-256 of a text, base64url without padding.
    pub(crate) fn mac(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.mac, text.as_bytes()))
    }
}

/// The key that seals, and earlier or coming keys that only open and verify.
#[derive(Debug)]
pub struct StoreKeys {
    current: StoreKey,
    others: Vec<StoreKey>,
}

impl StoreKeys {
    pub fn new(current: StoreKey, others: Vec<StoreKey>) -> Self {
        Self { current, others }
    }

    fn all(&self) -> impl Iterator<Item = &StoreKey> {
        [&self.current].into_iter().chain(&self.others)
    }

    fn find(&self, id: &str) -> Option<&StoreKey> {
        self.all().find(|key| key.id == id)
    }

    /// Returns the HMAC-SHA-256 of a text under the current key, base64url without padding.
    pub fn mac(&self, text: &str) -> String {
        self.current.mac(text)
    }

    /// Returns the HMAC-SHA-256 of a text under every key, the current one first.
    pub fn macs(&self, text: &str) -> Vec<String> {
        self.all().map(|key| key.mac(text)).collect()
    }

    /// Returns true if this process has the key that a sealed value or a MAC names.
    pub(crate) fn knows(&self, value: &str) -> bool {
        value.split_once(SEPARATOR).is_some_and(|(id, _)| self.find(id).is_some())
    }

    /// Returns true if a sealed value or a MAC names the current key.
    pub(crate) fn is_current(&self, value: &str) -> bool {
        value.split_once(SEPARATOR).is_some_and(|(id, _)| id == self.current.id)
    }

    /// Seals bytes with the current key. The value can only be opened with the same `bound_to`.
    pub(crate) fn seal(&self, bound_to: &str, plain: Vec<u8>) -> Result<String, NoRandomness> {
        let sealed = seal(&self.current.seal, bound_to, plain)?;
        Ok(format!("{}{SEPARATOR}{sealed}", self.current.id))
    }

    /// Opens a sealed value.
    pub(crate) fn open(&self, bound_to: &str, sealed: &str) -> Result<Vec<u8>, CannotOpen> {
        let (id, sealed) = sealed.split_once(SEPARATOR).ok_or(CannotOpen::Tampered)?;
        let key = self.find(id).ok_or(CannotOpen::UnknownKey)?;
        open(&key.seal, bound_to, sealed).ok_or(CannotOpen::Tampered)
    }

    /// Returns the MAC of a row's columns under the current key.
    pub(crate) fn sign_row(&self, columns: &[u8]) -> String {
        let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&self.current.row, columns));
        format!("{}{SEPARATOR}{mac}", self.current.id)
    }

    /// Checks the MAC of a row's columns.
    pub(crate) fn check_row(&self, columns: &[u8], mac: &str) -> RowCheck {
        let Some((id, mac)) = mac.split_once(SEPARATOR) else { return RowCheck::Forged };
        let Some(key) = self.find(id) else { return RowCheck::UnknownKey };
        let is_authentic = URL_SAFE_NO_PAD
            .decode(mac)
            .is_ok_and(|mac| hmac::verify(&key.row, columns, &mac).is_ok());
        if is_authentic { RowCheck::Authentic } else { RowCheck::Forged }
    }
}

/// Seals bytes under a random nonce. Returns nonce and ciphertext in base64.
fn seal(key: &LessSafeKey, bound_to: &str, mut bytes: Vec<u8>) -> Result<String, NoRandomness> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| NoRandomness)?;
    let aad = Aad::from(bound_to.as_bytes());
    // The cipher only fails for messages of 256 GiB or more.
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(STANDARD.encode([nonce.as_slice(), &bytes].concat()))
}

fn open(key: &LessSafeKey, bound_to: &str, sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = STANDARD.decode(sealed).ok()?;
    let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = key.open_in_place(nonce, Aad::from(bound_to.as_bytes()), body).ok()?;
    Some(plain.to_vec())
}

/// A random key of its own, which the store keeps sealed. `Debug` does not show it.
pub(crate) struct DataKey {
    bytes: [u8; KEY_BYTES],
    key: LessSafeKey,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

impl DataKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
        Self::from_bytes(&bytes).ok_or(NoRandomness)
    }

    /// Builds the key from its bytes, as [`StoreKeys::open`] returns them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, bytes).ok()?);
        Some(Self { bytes: bytes.try_into().ok()?, key })
    }

    /// Returns the key's bytes, to seal them.
    pub(crate) fn expose_bytes(&self) -> Vec<u8> {
        self.bytes.to_vec()
    }

    /// Seals bytes. The value can only be opened with the same `bound_to`.
    pub(crate) fn seal(&self, bound_to: &str, plain: Vec<u8>) -> Result<String, NoRandomness> {
        seal(&self.key, bound_to, plain)
    }

    /// Opens a sealed value; `None` if it was tampered with, or belongs to another key or place.
    pub(crate) fn open(&self, bound_to: &str, sealed: &str) -> Option<Vec<u8>> {
        open(&self.key, bound_to, sealed)
    }
}

fn derive<L, K>(secret: &Prk, purpose: &[u8], kind: L) -> Result<K, InvalidStoreKey>
where
    L: ring::hkdf::KeyType,
    K: for<'a> From<ring::hkdf::Okm<'a, L>>,
{
    // HKDF only fails for longer keys than these.
    Ok(secret.expand(&[purpose], kind).map_err(|_| InvalidStoreKey)?.into())
}

/// Returns a key for tests; equal bytes give equal keys.
#[cfg(test)]
pub(crate) fn test_store_key(byte: u8) -> StoreKey {
    StoreKey::parse(&STANDARD.encode([byte; KEY_BYTES])).unwrap()
}

#[cfg(test)]
#[path = "store_keys_tests.rs"]
mod tests;
