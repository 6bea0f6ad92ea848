//! Reports: answers to the page "I did not ask for this".

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{Purpose, Target};

/// Mail that has the link to a report page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedMail {
    /// The customer's code.
    Customer,
    /// The agent's own code.
    Agent,
    /// The code that links an account.
    Linking,
    /// The notice of a linked account or a new password.
    Notice,
    /// The notice of a support session that opened something.
    Visit,
}

impl ReportedMail {
    pub const ALL: [Self; 5] =
        [Self::Customer, Self::Agent, Self::Linking, Self::Notice, Self::Visit];

    /// Returns the mail of a code.
    pub const fn of_code(purpose: Purpose) -> Self {
        match purpose {
            Purpose::CustomerConsent => Self::Customer,
            Purpose::AgentMfa => Self::Agent,
            Purpose::AgentLink => Self::Linking,
        }
    }

    /// Returns the letter in the link.
    pub const fn letter(self) -> char {
        match self {
            Self::Customer => 'c',
            Self::Agent => 'a',
            Self::Linking => 'l',
            Self::Notice => 'n',
            Self::Visit => 'v',
        }
    }

    /// Returns the word in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Linking => "linking",
            Self::Notice => "notice",
            Self::Visit => "visit",
        }
    }

    /// Returns true if the mail goes to the customer.
    pub const fn is_for_customer(self) -> bool {
        matches!(self, Self::Customer | Self::Visit)
    }
}

/// Choice on the report page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportChoice {
    /// It was me. Everything is fine.
    Me,
    /// I did not ask for this.
    NotMe,
    /// I passed the code on, and am not sure any more.
    NotSure,
}

impl ReportChoice {
    /// All choices in the order of the page. The first one is harmless, because a mail scanner can
    /// take it.
    pub const ALL: [Self; 3] = [Self::Me, Self::NotMe, Self::NotSure];

    /// Returns the word in the form and in the trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::NotMe => "not_me",
            Self::NotSure => "not_sure",
        }
    }
}

/// An answer that was submitted on a report page.
#[derive(Clone, Debug)]
pub struct Answer {
    pub mail: ReportedMail,
    pub choice: ReportChoice,
    /// Reference for the page, if the answer is the first one.
    pub reference: String,
    /// The session's customer was erased.
    pub is_erased: bool,
}

/// A saved answer to a report page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub mail: ReportedMail,
    pub choice: ReportChoice,
    pub at: Timestamp,
    /// Reference that the page shows, such as `R-7K2M9Q`.
    pub reference: String,
    /// The answer came so soon after the mail that a scanner can have sent it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub quick: bool,
    /// The session was closed before.
    #[serde(default, skip_serializing_if = "is_false")]
    pub late: bool,
    /// The customer was erased before, so the report locks out and names no subject.
    #[serde(default, skip_serializing_if = "is_false")]
    pub erased: bool,
    /// End of the lockout that the report started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Timestamp>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Report {
    /// Returns true if the customer's report counts against the agent. One that may be a mail
    /// scanner's does not.
    pub fn counts_against_agent(&self) -> bool {
        self.mail.is_for_customer()
            && self.choice != ReportChoice::Me
            && !self.quick
            && !self.erased
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What an access link of the session opened. Kept after the close, without the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub target: Target,
    pub at: Timestamp,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}
