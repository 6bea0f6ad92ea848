//! Proofs: access requires both, and no other way exists.

use std::sync::Arc;

use commands::flows::support::needs::needs_customer;
use commands::model::customer::{Role, Status};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError};
use commands::model::proof::proofs;
use commands::model::refusal::Refusal;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::words::Target;

use crate::events::clicks;
use crate::names::event_name;
use crate::people::{JOINED, OWNED, julia, pseudonym_of};
use crate::session_driver::{A_MILLISECOND, NOW, SessionDriver};

fn open(driver: &SessionDriver, target: Target) -> (Option<Refusal>, String) {
    let mut driver = driver.clone();
    let step = driver.click(Event::Open(target));
    let issued =
        driver.session.pending.iter().any(|pending| matches!(pending.effect, Effect::Issue { .. }));
    (step.refusal, if issued { "issued".to_owned() } else { driver.stage() })
}

fn issued() -> (Option<Refusal>, String) {
    (None, "issued".to_owned())
}

fn closed(why: &str) -> (Option<Refusal>, String) {
    (None, format!("closed({why})"))
}

#[test]
fn only_acting_session_has_proofs() {
    for driver in [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::linking_looked_up(true),
    ] {
        assert!(proofs(&driver.session, driver.now).is_none(), "{}", driver.stage());
    }
    let driver = SessionDriver::acting(Role::Owner);
    let (agent, customer) = proofs(&driver.session, driver.now).unwrap();
    assert_eq!((agent.expose(), customer.expose()), ("proof", "proof"));
    assert!(proofs(&driver.then(Event::Finish).session, NOW).is_none());
}

#[test]
fn proof_expires_after_an_hour() {
    let driver = SessionDriver::acting(Role::Owner);
    assert!(proofs(&driver.session, NOW + minutes(60) - A_MILLISECOND).is_some());
    assert!(proofs(&driver.session, NOW + minutes(60)).is_none());
}

#[test]
fn missing_or_foreign_proof_closes_session() {
    let driver = SessionDriver::acting(Role::Owner);
    let assert_void = |change: fn(&mut SessionDriver)| {
        let mut driver = driver.clone();
        change(&mut driver);
        assert!(proofs(&driver.session, driver.now).is_none());
        assert_eq!(open(&driver, Target::Web), closed("proof_invalid"));
    };
    assert_void(|driver| driver.session.secrets.agent_proof = None);
    assert_void(|driver| driver.session.secrets.customer_proof = None);
    assert_void(|driver| {
        driver.session.secrets.customer_proof = driver.session.secrets.agent_proof.clone();
    });
    assert_void(|driver| {
        driver.session.secrets.agent_proof = driver.session.secrets.customer_proof.clone();
    });
    assert_void(|driver| driver.session.id = "BBBBBBBBBBBBBBBBBBBBBB".parse().unwrap());
    assert_void(|driver| driver.session.actor.agent_id = "agent-ana".to_owned());
    // The proof belongs to another customer.
    assert_void(|driver| driver.session.pseudonym = Some(pseudonym_of("user-marta")));
}

#[test]
fn owner_opens_three_targets_and_member_two() {
    for target in [Target::Store, Target::Web, Target::App] {
        assert_eq!(open(&SessionDriver::acting(Role::Owner), target), issued());
    }
    let member = SessionDriver::acting(Role::Member);
    assert_eq!(open(&member, Target::Store), (Some(Refusal::UnknownButton), "acting".to_owned()));
    assert_eq!((open(&member, Target::Web), open(&member, Target::App)), (issued(), issued()));
}

#[test]
fn access_is_refused_in_last_two_minutes() {
    for target in [Target::Store, Target::Web, Target::App] {
        let mut driver = SessionDriver::acting(Role::Owner);
        driver.skip(minutes(58) - A_MILLISECOND);
        assert_eq!(open(&driver, target), issued());
        driver.skip(A_MILLISECOND);
        assert_eq!(open(&driver, target), (Some(Refusal::TooLate), "acting".to_owned()));
    }
}

#[test]
fn changed_customer_closes_session() {
    let mut suspended = julia();
    suspended.status = Status::Suspended;
    let mut demoted = julia();
    demoted.ecosystems[0].role = Role::Member;
    let mut gone = julia();
    gone.ecosystems.remove(0);
    let cases = [
        (Some(suspended), "customer_inactive"),
        (None, "customer_inactive"),
        (Some(demoted), "role_changed"),
        (Some(gone), "role_changed"),
    ];
    for (record, why) in cases {
        let record = record.map(Arc::new);
        let acting = SessionDriver { record: record.clone(), ..SessionDriver::acting(Role::Owner) };
        assert_eq!(open(&acting, Target::Web), closed(why));
        let announcing = SessionDriver { record: record.clone(), ..SessionDriver::announcing() };
        assert_eq!(announcing.then(Event::Send).stage(), format!("closed({why})"));
        let mut proving = SessionDriver { record, ..SessionDriver::proving_customer() };
        proving.skip(minutes(1));
        assert_eq!(proving.then(Event::Resend).stage(), format!("closed({why})"));
    }
    // A member who has become the owner has other rights, too.
    let mut promoted = julia();
    let joined = promoted.ecosystems.iter_mut().find(|ecosystem| ecosystem.id == JOINED);
    joined.unwrap().role = Role::Owner;
    let record = Some(Arc::new(promoted));
    let member = SessionDriver { record, ..SessionDriver::acting(Role::Member) };
    assert_eq!(open(&member, Target::Web), closed("role_changed"));
}

#[test]
fn change_in_other_ecosystem_is_ignored() {
    let mut record = julia();
    record.ecosystems.retain(|ecosystem| ecosystem.id != JOINED);
    assert!(record.find_ecosystem(OWNED).is_some());
    assert_eq!(
        open(
            &SessionDriver { record: Some(Arc::new(record)), ..SessionDriver::acting(Role::Owner) },
            Target::Web
        ),
        issued()
    );
}

#[test]
fn proof_denied_by_function_closes_session() {
    let mut driver = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
    let outcome = Err(EffectError::Denied(Denied::ProofInvalid));
    driver.apply(Event::Issued { target: Target::Web, nth: 1, outcome });
    assert_eq!(driver.stage(), "closed(proof_invalid)");
}

#[test]
fn customer_is_read_before_code_and_access() {
    let mut lines = Vec::new();
    let drivers = [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Owner),
    ];
    for driver in drivers {
        let Work::Support(_, state) = &driver.session.work else { panic!("not a support session") };
        for event in clicks() {
            if needs_customer(state, &event) {
                lines.push(format!("{}, {}", driver.stage(), event_name(&event)));
            }
        }
    }
    lines.retain(|line| !line.contains("malformed") && !is_refused(line));
    insta::assert_snapshot!(lines.join("\n"), @"
    announcing, Send
    proving_customer, Resend
    acting, Open store
    acting, Open web
    acting, Open app
    acting, Open successor
    acting, Mail
    ");
}

/// Returns true for an event that the state refuses in any case.
fn is_refused(line: &str) -> bool {
    let (stage, event) = line.split_once(", ").unwrap();
    let belongs = match stage {
        "proving_customer" => event.starts_with("Resend"),
        "announcing" => event.starts_with("Send"),
        "acting" => event.starts_with("Open") || event.starts_with("Mail"),
        _ => false,
    };
    !belongs
}
