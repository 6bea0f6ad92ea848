//! The verifications, shared by all roads: a code is mailed, typed and checked.
//!
//! The functions here change a [`Step`] that a road has begun: they count, refuse, ask for effects
//! and read their outcomes. What a right code leads to is the road's business.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::time::{Timestamp, minutes};
use crate::model::words::SessionId;

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
pub const LOCKOUT: Duration = minutes(15);

/// Wrong codes of a subject, over all sessions, in [`TRIES_WINDOW`] (ASVS 6.6.3).
pub const TRIES_AN_HOUR: u32 = 10;

/// A rolling hour.
pub const TRIES_WINDOW: Duration = minutes(60);

/// Lockout of a subject after the last of those.
pub const HOUR_LOCKOUT: Duration = minutes(60);

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

/// A proof as a session keeps it, sealed at rest.
#[derive(Clone, Debug)]
pub struct StoredProof {
    /// The Lambda's token.
    pub value: SecretString,
    /// The session that it was given to, and who was verified.
    pub bound: Bound,
}

/// What a proof is bound to (ASVS 6.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The session.
    pub session: SessionId,
    /// Who was verified.
    pub subject: String,
    /// From then on it is worth nothing: it lives as long as a session can.
    pub until: Timestamp,
}
