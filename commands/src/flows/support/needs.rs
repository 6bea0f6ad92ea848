//! Reads that an event requires, and changes of the customer that end a session.

use crate::flows::support::{successor, technical};
use crate::model::customer::{Case, CaseSubject, CustomerRecord, Status};
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::words::CloseReason;

/// Reads that an event requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Read the agent's link, account and group.
    pub eligibility: bool,
    /// Read the customer from Core.
    pub customer: bool,
}

/// Returns the reads that an event requires. The agent's eligibility is read at Start, at each
/// typed code and at each action; the customer before each customer code and each action.
pub fn needs(state: &SupportState, event: &Event) -> Needs {
    let action = matches!(event, Event::Open(_) | Event::MailLink);
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

/// Returns why the session must close, if the customer or the case subject has changed since the
/// choice.
pub(crate) fn close_reason(case: &Case, record: Option<&CustomerRecord>) -> Option<CloseReason> {
    let Some(record) = record.filter(|record| record.status == Status::Active) else {
        return Some(CloseReason::CustomerInactive);
    };
    match &case.subject {
        CaseSubject::Membership(role) => technical::close_reason(&case.ecosystem, *role, record),
        CaseSubject::Succession(id) => successor::close_reason(id, record),
    }
}
