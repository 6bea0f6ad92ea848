//! Challenges and proofs.

use serde::Deserialize;

use super::request::Subject;

/// Purpose of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// The internal verification.
    AgentMfa,
    /// The customer's consent.
    CustomerConsent,
    /// Linking a Discord account.
    AgentLink,
}

/// A code that was sent.
pub(super) struct Challenge {
    pub(super) id: String,
    pub(super) session_id: String,
    pub(super) purpose: Purpose,
    pub(super) subject: Subject,
    pub(super) ecosystem_id: Option<String>,
    pub(super) code: String,
    /// Milliseconds since the epoch.
    pub(super) sent_at: i64,
    pub(super) wrong_codes: u32,
    pub(super) state: ChallengeState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChallengeState {
    Open,
    /// The code was used, or a newer one was sent.
    Over,
    Locked,
}

/// A successful verification of one subject, in one session, for one purpose.
pub(super) struct Proof {
    pub(super) token: String,
    pub(super) session_id: String,
    pub(super) purpose: Purpose,
    pub(super) subject: Subject,
    pub(super) ecosystem_id: Option<String>,
    /// Milliseconds since the epoch.
    pub(super) expires_at: i64,
}

/// The verification that a proof must come from.
pub(super) struct RequiredProof<'a> {
    pub(super) session_id: &'a str,
    pub(super) purpose: Purpose,
    pub(super) subject_id: &'a str,
    pub(super) ecosystem_id: &'a str,
}

impl Proof {
    /// Returns true if the proof comes from `required` and is valid at `now`.
    ///
    /// Only a customer's proof is bound to its ecosystem.
    pub(super) fn satisfies(&self, required: &RequiredProof<'_>, now: i64) -> bool {
        self.session_id == required.session_id
            && self.purpose == required.purpose
            && self.subject.id == required.subject_id
            && (self.purpose != Purpose::CustomerConsent
                || self.ecosystem_id.as_deref() == Some(required.ecosystem_id))
            && now < self.expires_at
    }
}
