//! The part of a lead's custom id that names a customer's card, and what a lead does there. It
//! holds the pseudonym, never the address.

use std::fmt;

use crate::model::pseudonym::Pseudonym;
use crate::screens::custom_id::parse_number;

/// Page of a customer's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerCard {
    pub customer: Pseudonym,
    /// Page of the sessions, from 0.
    pub page: u16,
}

/// Act of a lead on a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerAct {
    Unlock,
    /// Asks for a copy of what is stored about the customer.
    Copy,
    /// Asks for an erasure.
    Erasure,
}

impl CustomerAct {
    pub const ALL: [Self; 3] = [Self::Unlock, Self::Copy, Self::Erasure];

    /// Returns the word in custom ids and catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Copy => "copy",
            Self::Erasure => "erasure",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == word)
    }
}

impl CustomerCard {
    /// Returns the first page.
    pub fn first(customer: Pseudonym) -> Self {
        Self { customer, page: 0 }
    }

    pub(super) fn parse<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Self> {
        let customer = parts.next()?.parse().ok()?;
        Some(Self { customer, page: parse_number(parts.next()?)? })
    }
}

impl fmt::Display for CustomerCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.customer, self.page)
    }
}
