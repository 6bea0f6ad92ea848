//! What is read again before an event is decided, and what of it ends a session.

use crate::flows::support::{successor, technical};
use crate::model::customer::{Case, CaseSubject, CustomerRecord, Status};
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::words::CloseReason;

/// What has to be read again before an event is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The agent's link, account and group.
    pub eligibility: bool,
    /// The customer in Core, fresh; otherwise what memory has will do.
    pub customer: bool,
}

/// Which re-reads come when: the agent's rights at the start, at each code and each action; the
/// customer before a code is sent to them and before each action.
#[must_use]
pub fn needs(state: &SupportState, event: &Event) -> Needs {
    let action = matches!(event, Event::Open(_) | Event::Mail);
    let to_customer = matches!(
        (state, event),
        (SupportState::Announcing { .. }, Event::Send)
            | (SupportState::ProvingCustomer { .. }, Event::Resend)
    );
    Needs {
        eligibility: action || matches!(event, Event::Start | Event::Typed(_)),
        customer: action || to_customer,
    }
}

/// What became of the customer since the matter was chosen, when it ends the session.
pub(crate) fn lost(case: &Case, record: Option<&CustomerRecord>) -> Option<CloseReason> {
    let Some(record) = record.filter(|record| record.status == Status::Active) else {
        return Some(CloseReason::CustomerInactive);
    };
    match &case.subject {
        CaseSubject::Membership(role) => technical::lost(&case.ecosystem, *role, record),
        CaseSubject::Succession(id) => successor::lost(id, record),
    }
}
