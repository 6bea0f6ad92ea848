//! Stored sessions: they continue unchanged and contain no secrets. Each effect has a key of its
//! own.

use std::collections::BTreeSet;

use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::session::Session;
use commands::model::verification::RESEND_WAIT;
use commands::model::words::Target;
use serde_json::json;

use crate::events::{clicks, effect_of, outcomes};
use crate::people::{OWNED, sofia};
use crate::session_driver::{MAC, NOW, SessionDriver};

/// Returns a session in every state that a row can have.
pub(crate) fn every_state() -> Vec<SessionDriver> {
    let mut checking = SessionDriver::proving_customer();
    checking.click(Event::Typed(Some(MAC.to_owned())));
    let mut mailed = SessionDriver::succeeding().then(Event::MailLink);
    mailed.apply(Event::Mailed {
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
        SessionDriver::acting(Role::Member).then(Event::Open(Target::Web)).then(Event::Finish),
        SessionDriver::found_with(sofia(2)),
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
fn stored_session_continues_unchanged() {
    for driver in every_state() {
        let row = serde_json::to_string(&driver.session).unwrap();
        let mut restored: Session = serde_json::from_str(&row).unwrap();
        assert_eq!(serde_json::to_string(&restored).unwrap(), row);
        restored.secrets = driver.session.secrets.clone();
        let stored = SessionDriver { session: restored, ..driver.clone() };
        for event in clicks() {
            let (original, restored) = (driver.decide(event.clone()), stored.decide(event));
            assert_eq!(format!("{:?}", original.session), format!("{:?}", restored.session));
            assert_eq!(original.refusal, restored.refusal);
        }
    }
}

/// Adds an unknown field to these objects of the stored session.
fn written_by_newer_version(mut driver: SessionDriver, levels: &[&str]) -> SessionDriver {
    let mut row = serde_json::to_value(&driver.session).unwrap();
    for level in levels {
        row.pointer_mut(level).unwrap()["new"] = json!({ "of": level });
    }
    let secrets = driver.session.secrets;
    driver.session = Session { secrets, ..serde_json::from_value(row).unwrap() };
    driver
}

#[test]
fn unknown_fields_stay_with_their_struct() {
    let fixed = ["", "/actor", "/clocks", "/agent", "/customer"];
    let customer = "/work/support/1/found/customer";
    let newer =
        written_by_newer_version(SessionDriver::found(), &[&fixed[..], &[customer]].concat());
    let acting = newer.then(Event::Start).then(Event::Choose(OWNED.to_owned())).verify_both();
    let row = serde_json::to_value(&acting.session).unwrap();
    for level in fixed {
        assert_eq!(row.pointer(level).unwrap()["new"]["of"], level);
    }
    // The customer was masked again on the way.
    assert_eq!(row["work"]["support"][1]["acting"]["case"]["customer"]["new"]["of"], customer);

    let sent = SessionDriver::proving_agent();
    let mut newer = written_by_newer_version(sent, &["/agent", "/agent/challenge"]);
    newer.now = newer.now + RESEND_WAIT;
    newer.click(Event::Resend);
    newer.mail_code();
    let row = serde_json::to_value(&newer.session).unwrap();
    assert_eq!(row["agent"]["challenge"]["nth"], 2);
    assert_eq!(row["agent"]["new"]["of"], "/agent");
    assert!(row["agent"]["challenge"].get("new").is_none(), "the code is another one");
}

#[test]
fn row_contains_no_secret_or_clear_text() {
    for driver in every_state() {
        let row = serde_json::to_string(&driver.session).unwrap();
        for secret in [
            "token",
            "proof\"",
            "desk.example.com",
            "julia@example.com",
            "sofia@example.com",
            "ben@waizant.example",
            "Julia",
            "Sofía",
            "in detail",
        ] {
            assert!(!row.contains(secret), "{secret} is in {row}");
        }
    }
    let names = format!("{:?}", SessionDriver::acting(Role::Owner).record.unwrap());
    assert!(!names.contains("julia@"), "{names}");
}

#[test]
fn effects_have_distinct_keys() {
    let id = SessionDriver::found().session.id;
    let effects: Vec<Effect> = outcomes().iter().filter_map(effect_of).collect();
    let distinct: BTreeSet<String> = effects.iter().map(|effect| format!("{effect:?}")).collect();
    let keys: BTreeSet<String> = effects.iter().map(|effect| effect.key(&id)).collect();
    assert_eq!(keys.len(), distinct.len());
    insta::assert_snapshot!(keys.into_iter().collect::<Vec<_>>().join("\n").replace(id.as_str(), "…"), @"
    …:alert
    …:alert:reset
    …:confirm:1
    …:issue:app:1
    …:issue:store:1
    …:issue:successor:1
    …:issue:web:1
    …:message:account_linked:1
    …:message:account_unlinked:1
    …:message:password_changed:1
    …:message:successor_qr:1
    …:message:support_visit:1
    …:reporters:customer
    …:reset:1
    …:revoke
    …:send:agent_link:1
    …:send:agent_mfa:1
    …:send:customer_consent:1
    …:sign_out:1
    …:verify:agent_link:1:challenge-1:mac-of-123456
    …:verify:agent_mfa:1:challenge-1:mac-of-123456
    …:verify:customer_consent:1:challenge-1:mac-of-123456
    ");
}

/// Maximum size of a session in memory, in bytes, without its texts.
///
/// With the two counters of an `Arc` it fills one block of the allocator. The next larger block has
/// 128 bytes more. The whole session can take 2 KiB (`docs/benchmark.md`).
const IN_MEMORY: usize = 768 - 2 * size_of::<usize>();

#[test]
fn session_fits_allocation_in_memory() {
    assert!(size_of::<Session>() <= IN_MEMORY, "{} bytes", size_of::<Session>());
}
