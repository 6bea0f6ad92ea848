//! Effects: a transactional outbox with idempotency keys.
//!
//! A flow decides on an effect, and the session is saved with the effect as *pending*. Then the
//! call is made, under a key. After a crash another process repeats it under the same key. The
//! result is the effect's *outcome*, an [`Event`](crate::model::event::Event).

use serde::{Deserialize, Serialize};

use crate::model::report::ReportedMail;
use crate::model::time::Timestamp;
use crate::model::timers::{ORPHANED_AFTER, RETRY_AFTER};
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{Purpose, SessionId, Target};

/// An effect that is saved and has no outcome yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub effect: Effect,
    /// Time of the decision, or of the newest retry.
    pub requested_at: Timestamp,
    /// Interaction that requested the effect, or the random number of a page request. While its
    /// claim is held, a process works on the effect. `None` if no click caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<u64>,
    /// Failure of the newest call, if the next one has a time of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// Failure of a background effect that is retried at a time of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Word of the error in the trail.
    pub why: String,
    /// Calls that have failed.
    pub calls: u32,
    /// Earliest time of the next call.
    pub retry_at: Timestamp,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Pending {
    pub const fn new(effect: Effect, requested_at: Timestamp) -> Self {
        Self {
            effect,
            requested_at,
            requested_by: None,
            failure: None,
            unknown: UnknownFields::NONE,
        }
    }

    /// Returns true if the next call must not be made yet.
    pub fn is_put_off(&self, now: Timestamp) -> bool {
        self.failure.as_ref().is_some_and(|failure| now < failure.retry_at)
    }

    /// Returns the time at which a sweep looks at the effect again.
    pub fn due_at(&self) -> Timestamp {
        if self.effect.blocks_panel() {
            return self.requested_at + ORPHANED_AFTER;
        }
        let retry_at = self.failure.as_ref().map(|failure| failure.retry_at);
        // After its time the call runs: the time of the retry is then the newest request.
        retry_at.filter(|at| self.requested_at < *at).unwrap_or(self.requested_at + RETRY_AFTER)
    }
}

/// An external call. Every effect can be repeated under its [`key`](Effect::key), except
/// [`RequestReset`](Effect::RequestReset) and [`Confirm`](Effect::Confirm), which are never
/// repeated.
///
/// `nth` counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Mail the n-th code of a purpose.
    Send { purpose: Purpose, nth: u32 },
    /// Check a typed code. The code itself is only in memory.
    Verify {
        purpose: Purpose,
        /// Number of the code that was sent.
        nth: u32,
        /// The function's id of the code. `None` while linking if no code was mailed.
        challenge: Option<String>,
        /// Keyed hash of the typed code. The same code typed twice gets the same key.
        mac: String,
    },
    /// Issue an access link and hand it over.
    Issue { target: Target, nth: u32 },
    /// Issue the successor's access link and mail it. These are two calls with two keys. `nth`
    /// counts together with `Issue`.
    MailLink { nth: u32 },
    /// Revoke all access links and proofs of the session. Each request has its own number, because
    /// the answer to an older one does not cover what was opened since. The key is without it.
    Revoke { nth: u32 },
    /// Mail a notice that the account was linked.
    NotifyLinked {
        /// Cognito's `sub`.
        agent_id: String,
    },
    /// Let Cognito mail a password reset code. Cognito has no idempotency key and would mail
    /// another code, so the call is not repeated after a crash.
    RequestReset { nth: u32 },
    /// Set the new password. Code and password are only in memory.
    Confirm { nth: u32 },
    /// Sign the account out everywhere, after the n-th new password.
    SignOut {
        /// Cognito's `sub`.
        agent_id: String,
        nth: u32,
    },
    /// Mail a notice that the password was changed, after the n-th new password.
    NotifyChanged {
        /// Cognito's `sub`.
        agent_id: String,
        nth: u32,
    },
    /// Mail a notice that a lead has removed the account's link.
    NotifyUnlinked {
        /// Cognito's `sub`.
        agent_id: String,
    },
    /// Mail the customer what the session opened, once it is closed.
    NotifyVisit,
    /// Count the customers who have reported the agent, after the report of this mail. A step
    /// cannot count them, because another replica can be saving another report at that moment.
    CountReporters { mail: ReportedMail },
    /// In rows of a version that posted alerts as effects: a session closed after too many wrong
    /// codes. Its outcome raises the alert.
    AlertLocked {
        purpose: Purpose,
        /// The subject is locked out until it is unlocked.
        #[serde(default)]
        until_unlocked: bool,
    },
    /// As [`AlertLocked`](Self::AlertLocked): wrong password reset codes closed a recovery.
    AlertResetLocked,
    /// As [`AlertLocked`](Self::AlertLocked): an agent typed this many wrong reset codes in a day.
    AlertWrongResetCodes { count: u32 },
}

impl Effect {
    /// Returns the idempotency key of the effect in its session.
    pub fn key(&self, session: &SessionId) -> String {
        match self {
            Self::Send { purpose, nth } => format!("{session}:send:{}:{nth}", purpose.name()),
            // The answer depends on the challenge, so the key names it.
            Self::Verify { purpose, nth, challenge, mac } => {
                let challenge = challenge.as_deref().unwrap_or("none");
                format!("{session}:verify:{}:{nth}:{challenge}:{mac}", purpose.name())
            }
            Self::Issue { target, nth } => format!("{session}:issue:{}:{nth}", target.name()),
            Self::MailLink { nth } => format!("{session}:message:successor_qr:{nth}"),
            Self::Revoke { .. } => format!("{session}:revoke"),
            Self::NotifyLinked { .. } => format!("{session}:message:account_linked:1"),
            Self::NotifyUnlinked { .. } => format!("{session}:message:account_unlinked:1"),
            Self::RequestReset { nth } => format!("{session}:reset:{nth}"),
            Self::Confirm { nth } => format!("{session}:confirm:{nth}"),
            Self::SignOut { nth, .. } => format!("{session}:sign_out:{nth}"),
            Self::NotifyChanged { nth, .. } => format!("{session}:message:password_changed:{nth}"),
            Self::NotifyVisit => format!("{session}:message:support_visit:1"),
            Self::CountReporters { mail } => format!("{session}:reporters:{}", mail.name()),
            Self::AlertLocked { .. } => format!("{session}:alert"),
            Self::AlertResetLocked => format!("{session}:alert:reset"),
            Self::AlertWrongResetCodes { count } => format!("{session}:alert:reset:{count}"),
        }
    }

    /// Returns the word for the effect, as in its row.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Verify { .. } => "verify",
            Self::Issue { .. } => "issue",
            Self::MailLink { .. } => "mail_link",
            Self::Revoke { .. } => "revoke",
            Self::NotifyLinked { .. } => "notify_linked",
            Self::RequestReset { .. } => "request_reset",
            Self::Confirm { .. } => "confirm",
            Self::SignOut { .. } => "sign_out",
            Self::NotifyChanged { .. } => "notify_changed",
            Self::NotifyUnlinked { .. } => "notify_unlinked",
            Self::NotifyVisit => "notify_visit",
            Self::CountReporters { .. } => "count_reporters",
            Self::AlertLocked { .. } => "alert_locked",
            Self::AlertResetLocked => "alert_reset_locked",
            Self::AlertWrongResetCodes { .. } => "alert_wrong_reset_codes",
        }
    }

    /// Returns true if the panel waits for the outcome. All other effects run in the background,
    /// after the panel is drawn.
    pub fn blocks_panel(&self) -> bool {
        match self {
            Self::Send { purpose, .. } => *purpose != Purpose::AgentLink,
            Self::Verify { .. }
            | Self::Issue { .. }
            | Self::MailLink { .. }
            | Self::RequestReset { .. }
            | Self::Confirm { .. } => true,
            Self::Revoke { .. }
            | Self::NotifyLinked { .. }
            | Self::SignOut { .. }
            | Self::NotifyChanged { .. }
            | Self::NotifyUnlinked { .. }
            | Self::NotifyVisit
            | Self::CountReporters { .. }
            | Self::AlertLocked { .. }
            | Self::AlertResetLocked
            | Self::AlertWrongResetCodes { .. } => false,
        }
    }
}
