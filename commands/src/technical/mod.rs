//! Technical Assistance.
//!
//! An agent helps one customer in one ecosystem. The road is always the same: find the customer, choose the ecosystem, prove who
//! the agent is, prove that the customer agrees, then act. Nothing after a proof is reachable without it.

pub mod screens;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::customer::{Case, Customer, Dossier, Role, Status};
use crate::error::Refusal;
use crate::ports::Denied;
use crate::reason::{Reason, mask};
use crate::session::{Closing, Effect, Opened, Purpose, Session, Target, Work};
use crate::step::{Event, Facts, NotDone, Step};
use crate::trail::what;
use crate::verify::{self, Verdict};

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
    /// The agent attends the customer and chooses one of the ecosystems.
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
    Closed(Closing),
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
            Self::ProvingAgent { case } | Self::Announcing { case } | Self::ProvingCustomer { case } | Self::Acting { case } => {
                Some(&case.customer)
            }
            Self::Closed(_) => None,
        }
    }

    /// Whether Start can be pressed.
    #[must_use]
    pub fn may_start(&self) -> bool {
        matches!(self, Self::Found { customer, attended: Attended::No } if customer.status == Status::Active && customer.ecosystems > 0)
    }
}

/// What has to be read again before an event is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The agent's link, account and group.
    pub rights: bool,
    /// The customer in Core, fresh; otherwise what memory has will do.
    pub customer: bool,
}

/// Which re-reads come when: the agent's rights at the start, at each code and each action; the customer before a code is sent to
/// them and before each action.
#[must_use]
pub fn needs(state: &State, event: &Event) -> Needs {
    let action = matches!(event, Event::Open(_));
    let to_customer =
        matches!((state, event), (State::Announcing { .. }, Event::Send) | (State::ProvingCustomer { .. }, Event::Resend));
    Needs { rights: action || matches!(event, Event::Start | Event::Typed(_)), customer: action || to_customer }
}

/// What became of the customer since the ecosystem was chosen, when it ends the session.
fn lost(case: &Case, dossier: Option<&Dossier>) -> Option<Closing> {
    let Some(dossier) = dossier.filter(|dossier| dossier.status == Status::Active) else {
        return Some(Closing::CustomerInactive);
    };
    let same_role = dossier.find_ecosystem(&case.ecosystem).is_some_and(|ecosystem| ecosystem.role == case.role);
    if same_role { None } else { Some(Closing::RoleChanged) }
}

/// One move. Pure: every state answers every event, if only with a refusal.
#[must_use]
pub fn step(session: &Session, state: &State, event: Event, facts: &Facts) -> Step {
    let mut step = Step::begin(session, facts.now);
    let go = |step: &mut Step, state: State| step.session.work = Work::Technical(state);
    match (state, event) {
        (State::Closed(closing), _) => {
            step.refuse(Refusal::Closed(*closing, session.clocks.closed_at.unwrap_or(facts.now)));
        }
        (_, Event::Lost(closing)) => step.close(closing, &json!({})),
        (_, Event::Resume) => step.act(what::RESUMED, json!({})),
        (State::ProvingCustomer { .. }, Event::Stay) => step.refuse(Refusal::AlreadyDone),
        (_, Event::Stay) => step.act(what::STAYED, json!({})),

        (State::Found { customer, .. }, Event::Start) if state.may_start() => {
            step.session.clocks.started_at = Some(facts.now);
            step.awake.push(verify::subject(session, Purpose::AgentMfa));
            step.awake.push(verify::subject(session, Purpose::CustomerConsent));
            step.act(what::STARTED, json!({ "customer": customer.id }));
            go(&mut step, State::Choosing { customer: customer.clone() });
        }
        (State::Found { .. }, Event::Dismiss) => step.close(Closing::Dismissed, &json!({})),
        // Before Start there is nothing to cancel, to choose or to prove.
        (State::Found { .. }, _) => step.refuse(Refusal::AlreadyDone),

        (_, Event::Cancel(reason)) => cancel(&mut step, state, &reason),

        (State::Choosing { customer }, Event::Choose(id)) => {
            let Some(ecosystem) = facts.dossier.as_deref().and_then(|dossier| dossier.find_ecosystem(&id)) else {
                step.refuse(Refusal::UnknownEcosystem);
                return step;
            };
            let case = Case {
                customer: customer.clone(),
                ecosystem: ecosystem.id.clone(),
                ecosystem_name: ecosystem.name.clone(),
                role: ecosystem.role,
            };
            step.act(what::CHOSEN, json!({ "ecosystem": case.ecosystem, "role": case.role }));
            if session.secrets.agent_proof.is_some() {
                go(&mut step, State::Announcing { case });
            } else {
                go(&mut step, State::ProvingAgent { case });
                verify::ask(&mut step, Purpose::AgentMfa);
            }
        }
        (State::ProvingAgent { case } | State::Announcing { case }, Event::Change) => {
            // The open challenge is void; what was sent stays counted, and the agent's proof stays.
            step.session.agent.challenge = None;
            // A mail that may be on its way although nobody knows has named the other ecosystem: the next one is another.
            step.session.agent.attempt += 1;
            step.session.customer.attempt += 1;
            step.act(what::CHANGED, json!({}));
            go(&mut step, State::Choosing { customer: case.customer.clone() });
        }

        (State::ProvingAgent { .. }, Event::Resend) => {
            verify::ask(&mut step, Purpose::AgentMfa);
        }
        (State::ProvingAgent { .. }, Event::Sent { purpose: purpose @ Purpose::AgentMfa, nth, outcome }) => {
            verify::sent(&mut step, purpose, nth, outcome);
        }
        (State::ProvingAgent { .. }, Event::Typed(mac)) => verify::typed(&mut step, Purpose::AgentMfa, mac),
        (State::ProvingAgent { case }, Event::Checked { purpose: purpose @ Purpose::AgentMfa, nth, outcome, count }) => {
            match verify::checked(&mut step, purpose, nth, outcome, count) {
                Verdict::Right => go(&mut step, State::Announcing { case: case.clone() }),
                Verdict::Lock => lock(&mut step, purpose),
                Verdict::Again => {}
            }
        }

        (State::Announcing { case }, Event::Send) | (State::ProvingCustomer { case }, Event::Resend) => {
            match lost(case, facts.dossier.as_deref()) {
                Some(closing) => step.close(closing, &json!({})),
                None => {
                    verify::ask(&mut step, Purpose::CustomerConsent);
                }
            }
        }
        (
            State::Announcing { case } | State::ProvingCustomer { case },
            Event::Sent { purpose: purpose @ Purpose::CustomerConsent, nth, outcome },
        ) => {
            if verify::sent(&mut step, purpose, nth, outcome) {
                go(&mut step, State::ProvingCustomer { case: case.clone() });
            }
        }
        (State::ProvingCustomer { .. }, Event::Typed(mac)) => verify::typed(&mut step, Purpose::CustomerConsent, mac),
        (
            State::ProvingCustomer { case },
            Event::Checked { purpose: purpose @ Purpose::CustomerConsent, nth, outcome, count },
        ) => match verify::checked(&mut step, purpose, nth, outcome, count) {
            Verdict::Right => go(&mut step, State::Acting { case: case.clone() }),
            Verdict::Lock => lock(&mut step, purpose),
            Verdict::Again => {}
        },

        (State::Acting { case }, Event::Open(target)) => open(&mut step, case, target, facts),
        (State::Acting { .. }, Event::Issued { target, nth, outcome }) => issued(&mut step, target, nth, outcome),
        (State::Acting { .. }, Event::Finish) => step.close(Closing::Finished, &json!({})),

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

fn lock(step: &mut Step, purpose: Purpose) {
    step.close(if purpose == Purpose::CustomerConsent { Closing::LockedCustomer } else { Closing::LockedAgent }, &json!({}));
    step.effect(Effect::AlertLocked { purpose });
}

fn cancel(step: &mut Step, state: &State, reason: &str) {
    match Reason::parse(reason) {
        Ok(reason) => {
            let detail = json!({ "reason": mask(reason.as_str()), "stage": state.name() });
            step.close(Closing::Cancelled, &detail);
        }
        Err(refusal) => {
            step.session.secrets.draft = Some(reason.to_owned().into());
            step.refuse(refusal);
        }
    }
}

fn open(step: &mut Step, case: &Case, target: Target, facts: &Facts) {
    if let Some(closing) = lost(case, facts.dossier.as_deref()) {
        return step.close(closing, &json!({}));
    }
    if !step.session.clocks.may_open(facts.now) {
        return step.refuse(Refusal::TooLate);
    }
    if target == Target::Store && case.role != Role::Owner {
        // No member is shown this button.
        return step.refuse(Refusal::UnknownButton);
    }
    if verify::proofs(&step.session, facts.now).is_none() {
        return step.close(Closing::ProofInvalid, &json!({}));
    }
    let nth = step.session.issued + 1;
    step.act(what::ACCESS_ASKED, json!({ "target": target.name(), "nth": nth, "ecosystem": case.ecosystem }));
    step.effect(Effect::Issue { target, nth });
    // Counted when it is asked: after a crash it is not known whether it was opened, and the close has to revoke it.
    step.session.issued = nth;
}

fn issued(step: &mut Step, target: Target, nth: u32, outcome: Result<(Option<u64>, crate::time::Timestamp), NotDone>) {
    step.done(&Effect::Issue { target, nth });
    match outcome {
        Ok((message, expires_at)) => {
            step.session.opened.push(Opened { target, nth, message, expires_at, shown_at: step.now });
            step.act(what::ACCESS_OPENED, json!({ "target": target.name(), "nth": nth, "until": expires_at.0 }));
        }
        Err(not_done) => {
            step.act(what::ACCESS_NOT_OPENED, json!({ "target": target.name(), "nth": nth, "why": not_done.name() }));
            match not_done {
                NotDone::Denied(Denied::ProofInvalid) => step.close(Closing::ProofInvalid, &json!({})),
                NotDone::Denied(Denied::NotFound | Denied::DeliveryFailed) | NotDone::Interrupted => {
                    step.refuse(Refusal::Unopened);
                }
                other => step.refuse(other.refusal(step.now)),
            }
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
