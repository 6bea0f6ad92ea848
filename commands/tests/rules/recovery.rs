//! Recovering the password: limits, resends, the life of a link, and Cognito's denials.

use std::time::Duration;

use commands::flows::recover::{RECOVER_CONFIRMS, RECOVER_REQUESTS, resend_at};
use commands::flows::step::Step;
use commands::model::alert::AlertKind;
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::flow_state::LastOutcome;
use commands::model::outcome::{ConfirmDenied, EffectError, ResetDenied};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;
use commands::model::words::{CloseReason, Limit};

use crate::events::{CONFIRM_DENIALS, RESET_DENIALS};
use crate::session_driver::{NOW, SessionDriver};

/// Masked address that Cognito's codes go to.
const TO: &str = "b•••@w•••.example";

/// Returns the sign-out and the notice that follow the n-th new password.
fn follow_ups(nth: u32) -> Vec<Effect> {
    let agent_id = "agent-ben".to_owned();
    vec![
        Effect::SignOut { agent_id: agent_id.clone(), nth },
        Effect::NotifyChanged { agent_id, nth },
    ]
}

#[test]
fn unknown_confirmation_signs_out_and_notifies() {
    for why in [EffectError::Interrupted, EffectError::Fault("F-7K2M9Q".to_owned())] {
        let mut driver = SessionDriver::recovering_mailed();
        driver.click(Event::Confirm);
        driver.apply(Event::Confirmed { nth: 1, outcome: Err(why), wrong_in_a_day: 0 });
        assert_eq!(driver.effects(), follow_ups(1));
        assert!(driver.session.closed().is_none(), "the page accepts another password");
        assert_eq!(driver.session.next_at(), Some(NOW + minutes(1)), "the follow-ups are retried");
        driver.click(Event::Confirm);
        driver.apply(Event::Confirmed { nth: 2, outcome: Ok(Ok(())), wrong_in_a_day: 1 });
        assert_eq!(driver.effects(), [follow_ups(1), follow_ups(2)].concat());
    }
    let mut driver = SessionDriver::recovering_mailed();
    driver.click(Event::Confirm);
    driver.apply(Event::Confirmed {
        nth: 1,
        outcome: Ok(Err(ConfirmDenied::WrongCode)),
        wrong_in_a_day: 1,
    });
    assert_eq!(driver.effects(), []);
}

/// Submits a password and applies Cognito's answer.
fn confirm(driver: &mut SessionDriver, nth: u32, why: ConfirmDenied) -> Step {
    driver.click(Event::Confirm);
    driver.apply(Event::Confirmed { nth, outcome: Ok(Err(why)), wrong_in_a_day: 1 })
}

#[test]
fn fifth_wrong_reset_code_closes_the_link_and_alerts() {
    for wrong in [ConfirmDenied::WrongCode, ConfirmDenied::ExpiredCode] {
        let mut driver = SessionDriver::recovering_mailed();
        confirm(&mut driver, 1, ConfirmDenied::Reused);
        for nth in 2..6 {
            confirm(&mut driver, nth, wrong);
            assert!(driver.session.closed().is_none(), "the {nth}th password");
        }
        let step = confirm(&mut driver, 6, wrong);
        let (reason, _) = driver.session.closed().unwrap();
        assert_eq!(reason, CloseReason::ResetLockedOut);
        let kinds: Vec<_> = step.alerts.iter().map(|alert| alert.kind).collect();
        assert_eq!(kinds, [AlertKind::ResetCodes]);
        assert!(step.refunds.is_empty(), "a wrong code stays counted");
    }
}

#[test]
fn only_wrong_reset_code_counts_for_the_day() {
    let mut driver = SessionDriver::recovering_mailed();
    let limit_uses = driver.decide(Event::Confirm).limit_uses;
    let [_, day] = limit_uses.as_slice() else { panic!("{limit_uses:?}") };
    assert_eq!(
        (day.limit, day.allowed, day.window),
        (Limit::WrongResetCodes, 10, minutes(24 * 60))
    );
    let refund = [(Limit::WrongResetCodes, "agent:agent-ben".to_owned())];
    for (nth, why) in (1..).zip(CONFIRM_DENIALS) {
        let is_wrong = matches!(why, ConfirmDenied::WrongCode | ConfirmDenied::ExpiredCode);
        let step = confirm(&mut driver, nth, why);
        assert_eq!(step.refunds.is_empty(), is_wrong, "{}", why.name());
        assert!(is_wrong || step.refunds == refund);
    }
    let nth = u32::try_from(CONFIRM_DENIALS.len()).unwrap() + 1;
    driver.click(Event::Confirm);
    let fault = Err(EffectError::Fault("F-7K2M9Q".to_owned()));
    assert_eq!(
        driver.clone().apply(Event::Confirmed { nth, outcome: fault, wrong_in_a_day: 1 }).refunds,
        refund
    );
    assert_eq!(
        driver.apply(Event::Confirmed { nth, outcome: Ok(Ok(())), wrong_in_a_day: 1 }).refunds,
        refund
    );
}

#[test]
fn resets_and_confirmations_are_limited_by_hour() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.skip(RESEND_WAIT);
    for (event, limit, allowed) in
        [(Event::Resend, Limit::RecoverRequests, 3), (Event::Confirm, Limit::RecoverConfirms, 5)]
    {
        let limit_uses = driver.decide(event).limit_uses;
        let limit_use = &limit_uses[0];
        assert_eq!((limit_use.limit, limit_use.subject.as_str()), (limit, "agent:agent-ben"));
        assert_eq!((limit_use.allowed, limit_use.window), (allowed, minutes(60)));
    }
    assert_eq!((RECOVER_REQUESTS, RECOVER_CONFIRMS), (3, 5));
}

#[test]
fn resend_waits_a_minute_after_any_outcome() {
    let outcomes =
        [Ok(Ok(TO.to_owned())), Ok(Err(ResetDenied::TooMany)), Err(EffectError::Interrupted)];
    for outcome in outcomes {
        let mut driver = SessionDriver::recovering();
        driver.finish_reset(outcome.clone());
        driver.skip(Duration::from_secs(59));
        let step = driver.decide(Event::Resend);
        assert_eq!(step.refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)), "{outcome:?}");
        assert!(step.limit_uses.is_empty() && step.session.pending.is_empty());
        driver.skip(Duration::from_secs(1));
        driver.apply(Event::Resend);
        assert_eq!(driver.effects(), [Effect::RequestReset { nth: 2 }], "{outcome:?}");
    }
}

#[test]
fn recovery_link_sends_three_codes() {
    let mut driver = SessionDriver::recovering_mailed();
    for nth in 2..=3 {
        assert!(resend_at(&driver.recover_state()).is_some());
        driver.skip(RESEND_WAIT);
        driver.apply(Event::Resend);
        assert_eq!(driver.effects(), [Effect::RequestReset { nth }]);
        driver.finish_reset(Ok(Ok(TO.to_owned())));
        assert_eq!(driver.recover_state().last_outcome, Some(LastOutcome::Resent));
    }
    assert_eq!(resend_at(&driver.recover_state()), None);
    driver.skip(RESEND_WAIT);
    assert_eq!(driver.decide(Event::Resend).refusal, Some(Refusal::NoSendsLeft));
}

#[test]
fn recovery_link_ends_after_an_hour() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.advance(minutes(30));
    driver.click(Event::Resume);
    driver.advance(minutes(26) + Duration::from_secs(59));
    assert!(!driver.session.clocks.warns(), "56:59");
    driver.advance(Duration::from_secs(1));
    assert!(driver.session.clocks.warns() && driver.session.clocks.ends_absolutely());
    driver.click(Event::Stay);
    driver.advance(minutes(2) + Duration::from_secs(59));
    assert_eq!(driver.session.closed(), None, "59:59");
    assert_eq!(driver.session.clocks.end(), NOW + minutes(60));
    driver.advance(Duration::from_secs(1));
    assert_eq!(driver.session.closed(), Some((CloseReason::Absolute, NOW + minutes(60))));
    assert_eq!(driver.session.attending(), None);
}

#[test]
fn new_password_closes_signs_out_and_notifies() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.skip(minutes(2));
    let step = driver.finish_confirm(Ok(Ok(())));
    assert_eq!(driver.session.closed(), Some((CloseReason::Finished, NOW + minutes(2))));
    assert_eq!(driver.effects(), follow_ups(1));
    let events: Vec<_> = step.events.iter().map(|event| event.kind).collect();
    assert_eq!(events, ["password_changed", "closed"]);
    assert!(!driver.session.is_signed_out());
    driver.apply(Event::NoticeSent(follow_ups(1).remove(0), Ok(())));
    assert!(driver.session.is_signed_out());
    for event in [Event::Confirm, Event::Resend] {
        assert_eq!(
            driver.decide(event).refusal,
            Some(Refusal::Closed(CloseReason::Finished, NOW + minutes(2)))
        );
    }
}

#[test]
fn denial_changes_only_the_message() {
    for why in CONFIRM_DENIALS {
        let mut driver = SessionDriver::recovering_mailed();
        let step = driver.finish_confirm(Ok(Err(why)));
        assert_eq!(
            (driver.recover_state().last_outcome, driver.effects()),
            (Some(LastOutcome::NotChanged(why)), vec![])
        );
        assert!(
            !step.refunds.iter().any(|(limit, _)| *limit == Limit::RecoverConfirms),
            "the attempt stays counted, because Cognito counts it too"
        );
        assert_eq!(driver.stage(), "recovering");
    }
    for why in RESET_DENIALS {
        let mut driver = SessionDriver::recovering();
        driver.finish_reset(Ok(Err(why)));
        assert_eq!(
            (driver.recover_state().last_outcome, driver.recover_state().to),
            (Some(LastOutcome::NotSent(why)), None)
        );
    }
}

#[test]
fn denied_resend_keeps_last_destination() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.skip(RESEND_WAIT);
    driver.apply(Event::Resend);
    driver.finish_reset(Ok(Err(ResetDenied::Undelivered)));
    assert_eq!(driver.recover_state().to.as_deref(), Some(TO));
}

#[test]
fn denied_confirmation_is_not_shown_again() {
    assert!(
        !LastOutcome::NotChanged(ConfirmDenied::WrongCode).survives_reload()
            && !LastOutcome::Resent.survives_reload()
    );
    for news in [
        LastOutcome::NotSent(ResetDenied::TooMany),
        LastOutcome::MaybeSent(None),
        LastOutcome::MaybeChanged(Some("F-7K2M9Q".to_owned())),
    ] {
        assert!(news.survives_reload());
    }
}

#[test]
fn close_drops_confirmation_but_accepts_its_success() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.apply(Event::Confirm);
    assert_eq!(driver.effects(), [Effect::Confirm { nth: 1 }]);
    driver.click(Event::Dismiss);
    assert_eq!(driver.effects(), []);
    // The process that called Cognito finds this row and puts its effect back.
    driver.session.pending.push(Pending::new(Effect::Confirm { nth: 1 }, NOW));
    let outcome = Ok(Err(ConfirmDenied::WrongCode));
    let denied = driver.decide(Event::Confirmed { nth: 1, outcome, wrong_in_a_day: 1 });
    assert!(matches!(denied.refusal, Some(Refusal::Closed(CloseReason::Dismissed, _))));
    driver.apply(Event::Confirmed { nth: 1, outcome: Ok(Ok(())), wrong_in_a_day: 1 });
    assert_eq!(driver.effects(), follow_ups(1));
    assert_eq!(driver.stage(), "closed(dismissed)");
}

#[test]
fn failed_sign_out_is_repeated_for_an_hour() {
    let mut driver = SessionDriver::recovering_mailed();
    driver.finish_confirm(Ok(Ok(())));
    for minute in 1..=60 {
        driver.now = NOW + minutes(minute);
        for effect in follow_ups(1) {
            driver.apply(Event::NoticeSent(effect, Err(EffectError::Fault("F-7K2M9Q".to_owned()))));
        }
        let next = (minute < 60).then(|| driver.now + minutes(1));
        assert_eq!(driver.session.next_at(), next, "after {minute} minutes");
    }
}
