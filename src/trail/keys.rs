//! Keys of the trail: pairs that sign (Ed25519), and public halves that verify.
//!
//! Who holds only public halves can verify the trail and cannot forge it.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use secrecy::SecretString;

use super::event::{SIGNATURE_BYTES, Signature};
use crate::store::NoRandomness;

/// Bytes of an Ed25519 seed, and of a public half (RFC 8032, section 5.1).
const KEY_BYTES: usize = 32;
/// Bytes of a public half's hash that make its id: enough that two keys of one store differ.
const ID_BYTES: usize = 8;
/// Beginning of `TRAIL_KEY`. It tells this key from `STORE_KEY`.
const SECRET_PREFIX: &str = "trail-secret:";
/// Beginning of a public half.
const PUBLIC_PREFIX: &str = "trail-public:";

/// Id of a key: 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    fn of(public: &[u8]) -> Self {
        let hash = digest(&SHA256, public);
        let id =
            hash.as_ref()[..ID_BYTES].iter().fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
        Self(format!("{id:016x}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `trail-secret:` and 32 random bytes in base64; `support-desk key` prints a new one")]
pub struct InvalidTrailKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not `trail-public:` and 32 bytes in base64, as `support-desk key` prints it")]
pub struct InvalidPublicKey;

/// A pair that signs. `Debug` shows its id only.
pub struct TrailKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for TrailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrailKey({})", self.public.id)
    }
}

impl TrailKey {
    /// Parses a value of `TRAIL_KEY`. White space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, InvalidTrailKey> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&Self::seed(text)?).map_err(|_| InvalidTrailKey)?;
        let bytes = pair.public_key().as_ref().try_into().map_err(|_| InvalidTrailKey)?;
        Ok(Self { pair, public: PublicKey::new(bytes) })
    }

    /// Returns the secret bytes of a value of `TRAIL_KEY`.
    pub(crate) fn seed(text: &str) -> Result<[u8; KEY_BYTES], InvalidTrailKey> {
        let base64 = text.trim().strip_prefix(SECRET_PREFIX).ok_or(InvalidTrailKey)?;
        let bytes = STANDARD.decode(base64).map_err(|_| InvalidTrailKey)?;
        bytes.try_into().map_err(|_| InvalidTrailKey)
    }

    /// Generates a value for `TRAIL_KEY` from the system's CSPRNG.
    pub fn generate() -> Result<SecretString, NoRandomness> {
        let mut seed = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut seed).map_err(|_| NoRandomness)?;
        Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(seed)).into())
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub fn id(&self) -> &KeyId {
        &self.public.id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        let mut bytes = [0; SIGNATURE_BYTES];
        bytes.copy_from_slice(self.pair.sign(message).as_ref());
        Signature(bytes)
    }
}

/// An earlier or coming key. To verify, its public half suffices; to prove its replacement, the
/// pair is needed.
#[derive(Debug)]
pub enum OtherKey {
    Pair(TrailKey),
    Public(PublicKey),
}

impl OtherKey {
    pub const fn public(&self) -> &PublicKey {
        match self {
            Self::Pair(key) => &key.public,
            Self::Public(key) => key,
        }
    }
}

/// The key that signs, and earlier or coming keys that only verify.
#[derive(Debug)]
pub struct TrailKeys {
    current: TrailKey,
    others: Vec<OtherKey>,
}

impl TrailKeys {
    pub fn new(current: TrailKey, others: Vec<OtherKey>) -> Self {
        Self { current, others }
    }

    pub const fn current(&self) -> &TrailKey {
        &self.current
    }

    /// Returns the pair of an earlier key, if this process has it.
    pub(crate) fn pair(&self, id: &str) -> Option<&TrailKey> {
        self.others.iter().find_map(|key| match key {
            OtherKey::Pair(key) if key.id().as_str() == id => Some(key),
            _ => None,
        })
    }

    /// Returns the public halves of all keys.
    pub fn public(&self) -> PublicKeys {
        let others = self.others.iter().map(OtherKey::public);
        PublicKeys([&self.current.public].into_iter().chain(others).cloned().collect())
    }
}

/// Public half of a key. Its text form is `trail-public:` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    bytes: [u8; KEY_BYTES],
}

impl PublicKey {
    fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self { id: KeyId::of(&bytes), bytes }
    }

    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, self.bytes).verify(message, &signature.0).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_PREFIX}{}", STANDARD.encode(self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id)
    }
}

impl FromStr for PublicKey {
    type Err = InvalidPublicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPublicKey> {
        let base64 = text.trim().strip_prefix(PUBLIC_PREFIX).ok_or(InvalidPublicKey)?;
        let bytes = STANDARD.decode(base64).map_err(|_| InvalidPublicKey)?;
        Ok(Self::new(bytes.try_into().map_err(|_| InvalidPublicKey)?))
    }
}

/// Result of the check of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    Invalid,
    /// No public key has the id that the signature names.
    UnknownKey,
}

/// The public keys that a verification trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKeys(pub Vec<PublicKey>);

impl PublicKeys {
    /// Parses a file with one public key a line. Empty lines and those that begin with `#` are
    /// ignored.
    pub fn parse_file(text: &str) -> Result<Self, InvalidPublicKey> {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<PublicKey> = lines.map(str::parse).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(InvalidPublicKey) } else { Ok(Self(keys)) }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id.as_str() == id)
    }

    /// Returns the keys except those with these ids.
    pub(crate) fn without(&self, ids: &HashSet<String>) -> Self {
        let kept = self.0.iter().filter(|key| !ids.contains(key.id.as_str()));
        Self(kept.cloned().collect())
    }

    pub(crate) fn verify(&self, id: &str, message: &[u8], signature: Signature) -> Verdict {
        match self.find(id) {
            None => Verdict::UnknownKey,
            Some(key) if key.verifies(message, signature) => Verdict::Valid,
            Some(_) => Verdict::Invalid,
        }
    }
}

/// Returns a key for tests; equal bytes give equal keys.
#[cfg(test)]
pub(crate) fn test_trail_key(byte: u8) -> TrailKey {
    TrailKey::parse(&format!("{SECRET_PREFIX}{}", STANDARD.encode([byte; KEY_BYTES]))).unwrap()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn signature_needs_message_and_key() {
        let (key, other) = (test_trail_key(1), test_trail_key(2));
        let signature = key.sign(b"said");
        let keys = PublicKeys(vec![key.public().clone()]);
        let id = key.id().as_str();
        assert_eq!(keys.verify(id, b"said", signature), Verdict::Valid);
        assert_eq!(keys.verify(id, b"sad", signature), Verdict::Invalid);
        assert_eq!(keys.verify(id, b"said", other.sign(b"said")), Verdict::Invalid);
        assert_eq!(keys.verify(other.id().as_str(), b"said", signature), Verdict::UnknownKey);
    }

    #[test]
    fn generated_key_has_its_form() {
        let text = TrailKey::generate().unwrap();
        let key = TrailKey::parse(&format!(" {}\n", text.expose_secret())).unwrap();
        assert_ne!(text.expose_secret(), TrailKey::generate().unwrap().expose_secret());
        assert_eq!(key.id().as_str().len(), 16);
        let public: PublicKey = key.public().to_string().parse().unwrap();
        assert_eq!(&public, key.public());
    }

    #[test]
    fn other_keys_are_refused() {
        let store = STANDARD.encode([1; KEY_BYTES]);
        let public = test_trail_key(1).public().to_string();
        let short = format!("{SECRET_PREFIX}{}", STANDARD.encode([1; 31]));
        for wrong in ["", &store, &public, &short, SECRET_PREFIX] {
            assert_eq!(TrailKey::parse(wrong).unwrap_err(), InvalidTrailKey, "{wrong}");
        }
        let secret = format!("{SECRET_PREFIX}{store}");
        for wrong in ["", &store, &secret, PUBLIC_PREFIX] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn file_has_a_key_a_line() {
        let keys = [1, 2].map(|n| test_trail_key(n).public().clone());
        let text = format!("# keys of the desk\n{}\n\n {}\r\n", keys[0], keys[1]);
        assert_eq!(PublicKeys::parse_file(&text).unwrap().0, keys);
        assert!(PublicKeys::parse_file("# nothing\n").is_err());
        assert!(PublicKeys::parse_file(&format!("{}\nother\n", keys[0])).is_err());
    }
}
