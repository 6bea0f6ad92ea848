//! Random values and keyed hashes.

use secrecy::SecretString;

use crate::model::request::RequestId;
use crate::model::words::SessionId;

/// Random values and keyed hashes.
pub trait Keys: Send + Sync + 'static {
    /// Returns a new session id from a CSPRNG (ASVS 7.2.3: 128 bits or more).
    fn session_id(&self) -> SessionId;
    /// Returns a new secret for a link, from a CSPRNG: 256 bits in 43 characters of base64url.
    fn secret(&self) -> SecretString;
    /// Returns a new number from a CSPRNG. A request of the recovery page is claimed under it,
    /// because it has no interaction id.
    fn number(&self) -> u64;
    /// Returns a new short reference for a fault, such as `F-7K2M9Q`.
    fn reference(&self) -> String;
    /// Returns a new short reference for a report, such as `R-7K2M9Q`.
    fn report_reference(&self) -> String;
    /// Returns the id of a new request.
    fn request_id(&self) -> RequestId;
    /// Returns the HMAC-SHA-256 of the text under the store's key, in base64url. It is the same on
    /// every replica.
    fn mac(&self, text: &str) -> String;
    /// Returns true if this is the keyed hash of the text, under the current key or an earlier one.
    /// The time of the comparison reveals nothing.
    fn is_mac_of(&self, mac: &str, text: &str) -> bool;
}
