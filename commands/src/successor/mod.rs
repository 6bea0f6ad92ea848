//! Ecosystem Admin: what is apart on the road of `/support` when it is about a succession in which
//! the customer is the successor.

pub mod screens;

use crate::customer::{Case, CaseSubject, Customer, CustomerRecord};
use crate::session::CloseReason;
use crate::succession::Succession;

/// The customer in one of their successions.
pub(crate) fn case(customer: &Customer, record: &CustomerRecord, id: &str) -> Option<Case> {
    record.find_succession(id).map(|succession| case_of(customer, succession))
}

/// The customer in the only succession there is.
pub(crate) fn only_case(customer: &Customer, record: &CustomerRecord) -> Option<Case> {
    match record.successions.as_slice() {
        [only] => Some(case_of(customer, only)),
        _ => None,
    }
}

fn case_of(customer: &Customer, succession: &Succession) -> Case {
    Case {
        customer: customer.clone(),
        ecosystem: succession.ecosystem.clone(),
        ecosystem_name: succession.ecosystem_name.clone(),
        subject: CaseSubject::Succession(succession.id.clone()),
    }
}

/// Whether the succession is over by now, or somebody else's.
pub(crate) fn lost(succession: &str, record: &CustomerRecord) -> Option<CloseReason> {
    record.find_succession(succession).is_none().then_some(CloseReason::SuccessionOver)
}
