//! Calls Cognito for a recovery: requests a code, or sets the typed password.

use std::sync::Arc;

use secrecy::SecretString;
use tracing::{Instrument as _, Span};

use crate::engine::desk::Desk;
use crate::engine::effects::outcome::{EffectSaved, Outcome};
use crate::flows::recover;
use crate::flows::step::Step;
use crate::model::code::Code;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::outcome::{ConfirmDenied, EffectError};
use crate::model::span;
use crate::ports::claims::Claim;
use crate::ports::sessions::SessionHandle;

impl Desk {
    /// Makes the Cognito call that the step requests, and saves its outcome. Code and password are
    /// only in memory, so after a crash the call is not repeated.
    pub(crate) async fn call_cognito(
        &self,
        handle: &Arc<SessionHandle>,
        step: Step,
        typed: Option<(&Code, &SecretString)>,
        claim: Claim,
    ) -> Result<Step, Fault> {
        let pending = step.session.blocking_effect();
        let effect =
            pending.map_or_else(Span::none, |pending| span::effect(&step.session, pending));
        self.call_and_save(handle, step, typed, claim).instrument(effect).await
    }

    async fn call_and_save(
        &self,
        handle: &Arc<SessionHandle>,
        step: Step,
        typed: Option<(&Code, &SecretString)>,
        claim: Claim,
    ) -> Result<Step, Fault> {
        let agent_id = &step.session.actor.agent_id;
        let Some(pending) = step.session.blocking_effect() else {
            return Ok(step);
        };
        let fault = |fault| EffectError::Fault(self.log(&fault));
        let event = match (&pending.effect, typed) {
            (Effect::RequestReset { nth }, _) => {
                let outcome = self.ports.recovery.request_code(agent_id).await.map_err(fault);
                Event::ResetRequested { nth: *nth, outcome }
            }
            (Effect::Confirm { nth }, Some((code, password))) => {
                let confirmed = self.ports.recovery.confirm(agent_id, code, password).await;
                let wrong_in_a_day = match confirmed {
                    Ok(Err(ConfirmDenied::WrongCode | ConfirmDenied::ExpiredCode)) => {
                        self.wrong_reset_codes(agent_id).await
                    }
                    _ => 0,
                };
                let outcome = confirmed.map_err(fault);
                Event::Confirmed { nth: *nth, outcome, wrong_in_a_day }
            }
            _ => return Ok(step),
        };
        let outcome = Outcome { is_final: true, ..event.into() };
        Ok(match self.save_outcome(handle, pending, outcome, claim).await? {
            EffectSaved::Step(next) => *next,
            EffectSaved::Superseded(newest) => Step::begin(&newest, step.now),
        })
    }

    /// Returns the agent's wrong reset codes in a day. The newest one is counted before its call.
    async fn wrong_reset_codes(&self, agent_id: &str) -> u32 {
        let counted = recover::wrong_code_use(agent_id);
        match self.ports.limits.usage(&[counted], self.ports.clock.now()).await {
            Ok(usage) => usage.first().map_or(0, |usage| usage.count),
            Err(fault) => {
                self.log(&fault);
                // An unknown count alerts the leads.
                recover::WRONG_CODES_A_LINK
            }
        }
    }
}
