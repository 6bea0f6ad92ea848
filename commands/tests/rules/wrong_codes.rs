//! Wrong codes: five a session and purpose, ten a subject and hour, and the lockout that follows.

use commands::flows::step::Step;
use commands::model::alert::{AlertKind, AlertLevel};
use commands::model::effect::{Effect, Pending};
use commands::model::event::Event;
use commands::model::limit::{Attempts, Lockout, LockoutReason, UNTIL_UNLOCKED};
use commands::model::outcome::{CodeCheck, Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::{
    ATTEMPTS_A_SESSION, ATTEMPTS_AN_HOUR, IN_A_ROW_WINDOW, WRONG_IN_A_ROW,
};
use commands::model::words::{CloseReason, Limit, Purpose};

use crate::people::{JULIA, OWNED, found_account, mailed};
use crate::session_driver::{BEN, MAC, NOW, SessionDriver};

/// Returns each verification: driver, purpose, subject, and the stage after a lockout.
fn verifications() -> [(SessionDriver, Purpose, String, &'static str); 3] {
    [
        (
            SessionDriver::proving_agent(),
            Purpose::AgentMfa,
            "agent:agent-ben".to_owned(),
            "closed(agent_locked_out)",
        ),
        (
            SessionDriver::proving_customer(),
            Purpose::CustomerConsent,
            JULIA.to_owned(),
            "closed(customer_locked_out)",
        ),
        (
            SessionDriver::linking_looked_up(true),
            Purpose::AgentLink,
            format!("discord:{BEN}"),
            "closed(agent_locked_out)",
        ),
    ]
}

#[test]
fn fifth_wrong_code_locks_out() {
    for (mut driver, purpose, subject, locked) in verifications() {
        for left in (1..ATTEMPTS_A_SESSION).rev() {
            let step = driver.type_wrong_code();
            assert_eq!(step.refusal, Some(Refusal::WrongCode(left)));
            assert_eq!(driver.session.verification(purpose).attempts_left(), left);
        }
        let step = driver.type_wrong_code();
        assert_eq!(driver.stage(), locked);
        assert_eq!(
            step.lockouts,
            [Lockout { subject, until: NOW + minutes(15), reason: LockoutReason::WrongCodes }]
        );
        let [alert] = &step.alerts[..] else { panic!("{:?}", step.alerts) };
        assert_eq!((alert.kind, alert.level), (AlertKind::Locked, AlertLevel::Warning));
        assert_eq!(alert.facts.word("purpose"), purpose.name());
    }
}

#[test]
fn right_fifth_code_passes() {
    for (mut driver, ..) in verifications() {
        for _ in 1..ATTEMPTS_A_SESSION {
            driver.type_wrong_code();
        }
        driver.type_right_code();
        assert!(
            ["announcing", "acting", "closed(finished)"].contains(&driver.stage().as_str()),
            "{}",
            driver.stage()
        );
    }
}

#[test]
fn new_code_keeps_wrong_count() {
    for (mut driver, purpose, _, locked) in verifications() {
        for _ in 1..ATTEMPTS_A_SESSION {
            driver.type_wrong_code();
        }
        driver.skip(minutes(1));
        driver.click(Event::Resend);
        if purpose == Purpose::AgentLink {
            driver.apply(Event::LinkCodeSent {
                nth: 2,
                outcome: Ok(Some((found_account(), mailed(driver.now)))),
            });
        } else {
            driver.mail_code();
        }
        assert_eq!(driver.session.verification(purpose).attempts_left(), 1);
        driver.type_wrong_code();
        assert_eq!(driver.stage(), locked);
    }
}

#[test]
fn other_ecosystem_keeps_wrong_count() {
    let mut driver = SessionDriver::proving_agent();
    driver.type_wrong_code();
    let mut driver = driver.then(Event::Change);
    driver.skip(minutes(1));
    driver.click(Event::Choose(OWNED.to_owned()));
    driver.mail_code();
    assert_eq!(driver.type_wrong_code().refusal, Some(Refusal::WrongCode(3)));
}

#[test]
fn verifications_count_separately() {
    let mut driver = SessionDriver::proving_agent();
    for _ in 1..ATTEMPTS_A_SESSION {
        driver.type_wrong_code();
    }
    driver.type_right_code();
    driver.click(Event::Send);
    driver.mail_code();
    assert_eq!(driver.type_wrong_code().refusal, Some(Refusal::WrongCode(4)));
}

#[test]
fn tenth_wrong_code_of_hour_locks_out() {
    for (driver, _, subject, locked) in verifications() {
        let mut ninth = driver.clone();
        assert_eq!(
            ninth.type_code(Ok(CodeCheck::Mismatch), ATTEMPTS_AN_HOUR - 1).refusal,
            Some(Refusal::WrongCode(4))
        );
        let mut tenth = driver;
        let step = tenth.type_code(Ok(CodeCheck::Mismatch), ATTEMPTS_AN_HOUR);
        assert_eq!(tenth.stage(), locked);
        assert_eq!(
            step.lockouts,
            [Lockout { subject, until: NOW + minutes(60), reason: LockoutReason::WrongCodes }]
        );
    }
}

#[test]
fn longer_lockout_applies_at_fifth_and_tenth() {
    let (mut driver, _, subject, _) = verifications()[1].clone();
    for count in 6..10 {
        driver.type_code(Ok(CodeCheck::Mismatch), count);
    }
    let step = driver.type_code(Ok(CodeCheck::Mismatch), 10);
    assert_eq!(
        step.lockouts,
        [Lockout { subject, until: NOW + minutes(60), reason: LockoutReason::WrongCodes }]
    );
}

#[test]
fn right_tenth_code_passes() {
    let mut driver = SessionDriver::proving_agent();
    driver.type_code(Ok(CodeCheck::Verified("proof".to_owned().into())), ATTEMPTS_AN_HOUR);
    assert_eq!(driver.stage(), "announcing");
}

#[test]
fn code_counts_before_check_if_unlocked() {
    for (mut driver, _, subject, _) in verifications() {
        let step = driver.click(Event::Typed(Some(MAC.to_owned())));
        let uses = step.limit_uses.iter().map(|counted| {
            (counted.limit, counted.subject.as_str(), counted.allowed, counted.window)
        });
        assert_eq!(
            uses.collect::<Vec<_>>(),
            [
                (Limit::WrongCodes, subject.as_str(), 10, minutes(60)),
                (Limit::WrongInARow, subject.as_str(), u32::MAX, IN_A_ROW_WINDOW),
            ]
        );
        assert_eq!(step.requires_unlocked, [subject]);
    }
}

#[test]
fn only_wrong_code_stays_counted() {
    let not_wrong = [
        Ok(CodeCheck::Expired),
        Err(EffectError::Fault("F-7K2M9Q".to_owned())),
        Err(EffectError::Denied(Denied::Unavailable(None))),
        Err(EffectError::Denied(Denied::RateLimited(None))),
        Err(EffectError::Interrupted),
        Ok(CodeCheck::Verified("proof".to_owned().into())),
    ];
    for outcome in not_wrong {
        for (mut driver, purpose, subject, _) in verifications().into_iter().take(2) {
            let step = driver.type_code(outcome.clone(), 1);
            let both = [(Limit::WrongCodes, subject.clone()), (Limit::WrongInARow, subject)];
            assert_eq!(step.refunds, both, "{outcome:?}");
            assert_eq!(driver.session.verification(purpose).wrong, 0, "{outcome:?}");
        }
    }
    for (mut driver, ..) in verifications() {
        assert!(driver.type_wrong_code().refunds.is_empty());
    }
}

/// Types a wrong code that is the n-th in a row, and the first of the hour.
fn type_wrong_in_a_row(driver: &mut SessionDriver, purpose: Purpose, in_a_row: u32) -> Step {
    driver.click(Event::Typed(Some(MAC.to_owned())));
    let attempts = Attempts { in_an_hour: 1, in_a_row };
    driver.apply(Event::Checked { purpose, nth: 1, outcome: Ok(CodeCheck::Mismatch), attempts })
}

#[test]
fn twentieth_wrong_code_in_a_row_locks_out_until_unlocked() {
    for (driver, purpose, subject, locked) in verifications() {
        let before = WRONG_IN_A_ROW - 1;
        let step = type_wrong_in_a_row(&mut driver.clone(), purpose, before);
        assert_eq!(step.refusal, Some(Refusal::WrongCode(4)));
        let mut last = driver;
        let step = type_wrong_in_a_row(&mut last, purpose, WRONG_IN_A_ROW);
        assert_eq!(last.stage(), locked);
        assert_eq!(
            step.lockouts,
            [Lockout { subject, until: UNTIL_UNLOCKED, reason: LockoutReason::WrongCodes }]
        );
        let [alert] = &step.alerts[..] else { panic!("{:?}", step.alerts) };
        assert_eq!((alert.kind, alert.level), (AlertKind::LockedConsecutive, AlertLevel::Urgent));
    }
}

#[test]
fn only_right_code_ends_the_row() {
    for outcome in [
        Ok(CodeCheck::Mismatch),
        Ok(CodeCheck::Expired),
        Ok(CodeCheck::Locked),
        Err(EffectError::Interrupted),
        Err(EffectError::Denied(Denied::Unavailable(None))),
    ] {
        for (mut driver, ..) in verifications() {
            assert!(driver.type_code(outcome.clone(), 1).resets.is_empty(), "{outcome:?}");
        }
    }
    for (mut driver, _, subject, _) in verifications() {
        assert_eq!(driver.type_right_code().resets, [(Limit::WrongInARow, subject)]);
    }
}

#[test]
fn malformed_or_expired_code_is_not_counted() {
    for (mut driver, purpose, ..) in verifications() {
        let step = driver.click(Event::Typed(None));
        assert_eq!((step.refusal, step.limit_uses.len()), (Some(Refusal::MalformedCode), 0));
        driver.skip(minutes(10));
        let step = driver.click(Event::Typed(Some(MAC.to_owned())));
        assert_eq!((step.refusal, step.limit_uses.len()), (Some(Refusal::ExpiredCode), 0));
        assert_eq!(driver.session.verification(purpose).wrong, 0);
        assert!(driver.session.pending.is_empty());
    }
}

#[test]
fn lockout_by_function_ends_like_our_own() {
    for (driver, _, subject, locked) in verifications().into_iter().take(2) {
        let tenth = NOW + minutes(60);
        for (in_an_hour, until) in [(1, NOW + minutes(15)), (ATTEMPTS_AN_HOUR, tenth)] {
            let mut driver = driver.clone();
            let step = driver.type_code(Ok(CodeCheck::Locked), in_an_hour);
            assert_eq!(driver.stage(), locked);
            assert_eq!(
                step.lockouts,
                [Lockout { subject: subject.clone(), until, reason: LockoutReason::WrongCodes }]
            );
        }
    }
}

#[test]
fn check_dropped_by_close_costs_no_attempt() {
    for (mut driver, purpose, subject, _) in verifications() {
        driver.click(Event::Typed(Some(MAC.to_owned())));
        let step = driver.apply(Event::ForceClose(CloseReason::Idle));
        let both = [(Limit::WrongCodes, subject.clone()), (Limit::WrongInARow, subject.clone())];
        assert_eq!(step.refunds, both);
        // The answer comes back to the closed session.
        let attempts = Attempts::default();
        let outcome = Ok(CodeCheck::Verified("proof".to_owned().into()));
        driver.session.pending.push(Pending::new(
            Effect::Verify { purpose, nth: 1, challenge: None, mac: MAC.to_owned() },
            NOW,
        ));
        let proofs = |driver: &SessionDriver| {
            let secrets = &driver.session.secrets;
            (secrets.agent_proof.is_some(), secrets.customer_proof.is_some())
        };
        let before = proofs(&driver);
        let step = driver.apply(Event::Checked { purpose, nth: 1, outcome, attempts });
        assert_eq!(proofs(&driver), before, "no proof of the dropped check");
        assert_eq!(step.resets, [(Limit::WrongInARow, subject)]);
        assert!(step.refunds.is_empty() && step.account_link.is_none());
    }
}

#[test]
fn linking_treats_other_results_as_wrong_code() {
    // The result must not reveal whether the address has an account.
    for outcome in [
        Ok(CodeCheck::Mismatch),
        Ok(CodeCheck::Expired),
        Ok(CodeCheck::Locked),
        Err(EffectError::Denied(Denied::NotFound)),
    ] {
        for account in [true, false] {
            let mut driver = SessionDriver::linking_looked_up(account);
            let step = driver.type_code(outcome.clone(), 1);
            assert_eq!(step.refusal, Some(Refusal::WrongCode(4)), "{outcome:?}");
            assert!(step.refunds.is_empty());
        }
    }
}
