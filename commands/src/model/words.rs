//! Words that every layer shares: identifiers and closed lists of names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;

/// 128 random bits in 22 characters of base64url. Parsing rejects any other text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct SessionId(String);

impl SessionId {
    /// Number of characters.
    pub const LENGTH: usize = 22;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first six characters, which people use to tell sessions apart.
    pub fn short(&self) -> &str {
        &self.0[..6]
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// The agent of a session, as Discord, Cognito and people know the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Discord user id.
    pub discord_id: u64,
    /// Cognito's `sub`. `discord:…` while an account is being linked.
    pub agent_id: String,
    /// Name in Cognito. `discord:…` while an account is being linked.
    pub name: String,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// Kind of support that a customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// Technical Assistance.
    Technical,
    /// Ecosystem Admin.
    Successor,
}

impl SupportKind {
    /// Returns the word in the row and in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Successor => "successor",
        }
    }
}

/// Purpose of a code: the statement that it proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The agent controls the mailbox of the linked account.
    AgentMfa,
    /// The customer agrees to be helped by this agent now.
    CustomerConsent,
    /// The Discord account belongs to the BackOffice account.
    AgentLink,
}

impl Purpose {
    /// Returns the word in the Lambda contract and in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentMfa => "agent_mfa",
            Self::CustomerConsent => "customer_consent",
            Self::AgentLink => "agent_link",
        }
    }

    /// Returns true if a correct code gives a proof that permits actions.
    pub const fn gives_proof(self) -> bool {
        !matches!(self, Self::AgentLink)
    }
}

/// Destination of an access link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Waizant Store, for owners only.
    Store,
    /// Waizant Web.
    Web,
    /// Waizant App, as a QR image.
    App,
    /// The succession, for its successor, as a QR image.
    Successor,
}

impl Target {
    /// Returns the word in the Lambda contract and in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Web => "web",
            Self::App => "app",
            Self::Successor => "successor",
        }
    }

    /// Returns true if the panel shows the link as a QR image.
    pub const fn is_shown_as_qr(self) -> bool {
        matches!(self, Self::App | Self::Successor)
    }
}

/// Reason for the close of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The agent pressed Finish, the account was linked, or the password was changed.
    Finished,
    /// The agent cancelled and gave a reason.
    Cancelled,
    /// The agent pressed Close before Start.
    Dismissed,
    /// The idle timeout passed.
    Idle,
    /// The absolute timeout passed.
    Absolute,
    /// The agent entered too many wrong codes.
    AgentLockedOut,
    /// The customer gave too many wrong codes.
    CustomerLockedOut,
    /// The agent lost the role, link, account or group.
    AgentIneligible,
    /// The customer is no longer active.
    CustomerInactive,
    /// The customer's role in the ecosystem changed, or the membership ended.
    RoleChanged,
    /// The succession ended, or has another successor.
    SuccessionOver,
    /// The Lambda function no longer accepts the proofs.
    ProofInvalid,
    /// A newer link to the recovery page replaced the one of this session.
    Replaced,
    /// No process could read the session.
    Unreadable,
    /// The session was tampered with in the database.
    Tampered,
    /// The operator ended all sessions.
    EndedByOperator,
    /// The account to link has no name, which the customer's mail needs.
    Nameless,
    /// Too many wrong password reset codes were typed on the recovery page.
    ResetLockedOut,
    /// The owner of a mailbox did not ask for the session's mail.
    Reported,
    /// A lead closed it.
    ByLead,
    /// A lead took it over: closed it, and started again about the same customer.
    TakenOver,
}

impl CloseReason {
    /// Returns the word in the row and in the trail.
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
            Self::Unreadable => "unreadable",
            Self::Tampered => "tampered",
            Self::EndedByOperator => "ended_by_operator",
            Self::Nameless => "nameless",
            Self::ResetLockedOut => "reset_locked_out",
            Self::Reported => "reported",
            Self::ByLead => "by_lead",
            Self::TakenOver => "taken_over",
        }
    }
}

/// Reason why a user is not, or no longer, eligible to act as an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEligible {
    /// The user lacks the agent role in Discord.
    Role,
    /// No BackOffice account is linked. In a session: the account that opened it is not linked.
    Link,
    /// The linked account cannot be used.
    Account(AccountProblem),
    /// The agent is a verify-only agent now. The session permits more than that.
    VerifyOnly,
    /// The agent or the Discord account is locked out until the given time, but not for wrong
    /// codes.
    LockedOut(Timestamp),
}

impl NotEligible {
    /// Returns the word in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "no_role",
            Self::Link => "no_link",
            Self::Account(problem) => problem.name(),
            Self::VerifyOnly => "verify_only",
            Self::LockedOut(_) => "locked_out",
        }
    }
}

/// Problem of a BackOffice account that keeps its owner from acting as an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// The account was deleted.
    Gone,
    /// The account is disabled.
    Disabled,
    /// The account is in none of the configured groups.
    NotInGroup,
    /// The address of the account is not verified.
    Unverified,
}

impl AccountProblem {
    /// Returns the word in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "account_gone",
            Self::Disabled => "account_disabled",
            Self::NotInGroup => "not_in_group",
            Self::Unverified => "address_unverified",
        }
    }
}

/// Use that is limited in a rolling window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Look-ups of an agent in an hour.
    Lookups,
    /// Look-ups of an agent in a day.
    DailyLookups,
    /// Alerts that an agent has reached a limit of look-ups.
    LookupAlerts,
    /// New cards of alerts in the leads' channel.
    AlertCards,
    /// Pings of the leads.
    AlertPings,
    /// Pings of the leads about one subject.
    SubjectPings,
    /// Codes mailed to a customer, or to an address that is being linked, in a day.
    Sends,
    /// Own codes mailed to an agent in a day.
    AgentSends,
    /// Wrong codes of a subject in an hour.
    WrongCodes,
    /// Wrong codes of a subject without a right one in between.
    WrongInARow,
    /// Link requests of a Discord account in an hour.
    LinkRequests,
    /// Link mails to an address in an hour.
    LinkMails,
    /// Recovery requests of an agent in an hour.
    RecoverRequests,
    /// New passwords that an agent submits in an hour.
    RecoverConfirms,
    /// Wrong password reset codes of an agent in a day.
    WrongResetCodes,
    /// Files that a lead takes in an hour.
    DeskFiles,
}

/// Language of texts and mails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English. Also used for every language without a catalog.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Locale {
    /// Parses a language tag of Discord, Core or a browser (`es-ES`, `es_419`, `ES`, `en-US`).
    pub fn from_tag(tag: &str) -> Self {
        let language = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("es") { Self::Es } else { Self::En }
    }

    /// Returns the tag in the Lambda contract and in Core.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}
