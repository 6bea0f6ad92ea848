//! Data of the trail: events as their rows hold them, their signatures, and the heads of chains.
//!
//! A chain is either a session, or an actor with the events that belong to no session.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Bytes of an Ed25519 signature (RFC 8032, section 5.1).
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A link of a chain: the signature of an event or of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Signature(pub(crate) [u8; SIGNATURE_BYTES]);

impl Signature {
    /// The predecessor of a chain's first link.
    pub(crate) const START: Self = Self([0; SIGNATURE_BYTES]);

    /// Encodes the signature for a column: base64url without padding.
    pub(crate) fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Parses a column; `None` if it holds no signature.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// The newest event of a chain: its number, from 1, and its signature. The default is the head of a
/// chain without events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) signature: Signature,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, signature: Signature::START }
    }
}

impl Head {
    /// Returns the signature for a column; `None` for a chain without events.
    pub(crate) fn to_column(self) -> Option<String> {
        (self.seq > 0).then(|| self.signature.encode())
    }

    /// Builds a head from two columns.
    ///
    /// An invalid signature counts as [`Signature::START`]. The next event then breaks the chain,
    /// and `trail verify` reports it.
    pub(crate) fn from_columns(seq: i64, signature: Option<&str>) -> Self {
        Self { seq, signature: signature.and_then(Signature::parse).unwrap_or(Signature::START) }
    }
}

/// An event, in the values of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) chain: String,
    pub(crate) seq: i64,
    /// Milliseconds since the epoch, UTC.
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) session: Option<String>,
    pub(crate) kind: String,
    /// JSON.
    pub(crate) details: String,
    /// Sealed details: who or what the event is about.
    pub(crate) about: Option<String>,
    /// Id of the key that signs the event.
    pub(crate) key: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedEvent {
    pub(crate) event: Event,
    pub(crate) signature: Signature,
}

/// Formats the time of an event as RFC 3339. `None` for a tampered number beyond the calendar.
pub(crate) fn format_time(at: i64) -> Option<String> {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok()?;
    time.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_round_trips_through_its_column() {
        let signature = Signature([7; SIGNATURE_BYTES]);
        assert_eq!(Signature::parse(&signature.encode()), Some(signature));
        assert_eq!(signature.encode().len(), 86);
        assert_eq!(Signature::parse("short"), None);
    }
}
