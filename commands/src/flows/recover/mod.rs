//! Where a recovery is, and every move of it.
//!
//! A code is asked of Cognito with the command, and again from the page. What is typed there is
//! sent once, and nothing that cannot be repeated is repeated: after a crash the agent is told that
//! nobody knows, and what to do about it.

pub mod messages;
pub mod password;
pub mod screens;
pub mod token;
pub mod validate;

use std::time::Duration;

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::limit::LimitUse;
use crate::model::outcome::{EffectError, ResetDenied};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::timers::{ABSOLUTE_CLOSE, Clocks};
use crate::model::trail::kind;
use crate::model::verification::RESEND_WAIT;
use crate::model::words::{CloseReason, Limit};

/// Codes that an agent may ask for in [`RECOVER_WINDOW`], the page's Resend and refused addresses
/// included (OWASP Forgot Password: limit requests per account). Cognito's own limit is somewhere
/// from 5 to 20 calls of both kinds an hour.
pub const RECOVER_REQUESTS: u32 = 3;

/// New passwords that an agent may send in [`RECOVER_WINDOW`] (ASVS 6.3.1): of a million codes five
/// can be tried.
pub const RECOVER_CONFIRMS: u32 = 5;

/// A rolling hour.
pub const RECOVER_WINDOW: Duration = minutes(60);

/// How long a link to the page is good: as long as the code in the mail, and as any session at
/// most.
pub const PAGE_LIFE: Duration = ABSOLUTE_CLOSE;

/// The word for these codes in the trail.
const PURPOSE: &str = "password_reset";

/// The clocks of a recovery: an hour from the request, whatever happens. Nobody is attended, so
/// nobody is idle.
#[must_use]
pub fn clocks(now: Timestamp) -> Clocks {
    Clocks { started_at: Some(now), ..Clocks::starting(now, PAGE_LIFE) }
}

/// What is counted when a code is asked for, or a wrong address typed.
#[must_use]
pub fn request(agent_id: &str) -> LimitUse {
    limit_use(Limit::RecoverRequests, agent_id, RECOVER_REQUESTS)
}

fn confirmation(agent_id: &str) -> LimitUse {
    limit_use(Limit::RecoverConfirms, agent_id, RECOVER_CONFIRMS)
}

fn limit_use(limit: Limit, agent_id: &str, allowed: u32) -> LimitUse {
    LimitUse { limit, subject: format!("agent:{agent_id}"), allowed, window: RECOVER_WINDOW }
}

/// The first step of a new session: the first code is asked for.
#[must_use]
pub fn begin(session: &Session, state: &RecoverState, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    step.record(kind::RECOVERY_ASKED, json!({ "account": session.actor.agent_id }));
    ask(&mut step, state);
    step
}

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(session: &Session, state: &RecoverState, event: Event, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    match (state.closed, event) {
        // Closed while Cognito was at it, through another process: the password is another all the
        // same.
        (_, Event::Confirmed { nth, outcome: Ok(Ok(())) }) => changed(&mut step, nth),
        (Some(closing), _) => {
            step.refuse(Refusal::Closed(closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (None, Event::ForceClose(closing)) => step.close(closing, &json!({})),
        (None, Event::Dismiss) => step.close(CloseReason::Dismissed, &json!({})),
        (None, Event::Resume) => step.record(kind::RESUMED, json!({})),
        (None, Event::Stay) => step.record(kind::STAYED, json!({})),
        (None, Event::Resend) => ask(&mut step, state),
        (None, Event::ResetAsked { nth, outcome }) => asked(&mut step, nth, outcome),
        (None, Event::Confirm) => {
            let nth = state.tried.saturating_add(1);
            step.limit_uses.push(confirmation(&session.actor.agent_id));
            step.record(kind::PASSWORD_TYPED, json!({ "nth": nth }));
            step.effect(Effect::Confirm { nth });
            change(&mut step, |state| state.tried = nth);
        }
        (None, Event::Confirmed { nth, outcome }) => {
            step.done(&Effect::Confirm { nth });
            let (why, news) = match outcome {
                // Was answered above.
                Ok(Ok(())) => return step,
                Ok(Err(why)) => (why.name(), LastOutcome::NotChanged(why)),
                Err(not_done) => {
                    // In doubt it was changed: nobody stays signed in with the old password, and
                    // its owner hears of it.
                    follow_up(&mut step, nth);
                    (not_done.name(), LastOutcome::MaybeChanged(reference(not_done)))
                }
            };
            step.record(kind::PASSWORD_NOT_CHANGED, json!({ "nth": nth, "why": why }));
            change(&mut step, |state| state.news = Some(news));
        }
        (None, _) => step.refuse(Refusal::AlreadyDone),
    }
    step
}

fn change(step: &mut Step, change: impl FnOnce(&mut RecoverState)) {
    if let Work::Recover(state) = &mut step.session.work {
        change(state);
    }
}

/// Asks for a code, or says why not.
fn ask(step: &mut Step, state: &RecoverState) {
    let now = step.now;
    let Some(at) = resend_at(state) else {
        return step.refuse(Refusal::NoSendsLeft);
    };
    if now < at {
        return step.refuse(Refusal::TooEarly(at));
    }
    let nth = state.asked.saturating_add(1);
    step.limit_uses.push(request(&step.session.actor.agent_id));
    step.record(kind::CODE_ASKED, json!({ "purpose": PURPOSE, "nth": nth }));
    step.effect(Effect::AskReset { nth });
    // The wait begins with the question: whatever comes of it, Cognito has counted it.
    change(step, |state| (state.asked, state.resend_at) = (nth, now + RESEND_WAIT));
}

fn asked(step: &mut Step, nth: u32, outcome: Result<Result<String, ResetDenied>, EffectError>) {
    step.done(&Effect::AskReset { nth });
    let (why, news) = match outcome {
        Ok(Ok(to)) => {
            step.record(kind::CODE_SENT, json!({ "purpose": PURPOSE, "nth": nth, "to": to }));
            let news = (nth > 1).then_some(LastOutcome::Resent);
            return change(step, |state| (state.to, state.news) = (Some(to), news));
        }
        Ok(Err(why)) => (why.name(), LastOutcome::NotSent(why)),
        Err(not_done) => (not_done.name(), LastOutcome::MaybeSent(reference(not_done))),
    };
    step.record(kind::CODE_NOT_SENT, json!({ "purpose": PURPOSE, "nth": nth, "why": why }));
    change(step, |state| state.news = Some(news));
}

/// The password was changed: the link is used up, the account is signed out, and its owner told.
fn changed(step: &mut Step, nth: u32) {
    step.done(&Effect::Confirm { nth });
    step.record(kind::PASSWORD_CHANGED, json!({ "nth": nth }));
    step.close(CloseReason::Finished, &json!({}));
    follow_up(step, nth);
}

/// The account is signed out everywhere, and its owner told (NIST SP 800-63B-4 4.2.3: recovery
/// always notifies).
fn follow_up(step: &mut Step, nth: u32) {
    let agent_id = step.session.actor.agent_id.clone();
    step.effect(Effect::SignOut { agent_id: agent_id.clone(), nth });
    step.effect(Effect::NotifyChanged { agent_id, nth });
}

/// The reference of a fault; `None` for an interruption, which has none.
fn reference(not_done: EffectError) -> Option<String> {
    match not_done {
        EffectError::Fault(reference) => Some(reference),
        EffectError::Interrupted | EffectError::NoChannel | EffectError::Denied(_) => None,
    }
}

/// Returns when another code can be requested through this link. `None`: never again.
pub fn resend_at(state: &RecoverState) -> Option<Timestamp> {
    (state.asked < RECOVER_REQUESTS).then_some(state.resend_at)
}
