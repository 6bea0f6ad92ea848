//! `/support resume`: draws the panel of an open session in a new message.

use futures_util::FutureExt as _;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::interaction::{ClickContext, InteractionContext};
use crate::engine::reply::Reply;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::engine::{minimal, panel};
use crate::flows;
use crate::flows::step::Facts;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::SupportState;
use crate::model::limit::LimitUse;
use crate::model::past::Past;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::ticket::Ticket;
use crate::model::trail::TrailEvent;
use crate::model::words::SessionId;

/// A second look-up of a customer whose session is open.
#[derive(Clone)]
pub(crate) struct RepeatedLookup {
    /// The state that a new session would start in. `None`: the session has started.
    pub(crate) state: Option<SupportState>,
    /// The typed ticket number. The session keeps the one that it has.
    pub(crate) ticket: Option<Ticket>,
    /// The scope of the agent's groups.
    pub(crate) scope: Scope,
    pub(crate) past: Option<Box<Past>>,
    pub(crate) limit_uses: Vec<LimitUse>,
    pub(crate) event: TrailEvent,
    pub(crate) refusal: Option<Refusal>,
}

impl Desk {
    pub(crate) async fn resume(&self, reply: &Reply<'_>) -> Result<(), Fault> {
        let open = self.open_sessions(reply.interaction.user).await?;
        match open.as_slice() {
            [] => self.refuse(reply, Refusal::NothingOpen).await,
            [handle] => self.redraw(&ClickContext::new(reply, handle), None).await,
            several => {
                let locale = reply.interaction.locale;
                let sessions: Vec<_> = several.iter().map(|handle| handle.session()).collect();
                let menu = panel::session_menu(&sessions, locale);
                let menu = match self.eligibility(reply.interaction.user).await {
                    Ok(Ok(_)) => menu,
                    Ok(Err(reason)) => return self.refuse_ineligible(reply, reason).await,
                    // Each session can be left without a check of the agent.
                    Err(fault) => {
                        let refusal = Refusal::Failed(self.log(&fault));
                        minimal::without_text(&menu, refusal.sentence(locale), locale)
                    }
                };
                reply.allow_duplicate();
                reply.note(menu).await;
                Ok(())
            }
        }
    }

    /// Draws the panel of the session that the agent chose from the menu.
    pub(crate) async fn resume_chosen(
        &self,
        reply: &Reply<'_>,
        chosen: Option<&str>,
    ) -> Result<(), Fault> {
        let id: Option<SessionId> = chosen.and_then(|chosen| chosen.parse().ok());
        let handle = match id {
            Some(id) => self.ports.sessions.find(&id).await?,
            None => None,
        };
        match handle.filter(|handle| handle.session().actor.discord_id == reply.interaction.user) {
            Some(handle) => self.redraw(&ClickContext::new(reply, &handle), None).await,
            None => self.refuse(reply, Refusal::UnknownButton).await,
        }
    }

    /// Draws the panel in the message of this interaction. The older message says that the panel
    /// has moved.
    pub(crate) async fn redraw(
        &self,
        click: &ClickContext<'_>,
        repeated: Option<RepeatedLookup>,
    ) -> Result<(), Fault> {
        let ClickContext { reply, handle } = *click;
        let interaction = reply.interaction;
        let session_lock = handle.lock.lock().await;
        let session = handle.session();
        let overdue = session.closed().is_none() && interaction.at >= session.clocks.end();
        if overdue {
            // No sweep has closed the session yet. Resume does not reopen it.
            self.apply(handle, Event::TimerFired).await?;
        }
        let cause = Cause::Interaction(interaction);
        let transition = self.transition(handle, cause, |before| {
            let decision = decide(&before, interaction, repeated.clone());
            async move { Ok(decision) }.boxed()
        });
        let (before, step) = match transition.await? {
            Transition::Saved(Saved { before, mut step, leftover, .. }) => {
                step.refusal = step.refusal.or(leftover);
                (before, step)
            }
            Transition::Refused { before, step } => (before, step),
            Transition::Unchanged(closed) => {
                let facts = Facts::at(interaction.at);
                let step = flows::step(&closed, Event::Resume, &facts);
                let refusal = step.refusal.as_ref();
                let screen = panel::render(&step.session, None, refusal, 0, interaction.at);
                reply.panel(&step.session, screen).await;
                drop(session_lock);
                if overdue {
                    self.perform_background_logged(handle).await;
                }
                return Ok(());
            }
            // Usually the other process has replied. It can die while it waits for a pending
            // effect.
            Transition::ClaimedElsewhere => {
                let moved = self.follow_other_replica(click, None).await?;
                drop(session_lock);
                return self.after_click(click, moved).await;
            }
            Transition::Unchecked(fault) => {
                self.draw_unchecked(click, fault, false).await?;
                drop(session_lock);
                if !session.clocks.stripped {
                    // The new message leaves the session, so the older one must not keep showing
                    // the customer.
                    self.mark_panel_moved(&session, interaction).await;
                }
                return Ok(());
            }
            Transition::Gone => {
                self.show_gone(click).await?;
                return Ok(());
            }
        };
        let moved = self.show(click, &step).await?;
        // A click on the new panel must not wait for the edit of the old one.
        drop(session_lock);
        // A form that is submitted twice draws the panel twice in the same message.
        if !reply.replaces_message() {
            self.mark_panel_moved(&before, interaction).await;
        }
        self.after_click(click, moved).await
    }

    /// Replaces the older panel by a word that it has moved.
    async fn mark_panel_moved(&self, before: &Session, interaction: &InteractionContext) {
        let Some(token) = before.panel_token(interaction.at) else { return };
        let screen = panel::moved_notice(interaction.locale);
        // The agent can have dismissed the message. Then there is nothing to replace.
        let _ = self.ports.chat.edit(&token, screen).await;
    }
}

fn decide(
    before: &Session,
    interaction: &InteractionContext,
    repeated: Option<RepeatedLookup>,
) -> Decision {
    if before.closed().is_some() {
        return Decision::Unchanged;
    }
    let mut step = flows::step(before, Event::Resume, &Facts::at(interaction.at));
    if let Some(repeated) = repeated {
        let RepeatedLookup { state, ticket, scope, past, limit_uses, event, refusal } = repeated;
        // Before Start the panel shows the newest look-up. Later it shows the case.
        if let (Some(state), Work::Support(kind, SupportState::Found { .. })) =
            (state, &before.work)
        {
            step.session.work = Work::Support(*kind, state);
            step.session.scope = scope;
            step.session.past = past;
        }
        step.session.ticket = step.session.ticket.or(ticket);
        step.limit_uses.extend(limit_uses);
        step.events.push(event);
        step.refusal = step.refusal.or(refusal);
    }
    step.mark(before, interaction);
    Decision::Save(Box::new(step))
}
