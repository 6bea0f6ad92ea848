//! An outcome counts only while its effect is pending. A busy session starts no other blocking
//! effect.

use commands::model::customer::Role;
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::limit::Attempts;
use commands::model::outcome::{CodeCheck, Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::session::LINKS_A_SESSION;
use commands::model::time::minutes;
use commands::model::words::{Purpose, Target};

use crate::events::{clicks, outcomes};
use crate::names::event_name;
use crate::people::{OWNED, mailed};
use crate::session_driver::{NOW, SessionDriver};

fn drivers() -> Vec<SessionDriver> {
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
fn unexpected_outcome_changes_nothing() {
    for driver in drivers() {
        for event in outcomes() {
            let step = driver.decide(event.clone());
            let context = format!("{} in {}", event_name(&event), driver.stage());
            assert_eq!(format!("{:?}", step.session), format!("{:?}", driver.session), "{context}");
            assert!(step.refusal.is_some(), "{context}");
            assert!(
                step.limit_uses.is_empty()
                    && step.refunds.is_empty()
                    && step.lockouts.is_empty()
                    && step.events.is_empty(),
                "{context}"
            );
            assert!(step.account_link.is_none(), "{context}");
        }
    }
}

#[test]
fn right_agent_code_does_not_prove_customer() {
    let mut driver = SessionDriver::proving_customer();
    driver.click(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(CodeCheck::Verified("proof".to_owned().into()));
    let step = driver.apply(Event::Checked {
        purpose: Purpose::AgentMfa,
        nth: 1,
        outcome,
        attempts: Attempts::default(),
    });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!(driver.stage(), "proving_customer");
}

#[test]
fn outcome_of_older_code_is_refused() {
    let mut driver = SessionDriver::proving_customer();
    driver.skip(minutes(1));
    driver.click(Event::Resend);
    driver.mail_code();
    driver.click(Event::Typed(Some("mac".to_owned())));
    let outcome = Ok(CodeCheck::Verified("proof".to_owned().into()));
    let step = driver.apply(Event::Checked {
        purpose: Purpose::CustomerConsent,
        nth: 1,
        outcome,
        attempts: Attempts::default(),
    });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert_eq!((driver.stage().as_str(), driver.session.pending.len()), ("proving_customer", 1));
}

#[test]
fn busy_session_starts_no_second_effect() {
    let mut checking = SessionDriver::proving_agent();
    checking.click(Event::Typed(Some("mac".to_owned())));
    let opening = SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web));
    for driver in
        [SessionDriver::chosen(), checking, SessionDriver::announcing().then(Event::Send), opening]
    {
        assert_eq!(driver.session.pending.len(), 1);
        for event in clicks() {
            let step = driver.decide(event.clone());
            let blocking =
                step.session.pending.iter().filter(|pending| pending.effect.blocks_panel()).count();
            assert!(blocking <= 1, "{} in {}", event_name(&event), driver.stage());
            assert!(step.limit_uses.is_empty(), "{} in {}", event_name(&event), driver.stage());
        }
    }
}

#[test]
fn busy_session_refuses_clicks_except_cancel() {
    let driver = SessionDriver::chosen();
    for event in [Event::Resend, Event::Change, Event::Typed(Some("mac".to_owned()))] {
        assert_eq!(driver.decide(event).refusal, Some(Refusal::Busy(None)));
    }
    assert_eq!(
        driver.then(Event::Cancel("the customer hung up".to_owned())).stage(),
        "closed(cancelled)"
    );
}

#[test]
fn close_drops_blocking_effect() {
    let driver = SessionDriver::chosen().then(Event::Cancel("the customer hung up".to_owned()));
    assert!(driver.session.pending.is_empty());
    let mut driver =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    // The access link may have been issued, so it is revoked.
    assert_eq!(driver.effects(), [Effect::Revoke { nth: 1 }]);
    driver.apply(Event::Revoked { nth: 1, outcome: Ok(1) });
    assert!(driver.session.pending.is_empty());
}

#[test]
fn code_mailed_after_change_is_ignored() {
    let mut driver = SessionDriver::proving_agent().then(Event::Change);
    let step =
        driver.apply(Event::Sent { purpose: Purpose::AgentMfa, nth: 1, outcome: Ok(mailed(NOW)) });
    assert_eq!(step.refusal, Some(Refusal::AlreadyDone));
    assert!(driver.session.agent.challenge.is_none());
    assert_eq!(driver.click(Event::Choose(OWNED.to_owned())).session.agent.sends, 1);
}

#[test]
fn failed_revocation_is_repeated() {
    for why in [
        EffectError::Fault("F-7K2M9Q".to_owned()),
        EffectError::Denied(Denied::RateLimited(None)),
        EffectError::Denied(Denied::Unavailable(None)),
    ] {
        let mut driver =
            SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
        driver.skip(minutes(1));
        driver.apply(Event::Revoked { nth: 1, outcome: Err(why.clone()) });
        assert_eq!(driver.session.next_at(), Some(driver.now + minutes(1)), "{why:?}");
    }
    let mut driver =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    driver.apply(Event::Revoked { nth: 1, outcome: Err(EffectError::Denied(Denied::NotFound)) });
    assert_eq!(driver.session.next_at(), None, "the function has nothing to revoke");
}

#[test]
fn failing_revocation_backs_off_and_is_recorded_once() {
    let mut driver =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    let fault = || Err(EffectError::Fault("F-7K2M9Q".to_owned()));
    let busy = Err(EffectError::Denied(Denied::Unavailable(None)));
    let mut events = Vec::new();
    for (outcome, wait) in [
        (fault(), 1),
        (fault(), 2),
        (fault(), 4),
        (busy, 8),
        (fault(), 16),
        (fault(), 32),
        (fault(), 60),
        (fault(), 60),
    ] {
        let step = driver.apply(Event::Revoked { nth: 1, outcome });
        events.push(step.events.len());
        assert_eq!(driver.session.next_at(), Some(driver.now + minutes(wait)));
        driver.skip(minutes(wait));
        let before = driver.now + minutes(1);
        driver.apply(Event::TimerFired);
        assert_eq!(driver.session.next_at(), Some(before), "the call runs");
    }
    assert_eq!(events, [1, 0, 0, 1, 1, 0, 0, 0]);
    assert_eq!(driver.apply(Event::Revoked { nth: 1, outcome: Ok(1) }).events.len(), 1);
}

#[test]
fn revocation_in_flight_does_not_answer_later_request() {
    let mut driver =
        SessionDriver::acting(Role::Owner).then(Event::Open(Target::Web)).then(Event::Finish);
    let web = Effect::Issue { target: Target::Web, nth: 1 };
    driver.session.pending.push(Pending::new(web, driver.now));
    // A link comes back while another replica revokes.
    let outcome = Ok(("https://shop.example/in".into(), driver.now + minutes(1)));
    driver.apply(Event::Issued { target: Target::Web, nth: 1, outcome });
    driver.apply(Event::Revoked { nth: 1, outcome: Ok(0) });
    assert!(driver.effects().contains(&Effect::Revoke { nth: 2 }));
    driver.apply(Event::Revoked { nth: 2, outcome: Ok(1) });
    assert!(!driver.effects().contains(&Effect::Revoke { nth: 2 }));
}

#[test]
fn issued_link_counts_although_its_mail_is_refused() {
    for (error, counts) in [
        (EffectError::MailDenied(Denied::DeliveryFailed), true),
        (EffectError::Denied(Denied::Unavailable(None)), false),
    ] {
        let mut driver = SessionDriver::succeeding();
        for nth in 1..=LINKS_A_SESSION {
            driver.click(Event::MailLink);
            let outcome = Err(error.clone());
            driver.apply(Event::Mailed { nth, outcome });
        }
        let refusal = driver.click(Event::MailLink).refusal;
        assert_eq!(refusal, counts.then_some(Refusal::NoLinksLeft), "{error:?}");
        let late = Event::Mailed { nth: 1, outcome: Err(error.clone()) };
        assert_eq!(late.counts_after_close(), counts, "a link of a closed session is revoked");
    }
}
