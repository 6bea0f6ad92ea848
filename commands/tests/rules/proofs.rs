//! Proofs: what it takes to act, and that nothing less does.

use std::sync::Arc;
use std::time::Duration;

use commands::flows::support::needs::needs;
use commands::model::customer::{Role, Status};
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError};
use commands::model::proof::proofs;
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::words::Target;

use crate::people::{JOINED, OWNED, julia};
use crate::road::{NOW, SessionDriver};

const A_MILLISECOND: Duration = Duration::from_millis(1);

fn open(road: &SessionDriver, target: Target) -> (Option<Refusal>, String) {
    let mut road = road.clone();
    let step = road.does(Event::Open(target));
    let asked =
        road.session.pending.iter().any(|pending| matches!(pending.effect, Effect::Issue { .. }));
    (step.refusal, if asked { "asked".to_owned() } else { road.stage() })
}

fn asked() -> (Option<Refusal>, String) {
    (None, "asked".to_owned())
}

fn closed(why: &str) -> (Option<Refusal>, String) {
    (None, format!("closed({why})"))
}

#[test]
fn only_a_session_that_acts_has_proofs() {
    for road in [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::linking_looked_up(true),
    ] {
        assert!(proofs(&road.session, road.now).is_none(), "{}", road.stage());
    }
    let road = SessionDriver::acting(Role::Owner);
    let (agent, customer) = proofs(&road.session, road.now).unwrap();
    assert_eq!((agent.expose(), customer.expose()), ("proof", "proof"));
    assert!(proofs(&road.then(Event::Finish).session, NOW).is_none());
}

#[test]
fn a_proof_is_worth_nothing_after_an_hour() {
    let road = SessionDriver::acting(Role::Owner);
    assert!(proofs(&road.session, NOW + minutes(60) - A_MILLISECOND).is_some());
    assert!(proofs(&road.session, NOW + minutes(60)).is_none());
}

#[test]
fn a_proof_that_is_missing_somebody_else_s_or_of_another_session_is_none() {
    let road = SessionDriver::acting(Role::Owner);
    let without = |change: fn(&mut SessionDriver)| {
        let mut road = road.clone();
        change(&mut road);
        assert!(proofs(&road.session, road.now).is_none());
        assert_eq!(open(&road, Target::Web), closed("proof_invalid"));
    };
    without(|road| road.session.secrets.agent_proof = None);
    without(|road| road.session.secrets.customer_proof = None);
    without(|road| road.session.secrets.customer_proof = road.session.secrets.agent_proof.clone());
    without(|road| road.session.secrets.agent_proof = road.session.secrets.customer_proof.clone());
    without(|road| road.session.id = "BBBBBBBBBBBBBBBBBBBBBB".parse().unwrap());
    without(|road| road.session.actor.agent_id = "agent-ana".to_owned());
    // The proof of a customer whom the session does not hold.
    without(|road| road.session.customer_id = Some("user-marta".to_owned()));
}

#[test]
fn an_owner_opens_three_things_and_a_member_two() {
    for target in [Target::Store, Target::Web, Target::App] {
        assert_eq!(open(&SessionDriver::acting(Role::Owner), target), asked());
    }
    let member = SessionDriver::acting(Role::Member);
    assert_eq!(open(&member, Target::Store), (Some(Refusal::UnknownButton), "acting".to_owned()));
    assert_eq!((open(&member, Target::Web), open(&member, Target::App)), (asked(), asked()));
}

#[test]
fn nothing_is_opened_in_the_last_two_minutes() {
    let mut road = SessionDriver::acting(Role::Owner);
    road.skips(minutes(58) - A_MILLISECOND);
    assert_eq!(open(&road, Target::Web), asked());
    road.skips(A_MILLISECOND);
    assert_eq!(open(&road, Target::Web), (Some(Refusal::TooLate), "acting".to_owned()));
}

#[test]
fn a_customer_who_changed_meanwhile_ends_the_session() {
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
        proving.skips(minutes(1));
        assert_eq!(proving.then(Event::Resend).stage(), format!("closed({why})"));
    }
}

#[test]
fn a_change_in_another_ecosystem_ends_nothing() {
    let mut record = julia();
    record.ecosystems.retain(|ecosystem| ecosystem.id != JOINED);
    assert!(record.find_ecosystem(OWNED).is_some());
    assert_eq!(
        open(
            &SessionDriver { record: Some(Arc::new(record)), ..SessionDriver::acting(Role::Owner) },
            Target::Web
        ),
        asked()
    );
}

#[test]
fn proofs_that_the_function_does_not_accept_end_the_session() {
    let mut road = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
    let outcome = Err(EffectError::Denied(Denied::ProofInvalid));
    road.hears(Event::Issued { target: Target::Web, nth: 1, outcome });
    assert_eq!(road.stage(), "closed(proof_invalid)");
}

#[test]
fn rights_are_read_again_at_the_start_at_each_code_and_at_each_action() {
    use commands::model::session::Work;
    let mut lines = Vec::new();
    let roads = [
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Owner),
    ];
    for road in roads {
        let Work::Support(_, state) = &road.session.work else { panic!("another road") };
        for event in crate::events::clicks() {
            let needs = needs(state, &event);
            if needs.eligibility || needs.customer {
                let what = [
                    needs.eligibility.then_some("eligibility"),
                    needs.customer.then_some("customer"),
                ];
                let what: Vec<_> = what.into_iter().flatten().collect();
                lines.push(format!(
                    "{}, {}: {}",
                    road.stage(),
                    crate::events::named(&event),
                    what.join(" and ")
                ));
            }
        }
    }
    lines.retain(|line| !line.contains("malformed") && !is_elsewhere(line));
    insta::assert_snapshot!(lines.join("\n"), @"
    found, Start: eligibility
    proving_agent, Typed: eligibility
    announcing, Send: customer
    proving_customer, Resend: customer
    proving_customer, Typed: eligibility
    acting, Open store: eligibility and customer
    acting, Open web: eligibility and customer
    acting, Open app: eligibility and customer
    acting, Open successor: eligibility and customer
    acting, Mail: eligibility and customer
    ");
}

/// Events that the state only refuses, for which it does not matter what is read.
fn is_elsewhere(line: &str) -> bool {
    let (stage, event) = line.split_once(", ").unwrap();
    let belongs = match stage {
        "found" => event.starts_with("Start"),
        "proving_agent" | "proving_customer" => {
            event.starts_with("Typed") || event.starts_with("Resend")
        }
        "announcing" => event.starts_with("Send"),
        "acting" => event.starts_with("Open") || event.starts_with("Mail"),
        _ => false,
    };
    !belongs
}
