//! What the outside is asked to do for a session, and the keys under which asking twice means
//! asking once.

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;
use crate::model::words::{Purpose, SessionId, Target};

/// An effect under way. Saved before it is performed, so that a crash can finish it under the same
/// key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What is wanted.
    pub effect: Effect,
    /// When it was decided.
    pub requested_at: Timestamp,
    /// The interaction that asked for it, or the page's number for its request: as long as its
    /// claim is held, somebody is at work on it. `None` when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<u64>,
}

/// What the outside is asked to do. Closed: every effect has a key under which a repetition means
/// the same (`Effect::key`), or is not repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Mail the n-th code of a purpose.
    Send {
        /// Whose verification.
        purpose: Purpose,
        /// From 1.
        nth: u32,
    },
    /// Check a typed code. The code itself is only in memory.
    Verify {
        /// Whose verification.
        purpose: Purpose,
        /// Which of the codes sent.
        nth: u32,
        /// Keyed hash of the code: the same code typed again gets the same answer.
        mac: String,
    },
    /// Open a way in as the customer.
    Issue {
        /// Where.
        target: Target,
        /// From 1.
        nth: u32,
    },
    /// Open the successor's way in and mail it to them: two requests, each under a key of its own.
    Mail {
        /// From 1, counted with what is issued.
        nth: u32,
    },
    /// Revoke all that the session opened.
    Revoke,
    /// Mail a notice that an account was linked.
    NotifyLinked {
        /// Cognito's `sub`.
        agent_id: String,
    },
    /// Have Cognito mail a code for a new password. Asking twice mails twice: after a crash it is
    /// not asked again.
    AskReset {
        /// From 1.
        nth: u32,
    },
    /// Set the new password. Code and password are only in memory.
    Confirm {
        /// From 1.
        nth: u32,
    },
    /// Sign the account out everywhere, after the n-th new password.
    SignOut {
        /// Cognito's `sub`.
        agent_id: String,
        /// From 1.
        nth: u32,
    },
    /// Mail a notice that the password was changed, after the n-th new password.
    NotifyChanged {
        /// Cognito's `sub`.
        agent_id: String,
        /// From 1.
        nth: u32,
    },
    /// Tell the leads that a session was locked.
    AlertLocked {
        /// Whose codes were wrong.
        purpose: Purpose,
    },
}

impl Effect {
    /// The idempotency key of the effect in its session: the same key gets the same answer.
    #[must_use]
    pub fn key(&self, session: &SessionId) -> String {
        match self {
            Self::Send { purpose, nth } => format!("{session}:send:{}:{nth}", purpose.name()),
            Self::Verify { purpose, nth, mac } => {
                format!("{session}:verify:{}:{nth}:{mac}", purpose.name())
            }
            Self::Issue { target, nth } => format!("{session}:issue:{}:{nth}", target.name()),
            Self::Mail { nth } => format!("{session}:message:successor_qr:{nth}"),
            Self::Revoke => format!("{session}:revoke"),
            Self::NotifyLinked { .. } => format!("{session}:message:account_linked:1"),
            Self::AskReset { nth } => format!("{session}:reset:{nth}"),
            Self::Confirm { nth } => format!("{session}:confirm:{nth}"),
            Self::SignOut { nth, .. } => format!("{session}:sign_out:{nth}"),
            Self::NotifyChanged { nth, .. } => format!("{session}:message:password_changed:{nth}"),
            Self::AlertLocked { .. } => format!("{session}:alert"),
        }
    }
}

impl Effect {
    /// Whether the panel waits for its outcome. The others are performed after the panel is drawn.
    #[must_use]
    pub fn blocks_panel(&self) -> bool {
        match self {
            Self::Send { purpose, .. } => *purpose != Purpose::AgentLink,
            Self::Verify { .. }
            | Self::Issue { .. }
            | Self::Mail { .. }
            | Self::AskReset { .. }
            | Self::Confirm { .. } => true,
            Self::Revoke
            | Self::NotifyLinked { .. }
            | Self::SignOut { .. }
            | Self::NotifyChanged { .. }
            | Self::AlertLocked { .. } => false,
        }
    }
}
