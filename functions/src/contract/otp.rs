//! Requests and replies of `otp-send` and `otp-verify`.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Purpose, Scope, Subject};

/// Request of `otp-send`: mails a code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendRequest {
    pub purpose: Purpose,
    pub subject: Subject,
    /// The ecosystem of the case. A link code has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ecosystem: Option<Ecosystem>,
    /// Scope of the proof. Absent: `act`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Address of the Discord channel, for the mail to an agent. A phone can have closed the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_url: Option<String>,
    /// Address of the page "I did not ask for this".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ecosystem {
    pub id: String,
    pub name: String,
}

/// Reply of `otp-send`: a code was mailed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub challenge_id: String,
    /// The masked address.
    pub destination: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    pub resend_after_s: u64,
}

/// Request of `otp-send`: asks for the delivery state of a mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRequest {
    /// Always `status`.
    pub op: StatusOp,
    pub challenge_id: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusOp {
    Status,
}

/// Reply of `otp-send`: the delivery state of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStatus {
    pub state: Delivery,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeliveryReason>,
}

/// Delivery state of a mail, from the weakest to the strongest, which replaces the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The mail service accepted it.
    Accepted,
    Delayed,
    Delivered,
    /// The recipient reported it as spam.
    Complained,
    /// The recipient's mail server refused it, at once or after it had accepted it.
    Bounced,
}

/// Reason why a mail bounced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryReason {
    NoSuchMailbox,
    MailboxFull,
    Blocked,
    Other,
}

/// Request of `otp-verify`: checks a typed code.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    pub purpose: Purpose,
    pub challenge_id: String,
    #[serde(serialize_with = "super::expose")]
    pub code: SecretString,
}

/// Reply of `otp-verify`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verified {
    pub result: CodeResult,
    /// Wrong codes until the challenge locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
    /// The proof of a right code. A link code has none.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "expose_some")]
    pub proof: Option<SecretString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeResult {
    Verified,
    Mismatch,
    Expired,
    Locked,
}

#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
fn expose_some<S: serde::Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => super::expose(secret, serializer),
        None => serializer.serialize_none(),
    }
}
