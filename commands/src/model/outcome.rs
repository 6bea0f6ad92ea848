//! Outcomes of effects: replies of the Lambda functions and of Cognito, and their failures.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;

/// Reply of `otp-send`: a mailed code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The function's id of the code.
    pub challenge_id: String,
    /// Masked address.
    pub destination: String,
    /// Expiry of the code.
    pub expires_at: Timestamp,
    /// Wait before the next code.
    pub resend_after: Duration,
}

/// Reply of `otp-verify`: the result for a typed code.
#[derive(Clone, Debug)]
pub enum CodeCheck {
    /// The code is correct. The proof lives as long as a session can.
    Verified(SecretString),
    /// The code is wrong.
    Mismatch,
    /// The code is too old, or was replaced.
    Expired,
    /// The function counted too many wrong codes.
    Locked,
}

impl CodeCheck {
    /// Returns the word for the result.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Verified(_) => "verified",
            Self::Mismatch => "mismatch",
            Self::Expired => "expired",
            Self::Locked => "locked",
        }
    }
}

/// "No" of a Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Too many requests. The function can name a wait.
    RateLimited(Option<Duration>),
    /// The function does not know the subject, challenge or link.
    NotFound,
    /// The mail could not be delivered.
    DeliveryFailed,
    /// The function does not accept the proofs.
    ProofInvalid,
    /// The function cannot work now. It can name a wait.
    Unavailable(Option<Duration>),
}

impl Denied {
    /// Returns the word in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited(_) => "rate_limited",
            Self::NotFound => "not_found",
            Self::DeliveryFailed => "delivery_failed",
            Self::ProofInvalid => "proof_invalid",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// Cognito's reason for mailing no password reset code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetDenied {
    /// Cognito's limit for the account. The wait is up to an hour.
    TooMany,
    /// Cognito's limit per second for the whole company. The wait is a minute.
    Busy,
    /// The account is disabled, never signed in, without a verified address, or deleted. Only an
    /// administrator can help.
    NotRecoverable,
    /// The mail could not be delivered.
    Undelivered,
}

impl ResetDenied {
    /// Returns the word in the trail.
    pub const fn name(self) -> &'static str {
        self.as_confirm_denied().name()
    }

    /// Returns the same reason as one for not setting the new password.
    pub const fn as_confirm_denied(self) -> ConfirmDenied {
        match self {
            Self::TooMany => ConfirmDenied::TooMany,
            Self::Busy => ConfirmDenied::Busy,
            Self::NotRecoverable => ConfirmDenied::NotRecoverable,
            Self::Undelivered => ConfirmDenied::Undelivered,
        }
    }
}

/// Cognito's reason for not setting the new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmDenied {
    /// The code is wrong.
    WrongCode,
    /// The code is too old, was never requested, or is wrong. Cognito does not tell them apart.
    ExpiredCode,
    /// Cognito's limit for the account. The wait is up to an hour.
    TooMany,
    /// Cognito's limit per second for the whole company. The wait is a minute.
    Busy,
    /// The password does not meet the pool's policy, which can have changed since it was read.
    WeakPassword,
    /// The password is one of the account's newest ones.
    Reused,
    /// Only an administrator can help.
    NotRecoverable,
    /// Cognito could not deliver a message that belongs to the call.
    Undelivered,
}

impl ConfirmDenied {
    /// Returns the word in the trail.
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

/// Reason why an effect has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectError {
    /// The Lambda function said no.
    Denied(Denied),
    /// The access link was issued, but the function did not mail it.
    MailDenied(Denied),
    /// The call failed, or its result is unknown. Reference of the fault in the log.
    Fault(String),
    /// The process stopped before the call, and the typed text is lost.
    Interrupted,
    /// No leads' channel is configured, so the alert is only in the log.
    NoChannel,
}

impl EffectError {
    /// Returns the word in the trail.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Denied(denied) | Self::MailDenied(denied) => denied.name(),
            Self::Fault(_) => "fault",
            Self::Interrupted => "interrupted",
            Self::NoChannel => "no_channel",
        }
    }
}
