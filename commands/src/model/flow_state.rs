//! The road of `/support`: one agent helps one customer in one matter.
//!
//! Technical Assistance is about an ecosystem of the customer's, Ecosystem Admin about a succession
//! in which the customer is the successor. Both go the same way: find the customer, choose the
//! matter, prove who the agent is, prove that the customer agrees, then act. Nothing after a proof
//! is reachable without it. What the two have apart is in `technical` and `successor`.

use serde::{Deserialize, Serialize};

use crate::model::customer::{Case, MaskedCustomer, Status};
use crate::model::outcome::{ConfirmDenied, ResetDenied};
use crate::model::time::Timestamp;
use crate::model::words::CloseReason;

/// Where on the road a session is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportState {
    /// The customer was looked up. Nobody is held yet.
    Found {
        /// Who was found.
        customer: MaskedCustomer,
        /// Whether another session held the customer at that moment.
        attended: Attended,
    },
    /// The agent attends the customer and chooses one of their matters.
    Choosing {
        /// Who is helped.
        customer: MaskedCustomer,
    },
    /// Internal verification: a code was mailed to the agent.
    ProvingAgent {
        /// What it is about.
        case: Case,
    },
    /// The agent is verified; the panel says that a code will go to the customer.
    Announcing {
        /// What it is about.
        case: Case,
    },
    /// A code was mailed to the customer.
    ProvingCustomer {
        /// What it is about.
        case: Case,
    },
    /// Both are verified.
    Acting {
        /// What it is about.
        case: Case,
    },
    /// Over.
    Closed(CloseReason),
}

impl SupportState {
    /// The customer, until it is over.
    #[must_use]
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

    /// Whether Start can be pressed.
    #[must_use]
    pub fn may_start(&self) -> bool {
        matches!(self, Self::Found { customer, attended: Attended::No } if customer.status == Status::Active && customer.choices > 0)
    }
}

impl SupportState {
    /// The word in the trail.
    #[must_use]
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

/// Whether somebody attends a customer who was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attended {
    /// Nobody.
    No,
    /// Another agent. Who it is, is told to leads only.
    BySomebody,
    /// The agent with this Discord user id, as a lead sees it.
    By(u64),
}

/// Where linking is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// A code was asked for.
    Asked {
        /// What was typed, masked. The address itself is sealed.
        to: String,
        /// The account it belongs to, once a code is on its way there.
        found: Option<FoundAccount>,
        /// Until when the code is said to be valid, whether there is one or not.
        valid_until: Timestamp,
    },
    /// Over.
    Closed(CloseReason),
}

/// The account that a code was mailed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAccount {
    /// Cognito's `sub`.
    pub agent_id: String,
    /// The person's name.
    pub name: String,
    /// Masked address.
    pub email: String,
    /// Keyed hash of the address.
    pub email_mac: String,
}

/// Where a recovery is. It outlives its close: whoever opens a used link for as long as its hour
/// lasts is told that it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverState {
    /// Keyed hash of the page's token. The token itself is sealed.
    pub page: String,
    /// Where the newest code is known to have gone, masked.
    pub to: Option<String>,
    /// Codes that Cognito was asked for.
    pub asked: u32,
    /// New passwords that were sent.
    pub tried: u32,
    /// Before this no other code is asked for.
    pub resend_at: Timestamp,
    /// What happened last, while it is worth telling.
    pub news: Option<LastOutcome>,
    /// Over.
    pub closed: Option<CloseReason>,
}

impl RecoverState {
    /// A recovery that begins, of the page with this keyed hash.
    #[must_use]
    pub fn new(page: String) -> Self {
        Self {
            page,
            to: None,
            asked: 0,
            tried: 0,
            resend_at: Timestamp::default(),
            news: None,
            closed: None,
        }
    }
}

/// What happened last, where it is worth telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastOutcome {
    /// Another code was mailed.
    Resent,
    /// No code was mailed.
    NotSent(ResetDenied),
    /// Nobody knows whether one was: the reference of the fault, or `None` after a crash.
    MaybeSent(Option<String>),
    /// The password was not changed.
    NotChanged(ConfirmDenied),
    /// Nobody knows whether it was: likewise.
    MaybeChanged(Option<String>),
}

impl LastOutcome {
    /// Whether the page still says it when it is opened anew: a try that was refused is over, a
    /// doubt is not, nor is a mail that never left.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::MaybeSent(_) | Self::MaybeChanged(_))
    }
}
