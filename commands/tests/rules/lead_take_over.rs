//! A lead takes a session over: what passes to the new session, and what does not.

use std::collections::HashSet;
use std::num::NonZeroU64;
use std::sync::Arc;

use commands::flows::step::Step;
use commands::flows::support::take_over::take_over;
use commands::model::customer::{CustomerRecord, Role, Status};
use commands::model::effect::Effect;
use commands::model::refusal::Refusal;
use commands::model::scope::Scope;
use commands::model::session::{OPEN_SESSIONS, Session};
use commands::model::words::{Actor, CloseReason, Limit, Purpose};
use serde_json::json;

use crate::events::LEAD;
use crate::names::stage;
use crate::session_driver::{NOW, SessionDriver, new_session};

/// Returns the lead's session before a take-over.
fn session_of_lead(driver: &SessionDriver) -> Session {
    let before = &driver.session;
    let actor = Actor { discord_id: LEAD, agent_id: "sub-lead".to_owned(), ..before.actor.clone() };
    Session {
        id: "B".repeat(22).parse().unwrap(),
        actor,
        pseudonym: before.pseudonym.clone(),
        ticket: before.ticket.clone(),
        scope: Scope::Act,
        work: before.work.clone(),
        ..new_session()
    }
}

fn taken_over(driver: &SessionDriver) -> Step {
    take_over(&driver.session, session_of_lead(driver), &driver.facts())
}

#[test]
fn nothing_that_was_proven_passes_over() {
    for (driver, chosen) in [
        (SessionDriver::choosing(), false),
        (SessionDriver::chosen(), true),
        (SessionDriver::proving_agent(), true),
        (SessionDriver::announcing(), true),
        (SessionDriver::proving_customer(), true),
        (SessionDriver::acting(Role::Owner), true),
        (SessionDriver::succeeding(), true),
    ] {
        let before = driver.stage();
        let step = taken_over(&driver);
        assert_eq!(step.session.closed(), Some((CloseReason::TakenOver, NOW)), "{before}");
        assert_eq!(step.session.taken_over_by, NonZeroU64::new(LEAD));
        assert!(step.session.attending().is_none(), "{before}");
        let revokes =
            step.session.pending.iter().any(|it| matches!(it.effect, Effect::Revoke { .. }));
        assert_eq!(revokes, driver.session.may_be_proven, "{before}");

        let opened = step.opened.as_deref().expect("a new session");
        let sends: Vec<_> = opened.pending.iter().map(|pending| &pending.effect).collect();
        let agents_code = Effect::Send { purpose: Purpose::AgentMfa, nth: 1 };
        let (expected, at) =
            if chosen { (vec![&agents_code], "proving_agent") } else { (vec![], "choosing") };
        assert_eq!((sends, stage(opened).as_str()), (expected, at), "{before}");
        assert_eq!(opened.attending(), driver.session.pseudonym.as_ref(), "{before}");
        assert!(opened.secrets.agent_proof.is_none() && opened.secrets.customer_proof.is_none());
        assert_eq!((opened.customer.sends, opened.customer.wrong), (0, 0), "{before}");
        assert!(!opened.may_be_proven && opened.access_links.is_empty(), "{before}");
        assert_eq!(step.open_sessions, Some(OPEN_SESSIONS));
        let unlocked: HashSet<_> = step.requires_unlocked.iter().collect();
        assert_eq!(unlocked.len(), 2, "lead and customer");
        assert_eq!(
            step.limit_uses.iter().any(|it| it.limit == Limit::AgentSends),
            chosen,
            "{before}"
        );
    }
}

#[test]
fn trail_names_the_lead_in_both_sessions() {
    let driver = SessionDriver::acting(Role::Owner);
    let step = taken_over(&driver);
    let actor = format!("discord:{LEAD}");
    let opened = step.opened.as_deref().unwrap();
    let closed = step.events.iter().find(|event| event.kind == "closed").unwrap();
    assert_eq!(closed.session.as_ref(), Some(&driver.session.id));
    assert_eq!(closed.details, json!({ "to": opened.id, "why": "taken_over" }));
    let of_opened: Vec<_> =
        step.events.iter().filter(|event| event.session.as_ref() == Some(&opened.id)).collect();
    let kinds: Vec<_> = of_opened.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["started", "taken_over", "ecosystem_chosen", "code_asked"]);
    assert_eq!(of_opened[1].details, json!({ "from": driver.session.id, "to": opened.id }));
    assert!(of_opened.iter().chain([&closed]).all(|event| event.actor == actor));
    assert!(of_opened.iter().all(|event| event.customer == driver.session.pseudonym));
}

#[test]
fn before_start_and_after_the_close_there_is_nothing_to_take() {
    let found = SessionDriver::found();
    let step = taken_over(&found);
    assert_eq!(step.refusal, Some(Refusal::NotStarted));
    assert!(step.opened.is_none() && step.events.is_empty());
    let mut closed = SessionDriver::choosing();
    closed.apply(commands::model::event::Event::ForceClose(CloseReason::Idle));
    let step = taken_over(&closed);
    assert_eq!(step.refusal, Some(Refusal::Closed(CloseReason::Idle, NOW)));
    assert!(step.opened.is_none() && step.events.is_empty());
}

#[test]
fn customer_or_case_that_has_changed_closes_the_session() {
    let mut driver = SessionDriver::acting(Role::Owner);
    let record = driver.record.clone().unwrap();
    let changed = |change: fn(&mut CustomerRecord)| {
        let mut record = CustomerRecord::clone(&record);
        change(&mut record);
        Some(Arc::new(record))
    };
    for (record, reason) in [
        (None, CloseReason::CustomerInactive),
        (changed(|record| record.status = Status::Suspended), CloseReason::CustomerInactive),
        (changed(|record| record.ecosystems.clear()), CloseReason::RoleChanged),
    ] {
        driver.record = record;
        let step = taken_over(&driver);
        assert_eq!(step.session.closed(), Some((reason, NOW)));
        assert!(step.opened.is_none());
        let closed = step.events.iter().find(|event| event.kind == "closed").unwrap();
        assert_eq!(closed.actor, format!("discord:{LEAD}"), "the lead's press closed it");
    }
}
