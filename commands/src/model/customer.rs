//! Customers: Core's record in clear, and the masked part that a session stores.
//!
//! A [`CustomerRecord`] lives in memory only. A [`MaskedCustomer`] goes into the session's row.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::email::{mask_email, mask_name};
use crate::model::succession::Succession;
use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{Locale, SupportKind};

/// Core's record of a customer, in clear. Never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerRecord {
    /// Core's id of the customer.
    pub user_id: String,
    /// Full address, in its canonical spelling.
    pub email: String,
    /// First and last names, as Core has them.
    pub full_name: String,
    pub status: Status,
    /// Language of mails to the customer.
    pub locale: Locale,
    /// `None` if Core does not say.
    pub created_at: Option<Timestamp>,
    /// Ecosystems, sorted by name. Read for Technical Assistance only.
    pub ecosystems: Vec<Ecosystem>,
    /// Successions with this customer as successor, sorted by the ecosystem's name. Read for
    /// Ecosystem Admin only.
    pub successions: Vec<Succession>,
}

impl CustomerRecord {
    pub fn find_ecosystem(&self, id: &str) -> Option<&Ecosystem> {
        self.ecosystems.iter().find(|ecosystem| ecosystem.id == id)
    }

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

impl fmt::Debug for CustomerRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerRecord")
    }
}

/// An ecosystem with the customer's role in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ecosystem {
    /// Core's id.
    pub id: String,
    pub name: String,
    pub role: Role,
    pub plan: Plan,
}

/// Subscription of an ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub name: String,
    pub status: PlanStatus,
    /// Price of one period, in hundredths of `currency`. `None` if Core does not say.
    pub price_cents: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    pub period: Period,
    /// Time of the renewal. `None` if the plan does not renew.
    pub renews_at: Option<Timestamp>,
    /// Included features, one text each.
    pub features: Vec<String>,
}

/// State of a customer in Waizant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Can be helped.
    Active,
    /// Has not finished signing up.
    Pending,
    /// Suspended by Waizant.
    Suspended,
    /// Has left.
    Closed,
    /// A word that this version does not know. Shown as unknown, treated as not active.
    Unknown,
}

/// Role in an ecosystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Member,
}

impl Role {
    /// Returns the role with fewer rights.
    pub fn weaker(self, other: Self) -> Self {
        if self == Self::Owner { other } else { self }
    }
}

/// State of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanStatus {
    Active,
    Trial,
    PastDue,
    /// Ends without a renewal.
    Cancelled,
    /// A word that this version does not know.
    Unknown,
}

/// Interval of payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Month,
    Year,
    /// A word that this version does not know.
    Unknown,
}

/// Masked part of a customer record that a session stores for its screens. Sealed at rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskedCustomer {
    /// Core's id, for calls to Core and to the functions.
    pub id: String,
    /// `J*** P***`.
    pub name: String,
    /// `j•••@e•••.com`.
    pub email: String,
    /// State at the newest read.
    pub status: Status,
    /// Language of mails to the customer.
    pub locale: Locale,
    /// Creation of the customer in Waizant. `None` if Core does not say.
    pub since: Option<Timestamp>,
    /// Number of ecosystems or successions to choose from.
    pub choices: usize,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl MaskedCustomer {
    /// Masks a newer record of this customer for a session of this kind.
    pub fn refreshed(&self, record: &CustomerRecord, kind: SupportKind) -> Self {
        Self { unknown: self.unknown.clone(), ..Self::of(record, kind) }
    }

    /// Masks a record for a session of this kind.
    pub fn of(record: &CustomerRecord, kind: SupportKind) -> Self {
        Self {
            id: record.user_id.clone(),
            name: mask_name(&record.full_name),
            email: mask_email(&record.email),
            status: record.status,
            locale: record.locale,
            since: record.created_at,
            choices: record.choices(kind),
            unknown: UnknownFields::NONE,
        }
    }
}

/// Customer and chosen subject of a session. Both verifications are about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub customer: MaskedCustomer,
    /// Core's id of the ecosystem.
    pub ecosystem: String,
    pub ecosystem_name: String,
    pub subject: CaseSubject,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// Relation of a customer to an ecosystem, at the time of the choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSubject {
    /// Owner or member.
    Membership(Role),
    /// Successor, in the succession with this id of Core.
    Succession(String),
}
