//! Take over: a lead closes an agent's session and starts again about the same customer.

use std::num::NonZeroU64;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::engine::cause::Cause;
use crate::engine::desk::{Desk, actor};
use crate::engine::effects::EffectInput;
use crate::engine::interaction::ClickContext;
use crate::engine::reply::Reply;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::lead::take_over::confirmation;
use crate::flows::step::{Facts, Step};
use crate::flows::support::needs::is_own_address;
use crate::flows::support::take_over::take_over;
use crate::model::account::Account;
use crate::model::alert::AlertSubject;
use crate::model::customer::CustomerRecord;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::words::SessionId;
use crate::ports::sessions::SessionHandle;
use crate::screens::desk_id::SessionList;

/// Data of a take-over, read before its transition.
struct TakeOver {
    record: Option<Arc<CustomerRecord>>,
    /// The lead's session, without a case.
    new: Session,
}

impl Desk {
    /// Asks whether the lead wants to take a session over.
    pub(super) async fn ask_before_take_over(
        &self,
        reply: &Reply<'_>,
        id: &SessionId,
        list: SessionList,
    ) -> Result<(), Fault> {
        let Some(handle) = self.find_for_lead(id).await? else {
            return self.refuse(reply, Refusal::UnknownSession).await;
        };
        let session = handle.session();
        if session.closed().is_some() {
            return self.answer_closed(reply, &session, list).await;
        }
        reply.allow_duplicate();
        reply.view(confirmation(id, list, reply.interaction.locale)).await;
        Ok(())
    }

    /// Takes a session over, and answers with the lead's panel. The lead must meet an agent's
    /// conditions.
    pub(super) async fn take_over_session(
        &self,
        reply: &Reply<'_>,
        id: &SessionId,
        list: SessionList,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        // The panel works in the support channel only.
        if interaction.channel != self.rules.channel {
            return self.refuse(reply, Refusal::WrongChannel(self.rules.channel)).await;
        }
        if !self.rules.is_agent(&interaction.roles) {
            return self.refuse(reply, Refusal::NotAnAgent).await;
        }
        let account = match self.eligibility(interaction.user).await? {
            Ok((_, account)) => account,
            Err(reason) => return self.refuse_ineligible(reply, reason).await,
        };
        let Some(handle) = self.find_for_lead(id).await? else {
            return self.refuse(reply, Refusal::UnknownSession).await;
        };
        match self.prepare_take_over(reply, &handle, &account).await? {
            Ok(plan) => self.take_over_with(reply, &handle, plan, list).await,
            Err(refusal) => self.refuse(reply, refusal).await,
        }
    }

    /// Reads the customer, and checks what no later move of the session changes.
    async fn prepare_take_over(
        &self,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        account: &Account,
    ) -> Result<Result<TakeOver, Refusal>, Fault> {
        let (interaction, session) = (reply.interaction, handle.session());
        if session.actor.discord_id == interaction.user {
            return Ok(Err(Refusal::OwnSession));
        }
        if session.closed().is_none() && session.attending().is_none() {
            return Ok(Err(Refusal::NotStarted));
        }
        let record = self.read_customer(handle).await?;
        if record.as_ref().is_some_and(|record| is_own_address(&account.email, &record.email)) {
            return Ok(Err(Refusal::OwnAddress));
        }
        let actor = actor(interaction.user, account);
        let new = Session {
            ticket: session.ticket.clone(),
            scope: account.scope.unwrap_or(Scope::Verify),
            ..self.new_session(interaction, actor, session.pseudonym.clone(), session.work.clone())
        };
        Ok(Ok(TakeOver { record, new }))
    }

    async fn take_over_with(
        &self,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        plan: TakeOver,
        list: SessionList,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let TakeOver { record, new } = plan;
        let facts = Facts { record: record.clone(), ..Facts::at(interaction.at) };
        let mut session_lock = handle.lock.lock().await;
        let mut cause = Cause::Lead(interaction);
        let (before, step) = loop {
            let transition = self.transition(handle, cause, |before| {
                let decision = decide(&before, &new, &facts, interaction.id());
                async move { Ok(decision) }.boxed()
            });
            match transition.await? {
                Transition::Saved(Saved { before, step, .. }) => break (before, step),
                Transition::Refused { step, .. } => {
                    if let Some(refusal) = &step.refusal {
                        reply.refuse(refusal).await;
                    }
                    return Ok(());
                }
                Transition::Unchanged(closed) => {
                    drop(session_lock);
                    return self.answer_earlier_close(reply, &closed, record, list).await;
                }
                Transition::ClaimedElsewhere => {
                    drop(session_lock);
                    if !self.continues_for_dead_process(reply, &handle.session().id).await? {
                        return Ok(());
                    }
                    session_lock = handle.lock.lock().await;
                    cause = Cause::LeadTakenOver(interaction);
                }
                Transition::Gone => return self.refuse(reply, Refusal::UnknownSession).await,
                Transition::Unchecked(fault) => return Err(fault),
            }
        };
        self.note_act(AlertSubject::Session(handle.session().id.clone()), interaction.user).await;
        // A fault of the agent's panel is only logged. The agent's next click draws it.
        if let Err(fault) = self.redraw_changed(handle, &before, &step).await {
            self.log(&fault);
        }
        drop(session_lock);
        let answered = match &step.opened {
            Some(opened) => self.show_taken_over(reply, &step.session, &opened.id, record).await,
            // The session had ended, or the customer had changed.
            None => self.answer_closed(reply, &step.session, list).await,
        };
        self.perform_background_logged(handle).await;
        answered
    }

    /// Answers about a session that was closed before. The lead who has taken it over, by this or
    /// another click, gets the panel.
    async fn answer_earlier_close(
        &self,
        reply: &Reply<'_>,
        closed: &Session,
        record: Option<Arc<CustomerRecord>>,
        list: SessionList,
    ) -> Result<(), Fault> {
        let user = reply.interaction.user;
        if let (Some(customer), Work::Support(kind, _)) = (&closed.pseudonym, &closed.work)
            && closed.taken_over_by.map(NonZeroU64::get) == Some(user)
            && let Some((own, _)) = self.own_session_with(user, customer, *kind).await?
        {
            let id = own.session().id.clone();
            return self.show_taken_over(reply, closed, &id, record).await;
        }
        self.answer_closed(reply, closed, list).await
    }

    /// Mails the lead's code, if the case is chosen, and answers with the panel of the new session.
    async fn show_taken_over(
        &self,
        reply: &Reply<'_>,
        from: &Session,
        new: &SessionId,
        record: Option<Arc<CustomerRecord>>,
    ) -> Result<(), Fault> {
        let Some(handle) = self.ports.sessions.find(new).await? else {
            return self.refuse(reply, Refusal::SessionGone).await;
        };
        handle.set_customer_record(record, reply.interaction.at);
        let click = ClickContext::new(reply, &handle);
        let session_lock = handle.lock.lock().await;
        let session = handle.session();
        let requested_by = session.blocking_effect().and_then(|pending| pending.requested_by);
        let mut step = if requested_by == Some(reply.interaction.id()) {
            let step = Step::begin(&session, self.ports.clock.now());
            let input = EffectInput { click: Some(&click), ..EffectInput::default() };
            self.perform_blocking(&handle, step, input).await?
        } else if self.acquire_or_wait(&handle).await? {
            self.finish_blocking(&handle).await?
        } else {
            Step::begin(&handle.session(), self.ports.clock.now())
        };
        drop(session_lock);
        step.refusal = step.refusal.or(Some(Refusal::TookOver(from.actor.discord_id)));
        self.show(&click, &step).await?;
        Ok(())
    }
}

/// Decides on the newest row. A session whose end has passed closes for that.
fn decide(before: &Session, new: &Session, facts: &Facts, interaction: u64) -> Decision {
    if before.closed().is_some() {
        return Decision::Unchanged;
    }
    if facts.now >= before.clocks.end() {
        return Decision::Save(Box::new(flows::step(before, Event::TimerFired, facts)));
    }
    let mut step = take_over(before, new.clone(), facts);
    if step.opened.is_some() {
        step.set_requested_by(interaction);
    }
    Decision::Save(Box::new(step))
}
