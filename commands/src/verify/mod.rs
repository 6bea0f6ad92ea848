//! The verifications, shared by all roads: a code is mailed, typed and checked.
//!
//! The functions here change a [`Step`] that a road has begun: they count, refuse, ask for effects
//! and read their outcomes. What a right code leads to is the road's business.

mod proof;
pub mod screens;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use proof::{Bound, ByAgent, ByCustomer, Proof, StoredProof, proofs};

use crate::error::{Limit, Refusal};
use crate::ports::{Checked, Denied, LimitUse, Lockout, Sent};
use crate::session::{Effect, Purpose, Session};
use crate::step::{EffectError, Step};
use crate::time::{Timestamp, minutes};
use crate::trail::kind;

/// Longest life of a code (NIST SP 800-63B-4 3.1.3.2; ASVS 6.5.5).
pub const CODE_LIFE: Duration = minutes(10);
/// Shortest wait between two codes of a session.
pub const RESEND_WAIT: Duration = minutes(1);
/// Codes of a session and purpose, the first included.
pub const SENDS_A_SESSION: u32 = 3;
/// Codes of a subject in [`SENDS_WINDOW`].
pub const SENDS_A_DAY: u32 = 10;
/// A rolling day.
pub const SENDS_WINDOW: Duration = minutes(24 * 60);
/// Wrong codes of a session and purpose; with the last the session locks. A resend does not reset
/// the count (NIST 3.1.3.2).
pub const TRIES_A_SESSION: u32 = 5;
/// Lockout of a subject after a lock.
pub const LOCK_REST: Duration = minutes(15);
/// Wrong codes of a subject, over all sessions, in [`TRIES_WINDOW`] (ASVS 6.6.3).
pub const TRIES_AN_HOUR: u32 = 10;
/// A rolling hour.
pub const TRIES_WINDOW: Duration = minutes(60);
/// Lockout of a subject after the last of those.
pub const HOUR_REST: Duration = minutes(60);

/// One verification of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Codes that were mailed.
    pub sends: u32,
    /// The n in the key of the next attempt to mail one.
    pub attempt: u32,
    /// The newest attempt that was counted for the subject's day.
    #[serde(default)]
    pub counted: u32,
    /// Wrong codes that were typed.
    pub wrong: u32,
    /// Before this no new code is sent.
    pub resend_at: Option<Timestamp>,
    /// The newest code that was mailed.
    pub challenge: Option<Challenge>,
}

/// A code that was mailed, as the session knows it: not the code itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The Lambda's name for it.
    pub id: String,
    /// Which attempt mailed it.
    pub nth: u32,
    /// Masked address.
    pub destination: String,
    /// From then on it is expired.
    pub expires_at: Timestamp,
}

impl Verification {
    /// The challenge, while it can be answered.
    #[must_use]
    pub fn live(&self, now: Timestamp) -> Option<&Challenge> {
        self.challenge.as_ref().filter(|challenge| now < challenge.expires_at)
    }

    /// Whether another code may ever be sent in this session.
    #[must_use]
    pub fn may_resend(&self) -> bool {
        self.sends < SENDS_A_SESSION
    }

    /// How many wrong codes may still be typed.
    #[must_use]
    pub fn tries_left(&self) -> u32 {
        TRIES_A_SESSION.saturating_sub(self.wrong)
    }
}

/// Under which name a subject is counted and rests.
#[must_use]
pub fn subject(session: &Session, purpose: Purpose) -> String {
    match purpose {
        Purpose::AgentMfa => format!("agent:{}", session.actor.agent_id),
        Purpose::CustomerConsent => {
            format!("customer:{}", session.customer_id.as_deref().unwrap_or_default())
        }
        // Whether the typed address has an account must not show in who rests, so it is the Discord
        // account that does.
        Purpose::AgentLink => format!("discord:{}", session.actor.discord_id),
    }
}

/// A code that is typed, as it is counted until it turns out to be right.
#[must_use]
pub fn code_attempt(session: &Session, purpose: Purpose) -> LimitUse {
    let subject = subject(session, purpose);
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
    let subject = subject(&step.session, purpose);
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
            let subject = subject(&step.session, purpose);
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
    let subject = subject(&step.session, purpose);
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
    outcome: Result<Checked, EffectError>,
    count: u32,
) -> CodeResult {
    let now = step.now;
    let subject = subject(&step.session, purpose);
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
        Ok(Checked::Verified(value)) => {
            step.refunds.push((Limit::WrongCodes, subject.clone()));
            step.record(kind::CODE_RIGHT, json!({ "purpose": purpose.name(), "nth": nth }));
            step.session.verification_mut(purpose).challenge = None;
            proof::keep(&mut step.session, purpose, value, subject, now);
            CodeResult::Correct
        }
        Ok(Checked::Mismatch) => {
            let verification = step.session.verification_mut(purpose);
            verification.wrong = verification.wrong.saturating_add(1);
            let (wrong, left) = (verification.wrong, verification.tries_left());
            step.record(
                kind::CODE_WRONG,
                json!({ "purpose": purpose.name(), "nth": nth, "wrong": wrong }),
            );
            if count >= TRIES_AN_HOUR {
                step.lockouts.push(Lockout { subject, until: now + HOUR_REST });
                CodeResult::LockedOut
            } else if left == 0 {
                step.lockouts.push(Lockout { subject, until: now + LOCK_REST });
                CodeResult::LockedOut
            } else {
                step.refuse(Refusal::WrongCode(left));
                CodeResult::Refused
            }
        }
        Ok(Checked::Locked) => {
            step.record(
                kind::CODE_WRONG,
                json!({ "purpose": purpose.name(), "nth": nth, "locked_by": "function" }),
            );
            step.lockouts.push(Lockout { subject, until: now + LOCK_REST });
            CodeResult::LockedOut
        }
        // A challenge that the function does not know (any more) is as good as an expired one: only
        // another code helps.
        Ok(Checked::Expired) | Err(EffectError::Denied(Denied::NotFound)) => {
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
