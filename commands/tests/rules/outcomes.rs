//! Outcomes count only while their effect is pending, and nothing more is asked while one is
//! awaited.

use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::words::{Purpose, Target};

use crate::events::{clicks, named, outcomes};
use crate::people::OWNED;
use crate::road::{NOW, SessionDriver, mailed};

fn every_road() -> Vec<SessionDriver> {
    vec![
        SessionDriver::found(),
        SessionDriver::choosing(),
        SessionDriver::proving_agent(),
        SessionDriver::announcing(),
        SessionDriver::proving_customer(),
        SessionDriver::acting(Role::Owner),
        SessionDriver::linking_looked_up(true),
        SessionDriver::found().then(Event::Dismiss),
        SessionDriver::recovering_mailed(),
        SessionDriver::recovering_mailed().then(Event::Dismiss),
    ]
}

#[test]
fn an_outcome_that_nobody_awaits_changes_nothing() {
    for road in every_road() {
        for event in outcomes() {
            let step = road.decides(event.clone());
            let about = format!("{} in {}", named(&event), road.stage());
            assert_eq!(format!("{:?}", step.session), format!("{:?}", road.session), "{about}");
            assert!(step.refusal.is_some(), "{about}");
            assert!(
                step.limit_uses.is_empty()
                    && step.refunds.is_empty()
                    && step.lockouts.is_empty()
                    && step.events.is_empty(),
                "{about}"
            );
            assert!(step.account_link.is_none() && step.expired.is_empty(), "{about}");
        }
    }
}

#[test]
fn a_right_code_of_the_agent_proves_nothing_about_the_customer() {
    let mut road = SessionDriver::proving_customer();
    road.does(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(commands::model::outcome::CodeCheck::Verified("proof".to_owned().into()));
    let step = road.hears(Event::Checked { purpose: Purpose::AgentMfa, nth: 1, outcome, count: 1 });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!(road.stage(), "proving_customer");
}

#[test]
fn an_answer_about_another_code_is_no_answer() {
    let mut road = SessionDriver::proving_customer();
    road.skips(commands::model::time::minutes(1));
    road.does(Event::Resend);
    road.mails();
    road.does(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(commands::model::outcome::CodeCheck::Verified("proof".to_owned().into()));
    let step =
        road.hears(Event::Checked { purpose: Purpose::CustomerConsent, nth: 1, outcome, count: 1 });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!((road.stage().as_str(), road.session.pending.len()), ("proving_customer", 1));
}

#[test]
fn while_an_effect_is_awaited_no_click_asks_for_another() {
    let mut checking = SessionDriver::proving_agent();
    checking.does(Event::Typed(Some("mac".to_owned())));
    let opening = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
    for road in
        [SessionDriver::chosen(), checking, SessionDriver::announcing().then(Event::Send), opening]
    {
        assert_eq!(road.session.pending.len(), 1);
        for event in clicks() {
            let step = road.decides(event.clone());
            let awaited =
                step.session.pending.iter().filter(|pending| pending.effect.blocks_panel()).count();
            assert!(awaited <= 1, "{} in {}", named(&event), road.stage());
            assert!(step.limit_uses.is_empty(), "{} in {}", named(&event), road.stage());
        }
    }
}

#[test]
fn a_click_during_an_effect_is_asked_to_wait_but_may_always_end_it() {
    let road = SessionDriver::chosen();
    for event in [Event::Resend, Event::Change, Event::Typed(Some("mac".to_owned()))] {
        assert_eq!(road.decides(event).refusal, Some(Refusal::Busy(None)));
    }
    assert_eq!(
        road.then(Event::Cancel("the customer hung up".to_owned())).stage(),
        "closed(cancelled)"
    );
}

#[test]
fn a_close_drops_what_was_awaited() {
    let road = SessionDriver::chosen().then(Event::Cancel("the customer hung up".to_owned()));
    assert!(road.session.pending.is_empty());
    let mut road =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    let pending: Vec<_> =
        road.session.pending.iter().map(|pending| pending.effect.clone()).collect();
    // Whether it was opened is not known: it is revoked all the same.
    assert_eq!(pending, [Effect::Revoke]);
    road.hears(Event::Revoked(Ok(1)));
    assert!(road.session.pending.is_empty());
}

#[test]
fn a_code_that_was_mailed_after_a_change_of_mind_is_not_opened() {
    let mut road = SessionDriver::proving_agent().then(Event::Change);
    let step =
        road.hears(Event::Sent { purpose: Purpose::AgentMfa, nth: 1, outcome: Ok(mailed(NOW)) });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert!(road.session.agent.challenge.is_none());
    assert_eq!(road.does(Event::Choose(OWNED.to_owned())).session.agent.sends, 1);
}

#[test]
fn a_revocation_that_could_not_be_made_is_asked_for_again() {
    for why in [
        EffectError::Fault("F-7K2M9Q".to_owned()),
        EffectError::Denied(Denied::RateLimited(None)),
        EffectError::Denied(Denied::Unavailable(None)),
    ] {
        let mut road =
            SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
        road.skips(commands::model::time::minutes(1));
        road.hears(Event::Revoked(Err(why.clone())));
        assert_eq!(
            road.session.next_at(),
            Some(road.now + commands::model::time::minutes(1)),
            "{why:?}"
        );
    }
    let mut road =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    road.hears(Event::Revoked(Err(EffectError::Denied(Denied::NotFound))));
    assert_eq!(road.session.next_at(), None, "there is nothing to revoke");
}
