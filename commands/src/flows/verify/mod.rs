//! Verification of agent and customer, for all flows: a code is mailed, typed and checked.
//!
//! These functions change a [`Step`] that a flow has begun. They count, refuse, request effects,
//! record outcomes and lock out. The flow decides where a correct code leads.

pub mod delivery;
pub mod screens;

use serde_json::{Value, json};

use crate::flows::alerts::raise;
use crate::flows::step::Step;
use crate::model::effect::Effect;
use crate::model::limit::{Attempts, LimitUse, Lockout, LockoutReason, UNTIL_UNLOCKED};
use crate::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::unknown_fields::UnknownFields;
use crate::model::verification::{
    AGENT_SENDS_A_DAY, ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW, CODE_LIFE, Challenge, HOUR_LOCKOUT,
    IN_A_ROW_WINDOW, LOCKOUT, RESEND_WAIT, SENDS_A_DAY, SENDS_WINDOW, WRONG_IN_A_ROW,
};
use crate::model::words::{CloseReason, Limit, Purpose};

/// Returns the limit uses of a typed code: in the hour, and in a row. They are given back unless
/// the code is wrong.
pub fn code_attempt(session: &Session, purpose: Purpose) -> [LimitUse; 2] {
    let limit_use = |limit, allowed, window| LimitUse {
        limit,
        subject: proof::subject(session, purpose),
        allowed,
        window,
        replaces: None,
    };
    [
        limit_use(Limit::WrongCodes, ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW),
        // The count refuses nothing. Its twentieth wrong code locks the subject out, and only a
        // right code or an unlock ends the row.
        limit_use(Limit::WrongInARow, u32::MAX, IN_A_ROW_WINDOW),
    ]
}

/// Returns the limit of the codes that are mailed for this purpose in a day.
const fn daily_sends(purpose: Purpose) -> (Limit, u32) {
    match purpose {
        Purpose::AgentMfa => (Limit::AgentSends, AGENT_SENDS_A_DAY),
        Purpose::CustomerConsent | Purpose::AgentLink => (Limit::Sends, SENDS_A_DAY),
    }
}

/// Returns the end of the lockout after a code that the function did not accept. `None` if the
/// session may try again. `is_last`: the session has no attempt left.
fn lockout_end(attempts: Attempts, is_last: bool, now: Timestamp) -> Option<Timestamp> {
    if attempts.in_a_row >= WRONG_IN_A_ROW {
        Some(UNTIL_UNLOCKED)
    } else if attempts.in_an_hour >= ATTEMPTS_AN_HOUR {
        Some(now + HOUR_LOCKOUT)
    } else {
        is_last.then(|| now + LOCKOUT)
    }
}

/// Requests a code. Returns false after a refusal.
pub fn request_code(step: &mut Step, purpose: Purpose) -> bool {
    let now = step.now;
    let verification = step.session.verification(purpose);
    if !verification.may_resend() {
        step.refuse(Refusal::NoSendsLeft);
        return false;
    }
    if let Some(at) = verification.resend_at.filter(|at| now < *at) {
        step.refuse(Refusal::TooEarly(at));
        return false;
    }
    if verification.has_no_mailbox() {
        step.refuse(Refusal::NoSuchMailbox);
        return false;
    }
    let nth = verification.attempt.saturating_add(1);
    let subject = proof::subject(&step.session, purpose);
    // A link session has its own limits, by Discord account and by address.
    if purpose != Purpose::AgentLink {
        let (limit, allowed) = daily_sends(purpose);
        step.limit_uses.push(LimitUse {
            limit,
            subject: subject.clone(),
            allowed,
            window: SENDS_WINDOW,
            replaces: None,
        });
    }
    step.requires_unlocked.push(subject);
    step.request(Effect::Send { purpose, nth });
    step.record(kind::CODE_ASKED, json!({ "purpose": purpose.name(), "nth": nth }));
    true
}

/// Records the outcome of a requested code. Returns true if it was mailed.
pub fn code_sent(
    step: &mut Step,
    purpose: Purpose,
    nth: u32,
    outcome: Result<Sent, EffectError>,
) -> bool {
    let now = step.now;
    step.finish(&Effect::Send { purpose, nth });
    match outcome {
        Ok(sent) => {
            let mut details = json!({ "purpose": purpose.name(), "nth": nth });
            let to = json!(sent.destination);
            let about = if purpose == Purpose::CustomerConsent {
                json!({ "to": to })
            } else {
                details["to"] = to;
                Value::Null
            };
            let verification = step.session.verification_mut(purpose);
            verification.sends = verification.sends.saturating_add(1);
            verification.attempt = nth;
            verification.resend_at = Some(now + sent.resend_after.max(RESEND_WAIT));
            verification.challenge = Some(Box::new(Challenge {
                id: sent.challenge_id,
                nth,
                destination: sent.destination,
                expires_at: sent.expires_at.min(now + CODE_LIFE),
                delivery: None,
                unknown: UnknownFields::NONE,
            }));
            step.session.record_mailed(purpose, now);
            step.record_about(kind::CODE_SENT, details, about);
            true
        }
        Err(error) => {
            let subject = proof::subject(&step.session, purpose);
            let verification = step.session.verification_mut(purpose);
            verification.attempt = nth;
            if let EffectError::Denied(denied) = &error {
                if let Denied::RateLimited(Some(wait)) | Denied::Unavailable(Some(wait)) = denied {
                    verification.resend_at = Some(now + *wait);
                }
                step.refunds.push((daily_sends(purpose).0, subject));
            } else {
                // The code may have been mailed, so it counts as sent. The answer to this attempt
                // is lost, so the next one is a new one.
                verification.sends = verification.sends.saturating_add(1);
                verification.resend_at = Some(now + RESEND_WAIT);
                step.session.record_mailed(purpose, now);
            }
            let why = error.name();
            let details = json!({ "purpose": purpose.name(), "nth": nth, "why": why });
            step.record(kind::CODE_NOT_SENT, details);
            step.refuse(error.refusal(now));
            false
        }
    }
}

/// Submits a typed code, given as its keyed hash. A malformed (`None`) or expired code is refused
/// and costs no attempt.
pub fn submit_code(step: &mut Step, purpose: Purpose, mac: Option<String>) {
    let not_counted = |step: &mut Step, why, refusal| {
        step.record(kind::CODE_NOT_COUNTED, json!({ "purpose": purpose.name(), "why": why }));
        step.refuse(refusal);
    };
    let Some(mac) = mac else {
        return not_counted(step, "malformed", Refusal::MalformedCode);
    };
    step.well_formed_code = true;
    match step.session.verification(purpose).valid_challenge(step.now) {
        Some(challenge) => request_check(step, purpose, challenge.nth, mac),
        None => not_counted(step, "expired", Refusal::ExpiredCode),
    }
}

/// Requests the check of a code. The attempt is counted at once, and given back unless the code is
/// wrong.
pub fn request_check(step: &mut Step, purpose: Purpose, nth: u32, mac: String) {
    let subject = proof::subject(&step.session, purpose);
    // A check that a crash left pending ends here, or it would run with the newly typed code.
    let pending_before = step.session.pending.len();
    step.session
        .pending
        .retain(|p| !matches!(&p.effect, Effect::Verify { purpose: p, .. } if *p == purpose));
    if step.session.pending.len() < pending_before {
        step.refund_attempt(purpose);
    }
    step.limit_uses.extend(code_attempt(&step.session, purpose));
    step.requires_unlocked.push(subject);
    step.record(kind::CODE_TYPED, json!({ "purpose": purpose.name(), "nth": nth }));
    let challenge = step.session.verification(purpose).challenge.as_ref();
    let challenge = challenge.map(|challenge| challenge.id.clone());
    step.request(Effect::Verify { purpose, nth, challenge, mac });
}

/// Records the outcome of a check. Returns true if the code is correct: its proof is stored. Too
/// many wrong codes close the session.
pub fn code_checked(
    step: &mut Step,
    purpose: Purpose,
    nth: u32,
    outcome: Result<CodeCheck, EffectError>,
    attempts: Attempts,
) -> bool {
    let now = step.now;
    let subject = proof::subject(&step.session, purpose);
    step.session.pending.retain(|pending| match &pending.effect {
        Effect::Verify { purpose: p, nth: n, .. } => (*p, *n) != (purpose, nth),
        _ => true,
    });
    let not_counted = |step: &mut Step, why: &str, refusal: Refusal| {
        step.refund_attempt(purpose);
        let details = json!({ "purpose": purpose.name(), "nth": nth, "why": why });
        step.record(kind::CODE_NOT_COUNTED, details);
        step.refuse(refusal);
    };
    // After a fault the code may have been correct.
    let may_be_proven = matches!(
        outcome,
        Ok(CodeCheck::Verified(_)) | Err(EffectError::Fault(_) | EffectError::Interrupted)
    );
    step.session.may_be_proven |= may_be_proven && purpose.gives_proof();
    match outcome {
        Ok(CodeCheck::Verified(value)) => {
            step.refund_attempt(purpose);
            step.resets.push((Limit::WrongInARow, subject.clone()));
            step.record(kind::CODE_RIGHT, json!({ "purpose": purpose.name(), "nth": nth }));
            step.session.verification_mut(purpose).challenge = None;
            step.session.record_verified(purpose, now);
            proof::store_proof(&mut step.session, purpose, value, subject, now);
            return true;
        }
        Ok(CodeCheck::Mismatch) => {
            let verification = step.session.verification_mut(purpose);
            verification.wrong = verification.wrong.saturating_add(1);
            let (wrong, left) = (verification.wrong, verification.attempts_left());
            let details = json!({ "purpose": purpose.name(), "nth": nth, "wrong": wrong });
            step.record(kind::CODE_WRONG, details);
            match lockout_end(attempts, left == 0, now) {
                Some(until) => lock_out(step, purpose, until),
                None => step.refuse(Refusal::WrongCode(left)),
            }
        }
        Ok(CodeCheck::Locked) => {
            let details = json!({ "purpose": purpose.name(), "nth": nth, "locked_by": "function" });
            step.record(kind::CODE_WRONG, details);
            if let Some(until) = lockout_end(attempts, true, now) {
                lock_out(step, purpose, until);
            }
        }
        // An unknown challenge counts as expired, because only another code helps.
        Ok(CodeCheck::Expired) | Err(EffectError::Denied(Denied::NotFound)) => {
            // The expired challenge stays, so that the panel says that it has expired.
            if let Some(challenge) = &mut step.session.verification_mut(purpose).challenge {
                challenge.expires_at = challenge.expires_at.min(now);
            }
            not_counted(step, "expired", Refusal::ExpiredCode);
        }
        Err(error) => not_counted(step, error.name(), error.refusal(now)),
    }
    false
}

/// Records a right code that came back to a closed session. It ends the wrong codes in a row, but
/// gives no proof. The close has given the attempt back.
pub fn right_code_came_late(step: &mut Step, purpose: Purpose, nth: u32) {
    step.resets.push((Limit::WrongInARow, proof::subject(&step.session, purpose)));
    let details = json!({ "purpose": purpose.name(), "nth": nth, "late": true });
    step.record(kind::CODE_RIGHT, details);
}

/// Locks the subject out, closes the session and alerts the leads.
fn lock_out(step: &mut Step, purpose: Purpose, until: Timestamp) {
    let subject = proof::subject(&step.session, purpose);
    step.lockouts.push(Lockout { subject, until, reason: LockoutReason::WrongCodes });
    step.close(if purpose == Purpose::CustomerConsent {
        CloseReason::CustomerLockedOut
    } else {
        CloseReason::AgentLockedOut
    });
    raise::locked(step, purpose, until == UNTIL_UNLOCKED);
}
