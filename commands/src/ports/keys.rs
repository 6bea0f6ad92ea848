//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use secrecy::SecretString;

use crate::model::words::SessionId;

/// Randomness and the keyed hash.
pub trait Keys: Send + Sync + 'static {
    /// A new session id from a CSPRNG (ASVS 7.2.3: 128 bits or more).
    fn session_id(&self) -> SessionId;
    /// A new secret for a link, from a CSPRNG: 256 bits in 43 characters of base64url.
    fn secret(&self) -> SecretString;
    /// A new number from a CSPRNG, under which a request claims that is no interaction of
    /// Discord's.
    fn number(&self) -> u64;
    /// A short reference under which a fault is logged, e.g. `F-7K2M9Q`.
    fn reference(&self) -> String;
    /// HMAC-SHA-256 of the text under the store's key, base64url. One way, the same on every
    /// replica.
    fn mac(&self, text: &str) -> String;
}
