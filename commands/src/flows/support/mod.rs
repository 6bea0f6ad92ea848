//! The road of `/support`: one agent helps one customer in one matter.
//!
//! Technical Assistance is about an ecosystem of the customer's, Ecosystem Admin about a succession
//! in which the customer is the successor. Both go the same way: find the customer, choose the
//! matter, prove who the agent is, prove that the customer agrees, then act. Nothing after a proof
//! is reachable without it. What the two have apart is in `technical` and `successor`.

pub mod access;
pub mod access_screens;
pub mod needs;
pub mod screens;
pub mod successor;
pub mod technical;

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::flows::verify;
use crate::flows::verify::CodeResult;
use crate::model::customer::{Case, CaseSubject, CustomerRecord, MaskedCustomer};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::reason::Reason;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::trail::kind;
use crate::model::words::{CloseReason, Purpose, SupportKind};
use crate::model::{proof, reason};

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(
    session: &Session,
    kind: SupportKind,
    state: &SupportState,
    event: Event,
    facts: &Facts,
) -> Step {
    let mut step = Step::begin(session, facts.now);
    let go = |step: &mut Step, state: SupportState| step.session.work = Work::Support(kind, state);
    let record = facts.record.as_deref();
    match (state, event) {
        (SupportState::Closed(closing), _) => {
            step.refuse(Refusal::Closed(*closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (_, Event::ForceClose(closing)) => step.close(closing, &json!({})),
        (_, Event::Resume) => step.record(kind::RESUMED, json!({})),
        (SupportState::ProvingCustomer { .. }, Event::Stay) => step.refuse(Refusal::AlreadyDone),
        (_, Event::Stay) => step.record(kind::STAYED, json!({})),

        (SupportState::Found { customer, .. }, Event::Start) if state.may_start() => {
            step.session.clocks.started_at = Some(facts.now);
            step.requires_unlocked.push(proof::subject(session, Purpose::AgentMfa));
            step.requires_unlocked.push(proof::subject(session, Purpose::CustomerConsent));
            step.record(kind::STARTED, json!({ "customer": customer.id }));
            match only_case(kind, customer, record) {
                Some(case) => chosen(&mut step, kind, case),
                None => go(&mut step, SupportState::Choosing { customer: customer.clone() }),
            }
        }
        (SupportState::Found { .. }, Event::Dismiss) => {
            step.close(CloseReason::Dismissed, &json!({}))
        }
        // Before Start there is nothing to cancel, to choose or to prove.
        (SupportState::Found { .. }, _) => step.refuse(Refusal::AlreadyDone),

        (_, Event::Cancel(reason)) => cancel(&mut step, state, &reason),

        (SupportState::Choosing { customer }, Event::Choose(id)) => {
            match record.and_then(|record| find_case(kind, customer, record, &id)) {
                Some(case) => chosen(&mut step, kind, case),
                None => step.refuse(Refusal::UnknownCaseSubject(kind)),
            }
        }
        (
            SupportState::ProvingAgent { case } | SupportState::Announcing { case },
            Event::Change,
        ) => {
            // The open challenge is void; what was sent stays counted, and the agent's proof stays.
            step.session.agent.challenge = None;
            // A mail that may be on its way although nobody knows has named the other ecosystem:
            // the next one is another.
            for verification in [&mut step.session.agent, &mut step.session.customer] {
                verification.attempt = verification.attempt.saturating_add(1);
            }
            step.record(kind::CHANGED, json!({}));
            go(&mut step, SupportState::Choosing { customer: case.customer.clone() });
        }

        (SupportState::ProvingAgent { .. }, Event::Resend) => {
            verify::ask(&mut step, Purpose::AgentMfa);
        }
        (
            SupportState::ProvingAgent { .. },
            Event::Sent { purpose: purpose @ Purpose::AgentMfa, nth, outcome },
        ) => {
            verify::sent(&mut step, purpose, nth, outcome);
        }
        (SupportState::ProvingAgent { .. }, Event::Typed(mac)) => {
            verify::typed(&mut step, Purpose::AgentMfa, mac)
        }
        (
            SupportState::ProvingAgent { case },
            Event::Checked { purpose: purpose @ Purpose::AgentMfa, nth, outcome, count },
        ) => match verify::checked(&mut step, purpose, nth, outcome, count) {
            CodeResult::Correct => go(&mut step, SupportState::Announcing { case: case.clone() }),
            CodeResult::LockedOut => lock(&mut step, purpose),
            CodeResult::Refused => {}
        },

        (SupportState::Announcing { case }, Event::Send)
        | (SupportState::ProvingCustomer { case }, Event::Resend) => {
            match needs::lost(case, record) {
                Some(closing) => step.close(closing, &json!({})),
                None => {
                    verify::ask(&mut step, Purpose::CustomerConsent);
                }
            }
        }
        (
            SupportState::Announcing { case } | SupportState::ProvingCustomer { case },
            Event::Sent { purpose: purpose @ Purpose::CustomerConsent, nth, outcome },
        ) => {
            if verify::sent(&mut step, purpose, nth, outcome) {
                go(&mut step, SupportState::ProvingCustomer { case: case.clone() });
            }
        }
        (SupportState::ProvingCustomer { .. }, Event::Typed(mac)) => {
            verify::typed(&mut step, Purpose::CustomerConsent, mac)
        }
        (
            SupportState::ProvingCustomer { case },
            Event::Checked { purpose: purpose @ Purpose::CustomerConsent, nth, outcome, count },
        ) => match verify::checked(&mut step, purpose, nth, outcome, count) {
            CodeResult::Correct => go(&mut step, SupportState::Acting { case: case.clone() }),
            CodeResult::LockedOut => lock(&mut step, purpose),
            CodeResult::Refused => {}
        },

        (SupportState::Acting { case }, Event::Open(target)) => {
            access::open(&mut step, case, target, facts)
        }
        (SupportState::Acting { case }, Event::Mail) => access::mail(&mut step, case, facts),
        (SupportState::Acting { .. }, Event::Issued { target, nth, outcome }) => {
            access::issued(&mut step, target, nth, outcome)
        }
        (SupportState::Acting { .. }, Event::Mailed { nth, outcome }) => {
            access::mailed(&mut step, nth, outcome)
        }
        (SupportState::Acting { .. }, Event::Finish) => {
            step.close(CloseReason::Finished, &json!({}))
        }

        // Everything else came from a panel that this session has left behind.
        (
            SupportState::Choosing { .. }
            | SupportState::ProvingAgent { .. }
            | SupportState::Announcing { .. }
            | SupportState::ProvingCustomer { .. }
            | SupportState::Acting { .. },
            _,
        ) => step.refuse(Refusal::AlreadyDone),
    }
    step
}

/// The matter is chosen: whoever is not verified yet is next.
fn chosen(step: &mut Step, kind: SupportKind, case: Case) {
    let detail = match &case.subject {
        CaseSubject::Membership(role) => json!({ "ecosystem": case.ecosystem, "role": role }),
        CaseSubject::Succession(id) => json!({ "ecosystem": case.ecosystem, "succession": id }),
    };
    step.record(kind::CHOSEN, detail);
    if step.session.secrets.agent_proof.is_some() {
        step.session.work = Work::Support(kind, SupportState::Announcing { case });
    } else {
        step.session.work = Work::Support(kind, SupportState::ProvingAgent { case });
        verify::ask(step, Purpose::AgentMfa);
    }
}

fn lock(step: &mut Step, purpose: Purpose) {
    step.close(
        if purpose == Purpose::CustomerConsent {
            CloseReason::CustomerLockedOut
        } else {
            CloseReason::AgentLockedOut
        },
        &json!({}),
    );
    step.effect(Effect::AlertLocked { purpose });
}

fn cancel(step: &mut Step, state: &SupportState, reason: &str) {
    match Reason::parse(reason) {
        Ok(reason) => {
            let detail = json!({ "reason": reason::mask(reason.as_str()), "stage": state.name() });
            step.close(CloseReason::Cancelled, &detail);
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

/// Returns the case that needs no choice. Technical Assistance always asks, because the agent
/// must see the customer's role in the ecosystem first.
fn only_case(
    kind: SupportKind,
    customer: &MaskedCustomer,
    record: Option<&CustomerRecord>,
) -> Option<Case> {
    match kind {
        SupportKind::Technical => None,
        SupportKind::Successor => successor::only_case(customer, record?),
    }
}
