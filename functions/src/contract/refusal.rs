//! Refusals: the function did nothing, and the code says why.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefusalCode {
    /// The last call of this kind was too recent.
    RateLimited,
    /// The subject, challenge or link is unknown.
    NotFound,
    /// The mail could not be sent.
    DeliveryFailed,
    /// A proof is wrong, too old, of another subject or of an ended session.
    ProofInvalid,
    /// A service that the function needs does not answer.
    Unavailable,
    /// The request breaks the contract.
    BadRequest,
    /// Another call under the same key is still at work.
    InProgress,
}

impl RefusalCode {
    /// Returns the word in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::RateLimited => "RATE_LIMITED",
            Self::NotFound => "NOT_FOUND",
            Self::DeliveryFailed => "DELIVERY_FAILED",
            Self::ProofInvalid => "PROOF_INVALID",
            Self::Unavailable => "UNAVAILABLE",
            Self::BadRequest => "BAD_REQUEST",
            Self::InProgress => "IN_PROGRESS",
        }
    }
}

impl std::fmt::Debug for Violation {
    /// Shows no detail, because it can quote a code or a proof.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.part)
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_str() {
            "" => f.write_str(self.part),
            detail => write!(f, "{}: {detail}", self.part),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: RefusalCode,
    /// Wait before the next try, in seconds.
    pub retry_after_s: Option<u64>,
    pub violation: Option<Violation>,
}

/// Violation of the contract.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation {
    /// The part of the request that is wrong, without a value.
    pub part: &'static str,
    /// More about it, for the sandbox. It can quote the request, so it must not be logged.
    pub detail: String,
}

impl Refusal {
    pub fn new(code: RefusalCode) -> Self {
        Self { code, retry_after_s: None, violation: None }
    }

    /// Returns a refusal that ends at `until`, in milliseconds since the epoch.
    pub(crate) fn wait(code: RefusalCode, until: i64, now: i64) -> Self {
        let ms = u64::try_from(until - now).unwrap_or(0);
        Self { code, retry_after_s: Some(ms.div_ceil(1_000).max(1)), violation: None }
    }

    /// Returns a refusal of a request that breaks the contract in this part.
    pub(crate) fn bad_request(part: &'static str) -> Self {
        Self::bad_field(part, String::new())
    }

    /// Returns a refusal of a request with an invalid field.
    pub(crate) fn bad_field(part: &'static str, detail: impl Into<String>) -> Self {
        let violation = Some(Violation { part, detail: detail.into() });
        Self { code: RefusalCode::BadRequest, retry_after_s: None, violation }
    }

    /// Returns the reply of the contract.
    pub fn as_json(&self) -> Value {
        let mut error = json!({"code": self.code});
        if let Some(seconds) = self.retry_after_s {
            error["retry_after_s"] = json!(seconds);
        }
        json!({"ok": false, "error": error})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_the_serialized_word() {
        for code in [
            RefusalCode::RateLimited,
            RefusalCode::NotFound,
            RefusalCode::DeliveryFailed,
            RefusalCode::ProofInvalid,
            RefusalCode::Unavailable,
            RefusalCode::BadRequest,
            RefusalCode::InProgress,
        ] {
            assert_eq!(json!(code), json!(code.name()));
        }
    }

    #[test]
    fn wait_is_rounded_up_to_whole_seconds() {
        let wait = |until| Refusal::wait(RefusalCode::RateLimited, until, 1_000).retry_after_s;
        assert_eq!((wait(2_000), wait(2_001), wait(1_000)), (Some(1), Some(2), Some(1)));
    }
}
