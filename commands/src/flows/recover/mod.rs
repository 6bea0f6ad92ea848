//! The flow of `/account recover`: replaces the BackOffice password.
//!
//! Discord cannot mask a password in a form, and its developer policy forbids asking for one. So
//! the agent types code and password on a one-time page. Cognito mails a code with the command, and
//! again from the page. A call to Cognito is never repeated. After a crash the page says that the
//! result is unknown, and what to do.

pub mod guessable;
pub mod messages;
pub mod password;
pub mod screens;
pub mod token;

use std::time::Duration;

use serde_json::json;

use crate::flows::alerts::raise;
use crate::flows::step::Step;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::flow_state::{LastOutcome, RecoverState};
use crate::model::limit::LimitUse;
use crate::model::outcome::{ConfirmDenied, EffectError, ResetDenied};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::timers::{ABSOLUTE_CLOSE, Clocks};
use crate::model::trail::kind;
use crate::model::verification::RESEND_WAIT;
use crate::model::words::{CloseReason, Limit};

/// Maximum codes that an agent requests in [`RECOVER_WINDOW`], including the page's Resend and
/// refused addresses (OWASP Forgot Password: limit requests per account).
///
/// Cognito's own limit is between 5 and 20 calls an hour, for codes and passwords together.
pub const RECOVER_REQUESTS: u32 = 3;

/// Maximum new passwords that an agent submits in [`RECOVER_WINDOW`] (ASVS 6.3.1). An attacker
/// gets five guesses an hour at a six-digit code.
pub const RECOVER_CONFIRMS: u32 = 5;

/// Wrong reset codes after which the link closes and the leads are alerted (ASVS 6.3.4).
pub const WRONG_CODES_A_LINK: u32 = 5;

/// Maximum wrong reset codes of an agent in [`WRONG_CODES_WINDOW`], over all links (ASVS 6.3.4).
pub const WRONG_CODES_A_DAY: u32 = 10;

/// Rolling window of one day.
pub const WRONG_CODES_WINDOW: Duration = minutes(24 * 60);

/// Rolling window of one hour.
pub const RECOVER_WINDOW: Duration = minutes(60);

/// Lifetime of a link to the page. It equals the lifetime of the mailed code, and the absolute
/// timeout.
const PAGE_LIFE: Duration = ABSOLUTE_CLOSE;

/// Purpose of these codes in the trail.
const PURPOSE: &str = "password_reset";

/// Returns the clocks of a recovery: it ends an hour after the request. It has no shorter idle
/// timeout, because it attends no customer.
pub fn clocks(now: Timestamp) -> Clocks {
    Clocks { started_at: Some(now), ..Clocks::starting(now, PAGE_LIFE) }
}

/// Returns the limit use of a requested code, or of a wrong address.
pub fn request_use(agent_id: &str) -> LimitUse {
    limit_use(Limit::RecoverRequests, agent_id, RECOVER_REQUESTS)
}

/// Returns the limit use of a wrong reset code.
pub fn wrong_code_use(agent_id: &str) -> LimitUse {
    let wrong = limit_use(Limit::WrongResetCodes, agent_id, WRONG_CODES_A_DAY);
    LimitUse { window: WRONG_CODES_WINDOW, ..wrong }
}

/// Returns the limit uses of an agent's recoveries in an hour.
pub fn hourly_uses(agent_id: &str) -> [LimitUse; 2] {
    let [confirms, _] = confirm_uses(agent_id);
    [request_use(agent_id), confirms]
}

/// Returns the limit uses of a submitted password. The use of a wrong code is given back unless the
/// code is wrong.
fn confirm_uses(agent_id: &str) -> [LimitUse; 2] {
    let confirms = limit_use(Limit::RecoverConfirms, agent_id, RECOVER_CONFIRMS);
    [confirms, wrong_code_use(agent_id)]
}

fn refund_wrong_code(step: &mut Step) {
    let wrong = wrong_code_use(&step.session.actor.agent_id);
    step.refunds.push((wrong.limit, wrong.subject));
}

fn limit_use(limit: Limit, agent_id: &str, allowed: u32) -> LimitUse {
    LimitUse {
        limit,
        subject: format!("agent:{agent_id}"),
        allowed,
        window: RECOVER_WINDOW,
        replaces: None,
    }
}

/// Begins a session: requests the first code.
pub fn begin(session: &Session, state: &RecoverState, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    step.record(kind::RECOVERY_ASKED, json!({ "account": session.actor.agent_id }));
    request_code(&mut step, state);
    step
}

/// Decides an event that [`flows::step`](crate::flows::step()) leaves to this flow. An unexpected
/// one is refused.
pub(crate) fn step(step: &mut Step, state: &RecoverState, event: Event) {
    match event {
        Event::Dismiss => step.close(CloseReason::Dismissed),
        Event::Resend => request_code(step, state),
        Event::ResetRequested { nth, outcome } => record_reset(step, nth, outcome),
        Event::Confirm => {
            let nth = state.passwords_submitted.saturating_add(1);
            step.limit_uses.extend(confirm_uses(&step.session.actor.agent_id));
            step.record(kind::PASSWORD_TYPED, json!({ "nth": nth }));
            step.request(Effect::Confirm { nth });
            update_state(step, |state| state.passwords_submitted = nth);
        }
        // The caller finishes the recovery after a changed password.
        Event::Confirmed { nth, outcome: Ok(Err(why)), wrong_in_a_day } => {
            record_not_changed(step, nth, why.name(), LastOutcome::NotChanged(why));
            // Cognito does not tell a wrong code from an expired one.
            if matches!(why, ConfirmDenied::WrongCode | ConfirmDenied::ExpiredCode) {
                record_wrong_code(step, state.wrong_codes.saturating_add(1), wrong_in_a_day);
            } else {
                refund_wrong_code(step);
            }
        }
        Event::Confirmed { nth, outcome: Err(error), .. } => {
            refund_wrong_code(step);
            // The password may be changed, so the account is signed out and its owner notified.
            sign_out_and_notify(step, nth);
            let why = error.name();
            record_not_changed(step, nth, why, LastOutcome::MaybeChanged(fault_reference(error)));
        }
        _ => step.refuse(Refusal::AlreadyDone),
    }
}

/// Records that the password was not changed, or that the result is unknown.
fn record_not_changed(step: &mut Step, nth: u32, why: &str, last_outcome: LastOutcome) {
    step.finish(&Effect::Confirm { nth });
    step.record(kind::PASSWORD_NOT_CHANGED, json!({ "nth": nth, "why": why }));
    update_state(step, |state| state.last_outcome = Some(last_outcome));
}

/// Counts a wrong code. The fifth of a link closes it and alerts the leads. The fifth and the tenth
/// of a day alert them too, because a new link starts its own count.
fn record_wrong_code(step: &mut Step, wrong_codes: u32, wrong_in_a_day: u32) {
    update_state(step, |state| state.wrong_codes = wrong_codes);
    if wrong_codes >= WRONG_CODES_A_LINK {
        step.close(CloseReason::ResetLockedOut);
        raise::reset_codes(step, wrong_codes, true);
    } else if [WRONG_CODES_A_LINK, WRONG_CODES_A_DAY].contains(&wrong_in_a_day) {
        raise::reset_codes(step, wrong_in_a_day, false);
    }
}

fn update_state(step: &mut Step, update: impl FnOnce(&mut RecoverState)) {
    if let Work::Recover(state) = &mut step.session.work {
        update(state);
    }
}

/// Requests a code, or refuses.
fn request_code(step: &mut Step, state: &RecoverState) {
    let now = step.now;
    let Some(at) = resend_at(state) else {
        return step.refuse(Refusal::NoSendsLeft);
    };
    if now < at {
        return step.refuse(Refusal::TooEarly(at));
    }
    let nth = state.codes_requested.saturating_add(1);
    step.limit_uses.push(request_use(&step.session.actor.agent_id));
    step.record(kind::CODE_ASKED, json!({ "purpose": PURPOSE, "nth": nth }));
    step.request(Effect::RequestReset { nth });
    // Cognito counts failed requests too, so the wait starts at the request.
    update_state(step, |state| (state.codes_requested, state.resend_at) = (nth, now + RESEND_WAIT));
}

/// Records the outcome of a requested code.
fn record_reset(
    step: &mut Step,
    nth: u32,
    outcome: Result<Result<String, ResetDenied>, EffectError>,
) {
    step.finish(&Effect::RequestReset { nth });
    let (why, last_outcome) = match outcome {
        Ok(Ok(to)) => {
            step.record(kind::CODE_SENT, json!({ "purpose": PURPOSE, "nth": nth, "to": to }));
            let last_outcome = (nth > 1).then_some(LastOutcome::Resent);
            return update_state(step, |state| {
                (state.to, state.last_outcome) = (Some(to), last_outcome);
            });
        }
        Ok(Err(why)) => (why.name(), LastOutcome::NotSent(why)),
        Err(error) => (error.name(), LastOutcome::MaybeSent(fault_reference(error))),
    };
    step.record(kind::CODE_NOT_SENT, json!({ "purpose": PURPOSE, "nth": nth, "why": why }));
    update_state(step, |state| state.last_outcome = Some(last_outcome));
}

/// Closes the session after a changed password, signs the account out and notifies its owner.
pub(crate) fn finish_recovery(step: &mut Step, nth: u32) {
    step.finish(&Effect::Confirm { nth });
    refund_wrong_code(step);
    step.record(kind::PASSWORD_CHANGED, json!({ "nth": nth }));
    step.close(CloseReason::Finished);
    sign_out_and_notify(step, nth);
}

/// Signs the account out everywhere and notifies its owner (NIST SP 800-63B-4 4.2.3: recovery
/// always notifies).
fn sign_out_and_notify(step: &mut Step, nth: u32) {
    let agent_id = step.session.actor.agent_id.clone();
    step.request(Effect::SignOut { agent_id: agent_id.clone(), nth });
    step.request(Effect::NotifyChanged { agent_id, nth });
}

/// Returns the reference of a fault. An interruption has none.
fn fault_reference(error: EffectError) -> Option<String> {
    match error {
        EffectError::Fault(reference) => Some(reference),
        EffectError::Interrupted
        | EffectError::NoChannel
        | EffectError::Denied(_)
        | EffectError::MailDenied(_) => None,
    }
}

/// Returns when another code can be requested through this link. `None`: never again.
pub fn resend_at(state: &RecoverState) -> Option<Timestamp> {
    (state.codes_requested < RECOVER_REQUESTS).then_some(state.resend_at)
}
