//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// A code that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The Lambda's name for it.
    pub challenge_id: String,
    /// Masked address.
    pub destination: String,
    /// Until when it is valid.
    pub expires_at: Timestamp,
    /// How long to wait before the next.
    pub resend_after: Duration,
}

/// What a typed code was.
#[derive(Clone, Debug)]
pub enum CodeCheck {
    /// Right. The proof lives as long as a session can.
    Verified(SecretString),
    /// Wrong.
    Mismatch,
    /// Too old, or voided.
    Expired,
    /// Wrong too often, by the function's own count.
    Locked,
}

/// The function's own "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Asked too often; wait so long.
    RateLimited(Option<Duration>),
    /// It does not know the subject, challenge or link.
    NotFound,
    /// The mail could not be delivered.
    DeliveryFailed,
    /// It does not accept the proofs.
    ProofInvalid,
    /// It cannot work now; wait so long.
    Unavailable(Option<Duration>),
}

/// Why no code was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetDenied {
    /// Cognito's own limit for this account: wait up to an hour.
    TooMany,
    /// Cognito's limit for all that the company asks of it, by the second: wait a minute.
    Busy,
    /// Only an administrator can help: disabled, never signed in, without a verified address, or
    /// gone.
    NotRecoverable,
    /// The mail could not be delivered.
    Undelivered,
}

/// Why the new password was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmDenied {
    /// The code is wrong.
    WrongCode,
    /// The code is too old, was never asked for, or is plainly wrong: Cognito does not say which.
    ExpiredCode,
    /// Cognito's own limit for this account: wait up to an hour.
    TooMany,
    /// Cognito's limit for all that the company asks of it, by the second: wait a minute.
    Busy,
    /// The password does not meet the pool's policy, which may have changed since it was read.
    WeakPassword,
    /// The password is one of the newest few.
    Reused,
    /// Only an administrator can help.
    NotRecoverable,
    /// Cognito could not deliver a message that belongs to it.
    Undelivered,
}

impl ResetDenied {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooMany => ConfirmDenied::TooMany.name(),
            Self::Busy => ConfirmDenied::Busy.name(),
            Self::NotRecoverable => ConfirmDenied::NotRecoverable.name(),
            Self::Undelivered => ConfirmDenied::Undelivered.name(),
        }
    }
}

/// Why an effect has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectError {
    /// The other side said no.
    Denied(Denied),
    /// It failed, or nobody knows; the reference stands in the log.
    Fault(String),
    /// The process stopped in the middle, and what was typed is gone with it.
    Interrupted,
    /// There is no channel in which the leads could be told: the log alone was.
    NoChannel,
}

impl EffectError {
    /// The word in the trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Denied(Denied::RateLimited(_)) => "rate_limited",
            Self::Denied(Denied::NotFound) => "not_found",
            Self::Denied(Denied::DeliveryFailed) => "delivery_failed",
            Self::Denied(Denied::ProofInvalid) => "proof_invalid",
            Self::Denied(Denied::Unavailable(_)) => "unavailable",
            Self::Fault(_) => "fault",
            Self::Interrupted => "interrupted",
            Self::NoChannel => "no_channel",
        }
    }
}

impl ConfirmDenied {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongCode => "wrong_code",
            Self::ExpiredCode => "expired_code",
            Self::TooMany => "too_many",
            Self::Busy => "busy",
            Self::WeakPassword => "weak_password",
            Self::Reused => "reused",
            Self::NotRecoverable => "not_recoverable",
            Self::Undelivered => "undelivered",
        }
    }
}
