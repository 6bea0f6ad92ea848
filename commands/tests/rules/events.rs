//! Every event of a session: every kind of click and every outcome.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::limit::Attempts;
use commands::model::outcome::{CodeCheck, ConfirmDenied, Denied, EffectError, ResetDenied, Sent};
use commands::model::reason::Reason;
use commands::model::report::ReportedMail;
use commands::model::words::{CloseReason, NotEligible, Purpose, Target};

use crate::deliveries::reports;
use crate::people::{JOINED, OWNED, found_account, mailed};
use crate::reports::answers;
use crate::session_driver::{MAC, NOW};

/// Discord id of a lead who is not the session's agent.
pub(crate) const LEAD: u64 = 77;

pub(crate) const PURPOSES: [Purpose; 3] =
    [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink];
pub(crate) const TARGETS: [Target; 4] =
    [Target::Store, Target::Web, Target::App, Target::Successor];
pub(crate) const CLOSE_REASONS: [CloseReason; 21] = [
    CloseReason::Finished,
    CloseReason::Cancelled,
    CloseReason::Dismissed,
    CloseReason::Idle,
    CloseReason::Absolute,
    CloseReason::AgentLockedOut,
    CloseReason::CustomerLockedOut,
    CloseReason::AgentIneligible,
    CloseReason::CustomerInactive,
    CloseReason::RoleChanged,
    CloseReason::SuccessionOver,
    CloseReason::ProofInvalid,
    CloseReason::Replaced,
    CloseReason::Unreadable,
    CloseReason::Tampered,
    CloseReason::EndedByOperator,
    CloseReason::Nameless,
    CloseReason::ResetLockedOut,
    CloseReason::Reported,
    CloseReason::ByLead,
    CloseReason::TakenOver,
];

pub(crate) fn clicks() -> Vec<Event> {
    let mut clicks = vec![
        Event::Start,
        Event::Dismiss,
        Event::Choose(OWNED.to_owned()),
        Event::Choose(JOINED.to_owned()),
        Event::Choose("succession-1".to_owned()),
        Event::Choose("eco-of-another-customer".to_owned()),
        Event::Send,
        Event::Resend,
        Event::Change,
        Event::Typed(None),
        Event::Typed(Some(MAC.to_owned())),
    ];
    clicks.extend(TARGETS.map(Event::Open));
    clicks.extend([
        Event::MailLink,
        Event::Finish,
        Event::Cancel("not now".to_owned()),
        Event::Cancel("the customer hung up".to_owned()),
        Event::Confirm,
        Event::Stay,
        Event::Resume,
    ]);
    clicks
}

/// Returns every error of an effect.
pub(crate) fn failures() -> Vec<EffectError> {
    let denied = [
        Denied::RateLimited(Some(Duration::from_secs(90))),
        Denied::RateLimited(None),
        Denied::NotFound,
        Denied::DeliveryFailed,
        Denied::ProofInvalid,
        Denied::Unavailable(Some(Duration::from_secs(90))),
        Denied::Unavailable(None),
    ];
    let mut failures: Vec<_> = denied.into_iter().map(EffectError::Denied).collect();
    failures.extend([EffectError::Fault("F-7K2M9Q".to_owned()), EffectError::Interrupted]);
    failures
}

/// Returns every result of checking a code that the function knows.
pub(crate) fn code_checks() -> [CodeCheck; 4] {
    [
        CodeCheck::Verified("proof".to_owned().into()),
        CodeCheck::Mismatch,
        CodeCheck::Expired,
        CodeCheck::Locked,
    ]
}

/// Returns the outcomes of mailing a code.
pub(crate) fn send_outcomes(purpose: Purpose, nth: u32) -> Vec<Event> {
    let outcomes = failures().into_iter().map(Err).chain([Ok(mailed(NOW))]);
    outcomes
        .map(|outcome: Result<Sent, EffectError>| Event::Sent { purpose, nth, outcome })
        .collect()
}

/// Returns the outcomes of checking a code, at the first attempt and at the tenth of the hour.
pub(crate) fn check_outcomes(purpose: Purpose, nth: u32) -> Vec<Event> {
    let event = |in_an_hour| {
        let attempts = Attempts { in_an_hour, in_a_row: 1 };
        move |outcome| Event::Checked { purpose, nth, outcome, attempts }
    };
    let mut events: Vec<_> = code_checks().into_iter().map(Ok).map(event(1)).collect();
    events.push(event(10)(Ok(CodeCheck::Mismatch)));
    events.extend(failures().into_iter().map(Err).map(event(1)));
    events
}

/// Returns the outcomes of issuing an access link.
pub(crate) fn issue_outcomes(target: Target, nth: u32) -> Vec<Event> {
    let done = Ok(("https://shop.example/in".into(), NOW + Duration::from_mins(1)));
    let outcomes = failures().into_iter().map(Err).chain([done]);
    outcomes.map(|outcome| Event::Issued { target, nth, outcome }).collect()
}

/// Returns the outcomes of mailing an access link to a successor.
pub(crate) fn mail_outcomes(nth: u32) -> Vec<Event> {
    let done = Ok(("s•••@e•••.com".to_owned(), NOW + Duration::from_mins(1)));
    let outcomes = failures().into_iter().map(Err).chain([done]);
    outcomes.map(|outcome| Event::Mailed { nth, outcome }).collect()
}

/// Returns the outcomes of the background effects.
pub(crate) fn background_outcomes() -> Vec<Event> {
    let agent_id = "agent-ben".to_owned();
    let notices = [
        Effect::NotifyLinked { agent_id: agent_id.clone() },
        Effect::NotifyUnlinked { agent_id: agent_id.clone() },
        Effect::SignOut { agent_id: agent_id.clone(), nth: 1 },
        Effect::NotifyChanged { agent_id, nth: 1 },
        Effect::NotifyVisit,
        Effect::AlertLocked { purpose: Purpose::CustomerConsent, until_unlocked: false },
        Effect::AlertResetLocked,
    ];
    let revoked = |outcome| Event::Revoked { nth: 1, outcome };
    let mut events: Vec<_> = failures().into_iter().map(Err).chain([Ok(2)]).map(revoked).collect();
    for effect in notices {
        events.push(Event::NoticeSent(effect.clone(), Ok(())));
        events
            .extend(failures().into_iter().map(|why| Event::NoticeSent(effect.clone(), Err(why))));
    }
    events.push(Event::NoticeSent(
        Effect::AlertLocked { purpose: Purpose::CustomerConsent, until_unlocked: false },
        Err(EffectError::NoChannel),
    ));
    let counted = |outcome| Event::ReportersCounted(ReportedMail::Customer, outcome);
    let failed = Err(EffectError::Fault("F-7K2M9Q".to_owned()));
    events.extend([Ok(1), Ok(2), failed].map(counted));
    events.extend(
        [Ok(Some((found_account(), mailed(NOW)))), Ok(None)]
            .map(|outcome| Event::LinkCodeSent { nth: 1, outcome }),
    );
    events.extend(
        failures().into_iter().map(|why| Event::LinkCodeSent { nth: 1, outcome: Err(why) }),
    );
    events
}

/// Cognito's denials of a reset.
pub(crate) const RESET_DENIALS: [ResetDenied; 3] =
    [ResetDenied::TooMany, ResetDenied::NotRecoverable, ResetDenied::Undelivered];
/// Cognito's denials of a new password.
pub(crate) const CONFIRM_DENIALS: [ConfirmDenied; 7] = [
    ConfirmDenied::WrongCode,
    ConfirmDenied::ExpiredCode,
    ConfirmDenied::TooMany,
    ConfirmDenied::WeakPassword,
    ConfirmDenied::Reused,
    ConfirmDenied::NotRecoverable,
    ConfirmDenied::Undelivered,
];

/// Returns the two errors after which the result is unknown.
fn unknown_results() -> [EffectError; 2] {
    [EffectError::Fault("F-7K2M9Q".to_owned()), EffectError::Interrupted]
}

/// Returns the outcomes of requesting a reset code from Cognito.
pub(crate) fn reset_outcomes(nth: u32) -> Vec<Event> {
    let outcomes = unknown_results().into_iter().map(Err).chain(RESET_DENIALS.map(Err).map(Ok));
    let outcomes = outcomes.chain([Ok(Ok("b•••@w•••.example".to_owned()))]);
    outcomes.map(|outcome| Event::ResetRequested { nth, outcome }).collect()
}

/// Returns the outcomes of setting a new password.
pub(crate) fn confirm_outcomes(nth: u32) -> Vec<Event> {
    let outcomes = unknown_results()
        .into_iter()
        .map(Err)
        .chain(CONFIRM_DENIALS.map(Err).map(Ok))
        .chain([Ok(Ok(()))]);
    outcomes.map(|outcome| Event::Confirmed { nth, outcome, wrong_in_a_day: 1 }).collect()
}

/// Returns every outcome of the first effect of each kind.
pub(crate) fn outcomes() -> Vec<Event> {
    let mut events = Vec::new();
    for purpose in PURPOSES {
        events.extend(send_outcomes(purpose, 1));
        events.extend(check_outcomes(purpose, 1));
    }
    for target in TARGETS {
        events.extend(issue_outcomes(target, 1));
    }
    events.extend(mail_outcomes(1));
    events.extend(reset_outcomes(1));
    events.extend(confirm_outcomes(1));
    events.extend(background_outcomes());
    events
}

/// Returns the events that come from neither a click nor an effect.
pub(crate) fn system_events() -> Vec<Event> {
    let mut events = vec![Event::TimerFired];
    events.extend(PURPOSES.into_iter().flat_map(reports).map(Event::Delivery));
    events.extend(CLOSE_REASONS.map(Event::ForceClose));
    events.extend(answers());
    // All reasons have the same result. `eligibility.rs` tests each.
    events.push(Event::AgentIneligible(NotEligible::Link));
    let reason = Reason::parse("the agent is on leave").expect("a reason of acceptable length");
    events.push(Event::LeadClosed(LEAD, reason));
    events
}

/// Returns the effect that an outcome belongs to.
pub(crate) fn effect_of(event: &Event) -> Option<Effect> {
    match event {
        Event::Sent { purpose, nth, .. } => Some(Effect::Send { purpose: *purpose, nth: *nth }),
        Event::Checked { purpose, nth, .. } => {
            let challenge = Some("challenge-1".to_owned());
            Some(Effect::Verify { purpose: *purpose, nth: *nth, challenge, mac: MAC.to_owned() })
        }
        Event::Issued { target, nth, .. } => Some(Effect::Issue { target: *target, nth: *nth }),
        Event::Mailed { nth, .. } => Some(Effect::MailLink { nth: *nth }),
        Event::Revoked { nth, .. } => Some(Effect::Revoke { nth: *nth }),
        Event::ResetRequested { nth, .. } => Some(Effect::RequestReset { nth: *nth }),
        Event::Confirmed { nth, .. } => Some(Effect::Confirm { nth: *nth }),
        Event::NoticeSent(effect, _) => Some(effect.clone()),
        Event::ReportersCounted(mail, _) => Some(Effect::CountReporters { mail: *mail }),
        Event::LinkCodeSent { nth, .. } => {
            Some(Effect::Send { purpose: Purpose::AgentLink, nth: *nth })
        }
        _ => None,
    }
}
