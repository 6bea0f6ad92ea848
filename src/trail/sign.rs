//! Signatures of the trail. Each covers an event and the signature of the event before it.
//!
//! Without the key an event can be neither forged nor changed nor moved unnoticed. A chain alone
//! does not show that its end was removed together with its head. Checkpoints show that, because
//! they keep the heads in another place.

use commands::model::trail::TrailEvent;

use super::event::{Event, Head, Signature, SignedEvent};
use super::keys::TrailKey;
use crate::fields::Fields;

/// First field of what an event signs.
const EVENT: &str = "support-desk event 1";
/// First field of what a checkpoint signs.
const CHECKPOINT: &str = "support-desk checkpoint 1";

impl Event {
    /// Returns the bytes that the signature of this event covers. `previous` is the signature of
    /// the event before it.
    pub(crate) fn message(&self, previous: Signature) -> Fields {
        let mut fields = Fields::of(EVENT);
        fields.bytes(&previous.0).text(Some(&self.key)).text(Some(&self.chain));
        fields.number(self.seq).number(self.at).text(Some(&self.actor));
        fields.text(self.session.as_deref()).text(Some(&self.kind));
        fields.text(Some(&self.details)).text(self.about.as_deref());
        fields
    }
}

/// Numbers and signs events as the next ones of a chain. Returns them with the chain's new head.
///
/// Each event comes with its sealed details, if it has any. After the greatest number that number
/// is repeated, which the database refuses.
pub(crate) fn extend_chain<'a>(
    key: &TrailKey,
    chain: &str,
    mut head: Head,
    events: impl IntoIterator<Item = (&'a TrailEvent, Option<String>)>,
) -> (Vec<SignedEvent>, Head) {
    let signed = events
        .into_iter()
        .map(|(event, about)| {
            let event = Event {
                chain: chain.to_owned(),
                seq: head.seq.saturating_add(1),
                at: event.at.0,
                actor: event.actor.clone(),
                session: event.session.as_ref().map(ToString::to_string),
                kind: event.kind.to_owned(),
                details: event.details.to_string(),
                about,
                key: key.id().to_string(),
            };
            let signature = key.sign(event.message(head.signature).as_bytes());
            head = Head { seq: event.seq, signature };
            SignedEvent { event, signature }
        })
        .collect();
    (signed, head)
}

/// Returns the bytes that the signature of a checkpoint covers.
///
/// `previous` is the number and the signature of the checkpoint before it, `heads` the column with
/// the heads that it names.
pub(crate) fn checkpoint_message(
    key: &str,
    previous: Head,
    seq: i64,
    at: i64,
    heads: &str,
) -> Fields {
    let mut fields = Fields::of(CHECKPOINT);
    fields.number(previous.seq).bytes(&previous.signature.0).text(Some(key));
    fields.number(seq).number(at).text(Some(heads));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            chain: "chain".to_owned(),
            seq: 3,
            at: 7,
            actor: "discord:1".to_owned(),
            session: Some("s".to_owned()),
            kind: "started".to_owned(),
            details: "{}".to_owned(),
            about: None,
            key: "0123456789abcdef".to_owned(),
        }
    }

    #[test]
    fn message_depends_on_every_field_and_predecessor() {
        let bytes = |event: Event, previous| event.message(previous).as_bytes().to_vec();
        let message = bytes(event(), Signature::START);
        let changed = [
            Event { chain: "chaim".to_owned(), ..event() },
            Event { seq: 4, ..event() },
            Event { at: 8, ..event() },
            Event { actor: "discord:2".to_owned(), ..event() },
            Event { session: None, ..event() },
            Event { session: Some(String::new()), ..event() },
            Event { kind: "closed".to_owned(), ..event() },
            Event { details: "{\"n\":1}".to_owned(), ..event() },
            Event { about: Some(String::new()), ..event() },
            Event { key: "fedcba9876543210".to_owned(), ..event() },
            // A letter that moves from one field to the next.
            Event { actor: "discord:1s".to_owned(), session: Some(String::new()), ..event() },
        ];
        for (n, other) in changed.into_iter().enumerate() {
            assert_ne!(bytes(other, Signature::START), message, "change {n}");
        }
        assert_ne!(bytes(event(), Signature([1; 64])), message);
    }

    #[test]
    fn checkpoint_depends_on_every_field() {
        let start = Head::default();
        let bytes = |key, previous, seq, at, heads| {
            checkpoint_message(key, previous, seq, at, heads).as_bytes().to_vec()
        };
        let message = bytes("k", start, 1, 2, "h");
        for (n, other) in [
            bytes("l", start, 1, 2, "h"),
            bytes("k", Head { seq: 1, ..start }, 1, 2, "h"),
            bytes("k", Head { signature: Signature([1; 64]), ..start }, 1, 2, "h"),
            bytes("k", start, 2, 2, "h"),
            bytes("k", start, 1, 3, "h"),
            bytes("k", start, 1, 2, "i"),
        ]
        .into_iter()
        .enumerate()
        {
            assert_ne!(other, message, "change {n}");
        }
    }
}
