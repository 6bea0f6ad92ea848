//! Sending codes: the wait between two, three a session and purpose, and the cost of a failed one.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::{RESEND_WAIT, SENDS_A_SESSION};
use commands::model::words::{Limit, Purpose};

use crate::events::failures;
use crate::people::{JOINED, JULIA, OWNED, found_account, mailed};
use crate::screen_text::screen_text;
use crate::session_driver::{A_MILLISECOND, BEN, NOW, SessionDriver};

/// Returns the two verifications, each with its first code mailed: driver, purpose and subject.
fn verifications() -> [(SessionDriver, Purpose, &'static str); 2] {
    [
        (SessionDriver::proving_agent(), Purpose::AgentMfa, "agent:agent-ben"),
        (SessionDriver::proving_customer(), Purpose::CustomerConsent, JULIA),
    ]
}

#[test]
fn resend_is_refused_for_a_minute() {
    for (mut driver, purpose, _) in verifications() {
        driver.skip(RESEND_WAIT - A_MILLISECOND);
        assert_eq!(driver.click(Event::Resend).refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)));
        driver.skip(A_MILLISECOND);
        let step = driver.click(Event::Resend);
        assert_eq!(step.refusal, None);
        assert_eq!(step.session.pending[0].effect, Effect::Send { purpose, nth: 2 });
    }
}

#[test]
fn longer_wait_of_function_applies() {
    let sending = SessionDriver::chosen();
    let wait_of = |resend_after| {
        let mut driver = sending.clone();
        driver.mail_code_as(Sent { resend_after, ..mailed(NOW) });
        driver.session.agent.resend_at
    };
    assert_eq!(wait_of(Duration::from_secs(90)), Some(NOW + Duration::from_secs(90)));
    assert_eq!(wait_of(Duration::from_secs(30)), Some(NOW + RESEND_WAIT));
    assert_eq!(wait_of(Duration::ZERO), Some(NOW + RESEND_WAIT));
}

#[test]
fn third_code_is_the_last() {
    for (mut driver, purpose, _) in verifications() {
        for nth in 2..=SENDS_A_SESSION {
            driver.skip(RESEND_WAIT);
            driver.click(Event::Resend);
            driver.mail_code();
            assert_eq!(driver.session.verification(purpose).sends, nth);
        }
        driver.skip(RESEND_WAIT);
        let step = driver.click(Event::Resend);
        assert_eq!(step.refusal, Some(Refusal::NoSendsLeft));
        assert!(step.limit_uses.is_empty() && driver.session.pending.is_empty());
    }
}

#[test]
fn expired_third_code_leaves_only_cancel() {
    let mut driver = SessionDriver::proving_customer();
    for _ in 1..SENDS_A_SESSION {
        driver.skip(RESEND_WAIT);
        driver.click(Event::Resend);
        driver.mail_code();
    }
    driver.skip(minutes(10));
    let screen = screen_text(&driver.panel(None));
    assert!(screen.ends_with("[Enter code (off)] [Resend (off)] [Cancel]"), "{screen}");
}

#[test]
fn change_of_ecosystem_keeps_send_count() {
    let mut driver = SessionDriver::proving_agent().then(Event::Change);
    driver.skip(RESEND_WAIT);
    driver.click(Event::Choose(JOINED.to_owned()));
    driver.mail_code();
    driver.click(Event::Change);
    driver.skip(RESEND_WAIT);
    driver.click(Event::Choose(OWNED.to_owned()));
    driver.mail_code();
    driver.click(Event::Change);
    driver.skip(RESEND_WAIT);
    assert_eq!(driver.click(Event::Choose(JOINED.to_owned())).refusal, Some(Refusal::NoSendsLeft));
}

#[test]
fn new_choice_within_wait_sends_nothing() {
    let mut driver = SessionDriver::proving_agent().then(Event::Change);
    let step = driver.click(Event::Choose(JOINED.to_owned()));
    assert_eq!(step.refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)));
    assert_eq!(driver.stage(), "proving_agent");
    driver.skip(RESEND_WAIT);
    assert_eq!(driver.click(Event::Resend).refusal, None);
}

#[test]
fn change_of_ecosystem_keeps_agent_proof() {
    let driver =
        SessionDriver::announcing().then(Event::Change).then(Event::Choose(JOINED.to_owned()));
    assert_eq!(driver.stage(), "announcing");
    assert!(driver.session.pending.is_empty());
}

#[test]
fn code_counts_for_day_unless_undelivered() {
    for (mut driver, purpose, subject) in verifications() {
        driver.skip(RESEND_WAIT);
        let (limit, allowed) = match purpose {
            Purpose::AgentMfa => (Limit::AgentSends, 60),
            Purpose::CustomerConsent | Purpose::AgentLink => (Limit::Sends, 10),
        };
        let step = driver.click(Event::Resend);
        let [limit_use] = step.limit_uses.as_slice() else { panic!("{:?}", step.limit_uses) };
        assert_eq!(
            (limit_use.limit, limit_use.subject.as_str(), limit_use.allowed, limit_use.window),
            (limit, subject, allowed, minutes(24 * 60))
        );
        assert_eq!(step.requires_unlocked, [subject]);
        let step = driver.fail_to_mail(EffectError::Denied(Denied::DeliveryFailed));
        assert_eq!(step.refunds, [(limit, subject.to_owned())]);
        assert_eq!(driver.session.verification(purpose).sends, 1);
    }
}

#[test]
fn code_with_unknown_result_counts_and_waits() {
    let mut driver = SessionDriver::chosen();
    let id = driver.session.id.clone();
    driver.fail_to_mail(EffectError::Fault("F-7K2M9Q".to_owned()));
    assert_eq!(driver.session.agent.sends, 1, "the code may have been mailed");
    let until = Some(Refusal::TooEarly(NOW + RESEND_WAIT));
    assert_eq!(driver.clone().click(Event::Resend).refusal, until);
    // Another ecosystem escapes neither the wait nor the count.
    let mut changed = driver.clone().then(Event::Change);
    assert_eq!(changed.click(Event::Choose(JOINED.to_owned())).refusal, until);
    driver.skip(RESEND_WAIT);
    let key = driver.click(Event::Resend).session.pending[0].effect.key(&id);
    assert_eq!(key, format!("{id}:send:agent_mfa:2"), "the answer to the first one is lost");
    for _ in 1..SENDS_A_SESSION {
        driver.fail_to_mail(EffectError::Fault("F-7K2M9Q".to_owned()));
        driver.skip(RESEND_WAIT);
        driver.click(Event::Resend);
    }
    assert_eq!(driver.click(Event::Resend).refusal, Some(Refusal::NoSendsLeft));
}

#[test]
fn refused_code_is_sent_again_at_once() {
    let mut driver = SessionDriver::chosen();
    let id = driver.session.id.clone();
    driver.fail_to_mail(EffectError::Denied(Denied::DeliveryFailed));
    let key = driver.click(Event::Resend).session.pending[0].effect.key(&id);
    assert_eq!(key, format!("{id}:send:agent_mfa:2"));
    assert_eq!(driver.session.agent.sends, 0);
}

#[test]
fn wait_requested_by_function_is_kept() {
    let mut driver = SessionDriver::announcing().then(Event::Send);
    let until = NOW + Duration::from_mins(5);
    let step =
        driver.fail_to_mail(EffectError::Denied(Denied::RateLimited(Some(Duration::from_mins(5)))));
    assert_eq!(step.refusal, Some(Refusal::Busy(Some(until))));
    assert_eq!(driver.stage(), "announcing");
    driver.skip(Duration::from_secs(299));
    assert_eq!(driver.click(Event::Send).refusal, Some(Refusal::TooEarly(until)));
    driver.skip(Duration::from_secs(1));
    assert_eq!(driver.click(Event::Send).refusal, None);
}

#[test]
fn linking_counts_requests_by_discord_account() {
    for account in [true, false] {
        let mut driver = SessionDriver::linking_looked_up(account);
        assert_eq!(driver.session.agent.resend_at, Some(NOW + RESEND_WAIT));
        driver.skip(RESEND_WAIT);
        let step = driver.click(Event::Resend);
        let [limit_use] = step.limit_uses.as_slice() else { panic!("{:?}", step.limit_uses) };
        assert_eq!(
            (limit_use.limit, &limit_use.subject, limit_use.allowed, limit_use.window),
            (Limit::LinkRequests, &format!("discord:{BEN}"), 5, minutes(60))
        );
    }
}

#[test]
fn failed_linking_mail_is_invisible() {
    let failures = failures().into_iter().map(Err);
    let without_account = screen_text(&SessionDriver::linking_looked_up(false).panel(None));
    for outcome in failures
        .chain([Ok(Some((found_account(), Sent { resend_after: minutes(5), ..mailed(NOW) })))])
    {
        let mut driver = SessionDriver::linking();
        let step = driver.apply(Event::LinkCodeSent { nth: 1, outcome });
        assert_eq!(step.refusal, None);
        assert_eq!(screen_text(&driver.panel(None)), without_account);
    }
}
