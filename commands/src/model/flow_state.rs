//! States of the three flows: support, link and recover.
//!
//! A state is data. `flows` holds the rules that lead from one state to the next.

use serde::{Deserialize, Serialize};

use crate::model::customer::{Case, MaskedCustomer, Status};
use crate::model::outcome::{ConfirmDenied, ResetDenied};
use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{Actor, CloseReason};

/// State of a support session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SupportState {
    /// The customer was looked up. The session does not attend the customer yet.
    Found {
        customer: MaskedCustomer,
        /// The agent who attended the customer at the look-up.
        attended: Attended,
    },
    /// The agent attends the customer and chooses an ecosystem or succession.
    Choosing {
        customer: MaskedCustomer,
    },
    /// A code was mailed to the agent.
    ProvingAgent {
        case: Case,
    },
    /// The agent is verified. The panel announces the customer's code.
    Announcing {
        case: Case,
    },
    /// A code was mailed to the customer.
    ProvingCustomer {
        case: Case,
    },
    /// Agent and customer are verified.
    Acting {
        case: Case,
    },
    Closed(CloseReason),
}

impl SupportState {
    /// Returns the customer, unless the session is closed.
    pub fn customer(&self) -> Option<&MaskedCustomer> {
        match self {
            Self::Found { customer, .. } | Self::Choosing { customer } => Some(customer),
            Self::ProvingAgent { case }
            | Self::Announcing { case }
            | Self::ProvingCustomer { case }
            | Self::Acting { case } => Some(&case.customer),
            Self::Closed(_) => None,
        }
    }

    /// Returns true if the panel offers Start.
    pub fn may_start(&self) -> bool {
        matches!(
            self,
            Self::Found { customer, attended: Attended::No }
                if customer.status == Status::Active && customer.choices > 0
        )
    }

    /// Returns the word in the trail.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Choosing { .. } => "choosing",
            Self::ProvingAgent { .. } => "proving_agent",
            Self::Announcing { .. } => "announcing",
            Self::ProvingCustomer { .. } => "proving_customer",
            Self::Acting { .. } => "acting",
            Self::Closed(_) => "closed",
        }
    }
}

/// Agent who attends a customer at the time of a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attended {
    /// No agent attends the customer.
    No,
    /// Another agent. Only leads see the name.
    ByAnotherAgent,
    /// The agent with this Discord user id, as a lead sees it.
    By(u64),
}

/// State of a session that links a BackOffice account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LinkState {
    /// The agent requested a code.
    CodeRequested {
        /// The typed address, masked. The address itself is sealed.
        to: String,
        /// The account of the address, after a code was mailed to it.
        found: Option<FoundAccount>,
        /// Expiry that the panel shows. It is the same for an address without an account.
        valid_until: Timestamp,
    },
    Closed(CloseReason),
}

/// Account that a link code was mailed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAccount {
    /// Cognito's `sub`.
    pub agent_id: String,
    /// `None` if Cognito has no name. Such an account is not linked.
    pub name: Option<String>,
    /// Masked address.
    pub email: String,
    /// Keyed hash of the address's mailbox.
    pub email_mac: String,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl FoundAccount {
    /// Returns the agent that this account makes of a Discord account. Without a name, the agent is
    /// greeted by the masked address.
    pub fn actor(&self, discord_id: u64) -> Actor {
        let name = self.name.clone().unwrap_or_else(|| self.email.clone());
        Actor { discord_id, agent_id: self.agent_id.clone(), name, unknown: UnknownFields::NONE }
    }
}

/// State of a recovery. It stays after the close, because a used link shows that it was used until
/// its hour ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverState {
    /// Keyed hash of the page's token. The token itself is sealed.
    pub page_mac: String,
    /// Masked address of the newest code that is known to be mailed.
    pub to: Option<String>,
    /// Codes requested from Cognito.
    pub codes_requested: u32,
    /// New passwords submitted to Cognito.
    pub passwords_submitted: u32,
    /// Wrong codes typed through this link.
    #[serde(default)]
    pub wrong_codes: u32,
    /// Earliest time of the next code.
    pub resend_at: Timestamp,
    /// Outcome of the newest request, while it matters.
    pub last_outcome: Option<LastOutcome>,
    pub closed: Option<CloseReason>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl RecoverState {
    /// Starts a recovery for the page whose token has this keyed hash.
    pub fn new(page_mac: String) -> Self {
        Self { page_mac, ..Self::default() }
    }
}

/// Outcome of the newest request of a recovery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastOutcome {
    /// Another code was mailed.
    Resent,
    /// No code was mailed.
    NotSent(ResetDenied),
    /// The code may have been mailed. Reference of the fault; `None` after a crash.
    MaybeSent(Option<String>),
    /// The password was not changed.
    NotChanged(ConfirmDenied),
    /// The password may have been changed. Reference of the fault; `None` after a crash.
    MaybeChanged(Option<String>),
}

impl LastOutcome {
    /// Returns true if a reloaded page still shows the outcome: no code was mailed, or the result
    /// is unknown. A refused password belongs to the form that submitted it.
    pub const fn survives_reload(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::MaybeSent(_) | Self::MaybeChanged(_))
    }
}
