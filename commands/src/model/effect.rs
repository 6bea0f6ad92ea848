//! Effects: a transactional outbox with idempotency keys.
//!
//! A flow decides on an effect, and the session is saved with the effect as *pending*. Then the
//! call is made, under a key. After a crash another process repeats it under the same key. The
//! result is the effect's *outcome*, an [`Event`](crate::model::event::Event).

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;
use crate::model::timers::{ORPHANED_AFTER, RETRY_AFTER};
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
}

impl Pending {
    /// Returns when a process may finish the effect without a click: a blocking one counts as
    /// orphaned, another one is retried.
    pub fn retry_at(&self) -> Timestamp {
        let blocks = self.effect.blocks_panel();
        self.requested_at + if blocks { ORPHANED_AFTER } else { RETRY_AFTER }
    }
}

/// An external call. Every effect can be repeated under its [`key`](Effect::key), except
/// [`RequestReset`](Effect::RequestReset) and [`Confirm`](Effect::Confirm), which are never
/// repeated.
///
/// `nth` counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Revoke all access links of the session.
    Revoke,
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
    /// Alert the leads that a session closed after too many wrong codes.
    AlertLocked {
        purpose: Purpose,
        /// The subject is locked out until it is unlocked.
        #[serde(default)]
        until_unlocked: bool,
    },
    /// Alert the leads that a recovery closed after too many wrong password reset codes.
    AlertResetLocked,
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
            Self::Revoke => format!("{session}:revoke"),
            Self::NotifyLinked { .. } => format!("{session}:message:account_linked:1"),
            Self::RequestReset { nth } => format!("{session}:reset:{nth}"),
            Self::Confirm { nth } => format!("{session}:confirm:{nth}"),
            Self::SignOut { nth, .. } => format!("{session}:sign_out:{nth}"),
            Self::NotifyChanged { nth, .. } => format!("{session}:message:password_changed:{nth}"),
            Self::AlertLocked { .. } => format!("{session}:alert"),
            Self::AlertResetLocked => format!("{session}:alert:reset"),
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
            Self::Revoke
            | Self::NotifyLinked { .. }
            | Self::SignOut { .. }
            | Self::NotifyChanged { .. }
            | Self::AlertLocked { .. }
            | Self::AlertResetLocked => false,
        }
    }
}
