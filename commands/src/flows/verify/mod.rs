//! Verification of agent and customer, for all flows: a code is mailed, typed and checked.
//!
//! These functions change a [`Step`] that a flow has begun. They count, refuse, request effects and
//! record outcomes. The flow decides where a correct code leads.

pub mod screens;

use std::time::Duration;

use serde_json::json;

use crate::flows::step::Step;
use crate::model::effect::Effect;
use crate::model::limit::{LimitUse, Lockout};
use crate::model::outcome::{CodeCheck, Denied, EffectError, Sent};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::trail::kind;
use crate::model::verification::{
    ATTEMPTS_AN_HOUR, ATTEMPTS_WINDOW, CODE_LIFE, Challenge, HOUR_LOCKOUT, LOCKOUT, RESEND_WAIT,
    SENDS_A_DAY, SENDS_WINDOW,
};
use crate::model::words::{CloseReason, Limit, Purpose};

/// Returns the limit use of a typed code. It is given back unless the code is
/// wrong.
pub fn code_attempt(session: &Session, purpose: Purpose) -> LimitUse {
    LimitUse {
        limit: Limit::WrongCodes,
        subject: proof::subject(session, purpose),
        allowed: ATTEMPTS_AN_HOUR,
        window: ATTEMPTS_WINDOW,
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
    let nth = verification.attempt.saturating_add(1);
    let subject = proof::subject(&step.session, purpose);
    // A link session has its own limits, by Discord account and by address. A retry after a fault
    // was counted before.
    if purpose != Purpose::AgentLink && verification.counted < nth {
        step.session.verification_mut(purpose).counted = nth;
        step.limit_uses.push(LimitUse {
            limit: Limit::Sends,
            subject: subject.clone(),
            allowed: SENDS_A_DAY,
            window: SENDS_WINDOW,
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
            let details = json!({ "purpose": purpose.name(), "nth": nth, "to": sent.destination });
            let verification = step.session.verification_mut(purpose);
            verification.sends = verification.sends.saturating_add(1);
            verification.attempt = nth;
            verification.resend_at = Some(now + sent.resend_after.max(RESEND_WAIT));
            verification.challenge = Some(Challenge {
                id: sent.challenge_id,
                nth,
                destination: sent.destination,
                expires_at: sent.expires_at.min(now + CODE_LIFE),
            });
            step.record(kind::CODE_SENT, details);
            true
        }
        Err(error) => {
            let subject = proof::subject(&step.session, purpose);
            let verification = step.session.verification_mut(purpose);
            // After a fault the code may have been mailed. It stays counted, and the next attempt
            // has the same key.
            if let EffectError::Denied(denied) = &error {
                verification.attempt = nth;
                if let Denied::RateLimited(Some(wait)) | Denied::Unavailable(Some(wait)) = denied {
                    verification.resend_at = Some(now + *wait);
                }
                if purpose != Purpose::AgentLink {
                    step.refunds.push((Limit::Sends, subject));
                }
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
        step.refunds.push((Limit::WrongCodes, subject.clone()));
    }
    step.limit_uses.push(code_attempt(&step.session, purpose));
    step.requires_unlocked.push(subject);
    step.record(kind::CODE_TYPED, json!({ "purpose": purpose.name(), "nth": nth }));
    let challenge = step.session.verification(purpose).challenge.as_ref();
    let challenge = challenge.map(|challenge| challenge.id.clone());
    step.request(Effect::Verify { purpose, nth, challenge, mac });
}

/// Records the outcome of a check. Returns true if the code is correct: its proof is stored. Too
/// many wrong codes close the session.
///
/// `count` is the number of codes that the subject tried in the window, this one included.
pub fn code_checked(
    step: &mut Step,
    purpose: Purpose,
    nth: u32,
    outcome: Result<CodeCheck, EffectError>,
    count: u32,
) -> bool {
    let now = step.now;
    let subject = proof::subject(&step.session, purpose);
    step.session.pending.retain(|pending| match &pending.effect {
        Effect::Verify { purpose: p, nth: n, .. } => (*p, *n) != (purpose, nth),
        _ => true,
    });
    let not_counted = |step: &mut Step, why: &str, refusal: Refusal| {
        step.refunds.push((Limit::WrongCodes, subject.clone()));
        let details = json!({ "purpose": purpose.name(), "nth": nth, "why": why });
        step.record(kind::CODE_NOT_COUNTED, details);
        step.refuse(refusal);
    };
    match outcome {
        Ok(CodeCheck::Verified(value)) => {
            step.refunds.push((Limit::WrongCodes, subject.clone()));
            step.record(kind::CODE_RIGHT, json!({ "purpose": purpose.name(), "nth": nth }));
            step.session.verification_mut(purpose).challenge = None;
            proof::store_proof(&mut step.session, purpose, value, subject, now);
            return true;
        }
        Ok(CodeCheck::Mismatch) => {
            let verification = step.session.verification_mut(purpose);
            verification.wrong = verification.wrong.saturating_add(1);
            let (wrong, left) = (verification.wrong, verification.attempts_left());
            let details = json!({ "purpose": purpose.name(), "nth": nth, "wrong": wrong });
            step.record(kind::CODE_WRONG, details);
            if count >= ATTEMPTS_AN_HOUR {
                lock_out(step, purpose, HOUR_LOCKOUT);
            } else if left == 0 {
                lock_out(step, purpose, LOCKOUT);
            } else {
                step.refuse(Refusal::WrongCode(left));
            }
        }
        Ok(CodeCheck::Locked) => {
            let details = json!({ "purpose": purpose.name(), "nth": nth, "locked_by": "function" });
            step.record(kind::CODE_WRONG, details);
            lock_out(step, purpose, LOCKOUT);
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

/// Locks the subject out, closes the session and alerts the leads.
fn lock_out(step: &mut Step, purpose: Purpose, duration: Duration) {
    let subject = proof::subject(&step.session, purpose);
    step.lockouts.push(Lockout { subject, until: step.now + duration });
    step.close(if purpose == Purpose::CustomerConsent {
        CloseReason::CustomerLockedOut
    } else {
        CloseReason::AgentLockedOut
    });
    step.request(Effect::AlertLocked { purpose });
}
