//! Requests and replies of `access`.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Target;

/// Request of `access`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccessRequest {
    /// Issues an access link.
    Issue(IssueRequest),
    /// Ends the links and proofs of the session.
    Revoke {},
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueRequest {
    pub target: Target,
    pub customer_id: String,
    pub ecosystem_id: String,
    pub proofs: Proofs,
}

/// The two proofs that an access link requires.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proofs {
    /// From the internal verification.
    #[serde(serialize_with = "super::expose")]
    pub agent: SecretString,
    /// From the customer's verification.
    #[serde(serialize_with = "super::expose")]
    pub customer: SecretString,
}

/// Reply to `issue`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Issued {
    #[serde(serialize_with = "super::expose")]
    pub url: SecretString,
    pub link_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Reply to `revoke`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Number of links that this call ended.
    pub revoked: u32,
}
