//! Sessions of verify-only agents: what they show, what they refuse, and when their scope is fixed.

use commands::flows::step;
use commands::flows::step::Facts;
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError};
use commands::model::proof::{access_grant, ends_at};
use commands::model::refusal::Refusal;
use commands::model::scope::Scope;
use commands::model::session::Session;
use commands::model::time::minutes;
use commands::model::words::{NotEligible, Target};
use commands::screens::custom_id::Action;

use crate::album::assert_album;
use crate::fakes::World;
use crate::people::{OWNED, sofia};
use crate::requests::press;
use crate::session_driver::{A_MILLISECOND, NOW, SessionDriver};

/// Makes the agent of a look-up a verify-only agent.
fn verify_only(mut found: SessionDriver) -> SessionDriver {
    found.scope = Scope::Verify;
    found.session.scope = Scope::Verify;
    found
}

/// Returns a verify-only session with both proofs, in an ecosystem that the customer owns.
fn verified() -> SessionDriver {
    let choosing = verify_only(SessionDriver::found()).then(Event::Start);
    choosing.then(Event::Choose(OWNED.to_owned())).verify_both()
}

/// Returns a verify-only session with both proofs, in the customer's only succession.
fn verified_successor() -> SessionDriver {
    verify_only(SessionDriver::found_with(sofia(1))).then(Event::Start).verify_both()
}

#[test]
fn verify_only_panels() {
    let announcing = || {
        let found = verify_only(SessionDriver::found_with(sofia(1)));
        let mut driver = found.then(Event::Start);
        driver.mail_code();
        driver.type_right_code();
        driver
    };
    assert_album!(|page| {
        page.panel("found", &verify_only(SessionDriver::found()));
        page.panel("found, successor", &verify_only(SessionDriver::found_with(sofia(1))));
        page.panel("announcing", &announcing());
        page.panel("verified", &verified());
        page.panel("verified successor", &verified_successor());
        page.refused(
            "demoted",
            &SessionDriver::acting(Role::Owner)
                .then(Event::AgentIneligible(NotEligible::VerifyOnly)),
            Some(&Refusal::AgentIneligible(NotEligible::VerifyOnly)),
        );
    });
}

#[test]
fn link_is_refused_in_both_kinds() {
    for driver in [verified(), verified_successor()] {
        let targets = [Target::Store, Target::Web, Target::App, Target::Successor];
        for event in targets.map(Event::Open).into_iter().chain([Event::MailLink]) {
            let step = driver.decide(event);
            assert_eq!(step.refusal, Some(Refusal::UnknownButton));
            assert_eq!((step.session.pending.len(), step.session.links_issued), (0, 0));
            assert!(step.session.closed().is_none(), "the session stays open");
        }
    }
}

#[test]
fn verify_only_session_gets_no_grant() {
    let mut driver = verified();
    let denied = access_grant(&driver.session, driver.now).err();
    assert!(matches!(denied, Some(EffectError::Denied(Denied::ProofInvalid))), "{denied:?}");
    driver.session.scope = Scope::Act;
    assert!(access_grant(&driver.session, driver.now).is_ok());
}

#[test]
fn scope_is_fixed_at_start() {
    let look_up = verify_only(SessionDriver::found());
    // Between the look-up and Start the agent can be promoted or demoted.
    for (at_start, fixed) in [(Scope::Act, Scope::Act), (Scope::Verify, Scope::Verify)] {
        let mut driver = SessionDriver { scope: at_start, ..look_up.clone() }.then(Event::Start);
        assert_eq!(driver.session.started_scope(), Some(fixed));
        driver.scope = if fixed == Scope::Act { Scope::Verify } else { Scope::Act };
        let later = driver.then(Event::Choose(OWNED.to_owned())).verify_both();
        assert_eq!(later.session.started_scope(), Some(fixed));
    }
    let unread = Facts { scope: None, ..look_up.facts() };
    let started = step(&SessionDriver::found().session, Event::Start, &unread).session;
    assert_eq!(started.started_scope(), Some(Scope::Verify), "it permits the least");
    assert_eq!(look_up.session.started_scope(), None);
}

#[test]
fn only_session_above_the_scope_exceeds_it() {
    let (look_up, acting) = (SessionDriver::found(), SessionDriver::acting(Role::Owner));
    for (driver, scope, exceeds) in [
        (&acting, Scope::Act, false),
        (&acting, Scope::Verify, true),
        (&verified(), Scope::Act, false),
        (&verified(), Scope::Verify, false),
        (&look_up, Scope::Verify, false),
        (&SessionDriver::linking(), Scope::Verify, false),
        (&SessionDriver::recovering(), Scope::Verify, false),
    ] {
        assert_eq!(driver.session.exceeds(Some(scope)), exceeds, "{}, {scope:?}", driver.stage());
    }
}

#[test]
fn demotion_closes_only_sessions_above_the_scope() {
    let demoted = || Event::AgentIneligible(NotEligible::VerifyOnly);
    for driver in [SessionDriver::choosing(), SessionDriver::acting(Role::Owner)] {
        assert_eq!(driver.then(demoted()).stage(), "closed(agent_ineligible)");
    }
    for driver in
        [SessionDriver::found(), verified(), SessionDriver::linking(), SessionDriver::recovering()]
    {
        let step = driver.decide(demoted());
        assert!(step.session.closed().is_none() && step.refusal.is_none(), "{}", driver.stage());
        assert!(step.events.is_empty());
    }
}

#[test]
fn proofs_end_with_the_session_at_the_latest() {
    // Both proofs are made at Start and would live an hour, which is also the session's end.
    let mut driver = verified();
    assert_eq!(ends_at(&driver.session), Some(NOW + minutes(60)));
    let until = |driver: &mut SessionDriver, at| {
        driver.session.secrets.customer_proof.as_mut().unwrap().bound.until = at;
        ends_at(&driver.session)
    };
    let (earlier, later) = (NOW + minutes(60) - A_MILLISECOND, NOW + minutes(60) + A_MILLISECOND);
    assert_eq!(until(&mut driver, earlier), Some(earlier));
    assert_eq!(until(&mut driver, later), Some(NOW + minutes(60)));
    driver.session.secrets.agent_proof = None;
    assert_eq!(ends_at(&driver.session), None);
}

#[test]
fn stored_scope_is_read_and_missing_one_is_act() {
    let session = verified().session;
    let mut row = serde_json::to_value(&session).unwrap();
    assert_eq!(row["scope"], "verify");
    let read = |row: &serde_json::Value| serde_json::from_value::<Session>(row.clone()).unwrap();
    assert_eq!(read(&row).scope, Scope::Verify);
    row.as_object_mut().unwrap().remove("scope");
    assert_eq!(read(&row).scope, Scope::Act);
}

#[tokio::test]
async fn start_reads_the_groups() {
    for scope in [Scope::Verify, Scope::Act] {
        let before = SessionDriver::found_with(sofia(1)).session;
        let world = World::with(&before);
        *world.scope.lock().unwrap() = Some(scope);
        let log = world.handle(press(&before, Action::Start)).await;
        assert!(log.contains(":send:agent_mfa:1"), "{log}");
        assert_eq!(log.contains(":send:agent_mfa:1 to verify"), scope == Scope::Verify, "{log}");
        assert_eq!(world.row(&before.id).started_scope(), Some(scope));
    }
}
