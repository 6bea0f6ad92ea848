//! Pure decisions: no `await`, and no call of a port.
//!
//! [`step()`] dispatches an event to the session's flow. What is the same in every flow is decided
//! here: timers, notices, revocations, Resume, Stay, forced closes, lost eligibility and all events
//! of a closed session. The engine saves and performs the resulting [`Step`].

pub mod alerts;
pub mod lead;
pub mod link;
pub mod recover;
pub mod report;
pub mod show;
pub mod step;
pub mod support;
pub mod verify;
pub mod watch;

use std::time::Duration;

use serde_json::{Value, json};

use crate::flows::alerts::raise;
use crate::flows::step::{Facts, Step};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::outcome::{CodeCheck, Denied, EffectError};
use crate::model::reason::{self, Reason};
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::time::minutes;
use crate::model::timers::{LONGEST_RETRY, RETRY_AFTER};
use crate::model::trail::kind;
use crate::model::words::{CloseReason, NotEligible};

/// Time after the close in which a failed notice or sign-out is retried.
const NOTICE_RETRY_WINDOW: Duration = minutes(60);

/// Decides one move of a session.
///
/// An outcome counts only while its effect is pending. A click that requests another blocking
/// effect is refused while one is pending.
pub fn step(session: &Session, event: Event, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    if !event.is_expected_by(session) {
        step.refuse(Refusal::AlreadyDone);
    } else if event.requires_idle() && session.is_busy() && session.closed().is_none() {
        step.refuse(Refusal::Busy(None));
    } else {
        decide(&mut step, session, event, facts);
    }
    step
}

/// Decides what is the same in every flow, and dispatches the rest to the session's flow.
fn decide(step: &mut Step, session: &Session, event: Event, facts: &Facts) {
    match (event, session.closed(), &session.work) {
        (Event::TimerFired, ..) => fire_timers(step),
        (Event::NoticeSent(effect, outcome), ..) => record_notice(step, &effect, &outcome),
        (Event::Revoked { nth, outcome }, ..) => record_revocation(step, nth, &outcome),
        (Event::Reported(answer), ..) => report::record(step, answer),
        (Event::ReportersCounted(mail, reporters), ..) => {
            report::count_reporters(step, mail, &reporters);
        }
        (Event::Delivery(report), ..) => verify::delivery::record(step, &report),
        // Another process can have closed the session during the call. The password is changed
        // nevertheless.
        (Event::Confirmed { nth, outcome: Ok(Ok(())), .. }, _, Work::Recover(_)) => {
            recover::finish_recovery(step, nth);
        }
        // Another process closed the session during the call, and revoked before the link existed.
        (event, Some(_), Work::Support(..)) if event.may_have_opened_link() => {
            support::access::link_came_late(step, &event);
        }
        (Event::Checked { purpose, nth, outcome: Ok(CodeCheck::Verified(_)), .. }, Some(_), _) => {
            verify::right_code_came_late(step, purpose, nth);
        }
        (_, Some((reason, at)), _) => step.refuse(Refusal::Closed(reason, at)),
        // The agent may still do what this session permits.
        (Event::AgentIneligible(NotEligible::VerifyOnly), ..)
            if !session.exceeds(Some(Scope::Verify)) => {}
        (Event::AgentIneligible(not_eligible), ..) => {
            raise::eligibility_lost(step, not_eligible);
            let details = json!({ "lost": not_eligible.name() });
            step.close_with(CloseReason::AgentIneligible, details, Value::Null);
            step.refuse(Refusal::AgentIneligible(not_eligible));
        }
        (Event::LeadClosed(lead, reason), ..) => close_by_lead(step, lead, &reason),
        (Event::ForceClose(reason), ..) => step.close(reason),
        (Event::Resume, ..) => step.record(kind::RESUMED, json!({})),
        (Event::Stay, ..) if !session.awaits_customer() => step.record(kind::STAYED, json!({})),
        (event, _, Work::Support(kind, state)) => support::step(step, *kind, state, event, facts),
        (event, _, Work::Link(state)) => link::step(step, state, event),
        (event, _, Work::Recover(state)) => recover::step(step, state, event),
    }
}

/// Closes the session for a lead. The reason is sealed with the customer, because the agent must
/// not see it, and it can tell who the customer is.
fn close_by_lead(step: &mut Step, lead: u64, reason: &Reason) {
    let is_own = lead == step.session.actor.discord_id;
    let details = if is_own { json!({ "own": true }) } else { json!({}) };
    let about = json!({ "reason": reason::mask(reason.as_str()) });
    step.close_as(format!("discord:{lead}"), CloseReason::ByLead, details, about);
}

/// Fires every due timer: warns, strips or closes the session, ends its access links, enables
/// Resend.
fn fire_timers(step: &mut Step) {
    let now = step.now;
    // The sweep performs background effects right after this, so their retry time starts again.
    // A blocking one is due here only if the agent's eligibility cannot be read, and is tried again
    // later, or at the session's end, and is dropped by the close.
    let due = step.session.pending.iter_mut().filter(|pending| pending.due_at() <= now);
    due.for_each(|pending| pending.requested_at = now);
    if step.session.closed().is_some() {
        return;
    }
    let clocks = &mut step.session.clocks;
    let end = clocks.end();
    if now >= end {
        let reason =
            if clocks.ends_absolutely() { CloseReason::Absolute } else { CloseReason::Idle };
        return step.close(reason);
    }
    if now >= clocks.warn_at() {
        clocks.warned_of = Some(end);
    }
    if now >= clocks.strip_at() && clocks.stripped_for != Some(end) {
        clocks.stripped_for = Some(end);
        clocks.stripped = true;
    }
    if let Some(purpose) = step.session.offered_purpose() {
        // Resend works again.
        let resend_at = &mut step.session.verification_mut(purpose).resend_at;
        *resend_at = resend_at.filter(|at| now < *at);
    }
    step.session.retain_access_links(|link| link.works(now));
}

/// Records the outcome of a notice or a sign-out. A failed one is retried for a while. An alert of
/// an older version is raised as a row.
fn record_notice(step: &mut Step, effect: &Effect, outcome: &Result<(), EffectError>) {
    let since = step.now.since(step.session.clocks.closed_at.unwrap_or(step.now));
    if is_retried(effect, outcome) && since < NOTICE_RETRY_WINDOW {
        step.retry_later(effect);
    } else {
        step.finish(effect);
    }
    let kind = match effect {
        Effect::AlertLocked { purpose, until_unlocked } => {
            return raise::locked(step, *purpose, *until_unlocked);
        }
        Effect::AlertResetLocked => {
            return raise::reset_codes(step, recover::WRONG_CODES_A_LINK, true);
        }
        Effect::AlertWrongResetCodes { count } => return raise::reset_codes(step, *count, false),
        Effect::SignOut { .. } => kind::SIGNED_OUT,
        _ => kind::NOTIFIED,
    };
    let template = match effect {
        Effect::NotifyLinked { .. } => Some("account_linked"),
        Effect::NotifyUnlinked { .. } => Some("account_unlinked"),
        Effect::NotifyChanged { .. } => Some("password_changed"),
        Effect::NotifyVisit => Some("support_visit"),
        _ => None,
    };
    if template.is_some() && outcome.is_ok() {
        step.session.report_record_mut().noticed_at = Some(step.now);
    }
    let mut details =
        json!({ "outcome": outcome.as_ref().map_or_else(EffectError::name, |()| "done") });
    if let Some(template) = template {
        details["template"] = json!(template);
    }
    if let Effect::NotifyUnlinked { agent_id } = effect {
        details["agent"] = json!(agent_id);
    }
    step.record(kind, details);
}

/// Returns true if a failed notice is sent again. The notice of a visit or a removed link also is
/// when the function is busy, because no other mail tells its reader.
const fn is_retried(effect: &Effect, outcome: &Result<(), EffectError>) -> bool {
    let is_only_mail = matches!(effect, Effect::NotifyVisit | Effect::NotifyUnlinked { .. });
    match outcome {
        Err(EffectError::Fault(_)) => true,
        Err(EffectError::Denied(Denied::RateLimited(_) | Denied::Unavailable(_))) => is_only_mail,
        _ => false,
    }
}

/// Records the outcome of a revocation. A failed one is retried until it succeeds, after one minute
/// and then after twice the wait before. The trail has each change of the outcome.
fn record_revocation(step: &mut Step, nth: u32, outcome: &Result<u32, EffectError>) {
    let effect = Effect::Revoke { nth };
    let details = match outcome {
        Ok(count) => json!({ "outcome": "done", "revoked": count }),
        Err(error) => json!({ "outcome": error.name() }),
    };
    let is_news = match outcome {
        Ok(_) | Err(EffectError::Denied(Denied::NotFound)) => {
            step.finish(&effect);
            true
        }
        // The links can still work until a revocation is confirmed.
        Err(error) => step.put_off(&effect, error.name(), |calls| {
            let doubled = 2_u32.saturating_pow(calls.saturating_sub(1));
            RETRY_AFTER.saturating_mul(doubled).min(LONGEST_RETRY)
        }),
    };
    if is_news {
        step.record(kind::REVOKED, details);
    }
}
