//! Everything that can happen to a session, by name: every kind of click and every kind of outcome.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::outcome::{CodeCheck, ConfirmDenied, Denied, EffectError, ResetDenied, Sent};
use commands::model::words::{AccountProblem, CloseReason, NotEligible, Purpose, Target};

use crate::people::{JOINED, OWNED};
use crate::road::{MAC, NOW, ben, mailed};

/// Every purpose of a code.
pub(crate) const PURPOSES: [Purpose; 3] =
    [Purpose::AgentMfa, Purpose::CustomerConsent, Purpose::AgentLink];
/// Everything that can be opened.
pub(crate) const TARGETS: [Target; 4] =
    [Target::Store, Target::Web, Target::App, Target::Successor];
/// Every reason for which a session closes.
pub(crate) const CLOSINGS: [CloseReason; 13] = [
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
];

/// Every reason for which a link does not count.
pub(crate) const LAPSES: [AccountProblem; 4] = [
    AccountProblem::Gone,
    AccountProblem::Disabled,
    AccountProblem::NotInGroup,
    AccountProblem::Unverified,
];
/// Everything that makes somebody no agent any more.
pub(crate) const LOSSES: [NotEligible; 6] = [
    NotEligible::Role,
    NotEligible::Link,
    NotEligible::Account(LAPSES[0]),
    NotEligible::Account(LAPSES[1]),
    NotEligible::Account(LAPSES[2]),
    NotEligible::Account(LAPSES[3]),
];

/// Every click.
pub(crate) fn clicks() -> Vec<Event> {
    let mut clicks = vec![
        Event::Start,
        Event::Dismiss,
        Event::Choose(OWNED.to_owned()),
        Event::Choose(JOINED.to_owned()),
        Event::Choose("succession-1".to_owned()),
        Event::Choose("eco-of-somebody-else".to_owned()),
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

/// Every way in which an effect does not happen.
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

/// What a function can say of a code that it knows.
pub(crate) fn verdicts() -> [CodeCheck; 4] {
    [
        CodeCheck::Verified("proof".to_owned().into()),
        CodeCheck::Mismatch,
        CodeCheck::Expired,
        CodeCheck::Locked,
    ]
}

/// The outcomes of mailing a code.
pub(crate) fn of_sending(purpose: Purpose, nth: u32) -> Vec<Event> {
    let outcomes = failures().into_iter().map(Err).chain([Ok(mailed(NOW))]);
    outcomes
        .map(|outcome: Result<Sent, EffectError>| Event::Sent { purpose, nth, outcome })
        .collect()
}

/// The outcomes of checking a code, at the subject's first try and at the tenth of the hour.
pub(crate) fn of_checking(purpose: Purpose, nth: u32) -> Vec<Event> {
    let event = |count| move |outcome| Event::Checked { purpose, nth, outcome, count };
    let mut events: Vec<_> = verdicts().into_iter().map(Ok).map(event(1)).collect();
    events.push(event(10)(Ok(CodeCheck::Mismatch)));
    events.extend(failures().into_iter().map(Err).map(event(1)));
    events
}

/// The outcomes of opening something.
pub(crate) fn of_issuing(target: Target, nth: u32) -> Vec<Event> {
    let done = Ok((Some(77), NOW + Duration::from_mins(1)));
    let outcomes = failures().into_iter().map(Err).chain([done]);
    outcomes.map(|outcome| Event::Issued { target, nth, outcome }).collect()
}

/// The outcomes of mailing a successor's way in.
pub(crate) fn of_mailing(nth: u32) -> Vec<Event> {
    let done = Ok(("s•••@e•••.com".to_owned(), NOW + Duration::from_mins(1)));
    let outcomes = failures().into_iter().map(Err).chain([done]);
    outcomes.map(|outcome| Event::Mailed { nth, outcome }).collect()
}

/// The outcomes of what nobody waits for.
pub(crate) fn of_the_rest() -> Vec<Event> {
    let agent_id = "agent-ben".to_owned();
    let told = [
        Effect::NotifyLinked { agent_id: agent_id.clone() },
        Effect::SignOut { agent_id: agent_id.clone(), nth: 1 },
        Effect::NotifyChanged { agent_id, nth: 1 },
        Effect::AlertLocked { purpose: Purpose::CustomerConsent },
    ];
    let mut events: Vec<_> =
        failures().into_iter().map(Err).chain([Ok(2)]).map(Event::Revoked).collect();
    for effect in told {
        events.push(Event::NoticeSent(effect.clone(), Ok(())));
        events
            .extend(failures().into_iter().map(|why| Event::NoticeSent(effect.clone(), Err(why))));
    }
    events.push(Event::NoticeSent(
        Effect::AlertLocked { purpose: Purpose::CustomerConsent },
        Err(EffectError::NoChannel),
    ));
    events.extend(
        [Ok(Some((ben(), mailed(NOW)))), Ok(None)]
            .map(|outcome| Event::LinkCodeSent { nth: 1, outcome }),
    );
    events.extend(
        failures().into_iter().map(|why| Event::LinkCodeSent { nth: 1, outcome: Err(why) }),
    );
    events
}

/// Every no of Cognito's to a code.
pub(crate) const NO_RESETS: [ResetDenied; 3] =
    [ResetDenied::TooMany, ResetDenied::NotRecoverable, ResetDenied::Undelivered];
/// Every no of Cognito's to a new password.
pub(crate) const NOT_CONFIRMED: [ConfirmDenied; 7] = [
    ConfirmDenied::WrongCode,
    ConfirmDenied::ExpiredCode,
    ConfirmDenied::TooMany,
    ConfirmDenied::WeakPassword,
    ConfirmDenied::Reused,
    ConfirmDenied::NotRecoverable,
    ConfirmDenied::Undelivered,
];

/// The two ways in which nobody knows.
fn doubts() -> [EffectError; 2] {
    [EffectError::Fault("F-7K2M9Q".to_owned()), EffectError::Interrupted]
}

/// The outcomes of asking Cognito for a code.
pub(crate) fn of_resetting(nth: u32) -> Vec<Event> {
    let outcomes = doubts().into_iter().map(Err).chain(NO_RESETS.map(Err).map(Ok));
    let outcomes = outcomes.chain([Ok(Ok("b•••@w•••.example".to_owned()))]);
    outcomes.map(|outcome| Event::ResetRequested { nth, outcome }).collect()
}

/// The outcomes of setting a new password.
pub(crate) fn of_confirming(nth: u32) -> Vec<Event> {
    let outcomes =
        doubts().into_iter().map(Err).chain(NOT_CONFIRMED.map(Err).map(Ok)).chain([Ok(Ok(()))]);
    outcomes.map(|outcome| Event::Confirmed { nth, outcome }).collect()
}

/// Every outcome, for the first effect of each kind.
pub(crate) fn outcomes() -> Vec<Event> {
    let mut events = Vec::new();
    for purpose in PURPOSES {
        events.extend(of_sending(purpose, 1));
        events.extend(of_checking(purpose, 1));
    }
    for target in TARGETS {
        events.extend(of_issuing(target, 1));
    }
    events.extend(of_mailing(1));
    events.extend(of_resetting(1));
    events.extend(of_confirming(1));
    events.extend(of_the_rest());
    events
}

/// What comes from neither a click nor an effect.
pub(crate) fn others() -> Vec<Event> {
    let mut events = vec![Event::TimerFired];
    events.extend(CLOSINGS.map(Event::ForceClose));
    // Whatever is lost, the same comes of it: `standing.rs` holds that for all of them.
    events.push(Event::AgentIneligible(NotEligible::Link));
    events
}

/// The effect whose outcome an event is.
pub(crate) fn effect_of(event: &Event) -> Option<Effect> {
    match event {
        Event::Sent { purpose, nth, .. } => Some(Effect::Send { purpose: *purpose, nth: *nth }),
        Event::Checked { purpose, nth, .. } => {
            Some(Effect::Verify { purpose: *purpose, nth: *nth, mac: MAC.to_owned() })
        }
        Event::Issued { target, nth, .. } => Some(Effect::Issue { target: *target, nth: *nth }),
        Event::Mailed { nth, .. } => Some(Effect::MailLink { nth: *nth }),
        Event::Revoked(_) => Some(Effect::Revoke),
        Event::ResetRequested { nth, .. } => Some(Effect::RequestReset { nth: *nth }),
        Event::Confirmed { nth, .. } => Some(Effect::Confirm { nth: *nth }),
        Event::NoticeSent(effect, _) => Some(effect.clone()),
        Event::LinkCodeSent { nth, .. } => {
            Some(Effect::Send { purpose: Purpose::AgentLink, nth: *nth })
        }
        _ => None,
    }
}

/// An event in a few words. Without a wildcard, so that a new event has to be thought of here, and
/// in the lists above.
pub(crate) fn named(event: &Event) -> String {
    match event {
        Event::Start => "Start".to_owned(),
        Event::Dismiss => "Dismiss".to_owned(),
        Event::Choose(id) => format!("Choose {id}"),
        Event::Send => "Send".to_owned(),
        Event::Resend => "Resend".to_owned(),
        Event::Change => "Change".to_owned(),
        Event::Typed(None) => "Typed, malformed".to_owned(),
        Event::Typed(Some(_)) => "Typed".to_owned(),
        Event::Open(target) => format!("Open {}", target.name()),
        Event::MailLink => "Mail".to_owned(),
        Event::Finish => "Finish".to_owned(),
        Event::Cancel(reason) => format!("Cancel {reason:?}"),
        Event::Confirm => "Confirm".to_owned(),
        Event::Stay => "Stay".to_owned(),
        Event::Resume => "Resume".to_owned(),
        Event::Sent { purpose, outcome, .. } => {
            format!("Sent {}: {}", purpose.name(), result(outcome, |_| "mailed"))
        }
        Event::Checked { purpose, outcome, count, .. } => {
            let tenth = if *count == 10 { " (10th of the hour)" } else { "" };
            format!("Checked {}: {}{tenth}", purpose.name(), result(outcome, verdict))
        }
        Event::Issued { target, outcome, .. } => {
            format!("Issued {}: {}", target.name(), result(outcome, |_| "opened"))
        }
        Event::Mailed { outcome, .. } => format!("Mailed: {}", result(outcome, |_| "mailed")),
        Event::Revoked(outcome) => format!("Revoked: {}", result(outcome, |_| "done")),
        Event::ResetRequested { outcome, .. } => {
            format!(
                "ResetRequested: {}",
                result(outcome, |answer| answer.as_ref().err().map_or("mailed", |why| why.name()))
            )
        }
        Event::Confirmed { outcome, .. } => {
            format!(
                "Confirmed: {}",
                result(outcome, |answer| answer.as_ref().err().map_or("changed", |why| why.name()))
            )
        }
        Event::NoticeSent(effect, outcome) => {
            format!("Told {}: {}", wanted(effect), result(outcome, |()| "done"))
        }
        Event::LinkCodeSent { outcome, .. } => {
            format!(
                "LinkCodeSent: {}",
                result(outcome, |found| if found.is_some() { "mailed" } else { "no account" })
            )
        }
        Event::TimerFired => "Tick".to_owned(),
        Event::ForceClose(closing) => format!("Lost {}", closing.name()),
        Event::AgentIneligible(loss) => format!("AgentIneligible {}", loss.name()),
    }
}

fn result<T>(outcome: &Result<T, EffectError>, words: impl Fn(&T) -> &'static str) -> String {
    match outcome {
        Ok(done) => words(done).to_owned(),
        Err(EffectError::Denied(Denied::RateLimited(Some(_)) | Denied::Unavailable(Some(_)))) => {
            format!("{} with a wait", outcome.as_ref().err().map_or("", EffectError::name))
        }
        Err(not_done) => not_done.name().to_owned(),
    }
}

fn verdict(checked: &CodeCheck) -> &'static str {
    match checked {
        CodeCheck::Verified(_) => "verified",
        CodeCheck::Mismatch => "mismatch",
        CodeCheck::Expired => "expired",
        CodeCheck::Locked => "locked",
    }
}

/// An effect in a few words.
pub(crate) fn wanted(effect: &Effect) -> String {
    match effect {
        Effect::Send { purpose, nth } => format!("send {} {nth}", purpose.name()),
        Effect::Verify { purpose, nth, .. } => format!("verify {} {nth}", purpose.name()),
        Effect::Issue { target, nth } => format!("issue {} {nth}", target.name()),
        Effect::MailLink { nth } => format!("mail {nth}"),
        Effect::Revoke => "revoke".to_owned(),
        Effect::NotifyLinked { .. } => "notice".to_owned(),
        Effect::RequestReset { nth } => format!("ask for reset {nth}"),
        Effect::Confirm { nth } => format!("confirm {nth}"),
        Effect::SignOut { .. } => "sign-out".to_owned(),
        Effect::NotifyChanged { .. } => "notice of the change".to_owned(),
        Effect::AlertLocked { .. } => "alert".to_owned(),
    }
}
