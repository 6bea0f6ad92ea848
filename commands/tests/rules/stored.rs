//! What stands in a row: a session comes back as it went, without anything sealed, and each effect
//! has a key of its own.

use std::collections::BTreeSet;

use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::verification::RESEND_WAIT;

use crate::events::{clicks, effect_of, outcomes};
use crate::people::sofia;
use crate::road::{MAC, NOW, SessionDriver};

/// A road in every state that a row can have.
pub(crate) fn every_road() -> Vec<SessionDriver> {
    let mut checking = SessionDriver::proving_customer();
    checking.does(Event::Typed(Some(MAC.to_owned())));
    let mut mailed = SessionDriver::succeeding().then(Event::MailLink);
    mailed.hears(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + RESEND_WAIT)),
    });
    vec![
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::chosen(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        checking,
        SessionDriver::acting(Role::Owner),
        SessionDriver::acting(Role::Member)
            .then(Event::Open(commands::model::words::Target::Web))
            .then(Event::Finish),
        SessionDriver::found_as(sofia(2)),
        SessionDriver::succeeding().then(Event::MailLink),
        mailed,
        SessionDriver::linking(),
        SessionDriver::linking_looked_up(true),
        SessionDriver::linking().then(Event::Dismiss),
        SessionDriver::recovering(),
        SessionDriver::recovering_mailed(),
        SessionDriver::recovering_mailed().then(Event::Dismiss),
    ]
}

#[test]
fn a_session_comes_back_from_its_row_and_goes_on_alike() {
    for road in every_road() {
        let row = serde_json::to_string(&road.session).unwrap();
        let mut back: Session = serde_json::from_str(&row).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), row);
        back.secrets = road.session.secrets.clone();
        let back = SessionDriver { session: back, ..road.clone() };
        for event in clicks() {
            let (before, after) = (road.decides(event.clone()), back.decides(event));
            assert_eq!(format!("{:?}", before.session), format!("{:?}", after.session));
            assert_eq!(before.refusal, after.refusal);
        }
    }
}

#[test]
fn a_row_holds_nothing_that_is_sealed_or_in_clear() {
    for road in every_road() {
        let row = serde_json::to_string(&road.session).unwrap();
        for secret in [
            "token",
            "proof\"",
            "desk.example.com",
            "julia@example.com",
            "sofia@example.com",
            "ben@waizant.example",
            "Julia",
            "Sofía",
            "at length",
        ] {
            assert!(!row.contains(secret), "{secret} stands in {row}");
        }
    }
    let names = format!("{:?}", SessionDriver::acting(Role::Owner).record.unwrap());
    assert!(!names.contains("julia@"), "{names}");
}

#[test]
fn no_two_effects_share_a_key() {
    let id = SessionDriver::found().session.id;
    let effects: Vec<Effect> = outcomes().iter().filter_map(effect_of).collect();
    let distinct: BTreeSet<String> = effects.iter().map(|effect| format!("{effect:?}")).collect();
    let keys: BTreeSet<String> = effects.iter().map(|effect| effect.key(&id)).collect();
    assert_eq!(keys.len(), distinct.len());
    insta::assert_snapshot!(keys.into_iter().collect::<Vec<_>>().join("\n").replace(id.as_str(), "…"), @"
    …:alert
    …:confirm:1
    …:issue:app:1
    …:issue:store:1
    …:issue:successor:1
    …:issue:web:1
    …:message:account_linked:1
    …:message:password_changed:1
    …:message:successor_qr:1
    …:reset:1
    …:revoke
    …:send:agent_link:1
    …:send:agent_mfa:1
    …:send:customer_consent:1
    …:sign_out:1
    …:verify:agent_link:1:mac-of-123456
    …:verify:agent_mfa:1:mac-of-123456
    …:verify:customer_consent:1:mac-of-123456
    ");
}

/// A session in memory, in bytes, without what its texts take: with the two counters of an `Arc` it
/// fills a block of the allocator, and the next larger one is 128 bytes more. 2 KiB is what all of
/// it may take (`docs/benchmark.md`).
const IN_MEMORY: usize = 768 - 2 * size_of::<usize>();

#[test]
fn a_session_fits_its_place_in_memory() {
    assert!(size_of::<Session>() <= IN_MEMORY, "{} bytes", size_of::<Session>());
}
