//! Data of the trail: events as their rows hold them, their MACs, and the heads of chains.
//!
//! A chain is either a session, or an actor with the events that belong to no session.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Bytes of an HMAC-SHA-256.
pub(crate) const MAC_BYTES: usize = 32;

/// A link of a chain: the MAC of an event or of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Mac(pub(crate) [u8; MAC_BYTES]);

impl Mac {
    /// The predecessor of a chain's first link.
    pub(crate) const START: Self = Self([0; MAC_BYTES]);

    /// Encodes the MAC for a column: base64url without padding.
    pub(crate) fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Parses a column; `None` if it holds no MAC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// The newest event of a chain: its number, from 1, and its MAC. The default is the head of a chain
/// without events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) mac: Mac,
}

impl Head {
    /// Builds a head from two columns.
    ///
    /// An invalid MAC counts as [`Mac::START`]. The next event then breaks the chain, and
    /// `trail verify` reports it.
    pub(crate) fn from_columns(seq: i64, mac: Option<&str>) -> Self {
        Self { seq, mac: mac.and_then(Mac::parse).unwrap_or(Mac::START) }
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedEvent {
    pub(crate) event: Event,
    pub(crate) mac: Mac,
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
    fn mac_round_trips_through_its_column() {
        let mac = Mac([7; MAC_BYTES]);
        assert_eq!(Mac::parse(&mac.encode()), Some(mac));
        assert_eq!(mac.encode().len(), 43);
        assert_eq!(Mac::parse("short"), None);
    }
}
