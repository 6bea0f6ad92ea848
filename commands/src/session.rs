//! A session: one agent helping one customer (or linking or recovering the own account), from the
//! command that opens it to its close.
//!
//! The row in the database is the truth; the copy in memory is a cache. Everything here is data:
//! what may happen to it is decided by the roads (`support`, `account`), and when it ends by the
//! clocks below.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::account::{link, recover};
pub use crate::effect::{Effect, Pending, Purpose, Target};
use crate::support::{self, SupportKind};
use crate::text::Locale;
use crate::time::{Timestamp, minutes};
use crate::verify::{StoredProof, Verification};

/// Idle timeout (NIST SP 800-63B-4 2.3.3, ASVS 7.3.1). Discord's interaction token dies at the same
/// minute.
pub const IDLE_CLOSE: Duration = minutes(15);
/// Absolute timeout, from Start (ASVS 7.3.2).
pub const ABSOLUTE_CLOSE: Duration = minutes(60);
/// How long before its end a session warns: 12:00 of 15:00, 57:00 of 60:00.
pub const WARN_BEFORE: Duration = minutes(3);
/// How long before its end a panel loses everything sensitive: 14:45 of 15:00.
pub const STRIP_BEFORE: Duration = Duration::from_secs(15);
/// How long before the absolute end nothing is opened any more.
pub const NO_ACCESS_BEFORE: Duration = minutes(2);
/// How long Discord accepts an interaction token.
pub const TOKEN_LIFE: Duration = minutes(15);

/// 128 random bits in 22 characters of base64url. A row with anything else in it is not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct SessionId(String);

impl SessionId {
    /// Characters of an id.
    pub const LENGTH: usize = 22;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first six characters: enough for people to tell sessions apart.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..6]
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a session id.
#[derive(Debug, thiserror::Error)]
#[error("not a session id")]
pub struct NotASessionId;

impl FromStr for SessionId {
    type Err = NotASessionId;

    fn from_str(text: &str) -> Result<Self, NotASessionId> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for SessionId {
    type Error = NotASessionId;

    fn try_from(text: String) -> Result<Self, NotASessionId> {
        let fits = text.len() == Self::LENGTH
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits { Ok(Self(text)) } else { Err(NotASessionId) }
    }
}

/// Who acts for the company: the names under which Discord, Cognito and people know the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Discord user id.
    pub discord_id: u64,
    /// Cognito's `sub`; `discord:…` while an account is only being linked.
    pub agent_id: String,
    /// The name that Cognito has; `discord:…` likewise.
    pub name: String,
}

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
    Support(SupportKind, support::State),
    /// Linking a BackOffice account.
    Link(link::State),
    /// Recovering the password of the linked one.
    Recover(recover::State),
}

/// When things happened to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Idle timeout in force, in milliseconds ([`IDLE_CLOSE`] but in trials).
    pub idle_ms: u64,
    /// AccessLink by its command.
    pub opened_at: Timestamp,
    /// Start was pressed: the absolute clock runs.
    pub started_at: Option<Timestamp>,
    /// Last activity that renews the idle clock.
    pub active_at: Timestamp,
    /// The deadline of which the panel has warned.
    pub warned_of: Option<Timestamp>,
    /// The deadline for which the panel was stripped.
    pub stripped_for: Option<Timestamp>,
    /// Whether the panel shows nothing but Resume.
    pub stripped: bool,
    /// Closed, and for how long it has been.
    pub closed_at: Option<Timestamp>,
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

/// Why a session closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// Finish was pressed, the account was linked, or the password changed.
    Finished,
    /// Cancelled with a reason.
    Cancelled,
    /// Put away before Start.
    Dismissed,
    /// Fifteen minutes without activity.
    Idle,
    /// Sixty minutes since Start.
    Absolute,
    /// Five wrong codes of the agent.
    AgentLockedOut,
    /// Five wrong codes of the customer.
    CustomerLockedOut,
    /// The agent's role, link, account or group is gone.
    AgentIneligible,
    /// The customer is not active any more.
    CustomerInactive,
    /// The customer's role in the ecosystem changed, or the membership ended.
    RoleChanged,
    /// The succession ended, or is somebody else's.
    SuccessionOver,
    /// The Lambda does not accept the proofs any more.
    ProofInvalid,
    /// Another link to the recovery page took the place of this one.
    Replaced,
}

impl CloseReason {
    /// The word in the row and in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Dismissed => "dismissed",
            Self::Idle => "idle",
            Self::Absolute => "absolute",
            Self::AgentLockedOut => "agent_locked_out",
            Self::CustomerLockedOut => "customer_locked_out",
            Self::AgentIneligible => "agent_ineligible",
            Self::CustomerInactive => "customer_inactive",
            Self::RoleChanged => "role_changed",
            Self::SuccessionOver => "succession_over",
            Self::ProofInvalid => "proof_invalid",
            Self::Replaced => "replaced",
        }
    }
}

impl Session {
    /// The closing and its time, once it is closed.
    #[must_use]
    pub fn closed(&self) -> Option<(CloseReason, Timestamp)> {
        let closing = match &self.work {
            Work::Support(_, support::State::Closed(closing))
            | Work::Link(link::State::Closed(closing))
            | Work::Recover(recover::State { closed: Some(closing), .. }) => *closing,
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
