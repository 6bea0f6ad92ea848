//! When the customer is read again, and changes of the customer that end a session.

use crate::flows::support::{successor, technical};
use crate::model::customer::{Case, CaseSubject, CustomerRecord, Status};
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::words::CloseReason;

/// Returns true if the customer must be read from Core: before each customer code and each action.
///
/// Start and the choice rely on a record in memory, if it is younger than
/// [`RECORD_LIFE`](crate::ports::sessions::RECORD_LIFE).
pub fn needs_customer(state: &SupportState, event: &Event) -> bool {
    matches!(
        (state, event),
        (_, Event::Open(_) | Event::MailLink)
            | (SupportState::Announcing { .. }, Event::Send)
            | (SupportState::ProvingCustomer { .. }, Event::Resend)
    )
}

/// Returns the record of a customer who can be helped.
pub(crate) fn active(record: Option<&CustomerRecord>) -> Option<&CustomerRecord> {
    record.filter(|record| record.status == Status::Active)
}

/// Returns why the session must close, if the customer or the case subject has changed since the
/// choice.
pub(crate) fn close_reason(case: &Case, record: Option<&CustomerRecord>) -> Option<CloseReason> {
    let Some(record) = active(record) else {
        return Some(CloseReason::CustomerInactive);
    };
    match &case.subject {
        CaseSubject::Membership(role) => technical::close_reason(&case.ecosystem, *role, record),
        CaseSubject::Succession(id) => successor::close_reason(id, record),
    }
}
