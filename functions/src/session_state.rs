//! The state of one session.
//!
//! It holds no code, proof or link in clear: codes as keyed hashes, proofs and link secrets as
//! SHA-256 of random-looking keyed hashes. A lifetime is always compared with the clock, because
//! the storage may keep expired values for days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::{
    Actor, Delivery, DeliveryReason, Mailed, Purpose, Scope, Sent, Subject, Target,
};

/// Lifetime of a code, in milliseconds: 10 minutes, NIST SP 800-63B-4 3.1.3.2.
pub const CODE_LIFE: i64 = 10 * 60 * 1_000;
/// Time for which an answer is repeated, in milliseconds: a little longer than a session, which
/// lasts 60 minutes at most.
pub const ANSWER_LIFE: i64 = 65 * 60 * 1_000;

/// All that the functions remember of one session. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionState {
    /// The session was revoked. Its challenges, proofs and links count for nothing, for good.
    pub(crate) ended: bool,
    pub(crate) challenges: Vec<Challenge>,
    pub(crate) proofs: Vec<Proof>,
    pub(crate) links: Vec<Link>,
    /// Calls by function and idempotency key.
    pub(crate) calls: BTreeMap<String, CallRecord>,
}

/// A code that was mailed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) id: String,
    pub(crate) purpose: Purpose,
    pub(crate) subject: Subject,
    pub(crate) ecosystem_id: Option<String>,
    pub(crate) scope: Scope,
    /// Keyed hash of the code.
    pub(crate) mac: String,
    pub(crate) sent_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) wrong_codes: u32,
    /// The right code was typed.
    pub(crate) used: bool,
    pub(crate) delivery: DeliveryRecord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    pub(crate) state: Delivery,
    pub(crate) at: i64,
    pub(crate) reason: Option<DeliveryReason>,
}

/// A right code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    pub(crate) hash: String,
    pub(crate) purpose: Purpose,
    pub(crate) subject_id: String,
    pub(crate) ecosystem_id: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) expires_at: i64,
}

/// An access link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) id: String,
    /// SHA-256 of the secret. `None`: the company's own API issued the link.
    pub(crate) hash: Option<String>,
    /// The idempotency key under which it was issued.
    pub(crate) request_id: String,
    pub(crate) target: Target,
    pub(crate) customer_id: String,
    pub(crate) ecosystem_id: String,
    pub(crate) agent: Actor,
    pub(crate) expires_at: i64,
    /// Random text of the call that redeemed it.
    pub(crate) redeemed_by: Option<String>,
}

/// Random text that a code derives from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Nonce(pub(crate) String);

/// A call under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallRecord {
    /// A call is at work until then, unless its function dies before.
    Working {
        /// Random text of the call that has the lease.
        holder: String,
        /// It disappears with the answer.
        nonce: Nonce,
        /// When the nonce was made.
        since: i64,
        until: i64,
        /// The purpose whose next send it occupies.
        purpose: Option<Purpose>,
    },
    Answered {
        answer: Answer,
        at: i64,
    },
}

/// An answer to repeat. It names a proof or link, whose secret derives from the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Sent(Sent),
    Verified { challenge_id: String },
    Mismatch { attempts_left: u32 },
    Locked,
    Expired,
    Issued { link_id: String },
    Mailed(Mailed),
}

impl SessionState {
    /// Returns the newest challenge for a purpose. Older ones are void.
    pub(crate) fn current_challenge(&self, purpose: Purpose) -> Option<&Challenge> {
        self.challenges.iter().rev().find(|challenge| challenge.purpose == purpose)
    }

    /// Ends the session and returns the number of links that this ended: those that could be
    /// opened or were opened, because a sign-in can be alive.
    pub(crate) fn end(&mut self, now: i64) -> usize {
        let was_open = |link: &&Link| link.redeemed_by.is_some() || now < link.expires_at;
        let ended = if self.ended { 0 } else { self.links.iter().filter(was_open).count() };
        self.ended = true;
        self.proofs.clear();
        ended
    }

    /// Drops answers that are too old to be repeated, and nonces of codes that have expired.
    pub(crate) fn forget_old_calls(&mut self, now: i64) {
        self.calls.retain(|_, call| match call {
            CallRecord::Answered { at, .. } => now < *at + ANSWER_LIFE,
            CallRecord::Working { since, .. } => now < *since + CODE_LIFE,
        });
    }
}
