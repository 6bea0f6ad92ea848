//! The keyed chain of the trail: each event's mac covers the event and the mac before it.
//!
//! Without the key nobody can write an event that fits, change one, or put two in each other's
//! place. What a chain alone cannot show is that its end was cut off together with its head:
//! [`checkpoints`](super::checkpoints) name the heads elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::trail::TrailEvent;
use ring::hmac;

use crate::store::seal::StoreKey;

/// Bytes of a mac: HMAC-SHA-256.
const BYTES: usize = 32;
/// Stands for the length of a field that is not there. No field is that long.
const NOTHING: u64 = u64::MAX;

/// A mac, as a link of a chain or of the checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mac([u8; BYTES]);

impl Mac {
    /// Before the first link.
    pub(crate) const START: Self = Self([0; BYTES]);

    /// As it stands in a column: base64url without padding.
    pub(crate) fn text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads what stands in a column; `None` when it is no mac.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// The newest event of a chain: its number, from 1, and its mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) mac: Mac,
}

impl Head {
    /// Of a chain without events.
    pub(crate) const NONE: Self = Self { seq: 0, mac: Mac::START };

    /// From two columns. A head that is no mac, which nobody of ours writes, breaks the chain:
    /// `trail verify` tells where.
    pub(crate) fn read(seq: i64, mac: Option<&str>) -> Self {
        Self { seq, mac: mac.and_then(Mac::parse).unwrap_or(Mac::START) }
    }
}

/// An event as it is kept: what the columns hold, word for word.
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

impl Event {
    /// The mac that this event has after the one before.
    pub(crate) fn mac(&self, key: &StoreKey, before: Mac) -> Mac {
        let mut link = Link::after(key, before);
        link.text(Some(&self.chain)).number(self.seq).number(self.at).text(Some(&self.actor));
        link.text(self.session.as_deref()).text(Some(&self.kind)).text(Some(&self.details));
        link.mac()
    }
}

/// The acts as the next events of a chain, each with its mac, and the chain's new head.
pub(crate) fn continued<'a>(
    key: &StoreKey,
    chain: &str,
    head: Head,
    events: impl Iterator<Item = &'a TrailEvent>,
) -> (Vec<(Event, Mac)>, Head) {
    let mut head = head;
    let linked = events
        .map(|act| {
            let event = Event {
                chain: chain.to_owned(),
                seq: head.seq + 1,
                at: act.at.0,
                actor: act.actor.clone(),
                session: act.session.as_ref().map(ToString::to_string),
                kind: act.kind.to_owned(),
                details: act.details.to_string(),
            };
            let mac = event.mac(key, head.mac);
            head = Head { seq: event.seq, mac };
            (event, mac)
        })
        .collect();
    (linked, head)
}

/// A mac in the making. Every field goes in with its length, so that no two rows of fields look
/// alike.
pub(crate) struct Link(hmac::Context);

impl Link {
    pub(crate) fn after(key: &StoreKey, before: Mac) -> Self {
        let mut context = hmac::Context::with_key(key.trail());
        context.update(&before.0);
        Self(context)
    }

    pub(crate) fn text(&mut self, text: Option<&str>) -> &mut Self {
        let length = text.map_or(NOTHING, |text| text.len() as u64);
        self.0.update(&length.to_le_bytes());
        self.0.update(text.unwrap_or_default().as_bytes());
        self
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    pub(crate) fn mac(self) -> Mac {
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(self.0.sign().as_ref());
        Mac(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::key;

    fn event() -> Event {
        Event {
            chain: "chain".to_owned(),
            seq: 3,
            at: 7,
            actor: "discord:1".to_owned(),
            session: Some("s".to_owned()),
            kind: "started".to_owned(),
            details: "{}".to_owned(),
        }
    }

    #[test]
    fn a_mac_is_read_as_it_is_written() {
        let mac = event().mac(&key(1), Mac::START);
        assert_eq!(Mac::parse(&mac.text()), Some(mac));
        assert_eq!(mac.text().len(), 43);
        assert_eq!(Mac::parse("short"), None);
    }

    #[test]
    fn every_field_the_mac_before_and_the_key_count() {
        let mac = event().mac(&key(1), Mac::START);
        let changed = [
            Event { chain: "chaim".to_owned(), ..event() },
            Event { seq: 4, ..event() },
            Event { at: 8, ..event() },
            Event { actor: "discord:2".to_owned(), ..event() },
            Event { session: None, ..event() },
            Event { session: Some(String::new()), ..event() },
            Event { kind: "closed".to_owned(), ..event() },
            Event { details: "{\"n\":1}".to_owned(), ..event() },
            // Letters that wander from one field to the next.
            Event { actor: "discord:1s".to_owned(), session: Some(String::new()), ..event() },
        ];
        for (n, other) in changed.into_iter().enumerate() {
            assert_ne!(other.mac(&key(1), Mac::START), mac, "change {n}");
        }
        assert_ne!(event().mac(&key(1), mac), mac);
        assert_ne!(event().mac(&key(2), Mac::START), mac);
    }
}
