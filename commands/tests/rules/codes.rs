//! The life of a code: ten minutes, or less if the function says so. A new code voids the older
//! one.

use std::time::Duration;

use commands::model::customer::Role;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::words::Purpose;

use crate::people::{found_account, mailed};
use crate::screen_text::screen_text;
use crate::session_driver::{A_MILLISECOND, MAC, NOW, SessionDriver};

fn typed() -> Event {
    Event::Typed(Some(MAC.to_owned()))
}

/// Returns true if a code that is typed after this time is checked.
fn is_checked(mut driver: SessionDriver, after: Duration) -> bool {
    driver.skip(after);
    let step = driver.click(typed());
    let checked =
        step.session.pending.iter().any(|pending| matches!(pending.effect, Effect::Verify { .. }));
    assert_eq!(step.refusal, (!checked).then_some(Refusal::ExpiredCode));
    checked
}

#[test]
fn code_is_checked_for_ten_minutes() {
    for driver in [
        SessionDriver::proving_agent(),
        SessionDriver::proving_customer(),
        SessionDriver::linking_looked_up(true),
        SessionDriver::linking_looked_up(false),
    ] {
        assert!(is_checked(driver.clone(), minutes(10) - A_MILLISECOND));
        assert!(!is_checked(driver, minutes(10)));
    }
}

#[test]
fn shorter_code_life_of_function_applies() {
    let code_with_life = |life: Duration| {
        let mut driver = SessionDriver::chosen();
        driver.mail_code_as(Sent { expires_at: NOW + life, ..mailed(NOW) });
        driver
    };
    assert!(is_checked(code_with_life(minutes(3)), minutes(3) - A_MILLISECOND));
    assert!(!is_checked(code_with_life(minutes(3)), minutes(3)));
    assert!(!is_checked(code_with_life(minutes(30)), minutes(10)));
}

#[test]
fn code_without_challenge_is_not_checked() {
    let mut driver = SessionDriver::chosen();
    driver.fail_to_mail(EffectError::Denied(Denied::DeliveryFailed));
    assert!(!is_checked(driver, Duration::ZERO));
    assert_eq!(SessionDriver::choosing().click(typed()).refusal, Some(Refusal::AlreadyDone));
    assert_eq!(SessionDriver::announcing().click(typed()).refusal, Some(Refusal::AlreadyDone));
}

#[test]
fn new_code_voids_older_one() {
    let mut driver = SessionDriver::proving_agent();
    driver.skip(minutes(1));
    driver.click(Event::Resend);
    driver.mail_code();
    let challenge = driver.session.agent.challenge.as_ref().map(|challenge| challenge.id.clone());
    driver.click(typed());
    assert_eq!(
        driver.effects(),
        [Effect::Verify { purpose: Purpose::AgentMfa, nth: 2, challenge, mac: MAC.to_owned() }]
    );
    let mut linking = SessionDriver::linking_looked_up(true);
    linking.skip(minutes(1));
    linking.click(Event::Resend);
    let outcome = Ok(Some((found_account(), mailed(linking.now))));
    linking.apply(Event::LinkCodeSent { nth: 2, outcome });
    let challenge = linking.session.agent.challenge.as_ref().map(|challenge| challenge.id.clone());
    linking.click(typed());
    assert_eq!(
        linking.effects(),
        [Effect::Verify { purpose: Purpose::AgentLink, nth: 2, challenge, mac: MAC.to_owned() }]
    );
}

#[test]
fn same_code_for_another_challenge_has_another_key() {
    let key = |mut driver: SessionDriver| {
        driver.click(typed());
        driver.effects()[0].key(&driver.session.id)
    };
    let first = SessionDriver::linking_looked_up(true);
    let mut second = first.clone();
    second.session.agent.challenge.as_mut().unwrap().id = "challenge-of-the-retry".to_owned();
    let keys = [key(first), key(second), key(SessionDriver::linking_looked_up(false))];
    assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), 3, "{keys:?}");
}

#[test]
fn link_code_typed_during_the_send_is_refused_without_a_check() {
    let mut driver = SessionDriver::linking();
    let step = driver.click(typed());
    assert_eq!(step.refusal, Some(Refusal::CodeOnItsWay));
    assert!(step.limit_uses.is_empty(), "no attempt is used");
    assert!(driver.effects().iter().all(|effect| matches!(effect, Effect::Send { .. })));
}

#[test]
fn change_of_ecosystem_voids_code() {
    let driver = SessionDriver::proving_agent().then(Event::Change);
    assert_eq!(driver.session.agent.challenge, None);
}

#[test]
fn right_code_is_used_up() {
    assert_eq!(SessionDriver::announcing().session.agent.challenge, None);
    assert_eq!(SessionDriver::acting(Role::Owner).session.customer.challenge, None);
}

#[test]
fn code_expired_at_function_must_be_resent() {
    let mut driver = SessionDriver::proving_customer();
    assert_eq!(driver.type_code(Ok(CodeCheck::Expired), 1).refusal, Some(Refusal::ExpiredCode));
    assert!(!is_checked(driver, Duration::ZERO));
}

#[test]
fn failed_check_leaves_code_valid() {
    for why in [
        EffectError::Fault("F-7K2M9Q".to_owned()),
        EffectError::Interrupted,
        EffectError::Denied(Denied::Unavailable(None)),
    ] {
        let mut driver = SessionDriver::proving_customer();
        let step = driver.type_code(Err(why.clone()), 1);
        assert_eq!(step.refusal, Some(why.refusal(NOW)));
        assert!(is_checked(driver, Duration::ZERO), "{why:?}");
    }
}

#[test]
fn code_unknown_to_function_has_expired() {
    let mut driver = SessionDriver::proving_customer();
    let step = driver.type_code(Err(EffectError::Denied(Denied::NotFound)), 1);
    assert_eq!(step.refusal, Some(Refusal::ExpiredCode));
}

#[test]
fn linking_shows_same_expiry_for_every_address() {
    let mut with = SessionDriver::linking();
    let code = Sent { expires_at: NOW + minutes(3), ..mailed(NOW) };
    with.apply(Event::LinkCodeSent { nth: 1, outcome: Ok(Some((found_account(), code))) });
    assert_eq!(
        screen_text(&with.panel(None)),
        screen_text(&SessionDriver::linking_looked_up(false).panel(None))
    );
    assert!(is_checked(with, minutes(10) - A_MILLISECOND), "the shorter life must not show");
}
