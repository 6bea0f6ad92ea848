//! What Core knows of a customer, and how much of it a session keeps.
//!
//! A [`CustomerRecord`] is clear and lives in memory only. A [`Customer`] is masked and goes into the
//! session's row.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::email::{mask_email, mask_name};
use crate::model::succession::Succession;
use crate::model::time::Timestamp;
use crate::model::words::{Locale, SupportKind};

/// Everything the flows read of one customer in Core, in clear. Never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerRecord {
    /// Core's id of the customer.
    pub user_id: String,
    /// The full address, lower case.
    pub email: String,
    /// First and last names, as Core has them.
    pub full_name: String,
    /// State in Waizant.
    pub status: Status,
    /// The language in which mails to the customer are written.
    pub locale: Locale,
    /// Since when the customer exists.
    pub created_at: Timestamp,
    /// The ecosystems, by name. Read for Technical Assistance only.
    pub ecosystems: Vec<Ecosystem>,
    /// The successions in which the customer is the successor, by the ecosystem's name. Read for
    /// Ecosystem Admin only.
    pub successions: Vec<Succession>,
}

/// One of a customer's ecosystems with the customer's role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecosystem {
    /// Core's id.
    pub id: String,
    /// The name its owner gave it.
    pub name: String,
    /// The customer's role in it.
    pub role: Role,
    /// What the ecosystem pays for.
    pub plan: Plan,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The plan's name.
    pub name: String,
    /// Its state.
    pub status: PlanStatus,
    /// Price of a period, in hundredths of `currency`.
    pub price_cents: i64,
    /// ISO 4217.
    pub currency: String,
    /// How often it is paid.
    pub period: Period,
    /// When it renews; `None` when it does not.
    pub renews_at: Option<Timestamp>,
    /// What it includes, in words.
    pub features: Vec<String>,
}

/// A customer's state in Waizant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// May be helped.
    Active,
    /// Has not finished signing up.
    Pending,
    /// Barred by Waizant.
    Suspended,
    /// Has left.
    Closed,
    /// A word we do not know: shown as such, treated as not active.
    Unknown,
}

/// A role in an ecosystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administers it.
    Owner,
    /// Uses it.
    Member,
}

/// State of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanStatus {
    /// Paid.
    Active,
    /// On trial.
    Trial,
    /// Payment is late.
    PastDue,
    /// Will not renew.
    Cancelled,
    /// A word we do not know.
    Unknown,
}

/// How often a plan is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Every month.
    Month,
    /// Every year.
    Year,
    /// A word we do not know.
    Unknown,
}

/// What a session keeps of a customer: enough for its screens, nothing in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedCustomer {
    /// Core's id.
    pub id: String,
    /// `J*** P***`.
    pub name: String,
    /// `j•••@e•••.com`.
    pub email: String,
    /// State at the last look.
    pub status: Status,
    /// The language of mails.
    pub locale: Locale,
    /// Since when the customer exists.
    pub since: Timestamp,
    /// How many ecosystems, or successions, there are to choose from.
    pub choices: usize,
}

impl MaskedCustomer {
    /// What a session on this road keeps.
    #[must_use]
    pub fn of(record: &CustomerRecord, kind: SupportKind) -> Self {
        Self {
            id: record.user_id.clone(),
            name: mask_name(&record.full_name),
            email: mask_email(&record.email),
            status: record.status,
            locale: record.locale,
            since: record.created_at,
            choices: record.choices(kind),
        }
    }
}

/// The customer in the matter that was chosen: what both verifications are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Who is helped.
    pub customer: MaskedCustomer,
    /// Core's id of the ecosystem.
    pub ecosystem: String,
    /// Its name.
    pub ecosystem_name: String,
    /// What the customer has to do with it.
    pub subject: CaseSubject,
}

/// What a customer has to do with an ecosystem, as it was when it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSubject {
    /// Owns it, or is a member of it.
    Membership(Role),
    /// Takes it over, in the succession with this id of Core's.
    Succession(String),
}

impl fmt::Debug for CustomerRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerRecord({})", self.user_id)
    }
}

impl CustomerRecord {
    /// The ecosystem with this id.
    #[must_use]
    pub fn find_ecosystem(&self, id: &str) -> Option<&Ecosystem> {
        self.ecosystems.iter().find(|ecosystem| ecosystem.id == id)
    }

    /// The succession with this id.
    #[must_use]
    pub fn find_succession(&self, id: &str) -> Option<&Succession> {
        self.successions.iter().find(|succession| succession.id == id)
    }

    /// Returns the number of ecosystems or successions that can be chosen.
    pub fn choices(&self, kind: SupportKind) -> usize {
        match kind {
            SupportKind::Technical => self.ecosystems.len(),
            SupportKind::Successor => self.successions.len(),
        }
    }
}
