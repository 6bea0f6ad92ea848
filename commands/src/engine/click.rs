//! A click on a panel that moves its session: the steps of `docs/architecture.md`, in their order.

use std::sync::Arc;

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::flows::support::needs;
use crate::flows::support::needs::Needs;
use crate::flows::verify;
use crate::model::code::Code;
use crate::model::customer::CustomerRecord;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{Attended, SupportState};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::trail::kind;
use crate::model::words::{Limit, NotEligible, SessionId, SupportKind};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Committed, SessionHandle};
use crate::screens::custom_id::{Action, CustomId};

/// How often a move is decided again because the row was newer than what was read.
pub(crate) const ATTEMPTS: u32 = 3;

impl Desk {
    pub(crate) async fn press(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        custom_id: &str,
        values: Vec<String>,
    ) -> Result<(), Fault> {
        let Some((address, handle)) = self.addressed(interaction, reply, custom_id).await? else {
            return Ok(());
        };
        if address.action.draws() {
            return self.draw(interaction, reply, &handle, &address).await;
        }
        let event = match address.action {
            Action::Start => Event::Start,
            Action::Close => Event::Dismiss,
            Action::Choose => Event::Choose(values.into_iter().next().unwrap_or_default()),
            Action::Send => Event::Send,
            Action::Resend => Event::Resend,
            Action::Change => Event::Change,
            Action::Open(target) => Event::Open(target),
            Action::Mail => Event::Mail,
            Action::Finish => Event::Finish,
            Action::Stay => Event::Stay,
            Action::Resume => Event::Resume,
            // Drawing actions were answered above; a modal's id on a button was made by nobody of
            // ours.
            Action::Page(_)
            | Action::EnterCode
            | Action::Plan
            | Action::Details(_)
            | Action::Back
            | Action::AskWhy
            | Action::Code(..)
            | Action::Cancel => {
                return self.refuse(interaction, reply, Refusal::UnknownButton).await;
            }
        };
        Box::pin(self.moving(interaction, reply, &handle, &address, event, None)).await
    }

    pub(crate) async fn submit(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        custom_id: &str,
        value: String,
    ) -> Result<(), Fault> {
        let Some((address, handle)) = self.addressed(interaction, reply, custom_id).await? else {
            return Ok(());
        };
        match address.action {
            Action::Code(purpose, nth) => {
                let code = Code::parse(&value);
                let mac = code.as_ref().map(|code| {
                    self.ports.keys.mac(&format!(
                        "code:{}:{}:{nth}:{}",
                        address.session,
                        purpose.name(),
                        code.expose()
                    ))
                });
                Box::pin(self.moving(
                    interaction,
                    reply,
                    &handle,
                    &address,
                    Event::Typed(mac),
                    code.as_ref(),
                ))
                .await
            }
            Action::Cancel => {
                Box::pin(self.moving(
                    interaction,
                    reply,
                    &handle,
                    &address,
                    Event::Cancel(value),
                    None,
                ))
                .await
            }
            _ => self.refuse(interaction, reply, Refusal::UnknownButton).await,
        }
    }

    /// Where a component leads, if it is one of ours and the caller's.
    pub(crate) async fn addressed(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        custom_id: &str,
    ) -> Result<Option<(CustomId, Arc<SessionHandle>)>, Fault> {
        let Ok(address) = custom_id.parse::<CustomId>() else {
            self.refuse(interaction, reply, Refusal::UnknownButton).await?;
            return Ok(None);
        };
        let Some(handle) = self.ports.store.find(&address.session).await? else {
            self.refuse(interaction, reply, Refusal::UnknownButton).await?;
            return Ok(None);
        };
        if handle.session().actor.discord_id != interaction.user {
            self.refuse(interaction, reply, Refusal::NotYours).await?;
            return Ok(None);
        }
        // Another process has drawn what was clicked: memory here is behind.
        let behind = handle.session().generation < address.generation;
        let handle = if behind {
            self.ports.store.reload(&address.session).await?.unwrap_or(handle)
        } else {
            handle
        };
        Ok(Some((address, handle)))
    }

    pub(crate) async fn moving(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        address: &CustomId,
        event: Event,
        code: Option<&Code>,
    ) -> Result<(), Fault> {
        let moved = self.moved(interaction, reply, handle, address, event, code).await?;
        if moved == Moved::Not {
            return Ok(());
        }
        // The turn is given up by now: nobody waits for what follows.
        self.follow(handle).await;
        if let Moved::ForceClose(not_eligible) = moved {
            self.close_all_of(interaction.user, not_eligible).await
        } else {
            Ok(())
        }
    }

    /// Decides, saves, does and draws, in turn.
    pub(crate) async fn moved(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        address: &CustomId,
        event: Event,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let _turn = handle.lock.lock().await;
        let mut handle = Arc::clone(handle);
        for _ in 0..ATTEMPTS {
            let before = handle.session();
            if before
                .pending
                .iter()
                .any(|pending| pending.requested_by == Some(interaction.reply.interaction_id))
            {
                // This very click has moved it, in another process, which may yet die over it.
                return self.follow_other_replica(interaction, reply, &address.session, code).await;
            }
            if before.closed().is_some() || before.generation != address.generation {
                return self.stale(interaction, reply, &handle, address.action).await;
            }
            let overdue = interaction.at >= before.clocks.end();
            if before.is_busy() && !overdue {
                // Left by a process that died over it, or could not save its outcome: it is
                // finished first, under its own key.
                if self.acquire_or_wait(&handle).await? {
                    self.perform_blocking(
                        None,
                        &handle,
                        Step::begin(&before, self.ports.clock.now()),
                        0,
                        None,
                    )
                    .await?;
                }
                continue;
            }
            let (event, record) = self.read_again(&before, &handle, event.clone()).await?;
            let facts = Facts { now: interaction.at, record };
            let mut step =
                flows::step(&before, if overdue { Event::TimerFired } else { event }, &facts);
            if let Some(refusal) = step.refusal.as_ref().filter(|_| step.events.is_empty()) {
                step.record(kind::REFUSED, json!({ "why": refusal.name() }));
            }
            Self::mark(&mut step, &before, interaction);
            match self.save(interaction, &mut step, &before).await? {
                Saved::Yes(counts) => {
                    let typed = step
                        .limit_uses
                        .iter()
                        .zip(counts)
                        .find(|(limit_use, _)| limit_use.limit == Limit::WrongCodes);
                    let tries = typed.map_or(0, |(_, tries)| tries);
                    return self.carry_out(interaction, reply, &handle, step, tries, code).await;
                }
                Saved::Elsewhere => {
                    return self
                        .follow_other_replica(interaction, reply, &address.session, code)
                        .await;
                }
                Saved::Stale => match self.ports.store.reload(&address.session).await? {
                    Some(newer) => handle = newer,
                    None => return Ok(Moved::Not),
                },
            }
        }
        Err(Fault::new("moving a session", "its row changed under every attempt"))
    }

    /// What every click that moves leaves in the session: generation, activity, token and language,
    /// and that it asked.
    fn mark(step: &mut Step, before: &Session, interaction: &InteractionContext) {
        step.moved(before);
        step.session.locale = interaction.locale;
        step.session.secrets.panel = Some((interaction.reply.token.clone(), interaction.at));
        Self::requested_by(step, interaction.reply.interaction_id);
    }

    /// Reads again what the event needs, and turns it into a loss when the agent's rights are gone.
    pub(crate) async fn read_again(
        &self,
        before: &Session,
        handle: &SessionHandle,
        event: Event,
    ) -> Result<(Event, Option<Arc<CustomerRecord>>), Fault> {
        let Work::Support(kind, state) = &before.work else {
            return Ok((event, None));
        };
        let Needs { rights, customer } = needs::needs(state, &event);
        if rights && let Some(not_eligible) = self.why_not_eligible(before).await? {
            return Ok((Event::AgentIneligible(not_eligible), handle.customer_record()));
        }
        if customer && let Some(id) = &before.customer_id {
            handle.set_customer_record(self.ports.directory.read(id, *kind).await?.map(Arc::new));
            return Ok((event, handle.customer_record()));
        }
        let chooses = matches!(
            (kind, &event),
            (_, Event::Choose(_)) | (SupportKind::Successor, Event::Start)
        );
        let record =
            if chooses { self.customer_record(handle).await? } else { handle.customer_record() };
        Ok((event, record))
    }

    /// What the session's agent lacks by now. It is the very account that the session was opened
    /// with that counts: an agent may have been linked to another since.
    pub(crate) async fn why_not_eligible(
        &self,
        session: &Session,
    ) -> Result<Option<NotEligible>, Fault> {
        Ok(match self.eligibility(session.actor.discord_id).await? {
            Ok((link, _)) if link.agent_id == session.actor.agent_id => None,
            Ok(_) => Some(NotEligible::Link),
            Err(not_eligible) => Some(not_eligible),
        })
    }

    /// Saves a decided step. What the store refuses becomes a refusal on the panel, saved in its
    /// place.
    pub(crate) async fn save(
        &self,
        interaction: &InteractionContext,
        step: &mut Step,
        before: &Session,
    ) -> Result<Saved, Fault> {
        let id = interaction.reply.interaction_id;
        let claim = if step.session.pending.iter().any(|pending| pending.effect.blocks_panel()) {
            Claim::Begin(id)
        } else {
            Claim::Whole(id)
        };
        let refusal = match self.ports.store.commit(step.commit(claim)).await? {
            Committed::Saved { counts, version } => {
                step.session.version = version;
                return Ok(Saved::Yes(counts));
            }
            Committed::Claimed => return Ok(Saved::Elsewhere),
            Committed::Stale => return Ok(Saved::Stale),
            Committed::Taken => Refusal::Attended,
            Committed::Limited(limit, at) => Refusal::Limited(limit, at),
            Committed::LockedOut(at) => Refusal::LockedOut(at),
        };
        let mut refused = Step::begin(before, interaction.at);
        if let (Refusal::Attended, Work::Support(_, SupportState::Found { attended, .. })) =
            (&refusal, &mut refused.session.work)
        {
            *attended = Attended::BySomebody;
        }
        refused.record(kind::REFUSED, json!({ "why": refusal.name() }));
        refused.refuse(refusal);
        Self::mark(&mut refused, before, interaction);
        *step = refused;
        match self.ports.store.commit(step.commit(Claim::Whole(id))).await? {
            Committed::Saved { counts, version } => {
                step.session.version = version;
                Ok(Saved::Yes(counts))
            }
            Committed::Claimed => Ok(Saved::Elsewhere),
            _ => Ok(Saved::Stale),
        }
    }

    /// Does what the step wants of the outside and draws the panel.
    pub(crate) async fn carry_out(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        step: Step,
        tries: u32,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let done =
            self.perform_blocking(Some((interaction, reply)), handle, step, tries, code).await?;
        self.show_outcome(reply, handle, done).await
    }

    /// Answers a click with the panel that it has come to.
    pub(crate) async fn show_outcome(
        &self,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        done: Step,
    ) -> Result<Moved, Fault> {
        let record = self.record_for_panel(handle).await;
        let now = self.ports.clock.now();
        reply
            .panel(panel::render(&done.session, record.as_deref(), done.refusal.as_ref(), 0, now))
            .await;
        self.replace_expired(&done.session, &done.expired).await;
        Ok(if let Some(Refusal::AgentIneligible(not_eligible)) = done.refusal {
            Moved::ForceClose(not_eligible)
        } else {
            Moved::On
        })
    }

    /// Somebody else has claimed this interaction. When they die over it, what they saved is
    /// finished here; where that was done by somebody who cannot answer the click, it is answered
    /// here.
    pub(crate) async fn follow_other_replica(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        id: &SessionId,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        reply.yield_reply().await;
        let ours = self.ports.store.take_over(interaction.reply.interaction_id).await?;
        if ours {
            reply.take_over_reply().await;
        }
        // Whoever has it has moved the session: memory here is behind.
        let newest = self.ports.store.reload(id).await?;
        let Some(handle) = newest.filter(|_| ours) else {
            return Ok(Moved::Not);
        };
        let session = handle.session();
        let step = Step::begin(&session, self.ports.clock.now());
        let Some(ours) = session
            .pending
            .iter()
            .find(|pending| pending.requested_by == Some(interaction.reply.interaction_id))
        else {
            return self.show_outcome(reply, &handle, step).await;
        };
        let tries = match &ours.effect {
            Effect::Verify { purpose, .. } => {
                self.ports
                    .store
                    .counted(&verify::code_attempt(&session, *purpose), interaction.at)
                    .await?
            }
            _ => 0,
        };
        self.carry_out(interaction, reply, &handle, step, tries, code).await
    }
}

/// What a click has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It came too late, or another process has it: whoever moved the session does what is left to
    /// do.
    Not,
    /// The session has moved.
    On,
    /// The agent turned out to be none any more.
    ForceClose(NotEligible),
}

/// What became of saving a step.
pub(crate) enum Saved {
    /// It stands; how many of each hit there are.
    Yes(Vec<u32>),
    /// Another process has the interaction.
    Elsewhere,
    /// Another click was faster.
    Stale,
}
