//! The verifications, shared by all roads: a code is mailed, typed and checked.
//!
//! The functions here change a [`Step`] that a road has begun: they count, refuse, ask for effects
//! and read their outcomes. What a right code leads to is the road's business.

pub mod screens;

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
    CODE_LIFE, Challenge, HOUR_LOCKOUT, LOCKOUT, RESEND_WAIT, SENDS_A_DAY, SENDS_WINDOW,
    TRIES_AN_HOUR, TRIES_WINDOW,
};
use crate::model::words::{Limit, Purpose};

/// A code that is typed, as it is counted until it turns out to be right.
#[must_use]
pub fn code_attempt(session: &Session, purpose: Purpose) -> LimitUse {
    let subject = proof::subject(session, purpose);
    LimitUse { limit: Limit::WrongCodes, subject, allowed: TRIES_AN_HOUR, window: TRIES_WINDOW }
}

/// Asks for a code to be mailed, or says why not. `true` when it was asked.
pub fn ask(step: &mut Step, purpose: Purpose) -> bool {
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
    // Linking has limits of its own, by Discord account and by address. What is asked again after a
    // fault was counted before.
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
    step.effect(Effect::Send { purpose, nth });
    step.record(kind::CODE_ASKED, json!({ "purpose": purpose.name(), "nth": nth }));
    true
}

/// Reads what became of a code that was to be mailed. `true` when it is on its way.
pub fn sent(
    step: &mut Step,
    purpose: Purpose,
    nth: u32,
    outcome: Result<Sent, EffectError>,
) -> bool {
    let now = step.now;
    step.done(&Effect::Send { purpose, nth });
    match outcome {
        Ok(sent) => {
            let detail = json!({ "purpose": purpose.name(), "nth": nth, "to": sent.destination });
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
            step.record(kind::CODE_SENT, detail);
            true
        }
        Err(not_done) => {
            let subject = proof::subject(&step.session, purpose);
            let verification = step.session.verification_mut(purpose);
            // After a fault nobody knows whether it was mailed: it stays counted, and the next
            // attempt is the same.
            if let EffectError::Denied(denied) = &not_done {
                verification.attempt = nth;
                if let Denied::RateLimited(Some(wait)) | Denied::Unavailable(Some(wait)) = denied {
                    verification.resend_at = Some(now + *wait);
                }
                if purpose != Purpose::AgentLink {
                    step.refunds.push((Limit::Sends, subject));
                }
            }
            step.record(
                kind::CODE_NOT_SENT,
                json!({ "purpose": purpose.name(), "nth": nth, "why": not_done.name() }),
            );
            step.refuse(not_done.refusal(now));
            false
        }
    }
}

/// Takes a typed code: its keyed hash, or `None` when it was malformed. Refuses what cannot be
/// right without costing a try.
pub fn typed(step: &mut Step, purpose: Purpose, mac: Option<String>) {
    let Some(mac) = mac else {
        step.record(
            kind::CODE_NOT_COUNTED,
            json!({ "purpose": purpose.name(), "why": "malformed" }),
        );
        step.refuse(Refusal::MalformedCode);
        return;
    };
    step.well_formed_code = true;
    let Some(nth) =
        step.session.verification(purpose).live(step.now).map(|challenge| challenge.nth)
    else {
        step.record(kind::CODE_NOT_COUNTED, json!({ "purpose": purpose.name(), "why": "expired" }));
        step.refuse(Refusal::ExpiredCode);
        return;
    };
    check(step, purpose, nth, mac);
}

/// Has a typed code checked: a try is taken at once and given back unless the code turns out to be
/// wrong.
pub fn check(step: &mut Step, purpose: Purpose, nth: u32, mac: String) {
    let subject = proof::subject(&step.session, purpose);
    // A check that a crash has left behind is over with the next code: it would be performed with a
    // code that is not its own.
    let waiting = step.session.pending.len();
    step.session
        .pending
        .retain(|p| !matches!(&p.effect, Effect::Verify { purpose: p, .. } if *p == purpose));
    if step.session.pending.len() < waiting {
        step.refunds.push((Limit::WrongCodes, subject.clone()));
    }
    step.limit_uses.push(code_attempt(&step.session, purpose));
    step.requires_unlocked.push(subject);
    step.record(kind::CODE_TYPED, json!({ "purpose": purpose.name(), "nth": nth }));
    step.effect(Effect::Verify { purpose, nth, mac });
}

/// What a typed code came to.
#[derive(Debug)]
pub enum CodeResult {
    /// Right: the proof is kept.
    Correct,
    /// The session has to close: too many wrong codes.
    LockedOut,
    /// Everything else was said in the step's refusal.
    Refused,
}

/// Reads what became of a code that was checked. `count` is how many tries the subject has had in
/// the window, this one included.
pub fn checked(
    step: &mut Step,
    purpose: Purpose,
    nth: u32,
    outcome: Result<CodeCheck, EffectError>,
    count: u32,
) -> CodeResult {
    let now = step.now;
    let subject = proof::subject(&step.session, purpose);
    step.session
        .pending
        .retain(|p| !matches!(&p.effect, Effect::Verify { purpose: p, nth: n, .. } if (*p, *n) == (purpose, nth)));
    let not_counted = |step: &mut Step, why: &str, refusal: Refusal| {
        step.refunds.push((Limit::WrongCodes, subject.clone()));
        step.record(
            kind::CODE_NOT_COUNTED,
            json!({ "purpose": purpose.name(), "nth": nth, "why": why }),
        );
        step.refuse(refusal);
        CodeResult::Refused
    };
    match outcome {
        Ok(CodeCheck::Verified(value)) => {
            step.refunds.push((Limit::WrongCodes, subject.clone()));
            step.record(kind::CODE_RIGHT, json!({ "purpose": purpose.name(), "nth": nth }));
            step.session.verification_mut(purpose).challenge = None;
            proof::keep(&mut step.session, purpose, value, subject, now);
            CodeResult::Correct
        }
        Ok(CodeCheck::Mismatch) => {
            let verification = step.session.verification_mut(purpose);
            verification.wrong = verification.wrong.saturating_add(1);
            let (wrong, left) = (verification.wrong, verification.tries_left());
            step.record(
                kind::CODE_WRONG,
                json!({ "purpose": purpose.name(), "nth": nth, "wrong": wrong }),
            );
            if count >= TRIES_AN_HOUR {
                step.lockouts.push(Lockout { subject, until: now + HOUR_LOCKOUT });
                CodeResult::LockedOut
            } else if left == 0 {
                step.lockouts.push(Lockout { subject, until: now + LOCKOUT });
                CodeResult::LockedOut
            } else {
                step.refuse(Refusal::WrongCode(left));
                CodeResult::Refused
            }
        }
        Ok(CodeCheck::Locked) => {
            step.record(
                kind::CODE_WRONG,
                json!({ "purpose": purpose.name(), "nth": nth, "locked_by": "function" }),
            );
            step.lockouts.push(Lockout { subject, until: now + LOCKOUT });
            CodeResult::LockedOut
        }
        // A challenge that the function does not know (any more) is as good as an expired one: only
        // another code helps.
        Ok(CodeCheck::Expired) | Err(EffectError::Denied(Denied::NotFound)) => {
            // It stays, as one that is over: the panel says that it has expired, not that there
            // never was one.
            if let Some(challenge) = &mut step.session.verification_mut(purpose).challenge {
                challenge.expires_at = challenge.expires_at.min(now);
            }
            not_counted(step, "expired", Refusal::ExpiredCode)
        }
        Err(not_done) => not_counted(step, not_done.name(), not_done.refusal(now)),
    }
}
