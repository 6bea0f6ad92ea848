//! The road of `/support`: one agent helps one customer in one matter.
//!
//! Technical Assistance is about an ecosystem of the customer's, Ecosystem Admin about a succession
//! in which the customer is the successor. Both go the same way: find the customer, choose the
//! matter, prove who the agent is, prove that the customer agrees, then act. Nothing after a proof
//! is reachable without it. What the two have apart is in `technical` and `successor`.

mod access;
mod needs;
pub mod opened;
pub(crate) mod pager;
pub mod screens;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::customer::{Case, CaseSubject, Customer, CustomerRecord, Status};
use crate::error::Refusal;
use crate::reason::{Reason, mask};
use crate::session::{CloseReason, Effect, Purpose, Session, Work};
use crate::step::{Event, Facts, Step};
use crate::trail::kind;
use crate::verify::{self, CodeResult};
use crate::{successor, technical};

pub use needs::{Needs, needs};

/// Which of the two roads: what the customer is helped with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// Technical Assistance.
    Technical,
    /// Ecosystem Admin.
    Successor,
}

impl SupportKind {
    /// The word in the row and in the trail.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Successor => "successor",
        }
    }

    /// What a customer can be helped with on this road, as their number.
    #[must_use]
    pub fn choices(self, record: &CustomerRecord) -> usize {
        match self {
            Self::Technical => record.ecosystems.len(),
            Self::Successor => record.successions.len(),
        }
    }

    /// The matter with this id, of the ecosystem's or of the succession's.
    fn case(self, customer: &Customer, record: &CustomerRecord, id: &str) -> Option<Case> {
        match self {
            Self::Technical => technical::case(customer, record, id),
            Self::Successor => successor::case(customer, record, id),
        }
    }

    /// The only matter that there is to choose, where it needs no choice.
    fn only_case(self, customer: &Customer, record: Option<&CustomerRecord>) -> Option<Case> {
        match self {
            // The agent looks at each ecosystem with the customer's role in it, were it only one.
            Self::Technical => None,
            Self::Successor => successor::only_case(customer, record?),
        }
    }
}

/// Where on the road a session is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The customer was looked up. Nobody is held yet.
    Found {
        /// Who was found.
        customer: Customer,
        /// Whether another session held the customer at that moment.
        attended: Attended,
    },
    /// The agent attends the customer and chooses one of their matters.
    Choosing {
        /// Who is helped.
        customer: Customer,
    },
    /// Internal verification: a code was mailed to the agent.
    ProvingAgent {
        /// What it is about.
        case: Case,
    },
    /// The agent is verified; the panel says that a code will go to the customer.
    Announcing {
        /// What it is about.
        case: Case,
    },
    /// A code was mailed to the customer.
    ProvingCustomer {
        /// What it is about.
        case: Case,
    },
    /// Both are verified.
    Acting {
        /// What it is about.
        case: Case,
    },
    /// Over.
    Closed(CloseReason),
}

/// Whether somebody attends a customer who was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attended {
    /// Nobody.
    No,
    /// Another agent. Who it is, is told to leads only.
    BySomebody,
    /// The agent with this Discord user id, as a lead sees it.
    By(u64),
}

impl State {
    /// The customer, until it is over.
    #[must_use]
    pub fn customer(&self) -> Option<&Customer> {
        match self {
            Self::Found { customer, .. } | Self::Choosing { customer } => Some(customer),
            Self::ProvingAgent { case }
            | Self::Announcing { case }
            | Self::ProvingCustomer { case }
            | Self::Acting { case } => Some(&case.customer),
            Self::Closed(_) => None,
        }
    }

    /// Whether Start can be pressed.
    #[must_use]
    pub fn may_start(&self) -> bool {
        matches!(self, Self::Found { customer, attended: Attended::No } if customer.status == Status::Active && customer.choices > 0)
    }
}

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(
    session: &Session,
    kind: SupportKind,
    state: &State,
    event: Event,
    facts: &Facts,
) -> Step {
    let mut step = Step::begin(session, facts.now);
    let go = |step: &mut Step, state: State| step.session.work = Work::Support(kind, state);
    let record = facts.record.as_deref();
    match (state, event) {
        (State::Closed(closing), _) => {
            step.refuse(Refusal::Closed(*closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (_, Event::ForceClose(closing)) => step.close(closing, &json!({})),
        (_, Event::Resume) => step.record(kind::RESUMED, json!({})),
        (State::ProvingCustomer { .. }, Event::Stay) => step.refuse(Refusal::AlreadyDone),
        (_, Event::Stay) => step.record(kind::STAYED, json!({})),

        (State::Found { customer, .. }, Event::Start) if state.may_start() => {
            step.session.clocks.started_at = Some(facts.now);
            step.requires_unlocked.push(verify::subject(session, Purpose::AgentMfa));
            step.requires_unlocked.push(verify::subject(session, Purpose::CustomerConsent));
            step.record(kind::STARTED, json!({ "customer": customer.id }));
            match kind.only_case(customer, record) {
                Some(case) => chosen(&mut step, kind, case),
                None => go(&mut step, State::Choosing { customer: customer.clone() }),
            }
        }
        (State::Found { .. }, Event::Dismiss) => step.close(CloseReason::Dismissed, &json!({})),
        // Before Start there is nothing to cancel, to choose or to prove.
        (State::Found { .. }, _) => step.refuse(Refusal::AlreadyDone),

        (_, Event::Cancel(reason)) => cancel(&mut step, state, &reason),

        (State::Choosing { customer }, Event::Choose(id)) => {
            match record.and_then(|record| kind.case(customer, record, &id)) {
                Some(case) => chosen(&mut step, kind, case),
                None => step.refuse(Refusal::UnknownCaseSubject(kind)),
            }
        }
        (State::ProvingAgent { case } | State::Announcing { case }, Event::Change) => {
            // The open challenge is void; what was sent stays counted, and the agent's proof stays.
            step.session.agent.challenge = None;
            // A mail that may be on its way although nobody knows has named the other ecosystem:
            // the next one is another.
            for verification in [&mut step.session.agent, &mut step.session.customer] {
                verification.attempt = verification.attempt.saturating_add(1);
            }
            step.record(kind::CHANGED, json!({}));
            go(&mut step, State::Choosing { customer: case.customer.clone() });
        }

        (State::ProvingAgent { .. }, Event::Resend) => {
            verify::ask(&mut step, Purpose::AgentMfa);
        }
        (
            State::ProvingAgent { .. },
            Event::Sent { purpose: purpose @ Purpose::AgentMfa, nth, outcome },
        ) => {
            verify::sent(&mut step, purpose, nth, outcome);
        }
        (State::ProvingAgent { .. }, Event::Typed(mac)) => {
            verify::typed(&mut step, Purpose::AgentMfa, mac)
        }
        (
            State::ProvingAgent { case },
            Event::Checked { purpose: purpose @ Purpose::AgentMfa, nth, outcome, count },
        ) => match verify::checked(&mut step, purpose, nth, outcome, count) {
            CodeResult::Correct => go(&mut step, State::Announcing { case: case.clone() }),
            CodeResult::LockedOut => lock(&mut step, purpose),
            CodeResult::Refused => {}
        },

        (State::Announcing { case }, Event::Send)
        | (State::ProvingCustomer { case }, Event::Resend) => match needs::lost(case, record) {
            Some(closing) => step.close(closing, &json!({})),
            None => {
                verify::ask(&mut step, Purpose::CustomerConsent);
            }
        },
        (
            State::Announcing { case } | State::ProvingCustomer { case },
            Event::Sent { purpose: purpose @ Purpose::CustomerConsent, nth, outcome },
        ) => {
            if verify::sent(&mut step, purpose, nth, outcome) {
                go(&mut step, State::ProvingCustomer { case: case.clone() });
            }
        }
        (State::ProvingCustomer { .. }, Event::Typed(mac)) => {
            verify::typed(&mut step, Purpose::CustomerConsent, mac)
        }
        (
            State::ProvingCustomer { case },
            Event::Checked { purpose: purpose @ Purpose::CustomerConsent, nth, outcome, count },
        ) => match verify::checked(&mut step, purpose, nth, outcome, count) {
            CodeResult::Correct => go(&mut step, State::Acting { case: case.clone() }),
            CodeResult::LockedOut => lock(&mut step, purpose),
            CodeResult::Refused => {}
        },

        (State::Acting { case }, Event::Open(target)) => {
            access::open(&mut step, case, target, facts)
        }
        (State::Acting { case }, Event::Mail) => access::mail(&mut step, case, facts),
        (State::Acting { .. }, Event::Issued { target, nth, outcome }) => {
            access::issued(&mut step, target, nth, outcome)
        }
        (State::Acting { .. }, Event::Mailed { nth, outcome }) => {
            access::mailed(&mut step, nth, outcome)
        }
        (State::Acting { .. }, Event::Finish) => step.close(CloseReason::Finished, &json!({})),

        // Everything else came from a panel that this session has left behind.
        (
            State::Choosing { .. }
            | State::ProvingAgent { .. }
            | State::Announcing { .. }
            | State::ProvingCustomer { .. }
            | State::Acting { .. },
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
        step.session.work = Work::Support(kind, State::Announcing { case });
    } else {
        step.session.work = Work::Support(kind, State::ProvingAgent { case });
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

fn cancel(step: &mut Step, state: &State, reason: &str) {
    match Reason::parse(reason) {
        Ok(reason) => {
            let detail = json!({ "reason": mask(reason.as_str()), "stage": state.name() });
            step.close(CloseReason::Cancelled, &detail);
        }
        Err(refusal) => {
            step.session.secrets.draft = Some(reason.to_owned().into());
            step.refuse(refusal);
        }
    }
}

impl State {
    /// The word in the trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Choosing { .. } => "choosing",
            Self::ProvingAgent { .. } => "proving_agent",
            Self::Announcing { .. } => "announcing",
            Self::ProvingCustomer { .. } => "proving_customer",
            Self::Acting { .. } => "acting",
            Self::Closed(_) => "closed",
        }
    }
}
