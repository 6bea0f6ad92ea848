//! Outcomes count only while their effect is pending, and nothing more is asked while one is
//! awaited.

use commands::customer::Role;
use commands::error::Refusal;
use commands::ports::Denied;
use commands::session::{Effect, Purpose, Target};
use commands::step::{Event, NotDone};

use crate::events::{clicks, named, outcomes};
use crate::people::OWNED;
use crate::road::{NOW, Road, mailed};

fn every_road() -> Vec<Road> {
    vec![
        Road::found(),
        Road::choosing(),
        Road::proving_agent(),
        Road::announcing(),
        Road::proving_customer(),
        Road::acting(Role::Owner),
        Road::linking_looked_up(true),
        Road::found().then(Event::Dismiss),
        Road::recovering_mailed(),
        Road::recovering_mailed().then(Event::Dismiss),
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
                step.hits.is_empty()
                    && step.refunds.is_empty()
                    && step.rests.is_empty()
                    && step.acts.is_empty(),
                "{about}"
            );
            assert!(step.link.is_none() && step.expired.is_empty(), "{about}");
        }
    }
}

#[test]
fn a_right_code_of_the_agent_proves_nothing_about_the_customer() {
    let mut road = Road::proving_customer();
    road.does(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(commands::ports::Checked::Verified("proof".to_owned().into()));
    let step = road.hears(Event::Checked { purpose: Purpose::AgentMfa, nth: 1, outcome, count: 1 });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!(road.stage(), "proving_customer");
}

#[test]
fn an_answer_about_another_code_is_no_answer() {
    let mut road = Road::proving_customer();
    road.skips(commands::time::minutes(1));
    road.does(Event::Resend);
    road.mails();
    road.does(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(commands::ports::Checked::Verified("proof".to_owned().into()));
    let step =
        road.hears(Event::Checked { purpose: Purpose::CustomerConsent, nth: 1, outcome, count: 1 });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!((road.stage().as_str(), road.session.pending.len()), ("proving_customer", 1));
}

#[test]
fn while_an_effect_is_awaited_no_click_asks_for_another() {
    let mut checking = Road::proving_agent();
    checking.does(Event::Typed(Some("mac".to_owned())));
    let opening = Road::acting(Role::Owner).then(Event::Open(Target::Web));
    for road in [Road::chosen(), checking, Road::announcing().then(Event::Send), opening] {
        assert_eq!(road.session.pending.len(), 1);
        for event in clicks() {
            let step = road.decides(event.clone());
            let awaited =
                step.session.pending.iter().filter(|pending| pending.effect.is_awaited()).count();
            assert!(awaited <= 1, "{} in {}", named(&event), road.stage());
            assert!(step.hits.is_empty(), "{} in {}", named(&event), road.stage());
        }
    }
}

#[test]
fn a_click_during_an_effect_is_asked_to_wait_but_may_always_end_it() {
    let road = Road::chosen();
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
    let road = Road::chosen().then(Event::Cancel("the customer hung up".to_owned()));
    assert!(road.session.pending.is_empty());
    let mut road = Road::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    let pending: Vec<_> =
        road.session.pending.iter().map(|pending| pending.effect.clone()).collect();
    // Whether it was opened is not known: it is revoked all the same.
    assert_eq!(pending, [Effect::Revoke]);
    road.hears(Event::Revoked(Ok(1)));
    assert!(road.session.pending.is_empty());
}

#[test]
fn a_code_that_was_mailed_after_a_change_of_mind_is_not_opened() {
    let mut road = Road::proving_agent().then(Event::Change);
    let step =
        road.hears(Event::Sent { purpose: Purpose::AgentMfa, nth: 1, outcome: Ok(mailed(NOW)) });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert!(road.session.agent.challenge.is_none());
    assert_eq!(road.does(Event::Choose(OWNED.to_owned())).session.agent.sends, 1);
}

#[test]
fn a_revocation_that_could_not_be_made_is_asked_for_again() {
    for why in [
        NotDone::Fault("F-7K2M9Q".to_owned()),
        NotDone::Denied(Denied::RateLimited(None)),
        NotDone::Denied(Denied::Unavailable(None)),
    ] {
        let mut road = Road::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
        road.skips(commands::time::minutes(1));
        road.hears(Event::Revoked(Err(why.clone())));
        assert_eq!(road.session.next_at(), Some(road.now + commands::time::minutes(1)), "{why:?}");
    }
    let mut road = Road::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    road.hears(Event::Revoked(Err(NotDone::Denied(Denied::NotFound))));
    assert_eq!(road.session.next_at(), None, "there is nothing to revoke");
}
