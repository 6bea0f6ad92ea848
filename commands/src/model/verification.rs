//! Verification of a subject by mailed codes: its limits, and its state in a session.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::delivery::{BounceReason, Delivery, DeliveryState};
use crate::model::time::{Timestamp, minutes};
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::SessionId;

/// Maximum lifetime of a code (NIST SP 800-63B-4 3.1.3.2; ASVS 6.5.5).
pub const CODE_LIFE: Duration = minutes(10);

/// Minimum wait between two codes of a session.
pub const RESEND_WAIT: Duration = minutes(1);

/// Maximum codes of a session and purpose, the first included.
pub const SENDS_A_SESSION: u32 = 3;

/// Maximum codes mailed to a customer, or to an address that is being linked, in [`SENDS_WINDOW`].
pub const SENDS_A_DAY: u32 = 10;

/// Maximum own codes mailed to an agent in [`SENDS_WINDOW`]: above the sessions of a working day.
pub const AGENT_SENDS_A_DAY: u32 = 60;

/// Rolling window of one day.
pub const SENDS_WINDOW: Duration = minutes(24 * 60);

/// Wrong codes of a session and purpose after which the session closes and the subject is locked
/// out. A resend does not reset the count (NIST SP 800-63B-4 3.1.3.2).
pub const ATTEMPTS_A_SESSION: u32 = 5;

/// Lockout of a subject after [`ATTEMPTS_A_SESSION`] wrong codes.
pub const LOCKOUT: Duration = minutes(15);

/// Maximum wrong codes of a subject, over all sessions, in [`ATTEMPTS_WINDOW`] (ASVS 6.6.3).
pub const ATTEMPTS_AN_HOUR: u32 = 10;

/// Rolling window of one hour.
pub const ATTEMPTS_WINDOW: Duration = minutes(60);

/// Lockout of a subject after [`ATTEMPTS_AN_HOUR`] wrong codes.
pub const HOUR_LOCKOUT: Duration = minutes(60);

/// Wrong codes of a subject in a row, over all sessions, that lock it out until it is unlocked.
///
/// Only a right code or an unlock ends the row. NIST SP 800-63B-4 3.2.2 allows at most 100
/// consecutive failures.
pub const WRONG_IN_A_ROW: u32 = 20;

/// Window of the wrong codes in a row. It never ends.
pub const IN_A_ROW_WINDOW: Duration = Duration::MAX;

/// Lockout after [`WRONG_IN_A_ROW`] wrong codes where no lead role is set, because then no lead can
/// request an unlock.
pub const LEADLESS_LOCKOUT: Duration = minutes(24 * 60);

/// Codes of one subject in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Number of codes mailed. A code whose mail has an unknown result counts.
    pub sends: u32,
    /// Number of the newest attempt to mail a code. The key contains it.
    pub attempt: u32,
    /// Number of wrong codes.
    pub wrong: u32,
    /// Earliest time of the next code.
    pub resend_at: Option<Timestamp>,
    /// Newest code that was mailed. Boxed, because most sessions in memory have none.
    pub challenge: Option<Box<Challenge>>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// A mailed code. The session does not know its digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The function's id of the code.
    pub id: String,
    /// Number of the attempt that mailed the code.
    pub nth: u32,
    /// Masked address.
    pub destination: String,
    pub expires_at: Timestamp,
    /// What is known about its mail. `None`: the mail service has accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Challenge {
    pub fn delivery_state(&self) -> Option<DeliveryState> {
        self.delivery.as_ref().map(|delivery| delivery.state)
    }

    /// Returns the reason if its mail bounced. A bounce without a reason has another one.
    pub fn bounce(&self) -> Option<BounceReason> {
        let delivery = self.delivery.as_ref()?;
        let is_bounced = delivery.state == DeliveryState::Bounced;
        is_bounced.then(|| delivery.reason.unwrap_or(BounceReason::Other))
    }
}

impl Verification {
    /// Returns the newest code, unless it has expired.
    pub fn valid_challenge(&self, now: Timestamp) -> Option<&Challenge> {
        self.challenge.as_deref().filter(|challenge| now < challenge.expires_at)
    }

    /// Returns true if the newest code was mailed to a mailbox that does not exist. Another code
    /// would not arrive either.
    pub fn has_no_mailbox(&self) -> bool {
        let bounce = self.challenge.as_deref().and_then(Challenge::bounce);
        bounce == Some(BounceReason::NoSuchMailbox)
    }

    /// Returns true if the session can send another code, now or later.
    pub fn may_resend(&self) -> bool {
        self.sends < SENDS_A_SESSION
    }

    /// Returns the number of wrong codes that are left.
    pub fn attempts_left(&self) -> u32 {
        ATTEMPTS_A_SESSION.saturating_sub(self.wrong)
    }
}

/// A proof in a session, sealed at rest.
#[derive(Clone, Debug)]
pub struct StoredProof {
    /// The function's token.
    pub value: SecretString,
    pub bound: ProofBinding,
    /// Fields of a newer version.
    pub unknown: UnknownFields,
}

/// Session, subject and lifetime that a proof is valid for (ASVS 6.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofBinding {
    pub session: SessionId,
    /// The verified subject, such as `agent:…`.
    pub subject: String,
    /// End of the proof. It lives as long as a session can.
    pub until: Timestamp,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}
