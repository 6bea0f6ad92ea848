//! Wrong codes: five a session and purpose, ten a subject and hour, and the rest that follows.

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::limit::Lockout;
use commands::model::outcome::{CodeCheck, Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::{TRIES_A_SESSION, TRIES_AN_HOUR};
use commands::model::words::{Limit, Purpose};

use crate::people::OWNED;
use crate::road::{BEN, MAC, NOW, SessionDriver, mailed};

/// A verification under way, whose subject is this.
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
            "customer:user-julia".to_owned(),
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
fn the_fourth_wrong_code_leaves_one_and_the_fifth_locks() {
    for (mut road, purpose, subject, locked) in verifications() {
        for left in (1..TRIES_A_SESSION).rev() {
            let step = road.types_wrong();
            assert_eq!(step.refusal, Some(Refusal::WrongCode(left)));
            assert_eq!(road.session.verification(purpose).tries_left(), left);
        }
        let step = road.types_wrong();
        assert_eq!(road.stage(), locked);
        assert_eq!(step.lockouts, [Lockout { subject, until: NOW + minutes(15) }]);
        let wanted: Vec<_> =
            road.session.pending.iter().map(|pending| pending.effect.clone()).collect();
        assert_eq!(wanted, [Effect::AlertLocked { purpose }], "the leads are told");
    }
}

#[test]
fn a_fifth_code_that_is_right_still_passes() {
    for (mut road, ..) in verifications() {
        for _ in 1..TRIES_A_SESSION {
            road.types_wrong();
        }
        road.types_right();
        assert!(
            ["announcing", "acting", "closed(finished)"].contains(&road.stage().as_str()),
            "{}",
            road.stage()
        );
    }
}

#[test]
fn a_new_code_does_not_reset_the_count() {
    for (mut road, purpose, _, locked) in verifications() {
        for _ in 1..TRIES_A_SESSION {
            road.types_wrong();
        }
        road.skips(minutes(1));
        road.does(Event::Resend);
        if purpose == Purpose::AgentLink {
            road.hears(Event::LinkCodeSent {
                nth: 2,
                outcome: Ok(Some((crate::road::ben(), mailed(road.now)))),
            });
        } else {
            road.mails();
        }
        assert_eq!(road.session.verification(purpose).tries_left(), 1);
        road.types_wrong();
        assert_eq!(road.stage(), locked);
    }
}

#[test]
fn another_ecosystem_does_not_reset_the_count_either() {
    let mut road = SessionDriver::proving_agent();
    road.types_wrong();
    let mut road = road.then(Event::Change);
    road.skips(minutes(1));
    road.does(Event::Choose(OWNED.to_owned()));
    road.mails();
    assert_eq!(road.types_wrong().refusal, Some(Refusal::WrongCode(3)));
}

#[test]
fn each_verification_has_a_count_of_its_own() {
    let mut road = SessionDriver::proving_agent();
    for _ in 1..TRIES_A_SESSION {
        road.types_wrong();
    }
    road.types_right();
    road.does(Event::Send);
    road.mails();
    assert_eq!(road.types_wrong().refusal, Some(Refusal::WrongCode(4)));
}

#[test]
fn the_tenth_of_the_hour_locks_for_an_hour_whatever_the_session_has_left() {
    for (road, _, subject, locked) in verifications() {
        let mut ninth = road.clone();
        assert_eq!(
            ninth.types(Ok(CodeCheck::Mismatch), TRIES_AN_HOUR - 1).refusal,
            Some(Refusal::WrongCode(4))
        );
        let mut tenth = road;
        let step = tenth.types(Ok(CodeCheck::Mismatch), TRIES_AN_HOUR);
        assert_eq!(tenth.stage(), locked);
        assert_eq!(step.lockouts, [Lockout { subject, until: NOW + minutes(60) }]);
    }
}

#[test]
fn a_session_s_fifth_that_is_the_hour_s_tenth_rests_the_longer() {
    let (mut road, _, subject, _) = verifications()[1].clone();
    for count in 6..10 {
        road.types(Ok(CodeCheck::Mismatch), count);
    }
    let step = road.types(Ok(CodeCheck::Mismatch), 10);
    assert_eq!(step.lockouts, [Lockout { subject, until: NOW + minutes(60) }]);
}

#[test]
fn a_tenth_code_that_is_right_passes() {
    let mut road = SessionDriver::proving_agent();
    road.types(Ok(CodeCheck::Verified("proof".to_owned().into())), TRIES_AN_HOUR);
    assert_eq!(road.stage(), "announcing");
}

#[test]
fn a_code_is_counted_before_it_is_checked_for_a_subject_that_does_not_rest() {
    for (mut road, _, subject, _) in verifications() {
        let step = road.does(Event::Typed(Some(MAC.to_owned())));
        let [limit_use] = step.limit_uses.as_slice() else { panic!("{:?}", step.limit_uses) };
        assert_eq!(
            (limit_use.limit, limit_use.subject.as_str(), limit_use.allowed, limit_use.window),
            (Limit::WrongCodes, subject.as_str(), 10, minutes(60))
        );
        assert_eq!(step.requires_unlocked, [subject]);
    }
}

#[test]
fn only_a_wrong_code_stays_counted() {
    let again = [
        Ok(CodeCheck::Expired),
        Err(EffectError::Fault("F-7K2M9Q".to_owned())),
        Err(EffectError::Denied(Denied::Unavailable(None))),
        Err(EffectError::Denied(Denied::RateLimited(None))),
        Err(EffectError::Interrupted),
        Ok(CodeCheck::Verified("proof".to_owned().into())),
    ];
    for outcome in again {
        for (mut road, purpose, subject, _) in verifications().into_iter().take(2) {
            let step = road.types(outcome.clone(), 1);
            assert_eq!(step.refunds, [(Limit::WrongCodes, subject)], "{outcome:?}");
            assert_eq!(road.session.verification(purpose).wrong, 0, "{outcome:?}");
        }
    }
    for (mut road, ..) in verifications() {
        assert!(road.types_wrong().refunds.is_empty());
    }
}

#[test]
fn a_malformed_or_expired_code_is_not_even_counted() {
    for (mut road, purpose, ..) in verifications() {
        let step = road.does(Event::Typed(None));
        assert_eq!((step.refusal, step.limit_uses.len()), (Some(Refusal::MalformedCode), 0));
        road.skips(minutes(10));
        let step = road.does(Event::Typed(Some(MAC.to_owned())));
        assert_eq!((step.refusal, step.limit_uses.len()), (Some(Refusal::ExpiredCode), 0));
        assert_eq!(road.session.verification(purpose).wrong, 0);
        assert!(road.session.pending.is_empty());
    }
}

#[test]
fn the_function_s_own_lock_is_a_lock() {
    for (mut road, _, subject, locked) in verifications().into_iter().take(2) {
        let step = road.types(Ok(CodeCheck::Locked), 1);
        assert_eq!(road.stage(), locked);
        assert_eq!(step.lockouts, [Lockout { subject, until: NOW + minutes(15) }]);
    }
}

#[test]
fn while_linking_every_answer_but_the_right_one_is_a_wrong_code() {
    // Whether there is an account must not show in what the function says of the code.
    for outcome in [
        Ok(CodeCheck::Mismatch),
        Ok(CodeCheck::Expired),
        Ok(CodeCheck::Locked),
        Err(EffectError::Denied(Denied::NotFound)),
    ] {
        for account in [true, false] {
            let mut road = SessionDriver::linking_looked_up(account);
            let step = road.types(outcome.clone(), 1);
            assert_eq!(step.refusal, Some(Refusal::WrongCode(4)), "{outcome:?}");
            assert!(step.refunds.is_empty());
        }
    }
}
