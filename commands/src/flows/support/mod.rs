//! The flow of `/support`: one agent helps one customer in one case.
//!
//! Technical Assistance is about an ecosystem of the customer, Ecosystem Admin about a succession
//! with the customer as successor. Both have the same states: find the customer, choose the case
//! subject, verify the agent, verify the customer's consent, then act. No state after a proof can
//! be reached without it. `technical` and `successor` hold the differences.

pub mod access;
pub mod access_screens;
mod choices;
pub mod history;
pub(crate) mod identity;
pub mod needs;
pub mod screens;
pub mod successor;
pub mod take_over;
pub mod technical;
mod verify_only;

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::flows::verify;
use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer};
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::reason::Reason;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{OPEN_SESSIONS, Work};
use crate::model::trail::kind;
use crate::model::words::{CloseReason, Purpose, SupportKind};
use crate::model::{proof, reason};

/// Decides an event that [`flows::step`](crate::flows::step()) leaves to this flow. An unexpected
/// one is refused.
pub(crate) fn step(
    step: &mut Step,
    kind: SupportKind,
    state: &SupportState,
    event: Event,
    facts: &Facts,
) {
    let record = facts.record.as_deref();
    match (state, event) {
        (SupportState::Found { customer, .. }, Event::Start) if state.may_start() => {
            match needs::active(record) {
                Some(record) => {
                    // Without an answer the session permits the least.
                    step.session.scope = facts.scope.unwrap_or(Scope::Verify);
                    start(step, kind, customer.refreshed(record, kind), record);
                }
                None => step.close(CloseReason::CustomerInactive),
            }
        }
        (SupportState::Found { .. }, Event::Dismiss) => step.close(CloseReason::Dismissed),
        // The panel has no other button before Start.
        (SupportState::Found { .. }, _) => step.refuse(Refusal::AlreadyDone),

        (_, Event::Cancel(reason)) => cancel(step, state, &reason),

        (SupportState::Choosing { customer }, Event::Choose(id)) => {
            match needs::active(record).map(|record| find_case(kind, customer, record, &id)) {
                Some(Some(case)) => choose_case(step, case),
                Some(None) => step.refuse(Refusal::UnknownCaseSubject(kind)),
                None => step.close(CloseReason::CustomerInactive),
            }
        }
        (
            SupportState::ProvingAgent { case } | SupportState::Announcing { case },
            Event::Change,
        ) => change_case(step, case),

        (SupportState::ProvingAgent { .. }, Event::Resend) => {
            verify::request_code(step, Purpose::AgentMfa);
        }
        (
            SupportState::ProvingAgent { .. },
            Event::Sent { purpose: purpose @ Purpose::AgentMfa, nth, outcome },
        ) => {
            verify::code_sent(step, purpose, nth, outcome);
        }
        (SupportState::ProvingAgent { .. }, Event::Typed(mac)) => {
            verify::submit_code(step, Purpose::AgentMfa, mac);
        }
        (
            SupportState::ProvingAgent { case },
            Event::Checked { purpose: purpose @ Purpose::AgentMfa, nth, outcome, attempts },
        ) => {
            if verify::code_checked(step, purpose, nth, outcome, attempts) {
                enter(step, SupportState::Announcing { case: case.clone() });
            }
        }

        (SupportState::Announcing { case }, Event::Send)
        | (SupportState::ProvingCustomer { case }, Event::Resend) => {
            if let Some(reason) = needs::close_reason(case, record) {
                return step.close(reason);
            }
            needs::refresh_customer(step, record);
            verify::request_code(step, Purpose::CustomerConsent);
        }
        (
            SupportState::Announcing { case } | SupportState::ProvingCustomer { case },
            Event::Sent { purpose: purpose @ Purpose::CustomerConsent, nth, outcome },
        ) => {
            if verify::code_sent(step, purpose, nth, outcome) {
                enter(step, SupportState::ProvingCustomer { case: case.clone() });
            }
        }
        (SupportState::ProvingCustomer { .. }, Event::Typed(mac)) => {
            verify::submit_code(step, Purpose::CustomerConsent, mac);
        }
        (
            SupportState::ProvingCustomer { case },
            Event::Checked { purpose: purpose @ Purpose::CustomerConsent, nth, outcome, attempts },
        ) => {
            if verify::code_checked(step, purpose, nth, outcome, attempts) {
                enter(step, SupportState::Acting { case: case.clone() });
            }
        }

        (SupportState::Acting { case }, Event::Open(target)) => {
            access::request_link(step, case, target, facts);
        }
        (SupportState::Acting { case }, Event::MailLink) => access::request_mail(step, case, facts),
        (SupportState::Acting { .. }, Event::Issued { target, nth, outcome }) => {
            access::link_issued(step, target, nth, outcome);
        }
        (SupportState::Acting { .. }, Event::Mailed { nth, outcome }) => {
            access::link_mailed(step, nth, outcome);
        }
        (SupportState::Acting { .. }, Event::Finish) => step.close(CloseReason::Finished),

        // Any other event belongs to an earlier state. The caller answers for a closed session.
        (
            SupportState::Choosing { .. }
            | SupportState::ProvingAgent { .. }
            | SupportState::Announcing { .. }
            | SupportState::ProvingCustomer { .. }
            | SupportState::Acting { .. }
            | SupportState::Closed(_),
            _,
        ) => step.refuse(Refusal::AlreadyDone),
    }
}

fn enter(step: &mut Step, state: SupportState) {
    if let Work::Support(_, current) = &mut step.session.work {
        *current = state;
    }
}

/// Attends the customer, and enters the case if there is nothing to choose.
fn start(step: &mut Step, kind: SupportKind, customer: MaskedCustomer, record: &CustomerRecord) {
    attend(step);
    match only_case(kind, &customer, record) {
        Some(case) => choose_case(step, case),
        None => enter(step, SupportState::Choosing { customer }),
    }
}

/// Lets the session attend its customer. The store refuses it if agent or customer is locked out,
/// or if the agent has too many open sessions.
fn attend(step: &mut Step) {
    step.session.past = None;
    step.session.clocks.started_at = Some(step.now);
    step.open_sessions = Some(OPEN_SESSIONS);
    for purpose in [Purpose::AgentMfa, Purpose::CustomerConsent] {
        step.requires_unlocked.push(proof::subject(&step.session, purpose));
    }
    let mut details = json!({ "customer": step.session.pseudonym });
    if step.session.scope == Scope::Verify {
        details["scope"] = json!(Scope::Verify.name());
    }
    step.record(kind::STARTED, details);
}

/// Goes back to the choice of a case.
fn change_case(step: &mut Step, case: &Case) {
    // The code becomes invalid. The sent codes stay counted, and the agent's proof stays.
    step.session.agent.challenge = None;
    step.record(kind::CHANGED, json!({}));
    enter(step, SupportState::Choosing { customer: case.customer.clone() });
}

/// Enters the case. The agent is verified next, unless that is done.
fn choose_case(step: &mut Step, case: Case) {
    let (details, about) = match &case.subject {
        CaseSubject::Membership(role) => {
            (json!({ "role": role }), json!({ "ecosystem": case.ecosystem }))
        }
        CaseSubject::Succession(id) => {
            (json!({}), json!({ "ecosystem": case.ecosystem, "succession": id }))
        }
    };
    step.record_about(kind::CHOSEN, details, about);
    if step.session.secrets.agent_proof.is_some() {
        enter(step, SupportState::Announcing { case });
    } else {
        enter(step, SupportState::ProvingAgent { case });
        verify::request_code(step, Purpose::AgentMfa);
    }
}

fn cancel(step: &mut Step, state: &SupportState, reason: &str) {
    match Reason::parse(reason) {
        Ok(reason) => {
            let about = json!({ "reason": reason::mask(reason.as_str()) });
            step.close_with(CloseReason::Cancelled, json!({ "stage": state.name() }), about);
        }
        Err(refusal) => {
            step.session.secrets.draft = Some(reason.to_owned().into());
            step.refuse(refusal);
        }
    }
}

/// Returns the case for a chosen ecosystem or succession, if the customer still has it.
fn find_case(
    kind: SupportKind,
    customer: &MaskedCustomer,
    record: &CustomerRecord,
    id: &str,
) -> Option<Case> {
    match kind {
        SupportKind::Technical => technical::case(customer, record, id),
        SupportKind::Successor => successor::case(customer, record, id),
    }
}

/// Returns the case if there is nothing to choose.
fn only_case(
    kind: SupportKind,
    customer: &MaskedCustomer,
    record: &CustomerRecord,
) -> Option<Case> {
    match kind {
        SupportKind::Technical => technical::only_case(customer, record),
        SupportKind::Successor => successor::only_case(customer, record),
    }
}
