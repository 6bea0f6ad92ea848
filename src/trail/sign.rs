//! Signatures of the trail. Each MAC covers an event and the MAC of the event before it.
//!
//! Without the key an event can be neither forged nor changed nor reordered unnoticed. A chain
//! alone does not show that its end was removed together with its head. Checkpoints show that,
//! because they keep the heads in another place.

use commands::model::trail::TrailEvent;
use ring::hmac;

use super::event::{Event, Head, MAC_BYTES, Mac, SignedEvent};
use crate::store::seal::StoreKey;

/// Stands for the length of an absent field. No field is that long.
const ABSENT: u64 = u64::MAX;

impl Event {
    /// Computes the MAC of this event, which follows `previous`.
    pub(crate) fn sign(&self, key: &StoreKey, previous: Mac) -> Mac {
        let mut mac = MacBuilder::after(key, previous);
        mac.text(Some(&self.chain)).number(self.seq).number(self.at).text(Some(&self.actor));
        mac.text(self.session.as_deref()).text(Some(&self.kind)).text(Some(&self.details));
        mac.finish()
    }
}

/// Numbers and signs `events` as the next ones of a chain. Returns them with the chain's new head.
pub(crate) fn extend_chain<'a>(
    key: &StoreKey,
    chain: &str,
    mut head: Head,
    events: impl IntoIterator<Item = &'a TrailEvent>,
) -> (Vec<SignedEvent>, Head) {
    let signed = events
        .into_iter()
        .map(|event| {
            let event = Event {
                chain: chain.to_owned(),
                seq: head.seq + 1,
                at: event.at.0,
                actor: event.actor.clone(),
                session: event.session.as_ref().map(ToString::to_string),
                kind: event.kind.to_owned(),
                details: event.details.to_string(),
            };
            let mac = event.sign(key, head.mac);
            head = Head { seq: event.seq, mac };
            SignedEvent { event, mac }
        })
        .collect();
    (signed, head)
}

/// The MAC of a checkpoint, computed while its heads are read one by one, in their order.
pub(crate) struct CheckpointMac<'a> {
    key: &'a StoreKey,
    mac: Mac,
}

impl<'a> CheckpointMac<'a> {
    /// Starts with the checkpoint's own columns. `heads` is the number of heads that follow.
    pub(crate) fn begin(key: &'a StoreKey, previous: Mac, seq: i64, at: i64, heads: i64) -> Self {
        let mut mac = MacBuilder::after(key, previous);
        mac.text(Some("checkpoint")).number(seq).number(at).number(heads);
        Self { key, mac: mac.finish() }
    }

    /// Adds the head of a chain, in the values of its columns.
    pub(crate) fn add(&mut self, chain: &str, seq: i64, head: &str) {
        let mut mac = MacBuilder::after(self.key, self.mac);
        mac.text(Some(chain)).number(seq).text(Some(head));
        self.mac = mac.finish();
    }

    pub(crate) const fn mac(&self) -> Mac {
        self.mac
    }
}

/// Collects the fields of a MAC. Each text is preceded by its length, so that no two lists of
/// fields give the same input.
struct MacBuilder(hmac::Context);

impl MacBuilder {
    fn after(key: &StoreKey, previous: Mac) -> Self {
        let mut context = hmac::Context::with_key(key.trail());
        context.update(&previous.0);
        Self(context)
    }

    fn text(&mut self, text: Option<&str>) -> &mut Self {
        let length = text.map_or(ABSENT, |text| text.len() as u64);
        self.0.update(&length.to_le_bytes());
        self.0.update(text.unwrap_or_default().as_bytes());
        self
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    fn finish(self) -> Mac {
        let mut bytes = [0; MAC_BYTES];
        bytes.copy_from_slice(self.0.sign().as_ref());
        Mac(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::seal::test_key;

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
    fn mac_depends_on_every_field_predecessor_and_key() {
        let mac = event().sign(&test_key(1), Mac::START);
        let changed = [
            Event { chain: "chaim".to_owned(), ..event() },
            Event { seq: 4, ..event() },
            Event { at: 8, ..event() },
            Event { actor: "discord:2".to_owned(), ..event() },
            Event { session: None, ..event() },
            Event { session: Some(String::new()), ..event() },
            Event { kind: "closed".to_owned(), ..event() },
            Event { details: "{\"n\":1}".to_owned(), ..event() },
            // A letter that moves from one field to the next.
            Event { actor: "discord:1s".to_owned(), session: Some(String::new()), ..event() },
        ];
        for (n, other) in changed.into_iter().enumerate() {
            assert_ne!(other.sign(&test_key(1), Mac::START), mac, "change {n}");
        }
        assert_ne!(event().sign(&test_key(1), mac), mac);
        assert_ne!(event().sign(&test_key(2), Mac::START), mac);
    }
}
