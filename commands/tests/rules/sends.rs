//! Mailing codes: the wait between two, three a session and purpose, and what a failed one costs.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{Denied, EffectError, Sent};
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::{RESEND_WAIT, SENDS_A_SESSION};
use commands::model::words::{Limit, Purpose};

use crate::people::{JOINED, OWNED};
use crate::road::{BEN, NOW, SessionDriver, mailed};

const A_MILLISECOND: Duration = Duration::from_millis(1);

/// The two verifications of a session, each with its first code mailed.
fn verifications() -> [(SessionDriver, Purpose, &'static str); 2] {
    [
        (SessionDriver::proving_agent(), Purpose::AgentMfa, "agent:agent-ben"),
        (SessionDriver::proving_customer(), Purpose::CustomerConsent, "customer:user-julia"),
    ]
}

#[test]
fn a_new_code_is_refused_for_a_minute_and_sent_at_its_end() {
    for (mut road, purpose, _) in verifications() {
        road.skips(RESEND_WAIT - A_MILLISECOND);
        assert_eq!(road.does(Event::Resend).refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)));
        road.skips(A_MILLISECOND);
        let step = road.does(Event::Resend);
        assert_eq!(step.refusal, None);
        assert_eq!(step.session.pending[0].effect, Effect::Send { purpose, nth: 2 });
    }
}

#[test]
fn the_function_s_wait_rules_when_it_is_the_longer() {
    let asked = SessionDriver::chosen();
    let wait_of = |resend_after| {
        let mut road = asked.clone();
        road.mails_as(Sent { resend_after, ..mailed(NOW) });
        road.session.agent.resend_at
    };
    assert_eq!(wait_of(Duration::from_secs(90)), Some(NOW + Duration::from_secs(90)));
    assert_eq!(wait_of(Duration::from_secs(30)), Some(NOW + RESEND_WAIT));
    assert_eq!(wait_of(Duration::ZERO), Some(NOW + RESEND_WAIT));
}

#[test]
fn the_third_code_is_the_last() {
    for (mut road, purpose, _) in verifications() {
        for nth in 2..=SENDS_A_SESSION {
            road.skips(RESEND_WAIT);
            road.does(Event::Resend);
            road.mails();
            assert_eq!(road.session.verification(purpose).sends, nth);
        }
        road.skips(RESEND_WAIT);
        let step = road.does(Event::Resend);
        assert_eq!(step.refusal, Some(Refusal::NoSendsLeft));
        assert!(step.limit_uses.is_empty() && road.session.pending.is_empty());
    }
}

#[test]
fn when_the_third_code_has_expired_only_cancel_is_left() {
    let mut road = SessionDriver::proving_customer();
    for _ in 1..SENDS_A_SESSION {
        road.skips(RESEND_WAIT);
        road.does(Event::Resend);
        road.mails();
    }
    road.skips(minutes(10));
    let screen = road.face(None).to_string();
    assert!(screen.ends_with("[Enter code (off)] [Resend (off)] [Cancel]"), "{screen}");
}

#[test]
fn what_was_sent_stays_counted_when_the_ecosystem_changes() {
    let mut road = SessionDriver::proving_agent().then(Event::Change);
    road.skips(RESEND_WAIT);
    road.does(Event::Choose(JOINED.to_owned()));
    road.mails();
    road.does(Event::Change);
    road.skips(RESEND_WAIT);
    road.does(Event::Choose(OWNED.to_owned()));
    road.mails();
    road.does(Event::Change);
    road.skips(RESEND_WAIT);
    assert_eq!(road.does(Event::Choose(JOINED.to_owned())).refusal, Some(Refusal::NoSendsLeft));
}

#[test]
fn choosing_again_within_the_wait_mails_nothing_yet() {
    let mut road = SessionDriver::proving_agent().then(Event::Change);
    let step = road.does(Event::Choose(JOINED.to_owned()));
    assert_eq!(step.refusal, Some(Refusal::TooEarly(NOW + RESEND_WAIT)));
    assert_eq!(road.stage(), "proving_agent");
    road.skips(RESEND_WAIT);
    assert_eq!(road.does(Event::Resend).refusal, None);
}

#[test]
fn the_agent_s_proof_survives_a_change_of_ecosystem() {
    let road =
        SessionDriver::announcing().then(Event::Change).then(Event::Choose(JOINED.to_owned()));
    assert_eq!(road.stage(), "announcing");
    assert!(road.session.pending.is_empty());
}

#[test]
fn a_code_counts_for_the_subject_s_day_unless_it_was_not_mailed() {
    for (mut road, purpose, subject) in verifications() {
        road.skips(RESEND_WAIT);
        let step = road.does(Event::Resend);
        let [limit_use] = step.limit_uses.as_slice() else { panic!("{:?}", step.limit_uses) };
        assert_eq!(
            (limit_use.limit, limit_use.subject.as_str(), limit_use.allowed, limit_use.window),
            (Limit::Sends, subject, 10, minutes(24 * 60))
        );
        assert_eq!(step.requires_unlocked, [subject]);
        let step = road.fails_to_mail(EffectError::Denied(Denied::DeliveryFailed));
        assert_eq!(step.refunds, [(Limit::Sends, subject.to_owned())]);
        assert_eq!(road.session.verification(purpose).sends, 1);
    }
}

#[test]
fn after_a_fault_the_same_key_is_asked_again_and_after_a_refusal_another() {
    let id = SessionDriver::found().session.id;
    let key_after = |why| {
        let mut road = SessionDriver::chosen();
        road.fails_to_mail(why);
        road.does(Event::Resend).session.pending[0].effect.key(&id)
    };
    // Nobody knows whether a function that failed has mailed: the same key gets the same code.
    assert_eq!(
        key_after(EffectError::Fault("F-7K2M9Q".to_owned())),
        format!("{id}:send:agent_mfa:1")
    );
    assert_eq!(
        key_after(EffectError::Denied(Denied::DeliveryFailed)),
        format!("{id}:send:agent_mfa:2")
    );
}

#[test]
fn a_wait_that_the_function_asks_for_is_kept() {
    let mut road = SessionDriver::announcing().then(Event::Send);
    let until = NOW + Duration::from_mins(5);
    let step =
        road.fails_to_mail(EffectError::Denied(Denied::RateLimited(Some(Duration::from_mins(5)))));
    assert_eq!(step.refusal, Some(Refusal::Busy(Some(until))));
    assert_eq!(road.stage(), "announcing");
    road.skips(Duration::from_secs(299));
    assert_eq!(road.does(Event::Send).refusal, Some(Refusal::TooEarly(until)));
    road.skips(Duration::from_secs(1));
    assert_eq!(road.does(Event::Send).refusal, None);
}

#[test]
fn linking_counts_requests_by_discord_account_and_its_wait_is_ours_alone() {
    for account in [true, false] {
        let mut road = SessionDriver::linking_looked_up(account);
        assert_eq!(road.session.agent.resend_at, Some(NOW + RESEND_WAIT));
        road.skips(RESEND_WAIT);
        let step = road.does(Event::Resend);
        let [limit_use] = step.limit_uses.as_slice() else { panic!("{:?}", step.limit_uses) };
        assert_eq!(
            (limit_use.limit, &limit_use.subject, limit_use.allowed, limit_use.window),
            (Limit::LinkRequests, &format!("discord:{BEN}"), 5, minutes(60))
        );
    }
}

#[test]
fn a_failed_linking_mail_shows_in_nothing() {
    let failures = crate::events::failures().into_iter().map(Err);
    let quiet = SessionDriver::linking_looked_up(false).face(None).to_string();
    for outcome in failures
        .chain([Ok(Some((crate::road::ben(), Sent { resend_after: minutes(5), ..mailed(NOW) })))])
    {
        let mut road = SessionDriver::linking();
        let step = road.hears(Event::LinkCodeSent { nth: 1, outcome });
        assert_eq!(step.refusal, None);
        assert_eq!(road.face(None).to_string(), quiet);
    }
}
