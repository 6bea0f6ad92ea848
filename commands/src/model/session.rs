//! A session: one agent helping one customer (or linking or recovering the own account), from the
//! command that opens it to its close.
//!
//! The row in the database is the truth; the copy in memory is a cache. Everything here is data:
//! what may happen to it is decided by the roads (`support`, `account`), and when it ends by the
//! clocks below.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::model::effect::{Effect, Pending};
use crate::model::flow_state::{LinkState, RecoverState, SupportState};
use crate::model::time::Timestamp;
use crate::model::timers::{ASK_AGAIN, Clocks, ORPHANED_AFTER, TOKEN_LIFE};
use crate::model::verification::{StoredProof, Verification};
use crate::model::words::{Actor, CloseReason, Locale, Purpose, SessionId, SupportKind, Target};

/// One session, whole. Serialised as JSON into its row, all but [`Secrets`], which is sealed beside
/// it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The agent who owns it.
    pub actor: Actor,
    /// The language of the last click: what the clocks draw is written in it.
    pub locale: Locale,
    /// Version of the row that this was read from; 0 for one that is not stored yet. Kept in its
    /// own column.
    #[serde(skip)]
    pub version: i64,
    /// Raised by every moving click and every redraw: a component of an older generation never
    /// acts.
    pub generation: u32,
    /// Core's id of the customer; `None` while an account is linked or recovered.
    pub customer_id: Option<String>,
    /// Where on which road it is.
    pub work: Work,
    /// When it was opened and last moved.
    pub clocks: Clocks,
    /// The internal verification.
    pub agent: Verification,
    /// The customer's verification.
    pub customer: Verification,
    /// Effects that were decided and saved and have no outcome yet.
    pub pending: Vec<Pending>,
    /// Links and QR images that were handed over and still show.
    pub access_links: Vec<AccessLink>,
    /// How many were issued so far: the n in the key of the next.
    pub links_issued: u32,
    /// Tokens and proofs, sealed at rest, wiped at the close.
    #[serde(skip)]
    pub secrets: Secrets,
}

/// The road that a session is on, with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Helping a customer.
    Support(SupportKind, SupportState),
    /// Linking a BackOffice account.
    Link(LinkState),
    /// Recovering the password of the linked one.
    Recover(RecoverState),
}

/// A link or QR that was handed over in a message of its own, or mailed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLink {
    /// Where it leads.
    pub target: Target,
    /// From 1, as in its effect's key.
    pub nth: u32,
    /// Discord's id of the message, once it is there.
    pub message: Option<u64>,
    /// The masked address that it was mailed to, where no message holds it.
    pub mailed_to: Option<String>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What is sealed at rest and wiped at the close. `Debug` shows nothing of it.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Interaction token that edits the panel, and when it was received.
    pub panel: Option<(SecretString, Timestamp)>,
    /// Interaction tokens of the messages in [`Session::opened`], by their n.
    pub messages: Vec<(u32, SecretString)>,
    /// The Lambda's proof of the agent. Boxed, as most sessions in memory have none yet.
    pub agent_proof: Option<Box<StoredProof>>,
    /// The Lambda's proof of the customer, likewise.
    pub customer_proof: Option<Box<StoredProof>>,
    /// A reason that was too short or too long, or the address that is being linked.
    pub draft: Option<SecretString>,
    /// The address of the recovery page, for the button that opens it.
    pub page: Option<SecretString>,
}

impl Session {
    /// The closing and its time, once it is closed.
    #[must_use]
    pub fn closed(&self) -> Option<(CloseReason, Timestamp)> {
        let closing = match &self.work {
            Work::Support(_, SupportState::Closed(closing))
            | Work::Link(LinkState::Closed(closing))
            | Work::Recover(RecoverState { closed: Some(closing), .. }) => *closing,
            _ => return None,
        };
        Some((closing, self.clocks.closed_at.unwrap_or(self.clocks.active_at)))
    }

    /// Core's id of the customer whom this session holds: from Start to the close.
    #[must_use]
    pub fn attending(&self) -> Option<&str> {
        self.clocks.started_at.filter(|_| self.closed().is_none())?;
        self.customer_id.as_deref()
    }

    /// The verification of a purpose. Linking counts as the agent's.
    #[must_use]
    pub fn verification(&self, purpose: Purpose) -> &Verification {
        match purpose {
            Purpose::AgentMfa | Purpose::AgentLink => &self.agent,
            Purpose::CustomerConsent => &self.customer,
        }
    }

    /// Likewise, to change it.
    pub fn verification_mut(&mut self, purpose: Purpose) -> &mut Verification {
        match purpose {
            Purpose::AgentMfa | Purpose::AgentLink => &mut self.agent,
            Purpose::CustomerConsent => &mut self.customer,
        }
    }

    /// The word for the road in the row.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.work {
            Work::Support(kind, _) => kind.name(),
            Work::Link(_) => "link",
            Work::Recover(_) => "recover",
        }
    }
}

impl Session {
    /// When somebody has to look at the session next: a clock acts, or what nobody waits for is
    /// asked for again. `None` when it is over.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.closed().is_some() {
            return self.pending.iter().map(|pending| pending.requested_at + ASK_AGAIN).min();
        }
        let clocks = &self.clocks;
        let end = clocks.end();
        let mut next = end;
        if clocks.warned_of != Some(end) {
            next = next.min(clocks.warn_at());
        }
        if clocks.stripped_for != Some(end) {
            next = next.min(clocks.strip_at());
        }
        for opened in &self.access_links {
            next = next.min(opened.expires_at);
        }
        for pending in &self.pending {
            let patience = if pending.effect.blocks_panel() { ORPHANED_AFTER } else { ASK_AGAIN };
            next = next.min(pending.requested_at + patience);
        }
        Some(next)
    }

    /// Whether an effect that the panel waits for has been without an outcome for so long that its
    /// process must have died over it.
    #[must_use]
    pub fn is_orphaned(&self, now: Timestamp) -> bool {
        let awaited = self.pending.iter().filter(|pending| pending.effect.blocks_panel());
        self.closed().is_none()
            && awaited.map(|pending| pending.requested_at + ORPHANED_AFTER).any(|at| at <= now)
    }

    /// The token that edits the panel, while Discord accepts it.
    #[must_use]
    pub fn panel_token(&self, now: Timestamp) -> Option<SecretString> {
        self.secrets
            .panel
            .as_ref()
            .filter(|(_, at)| now < *at + TOKEN_LIFE)
            .map(|(token, _)| token.clone())
    }
}

impl Session {
    /// Whether an effect that the panel waits for has no outcome yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.pending.iter().any(|pending| pending.effect.blocks_panel())
    }

    pub fn is_pending(&self, wanted: &Effect) -> bool {
        self.pending.iter().any(|pending| pending.effect == *wanted)
    }
}

impl Session {
    /// Whether the customer's code is awaited: then it is the customer's silence that counts, and
    /// clicks do not renew the idle clock.
    #[must_use]
    pub fn awaits_customer(&self) -> bool {
        matches!(self.work, Work::Support(_, SupportState::ProvingCustomer { .. }))
    }
}

impl Session {
    /// Whether the sign-out that follows a new password is done.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        !self.pending.iter().any(|pending| matches!(pending.effect, Effect::SignOut { .. }))
    }
}

impl Session {
    /// Returns the effect that the panel waits for, if there is one.
    pub fn blocking_effect(&self) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.effect.blocks_panel())
    }

    /// Returns true if a code newer than the n-th one of this purpose was mailed.
    pub fn has_newer_code(&self, purpose: Purpose, nth: u32) -> bool {
        self.verification(purpose).challenge.as_ref().is_some_and(|newer| newer.nth > nth)
    }
}
