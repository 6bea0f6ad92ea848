//! Anything at all, for properties: numbers and times at their edges, texts of every kind, and any
//! event with any of them in it.

use std::time::Duration;

use commands::model::event::Event;
use commands::model::flow_state::FoundAccount;
use commands::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use commands::model::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use crate::events::{PURPOSES, TARGETS, clicks, others, outcomes};
use crate::people::{JOINED, OWNED};
use crate::road::{NOW, ben, mailed};

/// Numbers at every edge, and some between.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0_u32..5, 1 => select(vec![9, 10, 11, u32::MAX - 1, u32::MAX]), 1 => any::<u32>()]
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<i64>(),
        select(vec![i64::MIN, -1, 0, i64::MAX]),
        1_785_999_000_000_i64..1_786_009_000_000
    ]
    .prop_map(Timestamp)
}

fn wait() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        (0_u64..200).prop_map(Duration::from_secs),
        any::<u64>().prop_map(Duration::from_secs)
    ]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["", OWNED, JOINED, "succession-1", "succession-2", "eco-1", "user-marta"])
            .prop_map(str::to_owned),
        "\\PC{0,40}",
        any::<String>(),
    ]
}

fn not_done() -> BoxedStrategy<EffectError> {
    prop_oneof![
        prop::option::of(wait()).prop_map(|wait| EffectError::Denied(Denied::RateLimited(wait))),
        prop::option::of(wait()).prop_map(|wait| EffectError::Denied(Denied::Unavailable(wait))),
        select(vec![Denied::NotFound, Denied::DeliveryFailed, Denied::ProofInvalid])
            .prop_map(EffectError::Denied),
        text().prop_map(EffectError::Fault),
        Just(EffectError::Interrupted),
    ]
    .boxed()
}

fn sent() -> BoxedStrategy<Sent> {
    (text(), text(), time(), wait())
        .prop_map(|(challenge_id, destination, expires_at, resend_after)| Sent {
            challenge_id,
            destination,
            expires_at,
            resend_after,
        })
        .boxed()
}

/// Any event with anything in it.
pub(crate) fn event() -> BoxedStrategy<Event> {
    let known: Vec<Event> = clicks().into_iter().chain(outcomes()).chain(others()).collect();
    let purpose = || select(PURPOSES.to_vec());
    // In boxes: side by side they are too much for a test's stack.
    prop_oneof![
        4 => select(known).boxed(),
        1 => text().prop_map(Event::Choose).boxed(),
        1 => prop::option::of(text()).prop_map(Event::Typed).boxed(),
        1 => "\\PC{0,600}".prop_map(Event::Cancel).boxed(),
        1 => (purpose(), number(), prop::result::maybe_ok(sent(), not_done()))
            .prop_map(|(purpose, nth, outcome)| Event::Sent { purpose, nth, outcome })
            .boxed(),
        2 => (purpose(), number(), checked(), number())
            .prop_map(|(purpose, nth, outcome, count)| Event::Checked { purpose, nth, outcome, count })
            .boxed(),
        1 => (select(TARGETS.to_vec()), number(), opened())
            .prop_map(|(target, nth, outcome)| Event::Issued { target, nth, outcome })
            .boxed(),
        1 => (number(), prop::result::maybe_ok((text(), time()), not_done()))
            .prop_map(|(nth, outcome)| Event::Mailed { nth, outcome })
            .boxed(),
        1 => prop::result::maybe_ok(number(), not_done()).prop_map(Event::Revoked).boxed(),
        1 => (number(), approached()).prop_map(|(nth, outcome)| Event::LinkCodeSent { nth, outcome }).boxed(),
    ]
    .boxed()
}

fn checked() -> BoxedStrategy<Result<CodeCheck, EffectError>> {
    let verdict = prop_oneof![
        text().prop_map(|proof| CodeCheck::Verified(proof.into())),
        select(vec![0, 1, 2]).prop_map(|which| [
            CodeCheck::Mismatch,
            CodeCheck::Expired,
            CodeCheck::Locked
        ][which]
            .clone()),
    ];
    prop::result::maybe_ok(verdict, not_done()).boxed()
}

fn opened() -> impl Strategy<Value = Result<(Option<u64>, Timestamp), EffectError>> {
    prop::result::maybe_ok((prop::option::of(any::<u64>()), time()), not_done())
}

fn approached() -> impl Strategy<Value = Result<Option<(FoundAccount, Sent)>, EffectError>> {
    prop::result::maybe_ok(prop::option::of(sent().prop_map(|sent| (ben(), sent))), not_done())
}

/// What comes of an effect, whichever it is.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) sent: Result<Sent, EffectError>,
    pub(crate) checked: Result<CodeCheck, EffectError>,
    pub(crate) count: u32,
    pub(crate) opened: Result<(Option<u64>, Timestamp), EffectError>,
}

pub(crate) fn answers() -> BoxedStrategy<Answers> {
    let (sent, checked) = (prop::result::maybe_ok(sent(), not_done()), checked());
    let answers = (sent, checked, number(), opened())
        .prop_map(|(sent, checked, count, opened)| Answers { sent, checked, count, opened });
    // As hoped for, but for the time, which may be any.
    let hoped = (sent_soon(), opened()).prop_map(|(sent, opened)| Answers {
        sent: Ok(sent),
        checked: Ok(CodeCheck::Verified("proof".to_owned().into())),
        count: 1,
        opened,
    });
    prop_oneof![answers, hoped].boxed()
}

fn sent_soon() -> BoxedStrategy<Sent> {
    let expires_at = Timestamp(i64::MAX);
    wait().prop_map(move |resend_after| Sent { expires_at, resend_after, ..mailed(NOW) }).boxed()
}
