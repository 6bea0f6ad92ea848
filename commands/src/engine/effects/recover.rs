//! Calls Cognito for a recovery: requests a code or sets the typed password.

use std::sync::Arc;

use secrecy::SecretString;

use crate::engine::click::ATTEMPTS;
use crate::engine::desk::Desk;
use crate::flows::step::Step;
use crate::model::code::Code;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::outcome::EffectError;
use crate::model::session::Session;
use crate::ports::claims::Claim;
use crate::ports::sessions::SessionHandle;

impl Desk {
    /// Asks Cognito for what was decided and saved just now: for a code, or to set the password
    /// that was typed. Saves what came of it.
    pub(crate) async fn reset(
        &self,
        handle: &Arc<SessionHandle>,
        last: Step,
        typed: Option<(&Code, &SecretString)>,
        claim: Claim,
    ) -> Result<Step, Fault> {
        let agent_id = &last.session.actor.agent_id;
        let Some(pending) =
            last.session.pending.iter().find(|pending| pending.effect.blocks_panel()).cloned()
        else {
            return Ok(last);
        };
        let event = match (&pending.effect, typed) {
            (Effect::AskReset { nth }, _) => {
                let outcome = self
                    .ports
                    .recovery
                    .ask(agent_id)
                    .await
                    .map_err(|fault| EffectError::Fault(self.log(&fault)));
                Event::ResetAsked { nth: *nth, outcome }
            }
            (Effect::Confirm { nth }, Some((code, password))) => {
                let confirmed = self.ports.recovery.confirm(agent_id, code, password).await;
                Event::Confirmed {
                    nth: *nth,
                    outcome: confirmed.map_err(|fault| EffectError::Fault(self.log(&fault))),
                }
            }
            _ => return Ok(last),
        };
        let mut session = last.session;
        for _ in 0..ATTEMPTS {
            if let Some(next) = self
                .conclude(handle, &session, &pending.effect, event.clone().into(), claim)
                .await?
            {
                return Ok(next);
            }
            // Another process has moved the row meanwhile. What Cognito has done is done all the
            // same, and must not get lost.
            let newest = self.ports.store.reload(&session.id).await?;
            session = Session::clone(&newest.as_ref().unwrap_or(handle).session());
            if !session.pending.iter().any(|other| other.effect == pending.effect) {
                session.pending.push(pending.clone());
            }
        }
        Err(Fault::new("saving what became of a recovery", "its row changed under every attempt"))
    }
}
