//! Requests and replies of `message`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Ecosystem, Proofs, Subject, Target};

/// Request of `message`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessageRequest {
    /// Mails a successor the QR code of an access link.
    SuccessorQr(SuccessorQr),
    /// Notice to a customer: support was given in their ecosystem.
    SupportVisit(SupportVisit),
    /// Notice to an agent: their Discord account was linked.
    AccountLinked {
        subject: Subject,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report_url: Option<String>,
    },
    /// Notice to an agent: their Discord account is no longer linked.
    AccountUnlinked { subject: Subject },
    /// Notice to an agent: their password was changed.
    PasswordChanged {
        subject: Subject,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report_url: Option<String>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessorQr {
    pub subject: Subject,
    pub ecosystem: Ecosystem,
    pub link_id: String,
    pub proofs: Proofs,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportVisit {
    pub subject: Subject,
    pub ecosystem: Ecosystem,
    /// The access links that were opened, oldest first.
    pub opened: Vec<OpenedLink>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_url: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedLink {
    pub target: Target,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Reply of `message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailed {
    /// The masked address.
    pub destination: String,
    pub message_id: String,
}
