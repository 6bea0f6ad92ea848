//! Performs the effects that a step wants, each under its key, and feeds what became of them back
//! as events.

pub(crate) mod access;
pub(crate) mod link;
pub(crate) mod recover;

use std::sync::Arc;

use serde_json::json;

use crate::engine::click::ATTEMPTS;
use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::model::code::Code;
use crate::model::effect::{Effect, Pending};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::SupportState;
use crate::model::outcome::{CodeCheck, EffectError};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::trail::kind;
use crate::model::words::{Locale, Purpose};
use crate::ports::chat::ChatError;
use crate::ports::claims::Claim;
use crate::ports::codes::Subject;
use crate::ports::function::{Answer, Origin};
use crate::ports::sessions::{Committed, SessionHandle};

impl Desk {
    /// Performs what the panel waits for. Answers with the last step, whose session is saved.
    pub(crate) async fn perform_blocking(
        &self,
        by: Option<(&InteractionContext, &Reply<'_>)>,
        handle: &Arc<SessionHandle>,
        mut last: Step,
        tries: u32,
        code: Option<&Code>,
    ) -> Result<Step, Fault> {
        while let Some(Pending { effect, requested_by, .. }) =
            last.session.pending.iter().find(|pending| pending.effect.blocks_panel()).cloned()
        {
            let claim = match by {
                Some((interaction, _)) => Claim::Done(interaction.reply.interaction_id),
                // Its click may come here yet: delivered again, or to this process late.
                None => requested_by.map_or(Claim::None, Claim::Unanswered),
            };
            let interaction =
                by.map(|(interaction, _)| interaction.reply.interaction_id).or(requested_by);
            let work = async {
                let outcome = self.perform(by, &last.session, &effect, tries, code).await;
                self.conclude_newest(handle, &last.session, &effect, outcome, claim).await
            };
            let mut next = match self.with_lease(interaction, work).await? {
                Ok(next) => next,
                Err(newest) => return Ok(Step::begin(&newest, last.now)),
            };
            next.refusal = next.refusal.or(last.refusal);
            next.expired.append(&mut last.expired);
            last = next;
        }
        Ok(last)
    }

    /// Performs what nobody waits for: without the turn, so that no click waits for it either.
    /// Whoever has the turn gives it up before.
    pub(crate) async fn perform_background(
        &self,
        handle: &Arc<SessionHandle>,
    ) -> Result<(), Fault> {
        for pending in
            handle.session().pending.iter().filter(|pending| !pending.effect.blocks_panel())
        {
            let outcome = self.perform(None, &handle.session(), &pending.effect, 0, None).await;
            let _turn = handle.lock.lock().await;
            let session = handle.session();
            if session.pending.iter().any(|left| left.effect == pending.effect) {
                self.conclude(handle, &session, &pending.effect, outcome, Claim::None).await?;
            }
        }
        Ok(())
    }

    /// Likewise after a click that has its answer: who clicked need not know of a fault, as it is
    /// asked for again.
    pub(crate) async fn follow(&self, handle: &Arc<SessionHandle>) {
        if let Err(fault) = self.perform_background(handle).await {
            self.log(&fault);
        }
    }

    /// Saves what became of an effect, also where another process has moved the row meanwhile: its
    /// clocks have, as nobody else acts on what is awaited. `Err`: what the row is now, in which
    /// the effect has its outcome already, or wants none any more.
    pub(crate) async fn conclude_newest(
        &self,
        handle: &Arc<SessionHandle>,
        session: &Session,
        effect: &Effect,
        outcome: Outcome,
        claim: Claim,
    ) -> Result<Result<Step, Arc<Session>>, Fault> {
        if let Some(next) = self.conclude(handle, session, effect, outcome.clone(), claim).await? {
            return Ok(Ok(next));
        }
        for _ in 1..ATTEMPTS {
            let newest =
                self.ports.store.reload(&session.id).await?.as_ref().unwrap_or(handle).session();
            if !newest.pending.iter().any(|pending| pending.effect == *effect) {
                return Ok(Err(newest));
            }
            if let Some(next) =
                self.conclude(handle, &newest, effect, outcome.clone(), claim).await?
            {
                return Ok(Ok(next));
            }
        }
        Err(Fault::new("saving what became of an effect", "its row changed under every attempt"))
    }

    /// Saves what became of an effect. `None` when the row was changed by somebody else meanwhile.
    pub(crate) async fn conclude(
        &self,
        handle: &Arc<SessionHandle>,
        session: &Session,
        effect: &Effect,
        outcome: Outcome,
        claim: Claim,
    ) -> Result<Option<Step>, Fault> {
        let facts = Facts { now: self.ports.clock.now(), record: handle.customer_record() };
        let mut next = flows::step(session, outcome.event, &facts);
        if effect.blocks_panel() {
            // Whatever the road made of it, it has its outcome: it is not performed again.
            next.done(effect);
        }
        // A token is kept as long as its message shows something that has to be replaced.
        let showing: Vec<u32> = next
            .session
            .access_links
            .iter()
            .chain(&next.expired)
            .map(|opened| opened.nth)
            .collect();
        next.session.secrets.messages.retain(|(nth, _)| showing.contains(nth));
        if let Some((nth, token)) = outcome.message {
            next.session.secrets.messages.push((nth, token));
        }
        match self.ports.store.commit(next.commit(claim)).await? {
            Committed::Saved { version, .. } => {
                next.session.version = version;
                Ok(Some(next))
            }
            // The account was linked by somebody else in this very moment.
            Committed::Taken => {
                let mut next = flows::step(session, Event::Dismiss, &facts);
                next.record(kind::REFUSED, json!({ "why": Refusal::LinkedMeanwhile.name() }));
                next.refuse(Refusal::LinkedMeanwhile);
                match self.ports.store.commit(next.commit(claim)).await? {
                    Committed::Saved { version, .. } => {
                        next.session.version = version;
                        Ok(Some(next))
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    pub(crate) async fn perform(
        &self,
        by: Option<(&InteractionContext, &Reply<'_>)>,
        session: &Session,
        effect: &Effect,
        tries: u32,
        code: Option<&Code>,
    ) -> Outcome {
        let origin = |locale: Locale| origin(session, effect, locale);
        let event = match effect {
            Effect::Send { purpose: Purpose::AgentLink, nth } => Event::LinkCodeSent {
                nth: *nth,
                outcome: self.approach(session, origin(session.locale)).await,
            },
            Effect::Send { purpose, nth } => {
                let (subject, ecosystem, locale) = addressee(session, *purpose);
                let answer =
                    self.ports.codes.send(origin(locale), *purpose, subject, ecosystem).await;
                Event::Sent { purpose: *purpose, nth: *nth, outcome: self.outcome(answer) }
            }
            Effect::Verify { purpose, nth, .. } => {
                let outcome = match code {
                    Some(code) => {
                        self.verify(session, origin(session.locale), *purpose, code).await
                    }
                    None => Err(EffectError::Interrupted),
                };
                Event::Checked { purpose: *purpose, nth: *nth, outcome, count: tries }
            }
            Effect::Issue { target, nth } => {
                return self.issue(by, session, *target, *nth).await;
            }
            Effect::Mail { nth } => {
                Event::Mailed { nth: *nth, outcome: self.mail(session, *nth).await }
            }
            Effect::Revoke => {
                Event::Revoked(self.outcome(self.ports.access.revoke(origin(session.locale)).await))
            }
            Effect::NotifyLinked { agent_id } => {
                let answer =
                    self.ports.messages.account_linked(origin(session.locale), agent_id).await;
                Event::NoticeSent(effect.clone(), self.outcome(answer))
            }
            // Whoever finds these comes after a crash: what was typed is gone, and Cognito mails as
            // often as it is asked.
            Effect::AskReset { nth } => {
                Event::ResetAsked { nth: *nth, outcome: Err(EffectError::Interrupted) }
            }
            Effect::Confirm { nth } => {
                Event::Confirmed { nth: *nth, outcome: Err(EffectError::Interrupted) }
            }
            Effect::SignOut { agent_id, .. } => {
                let signed_out = self.ports.recovery.sign_out(agent_id).await;
                Event::NoticeSent(
                    effect.clone(),
                    signed_out.map_err(|fault| EffectError::Fault(self.log(&fault))),
                )
            }
            Effect::NotifyChanged { agent_id, .. } => {
                let answer =
                    self.ports.messages.password_changed(origin(session.locale), agent_id).await;
                Event::NoticeSent(effect.clone(), self.outcome(answer))
            }
            Effect::AlertLocked { purpose } => {
                tracing::warn!(
                    session = session.id.short(),
                    purpose = purpose.name(),
                    "a session was locked after too many wrong codes"
                );
                let told = self
                    .ports
                    .chat
                    .alert(&effect.key(&session.id), panel::alert_locked(session, *purpose))
                    .await;
                let told = match told {
                    Ok(true) => Ok(()),
                    Ok(false) => Err(EffectError::NoChannel),
                    Err(error) => Err(self.chat_fault(error)),
                };
                Event::NoticeSent(effect.clone(), told)
            }
        };
        event.into()
    }

    pub(crate) async fn verify(
        &self,
        session: &Session,
        origin: Origin,
        purpose: Purpose,
        code: &Code,
    ) -> Result<CodeCheck, EffectError> {
        let challenge =
            session.verification(purpose).challenge.as_ref().map(|challenge| challenge.id.clone());
        // While linking an address without account there is none: the same work is done against one
        // that does not exist.
        let challenge = challenge
            .unwrap_or_else(|| self.ports.keys.mac(&format!("no challenge:{}", session.id)));
        self.outcome(self.ports.codes.verify(origin, purpose, &challenge, code).await)
    }

    /// Reads a function's answer; a fault is logged here, once.
    pub(crate) fn outcome<T>(&self, answer: Answer<T>) -> Result<T, EffectError> {
        match answer {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(denied)) => Err(EffectError::Denied(denied)),
            Err(fault) => Err(EffectError::Fault(self.log(&fault))),
        }
    }

    pub(crate) fn chat_fault(&self, error: ChatError) -> EffectError {
        let fault = match error {
            ChatError::Fault(fault) => fault,
            gone => Fault::new("sending a message", gone),
        };
        EffectError::Fault(self.log(&fault))
    }
}

/// What became of an effect, and the token of the message that came of it.
#[derive(Clone)]
pub(crate) struct Outcome {
    pub(crate) event: Event,
    pub(crate) message: Option<(u32, secrecy::SecretString)>,
}

impl From<Event> for Outcome {
    fn from(event: Event) -> Self {
        Self { event, message: None }
    }
}

/// What a request for this effect says of itself.
pub(crate) fn origin(session: &Session, effect: &Effect, locale: Locale) -> Origin {
    Origin {
        request_id: effect.key(&session.id),
        session: session.id.clone(),
        actor: session.actor.clone(),
        locale,
    }
}

/// Whom a code goes to, what the mail says it is about, and in which language.
fn addressee(session: &Session, purpose: Purpose) -> (Subject, Option<(String, String)>, Locale) {
    let case = match &session.work {
        Work::Support(
            _,
            SupportState::ProvingAgent { case }
            | SupportState::Announcing { case }
            | SupportState::ProvingCustomer { case },
        ) => Some(case),
        _ => None,
    };
    let ecosystem = case.map(|case| (case.ecosystem.clone(), case.ecosystem_name.clone()));
    match (purpose, case) {
        (Purpose::CustomerConsent, Some(case)) => {
            (Subject::Customer(case.customer.id.clone()), ecosystem, case.customer.locale)
        }
        _ => (Subject::Agent(session.actor.agent_id.clone()), ecosystem, session.locale),
    }
}
