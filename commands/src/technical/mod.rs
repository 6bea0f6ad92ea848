//! Technical Assistance: what is apart on the road of `/support` when it is about an ecosystem of
//! the customer's.

pub mod screens;

use crate::customer::{Case, Customer, Dossier, Matter, Role};
use crate::session::Closing;

/// The customer in one of their ecosystems.
pub(crate) fn case(customer: &Customer, dossier: &Dossier, id: &str) -> Option<Case> {
    let ecosystem = dossier.find_ecosystem(id)?;
    Some(Case {
        customer: customer.clone(),
        ecosystem: ecosystem.id.clone(),
        ecosystem_name: ecosystem.name.clone(),
        matter: Matter::Membership(ecosystem.role),
    })
}

/// Whether the customer's role in the ecosystem is another by now, or gone.
pub(crate) fn lost(ecosystem: &str, role: Role, dossier: &Dossier) -> Option<Closing> {
    let same = dossier.find_ecosystem(ecosystem).is_some_and(|ecosystem| ecosystem.role == role);
    (!same).then_some(Closing::RoleChanged)
}
