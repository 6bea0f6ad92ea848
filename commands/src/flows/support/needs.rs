//! When the customer is read again, and changes of the customer that end a session.

use crate::flows::step::{Facts, Step};
use crate::flows::support::{successor, technical};
use crate::model::customer::{Case, CaseSubject, CustomerRecord, Status};
use crate::model::email::mailbox;
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
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

/// Returns true if the event mails a code to the customer's address in Core.
pub(crate) fn mails_customer(state: &SupportState, event: &Event) -> bool {
    matches!(event, Event::Send | Event::Resend) && needs_customer(state, event)
}

/// Returns true if the address is that of the agent. One mailbox would pass both verifications.
pub(crate) fn is_own_address(agent: &str, customer: &str) -> bool {
    mailbox(agent) == mailbox(customer)
}

/// Refuses to mail the customer's code to the agent.
pub(crate) fn refuse_own_address(session: &Session, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    refresh_customer(&mut step, facts.record.as_deref());
    step.refuse(Refusal::OwnAddress);
    step
}

/// Replaces the masked customer of the case, because name and address in Core can have changed.
pub(crate) fn refresh_customer(step: &mut Step, record: Option<&CustomerRecord>) {
    if let (
        Some(record),
        Work::Support(
            kind,
            SupportState::Announcing { case } | SupportState::ProvingCustomer { case },
        ),
    ) = (record, &mut step.session.work)
    {
        case.customer = case.customer.refreshed(record, *kind);
    }
}

/// Returns the record if the customer is active.
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
