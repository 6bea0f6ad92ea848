//! The life of a code: ten minutes, or less where the function says so, and a new one voids the
//! older.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::words::Purpose;

use crate::road::{MAC, NOW, SessionDriver, ben, mailed};

const A_MILLISECOND: Duration = Duration::from_millis(1);

fn typed() -> Event {
    Event::Typed(Some(MAC.to_owned()))
}

/// Whether a code typed after so long is checked at all.
fn is_checked(mut road: SessionDriver, after: Duration) -> bool {
    road.skips(after);
    let step = road.does(typed());
    let checked =
        step.session.pending.iter().any(|pending| matches!(pending.effect, Effect::Verify { .. }));
    assert_eq!(step.refusal, (!checked).then_some(Refusal::ExpiredCode));
    checked
}

#[test]
fn a_code_is_checked_until_its_ten_minutes_are_over() {
    for road in [
        SessionDriver::proving_agent(),
        SessionDriver::proving_customer(),
        SessionDriver::linking_looked_up(true),
        SessionDriver::linking_looked_up(false),
    ] {
        assert!(is_checked(road.clone(), minutes(10) - A_MILLISECOND));
        assert!(!is_checked(road, minutes(10)));
    }
}

#[test]
fn the_function_s_shorter_life_rules_and_its_longer_one_does_not() {
    let lives = |life: Duration| {
        let mut road = SessionDriver::chosen();
        road.mails_as(Sent { expires_at: NOW + life, ..mailed(NOW) });
        road
    };
    assert!(is_checked(lives(minutes(3)), minutes(3) - A_MILLISECOND));
    assert!(!is_checked(lives(minutes(3)), minutes(3)));
    assert!(!is_checked(lives(minutes(30)), minutes(10)));
}

#[test]
fn without_a_code_nothing_is_checked() {
    let mut road = SessionDriver::chosen();
    road.fails_to_mail(EffectError::Denied(Denied::DeliveryFailed));
    assert!(!is_checked(road, Duration::ZERO));
    assert_eq!(SessionDriver::choosing().does(typed()).refusal, Some(Refusal::AlreadyDone));
    assert_eq!(SessionDriver::announcing().does(typed()).refusal, Some(Refusal::AlreadyDone));
}

#[test]
fn a_new_code_voids_the_older() {
    let mut road = SessionDriver::proving_agent();
    road.skips(minutes(1));
    road.does(Event::Resend);
    road.mails();
    let step = road.does(typed());
    let wanted: Vec<_> =
        step.session.pending.iter().map(|pending| pending.effect.clone()).collect();
    assert_eq!(
        wanted,
        [Effect::Verify { purpose: Purpose::AgentMfa, nth: 2, mac: MAC.to_owned() }]
    );
}

#[test]
fn a_change_of_ecosystem_voids_the_open_code() {
    let road = SessionDriver::proving_agent().then(Event::Change);
    assert_eq!(road.session.agent.challenge, None);
}

#[test]
fn a_right_code_is_used_up() {
    assert_eq!(SessionDriver::announcing().session.agent.challenge, None);
    assert_eq!(
        SessionDriver::acting(commands::model::customer::Role::Owner).session.customer.challenge,
        None
    );
}

#[test]
fn a_code_that_the_function_calls_expired_is_offered_again() {
    let mut road = SessionDriver::proving_customer();
    assert_eq!(road.types(Ok(CodeCheck::Expired), 1).refusal, Some(Refusal::ExpiredCode));
    assert!(!is_checked(road, Duration::ZERO));
}

#[test]
fn a_check_that_failed_leaves_the_code_to_be_typed_again() {
    for why in [
        EffectError::Fault("F-7K2M9Q".to_owned()),
        EffectError::Interrupted,
        EffectError::Denied(Denied::Unavailable(None)),
    ] {
        let mut road = SessionDriver::proving_customer();
        let step = road.types(Err(why.clone()), 1);
        assert_eq!(step.refusal, Some(why.refusal(NOW)));
        assert!(is_checked(road, Duration::ZERO), "{why:?}");
    }
}

#[test]
fn a_code_that_the_function_does_not_know_has_expired() {
    let mut road = SessionDriver::proving_customer();
    let step = road.types(Err(EffectError::Denied(Denied::NotFound)), 1);
    assert_eq!(step.refusal, Some(Refusal::ExpiredCode));
}

#[test]
fn linking_says_one_time_for_every_address() {
    let mut with = SessionDriver::linking();
    let code = Sent { expires_at: NOW + minutes(3), ..mailed(NOW) };
    with.hears(Event::LinkCodeSent { nth: 1, outcome: Ok(Some((ben(), code))) });
    assert_eq!(
        with.face(None).to_string(),
        SessionDriver::linking_looked_up(false).face(None).to_string()
    );
    assert!(is_checked(with, minutes(10) - A_MILLISECOND), "as for an address without account");
}
