//! Technical Assistance: what is apart on the road of `/support` when it is about an ecosystem of
//! the customer's.

pub mod screens;

use crate::customer::{Case, CaseSubject, Customer, CustomerRecord, Role};
use crate::session::CloseReason;

/// The customer in one of their ecosystems.
pub(crate) fn case(customer: &Customer, record: &CustomerRecord, id: &str) -> Option<Case> {
    let ecosystem = record.find_ecosystem(id)?;
    Some(Case {
        customer: customer.clone(),
        ecosystem: ecosystem.id.clone(),
        ecosystem_name: ecosystem.name.clone(),
        subject: CaseSubject::Membership(ecosystem.role),
    })
}

/// Whether the customer's role in the ecosystem is another by now, or gone.
pub(crate) fn lost(ecosystem: &str, role: Role, record: &CustomerRecord) -> Option<CloseReason> {
    let same = record.find_ecosystem(ecosystem).is_some_and(|ecosystem| ecosystem.role == role);
    (!same).then_some(CloseReason::RoleChanged)
}
