//! Ecosystem Admin: what is apart on the road of `/support` when it is about a succession in which
//! the customer is the successor.

pub mod screens;

use crate::customer::{Case, Customer, Dossier, Matter};
use crate::session::Closing;
use crate::succession::Succession;

/// The customer in one of their successions.
pub(crate) fn case(customer: &Customer, dossier: &Dossier, id: &str) -> Option<Case> {
    dossier.find_succession(id).map(|succession| case_of(customer, succession))
}

/// The customer in the only succession there is.
pub(crate) fn only_case(customer: &Customer, dossier: &Dossier) -> Option<Case> {
    match dossier.successions.as_slice() {
        [only] => Some(case_of(customer, only)),
        _ => None,
    }
}

fn case_of(customer: &Customer, succession: &Succession) -> Case {
    Case {
        customer: customer.clone(),
        ecosystem: succession.ecosystem.clone(),
        ecosystem_name: succession.ecosystem_name.clone(),
        matter: Matter::Succession(succession.id.clone()),
    }
}

/// Whether the succession is over by now, or somebody else's.
pub(crate) fn lost(succession: &str, dossier: &Dossier) -> Option<Closing> {
    dossier.find_succession(succession).is_none().then_some(Closing::SuccessionOver)
}
