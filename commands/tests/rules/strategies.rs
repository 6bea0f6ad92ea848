//! Strategies for properties: edge numbers and times, texts of every kind, and events with any
//! content.

use std::time::Duration;

use commands::model::event::Event;
use commands::model::flow_state::FoundAccount;
use commands::model::limit::Attempts;
use commands::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use commands::model::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use secrecy::SecretString;

use crate::events::{PURPOSES, TARGETS, clicks, outcomes, system_events};
use crate::people::{JOINED, OWNED, found_account, mailed};
use crate::session_driver::NOW;

/// Returns edge numbers and some others.
fn number() -> impl Strategy<Value = u32> {
    let edges = select(vec![9, 10, 11, u32::MAX - 1, u32::MAX]);
    prop_oneof![6 => 0_u32..5, 1 => edges, 1 => any::<u32>()]
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

fn effect_error() -> BoxedStrategy<EffectError> {
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

/// Returns any event with any content.
pub(crate) fn event() -> BoxedStrategy<Event> {
    let known: Vec<Event> = clicks().into_iter().chain(outcomes()).chain(system_events()).collect();
    let purpose = || select(PURPOSES.to_vec());
    // Boxed, because together they exceed a test's stack.
    prop_oneof![
        4 => select(known).boxed(),
        1 => text().prop_map(Event::Choose).boxed(),
        1 => prop::option::of(text()).prop_map(Event::Typed).boxed(),
        1 => "\\PC{0,600}".prop_map(Event::Cancel).boxed(),
        1 => (purpose(), number(), prop::result::maybe_ok(sent(), effect_error()))
            .prop_map(|(purpose, nth, outcome)| Event::Sent { purpose, nth, outcome })
            .boxed(),
        2 => (purpose(), number(), checked(), (number(), number()))
            .prop_map(|(purpose, nth, outcome, (in_an_hour, in_a_row))| {
                let attempts = Attempts { in_an_hour, in_a_row };
                Event::Checked { purpose, nth, outcome, attempts }
            })
            .boxed(),
        1 => (select(TARGETS.to_vec()), number(), opened())
            .prop_map(|(target, nth, outcome)| Event::Issued { target, nth, outcome })
            .boxed(),
        1 => (number(), prop::result::maybe_ok((text(), time()), effect_error()))
            .prop_map(|(nth, outcome)| Event::Mailed { nth, outcome })
            .boxed(),
        1 => (number(), prop::result::maybe_ok(number(), effect_error()))
            .prop_map(|(nth, outcome)| Event::Revoked { nth, outcome }).boxed(),
        1 => (number(), link_code_sent())
            .prop_map(|(nth, outcome)| Event::LinkCodeSent { nth, outcome })
            .boxed(),
    ]
    .boxed()
}

fn checked() -> BoxedStrategy<Result<CodeCheck, EffectError>> {
    let code_check = prop_oneof![
        text().prop_map(|proof| CodeCheck::Verified(proof.into())),
        select(vec![0, 1, 2]).prop_map(|which| [
            CodeCheck::Mismatch,
            CodeCheck::Expired,
            CodeCheck::Locked
        ][which]
            .clone()),
    ];
    prop::result::maybe_ok(code_check, effect_error()).boxed()
}

fn opened() -> impl Strategy<Value = Result<(SecretString, Timestamp), EffectError>> {
    prop::result::maybe_ok((text().prop_map(SecretString::from), time()), effect_error())
}

fn link_code_sent() -> impl Strategy<Value = Result<Option<(FoundAccount, Sent)>, EffectError>> {
    prop::result::maybe_ok(
        prop::option::of(sent().prop_map(|sent| (found_account(), sent))),
        effect_error(),
    )
}

/// Answers for an effect of any kind.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) sent: Result<Sent, EffectError>,
    pub(crate) checked: Result<CodeCheck, EffectError>,
    pub(crate) count: u32,
    pub(crate) opened: Result<(SecretString, Timestamp), EffectError>,
}

pub(crate) fn answers() -> BoxedStrategy<Answers> {
    let (sent, checked) = (prop::result::maybe_ok(sent(), effect_error()), checked());
    let answers = (sent, checked, number(), opened())
        .prop_map(|(sent, checked, count, opened)| Answers { sent, checked, count, opened });
    // Success, with any time.
    let success = (sent_soon(), opened()).prop_map(|(sent, opened)| Answers {
        sent: Ok(sent),
        checked: Ok(CodeCheck::Verified("proof".to_owned().into())),
        count: 1,
        opened,
    });
    prop_oneof![answers, success].boxed()
}

fn sent_soon() -> BoxedStrategy<Sent> {
    let expires_at = Timestamp(i64::MAX);
    wait().prop_map(move |resend_after| Sent { expires_at, resend_after, ..mailed(NOW) }).boxed()
}
