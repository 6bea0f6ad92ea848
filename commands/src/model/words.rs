//! A session: one agent helping one customer (or linking or recovering the own account), from the
//! command that opens it to its close.
//!
//! The row in the database is the truth; the copy in memory is a cache. Everything here is data:
//! what may happen to it is decided by the roads (`support`, `account`), and when it ends by the
//! clocks below.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// Which of the two roads: what the customer is helped with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// Technical Assistance.
    Technical,
    /// Ecosystem Admin.
    Successor,
}

impl SupportKind {
    /// The word in the row and in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Successor => "successor",
        }
    }
}

/// What a code proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The agent is who the linked account says.
    AgentMfa,
    /// The customer agrees, now, to be helped by this agent.
    CustomerConsent,
    /// The Discord account belongs to the BackOffice account.
    AgentLink,
}

impl Purpose {
    /// The word in the Lambda's contract and in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentMfa => "agent_mfa",
            Self::CustomerConsent => "customer_consent",
            Self::AgentLink => "agent_link",
        }
    }
}

/// What can be opened for a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Waizant Store (owners only).
    Store,
    /// Waizant Web.
    Web,
    /// Waizant App, as a QR image.
    App,
    /// The succession, for its successor, as a QR image.
    Successor,
}

impl Target {
    /// The word in the Lambda's contract and in keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Web => "web",
            Self::App => "app",
            Self::Successor => "successor",
        }
    }
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

/// What somebody lacks who is no agent, or none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEligible {
    /// The agent role in Discord.
    Role,
    /// The link to the BackOffice account. For a session: to the account that it was opened with,
    /// whatever is linked now.
    Link,
    /// An account that counts.
    Account(AccountProblem),
}

impl NotEligible {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "no_role",
            Self::Link => "no_link",
            Self::Account(problem) => problem.name(),
        }
    }
}

/// Why a link to a BackOffice account does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// The account was deleted.
    Gone,
    /// The account is disabled.
    Disabled,
    /// It is in none of the configured groups.
    NotInGroup,
    /// Its address is not verified.
    Unverified,
}

impl AccountProblem {
    /// The word in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "account_gone",
            Self::Disabled => "account_disabled",
            Self::NotInGroup => "not_in_group",
            Self::Unverified => "address_unverified",
        }
    }
}

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Look-ups of an agent in an hour.
    Lookups,
    /// Codes mailed to a subject in a day.
    Sends,
    /// Wrong codes of a subject in an hour.
    WrongCodes,
    /// Requests to link of a Discord account in an hour.
    LinkRequests,
    /// Linking mails to an address in an hour.
    LinkMails,
    /// Requests of an agent to recover the password, in an hour.
    RecoverRequests,
    /// New passwords that an agent sends, in an hour.
    RecoverConfirms,
}

/// A language that the bot speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, also for every language that we do not speak.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Locale {
    /// Reads a language tag as Discord and Core write them (`es-ES`, `es-419`, `es`, `en-US`).
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag == "es" || tag.starts_with("es-") { Self::Es } else { Self::En }
    }

    /// The tag in the Lambda's contract and in Core.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}
