//! The outcome of an effect, and how it is saved.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tracing::Span;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::model::effect::{Effect, Pending};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::LinkState;
use crate::model::outcome::EffectError;
use crate::model::session::{Session, Work};
use crate::model::span;
use crate::model::words::Locale;
use crate::ports::chat::ChatError;
use crate::ports::claims::Claim;
use crate::ports::function::{Answer, Origin};
use crate::ports::sessions::SessionHandle;

/// Outcome of an effect.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub(crate) event: Event,
    /// Saved even if another process has dropped the effect. A changed password must not be lost.
    pub(crate) is_final: bool,
}

impl From<Event> for Outcome {
    fn from(event: Event) -> Self {
        Self { event, is_final: false }
    }
}

impl Outcome {
    /// Returns the word for the result of the call.
    fn name(&self) -> &'static str {
        match &self.event {
            Event::Checked { outcome: Ok(check), .. } => check.name(),
            Event::ResetRequested { outcome: Ok(Err(denied)), .. } => denied.name(),
            Event::Confirmed { outcome: Ok(Err(denied)), .. } => denied.name(),
            Event::Sent { outcome: Err(error), .. }
            | Event::Checked { outcome: Err(error), .. }
            | Event::Issued { outcome: Err(error), .. }
            | Event::Mailed { outcome: Err(error), .. }
            | Event::Revoked { outcome: Err(error), .. }
            | Event::ResetRequested { outcome: Err(error), .. }
            | Event::Confirmed { outcome: Err(error), .. }
            | Event::NoticeSent(_, Err(error))
            | Event::LinkCodeSent { outcome: Err(error), .. }
            | Event::ReportersCounted(_, Err(error)) => error.name(),
            Event::AgentIneligible(_) => "agent_ineligible",
            _ => span::DONE,
        }
    }
}

/// Result of saving an outcome.
pub(crate) enum EffectSaved {
    Step(Box<Step>),
    /// The newest session. Another process completed or cancelled the effect.
    Superseded(Arc<Session>),
}

impl Desk {
    /// Saves the outcome of a pending effect, together with the claim that the effect belongs to.
    ///
    /// Boxed, because a transition can itself perform an effect. The caller holds the session lock.
    pub(crate) fn save_outcome<'a>(
        &'a self,
        handle: &'a Arc<SessionHandle>,
        pending: &'a Pending,
        outcome: Outcome,
        claim: Claim,
    ) -> BoxFuture<'a, Result<EffectSaved, Fault>> {
        async move {
            span::record_outcome(&Span::current(), outcome.name());
            let transition = self.transition(handle, Cause::Outcome(claim), |before| {
                let facts = Facts::at(self.ports.clock.now());
                let decision = decide(&before, pending, &outcome, &facts);
                async move { Ok(decision) }.boxed()
            });
            Ok(match transition.await? {
                Transition::Saved(Saved { step, .. }) | Transition::Refused { step, .. } => {
                    EffectSaved::Step(step)
                }
                // An outcome is saved without a check of its agent.
                Transition::Unchecked(fault) => return Err(fault),
                Transition::Unchanged(_) | Transition::ClaimedElsewhere | Transition::Gone => {
                    EffectSaved::Superseded(handle.session())
                }
            })
        }
        .boxed()
    }

    /// Reads a function's answer. Logs a fault.
    pub(crate) fn read_answer<T>(&self, answer: Answer<T>) -> Result<T, EffectError> {
        match answer {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(denied)) => Err(EffectError::Denied(denied)),
            Err(fault) => Err(EffectError::Fault(self.log(&fault))),
        }
    }

    pub(crate) fn chat_fault(&self, error: ChatError) -> EffectError {
        let fault = match error {
            ChatError::Fault(fault) | ChatError::Refused(fault) | ChatError::Forbidden(fault) => {
                fault
            }
            gone => Fault::new("sending a message", gone),
        };
        EffectError::Fault(self.log(&fault))
    }
}

/// Decides an outcome on the newest row.
fn decide(before: &Session, pending: &Pending, outcome: &Outcome, facts: &Facts) -> Decision {
    let mut session = before.clone();
    if !session.is_pending(&pending.effect) {
        let is_late = before.closed().is_some() && outcome.event.counts_after_close();
        if !outcome.is_final && !is_late {
            return Decision::Unchanged;
        }
        session.pending.push(pending.clone());
    }
    let mut step = flows::step(&session, outcome.event.clone(), facts);
    if pending.effect.blocks_panel() {
        // The effect has its outcome in every state, so it is not performed again.
        step.finish(&pending.effect);
    }
    Decision::Save(Box::new(step))
}

/// Returns the part of a function request that identifies it: its idempotency key, session, agent
/// and language. While linking, the agent is the account that was found for the typed address.
pub(crate) fn request_origin(session: &Session, effect: &Effect, locale: Locale) -> Origin {
    let actor = match &session.work {
        Work::Link(LinkState::CodeRequested { found: Some(found), .. }) => {
            found.actor(session.actor.discord_id)
        }
        _ => session.actor.clone(),
    };
    Origin { request_id: effect.key(&session.id), session: session.id.clone(), actor, locale }
}
