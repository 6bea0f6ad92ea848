//! Words for events, effects and stages in the snapshots of rules.

use commands::model::delivery::DeliveryReport;
use commands::model::effect::Effect;
use commands::model::event::Event;
use commands::model::flow_state::{LinkState, RecoverState, SupportState};
use commands::model::outcome::{CodeCheck, Denied, EffectError};
use commands::model::report::Answer;
use commands::model::session::{Session, Work};

/// Names an event. The `match` has no wildcard, so a new event must be added here. It must also be
/// added to the lists above.
pub(crate) fn event_name(event: &Event) -> String {
    match event {
        Event::Start
        | Event::Dismiss
        | Event::Send
        | Event::Resend
        | Event::Change
        | Event::Finish
        | Event::Confirm
        | Event::Stay
        | Event::Resume
        | Event::TimerFired => format!("{event:?}"),
        Event::Choose(id) => format!("Choose {id}"),
        Event::Typed(None) => "Typed, malformed".to_owned(),
        Event::Typed(Some(_)) => "Typed".to_owned(),
        Event::Open(target) => format!("Open {}", target.name()),
        Event::MailLink => "Mail".to_owned(),
        Event::Cancel(reason) => format!("Cancel {reason:?}"),
        Event::Sent { purpose, outcome, .. } => {
            format!("Sent {}: {}", purpose.name(), result(outcome, |_| "mailed"))
        }
        Event::Checked { purpose, outcome, attempts, .. } => {
            let tenth = if attempts.in_an_hour == 10 { " (10th of the hour)" } else { "" };
            format!("Checked {}: {}{tenth}", purpose.name(), result(outcome, code_check))
        }
        Event::Issued { target, outcome, .. } => {
            format!("Issued {}: {}", target.name(), result(outcome, |_| "opened"))
        }
        Event::Mailed { outcome, .. } => format!("Mailed: {}", result(outcome, |_| "mailed")),
        Event::Revoked { outcome, .. } => format!("Revoked: {}", result(outcome, |_| "done")),
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
            format!("NoticeSent {}: {}", effect_name(effect), result(outcome, |()| "done"))
        }
        Event::LinkCodeSent { outcome, .. } => {
            format!(
                "LinkCodeSent: {}",
                result(outcome, |found| if found.is_some() { "mailed" } else { "no account" })
            )
        }
        Event::Delivery(DeliveryReport { purpose, status, .. }) => {
            format!("Delivery {}: {:?}", purpose.name(), status.state)
        }
        Event::ForceClose(reason) => format!("ForceClose {}", reason.name()),
        Event::AgentIneligible(reason) => format!("AgentIneligible {}", reason.name()),
        Event::Reported(Answer { mail, choice, .. }) => {
            format!("Reported {}: {}", mail.name(), choice.name())
        }
        Event::ReportersCounted(mail, outcome) => {
            let count = |count: &u32| if *count < 2 { "one" } else { "several" };
            format!("ReportersCounted {}: {}", mail.name(), result(outcome, count))
        }
        Event::LeadClosed(..) => "LeadClosed".to_owned(),
    }
}

fn result<T>(outcome: &Result<T, EffectError>, words: impl Fn(&T) -> &'static str) -> String {
    match outcome {
        Ok(done) => words(done).to_owned(),
        Err(EffectError::Denied(Denied::RateLimited(Some(_)) | Denied::Unavailable(Some(_)))) => {
            format!("{} with a wait", outcome.as_ref().err().map_or("", EffectError::name))
        }
        Err(effect_error) => effect_error.name().to_owned(),
    }
}

fn code_check(checked: &CodeCheck) -> &'static str {
    match checked {
        CodeCheck::Verified(_) => "verified",
        CodeCheck::Mismatch => "mismatch",
        CodeCheck::Expired => "expired",
        CodeCheck::Locked => "locked",
    }
}

/// Names an effect.
pub(crate) fn effect_name(effect: &Effect) -> String {
    match effect {
        Effect::Send { purpose, nth } => format!("send {} {nth}", purpose.name()),
        Effect::Verify { purpose, nth, .. } => format!("verify {} {nth}", purpose.name()),
        Effect::Issue { target, nth } => format!("issue {} {nth}", target.name()),
        Effect::MailLink { nth } => format!("mail {nth}"),
        Effect::Revoke { .. } => "revoke".to_owned(),
        Effect::NotifyLinked { .. } => "notice".to_owned(),
        Effect::RequestReset { nth } => format!("ask for reset {nth}"),
        Effect::Confirm { nth } => format!("confirm {nth}"),
        Effect::SignOut { .. } => "sign-out".to_owned(),
        Effect::NotifyChanged { .. } => "notice of the change".to_owned(),
        Effect::NotifyUnlinked { .. } => "notice of an unlink".to_owned(),
        Effect::NotifyVisit => "visit".to_owned(),
        Effect::CountReporters { .. } => "count".to_owned(),
        Effect::AlertLocked { .. } => "alert".to_owned(),
        Effect::AlertResetLocked => "alert of reset codes".to_owned(),
        Effect::AlertWrongResetCodes { count } => format!("alert of {count} reset codes"),
    }
}

/// Returns the stage of a session in the trail's words, with the reason of a close.
pub(crate) fn stage(session: &Session) -> String {
    match &session.work {
        Work::Support(_, SupportState::Closed(reason))
        | Work::Link(LinkState::Closed(reason))
        | Work::Recover(RecoverState { closed: Some(reason), .. }) => {
            format!("closed({})", reason.name())
        }
        Work::Recover(_) => "recovering".to_owned(),
        Work::Support(_, state) => state.name().to_owned(),
        Work::Link(LinkState::CodeRequested { .. }) => "asked".to_owned(),
    }
}
