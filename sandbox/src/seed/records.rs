//! The records that seed data consists of.

use serde::Serialize;

use super::ids::{AGENT_ROLE_ID, LEAD_ROLE_ID};
use crate::mail_outcome::MailOutcome;

/// A member of the Discord guild.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    pub id: u64,
    /// User name, by which tests find the person.
    pub name: String,
    /// Name displayed in the guild.
    pub display: String,
    pub roles: Vec<u64>,
    /// Language of the client, `en-US`, `es-ES` or `es-419`.
    pub locale: String,
}

impl Person {
    pub fn is_agent(&self) -> bool {
        self.roles.contains(&AGENT_ROLE_ID)
    }

    pub fn is_lead(&self) -> bool {
        self.roles.contains(&LEAD_ROLE_ID)
    }
}

/// The state of a staff account, Cognito's `UserStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// The account is ready.
    Confirmed,
    /// An administrator requires a new password. Recovery is possible.
    ResetRequired,
    /// The first password was never replaced. Recovery is refused.
    ForceChangePassword,
    /// The sign-up was never confirmed.
    Unconfirmed,
}

impl UserStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::Unconfirmed => "UNCONFIRMED",
        }
    }
}

/// An account in the BackOffice's user pool.
#[derive(Clone, Debug)]
pub struct StaffAccount {
    /// The immutable subject, a UUID.
    pub sub: String,
    /// The user name. It differs from the address, as in a pool where e-mail is an alias.
    pub username: String,
    /// The address, in lower case.
    pub email: String,
    pub name: String,
    /// False if an administrator disabled the account.
    pub enabled: bool,
    pub status: UserStatus,
    /// True if the address is verified, as an alias and recovery require.
    pub email_verified: bool,
    /// Exact names of the account's groups.
    pub groups: Vec<String>,
}

/// A user in the company's Core.
#[derive(Clone, Debug, Serialize)]
pub struct Customer {
    pub id: String,
    /// The address, in lower case.
    pub email: String,
    pub name: String,
    /// `active`, `pending`, `suspended` or `closed`.
    pub status: String,
    /// `es` or `en`.
    pub locale: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// What becomes of the mails to the address.
    #[serde(skip)]
    pub mail_outcome: MailOutcome,
    /// The case that the customer stands for, shown on the page.
    pub hint: Hint,
}

/// One sentence in the page's two languages.
#[derive(Clone, Debug, Serialize)]
pub struct Hint {
    pub en: String,
    pub es: String,
}

/// An ecosystem and its plan.
#[derive(Clone, Debug, Serialize)]
pub struct Ecosystem {
    pub id: String,
    pub name: String,
    pub plan: Plan,
}

/// The plan of an ecosystem.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    pub name: String,
    /// `active`, `trial`, `past_due`, `cancelled`, or a word that is unknown to the bot.
    pub status: String,
    /// The price of a period, in cents.
    pub price_cents: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// `month` or `year`.
    pub period: String,
    /// The next renewal, or the end if cancelled, in milliseconds since the epoch.
    pub renews_at: i64,
    pub features: Vec<String>,
}

/// A customer's membership in an ecosystem.
#[derive(Clone, Debug, Serialize)]
pub struct Membership {
    pub ecosystem_id: String,
    pub user_id: String,
    /// `owner` or `member`.
    pub role: String,
}

/// A succession: a customer takes over an ecosystem.
#[derive(Clone, Debug, Serialize)]
pub struct Succession {
    pub id: String,
    pub ecosystem_id: String,
    /// The id of the customer who takes over.
    pub successor_id: String,
    /// Milliseconds since the epoch.
    pub started_at: i64,
    /// The steps, in order.
    pub steps: Vec<SuccessionStep>,
}

/// One step of a succession.
#[derive(Clone, Debug, Serialize)]
pub struct SuccessionStep {
    pub title: String,
    /// `done`, `current`, `waiting` or `rejected`.
    pub status: String,
    /// One line.
    pub summary: String,
    pub detail: String,
    /// Reasons of a rejection. Empty otherwise.
    pub reasons: Vec<String>,
    /// Milliseconds since the epoch.
    pub updated_at: i64,
}
