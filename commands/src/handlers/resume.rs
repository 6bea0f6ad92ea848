//! `/support resume`, and every other way in which the panel of an open session is drawn again.

use std::sync::Arc;

use crate::engine::click::ATTEMPTS;
use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::SupportState;
use crate::model::limit::LimitUse;
use crate::model::refusal::Refusal;
use crate::model::session::Work;
use crate::model::trail::TrailEvent;
use crate::model::words::SessionId;
use crate::ports::chat::MessageRef;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Committed, SessionHandle};

/// A customer who was looked up again while the session is open.
#[derive(Clone)]
pub(crate) struct Again {
    /// What was found now.
    pub(crate) state: SupportState,
    /// The look-up counts.
    pub(crate) limit_use: LimitUse,
    /// And is in the trail.
    pub(crate) act: TrailEvent,
    /// What else is to be said of it.
    pub(crate) refusal: Option<Refusal>,
}

impl Desk {
    pub(crate) async fn resume(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
    ) -> Result<(), Fault> {
        let open = self.open_sessions(interaction.user).await?;
        match open.as_slice() {
            [] => self.refuse(interaction, reply, Refusal::NothingOpen).await,
            [only] => self.redraw(interaction, reply, only, None).await,
            several => {
                reply.allow_duplicate();
                let sessions: Vec<_> = several.iter().map(|handle| handle.session()).collect();
                reply.note(panel::session_menu(&sessions, interaction.locale)).await;
                Ok(())
            }
        }
    }

    /// The agent's open sessions with customers, oldest first.
    pub(crate) async fn open_sessions(
        &self,
        discord_id: u64,
    ) -> Result<Vec<Arc<SessionHandle>>, Fault> {
        let mut open = Vec::new();
        for id in self.ports.store.open_of(discord_id).await? {
            open.extend(self.find_open(&id).await?);
        }
        Ok(open)
    }

    /// A session was chosen from the menu of open ones.
    pub(crate) async fn picked(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        chosen: Option<&str>,
    ) -> Result<(), Fault> {
        let id: Option<SessionId> = chosen.and_then(|chosen| chosen.parse().ok());
        let handle = match id {
            Some(id) => self.ports.store.find(&id).await?,
            None => None,
        };
        match handle.filter(|handle| handle.session().actor.discord_id == interaction.user) {
            Some(handle) => self.redraw(interaction, reply, &handle, None).await,
            None => self.refuse(interaction, reply, Refusal::UnknownButton).await,
        }
    }

    /// Draws the panel in the message of this click; the older one is left with a word that it has
    /// moved.
    pub(crate) async fn redraw(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        found: Option<Again>,
    ) -> Result<(), Fault> {
        let turn = handle.lock.lock().await;
        let over =
            handle.session().closed().is_none() && interaction.at >= handle.session().clocks.end();
        if over {
            // Its time is over, and no clock has looked at it yet: nothing brings it back.
            self.apply(handle, Event::TimerFired).await?;
        }
        let mut left = None;
        for _ in 0..ATTEMPTS {
            let before = handle.session();
            if before.closed().is_none() && before.is_busy() {
                // Left by a process that died over it, or could not save its outcome: the panel
                // shall show what became of it.
                if self.acquire_or_wait(handle).await? {
                    let step = Step::begin(&before, self.ports.clock.now());
                    left = self.perform_blocking(None, handle, step, 0, None).await?.refusal;
                }
                continue;
            }
            let older = before.panel_token(interaction.at);
            let mut step =
                flows::step(&before, Event::Resume, &Facts { now: interaction.at, record: None });
            if before.closed().is_some() {
                reply
                    .panel(panel::render(
                        &step.session,
                        None,
                        step.refusal.as_ref(),
                        0,
                        interaction.at,
                    ))
                    .await;
                drop(turn);
                if over {
                    self.follow(handle).await;
                }
                return Ok(());
            }
            if let Some(Again { state, limit_use, act, refusal }) = found.clone() {
                // Before Start the panel shows what this look-up has found; afterwards it is about
                // more than that.
                if let Work::Support(kind, SupportState::Found { .. }) = before.work {
                    step.session.work = Work::Support(kind, state);
                }
                step.limit_uses.push(limit_use);
                step.events.push(act);
                step.refusal = step.refusal.or(refusal);
            }
            step.refusal = step.refusal.or(left.clone());
            step.moved(&before);
            step.session.locale = interaction.locale;
            step.session.secrets.panel = Some((interaction.reply.token.clone(), interaction.at));
            match self
                .ports
                .store
                .commit(step.commit(Claim::Whole(interaction.reply.interaction_id)))
                .await?
            {
                Committed::Saved { .. } => {
                    let record = self.record_for_panel(handle).await;
                    reply
                        .panel(panel::render(
                            &step.session,
                            record.as_deref(),
                            step.refusal.as_ref(),
                            0,
                            interaction.at,
                        ))
                        .await;
                    // A click on the new panel need not wait until the old one is told.
                    drop(turn);
                    if let Some(token) = older {
                        // It may be gone, or dismissed: then there is nothing to strip.
                        let _ = self
                            .ports
                            .chat
                            .edit(
                                &token,
                                MessageRef::Panel,
                                panel::moved_notice(interaction.locale),
                            )
                            .await;
                    }
                    return Ok(());
                }
                Committed::Limited(limit, at) => {
                    return self.refuse(interaction, reply, Refusal::Limited(limit, at)).await;
                }
                // Another process has moved it: what is drawn is the newest.
                Committed::Stale => drop(self.ports.store.reload(&before.id).await?),
                // Another process answers, and has moved it.
                _ => return self.ports.store.reload(&before.id).await.map(drop),
            }
        }
        Err(Fault::new("drawing a session again", "its row changed under every attempt"))
    }
}
