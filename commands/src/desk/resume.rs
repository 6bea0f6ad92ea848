//! `/support resume`, and every other way in which the panel of an open session is drawn again.

use std::sync::Arc;

use super::{Click, Desk, click::ATTEMPTS, reply::Reply};
use crate::error::{Fault, Refusal};
use crate::face::{face, moved, pick};
use crate::ports::{Claim, Committed, Hit, Live, MessageRef};
use crate::session::{SessionId, Work};
use crate::step::{Event, Facts, Step, step};
use crate::support::State;
use crate::trail::Act;

/// A customer who was looked up again while the session is open.
#[derive(Clone)]
pub(super) struct Again {
    /// What was found now.
    pub(super) state: State,
    /// The look-up counts.
    pub(super) hit: Hit,
    /// And is in the trail.
    pub(super) act: Act,
    /// What else is to be said of it.
    pub(super) refusal: Option<Refusal>,
}

impl Desk {
    pub(super) async fn resume(&self, click: &Click, reply: &Reply<'_>) -> Result<(), Fault> {
        let open = self.open_sessions(click.user).await?;
        match open.as_slice() {
            [] => self.say_no(click, reply, Refusal::NothingOpen).await,
            [only] => self.redraw(click, reply, only, None).await,
            several => {
                reply.answers_alike();
                let sessions: Vec<_> = several.iter().map(|live| live.session()).collect();
                reply.note(pick(&sessions, click.locale)).await;
                Ok(())
            }
        }
    }

    /// The agent's open sessions with customers, oldest first.
    pub(super) async fn open_sessions(&self, discord_id: u64) -> Result<Vec<Arc<Live>>, Fault> {
        let mut open = Vec::new();
        for id in self.ports.store.open_of(discord_id).await? {
            open.extend(self.find_open(&id).await?);
        }
        Ok(open)
    }

    /// A session was chosen from the menu of open ones.
    pub(super) async fn picked(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        chosen: Option<&str>,
    ) -> Result<(), Fault> {
        let id: Option<SessionId> = chosen.and_then(|chosen| chosen.parse().ok());
        let live = match id {
            Some(id) => self.ports.store.find(&id).await?,
            None => None,
        };
        match live.filter(|live| live.session().actor.discord_id == click.user) {
            Some(live) => self.redraw(click, reply, &live, None).await,
            None => self.say_no(click, reply, Refusal::UnknownButton).await,
        }
    }

    /// Draws the panel in the message of this click; the older one is left with a word that it has
    /// moved.
    pub(super) async fn redraw(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        found: Option<Again>,
    ) -> Result<(), Fault> {
        let turn = live.turn.lock().await;
        let over = live.session().closed().is_none() && click.at >= live.session().clocks.end();
        if over {
            // Its time is over, and no clock has looked at it yet: nothing brings it back.
            self.apply(live, Event::Tick).await?;
        }
        let mut left = None;
        for _ in 0..ATTEMPTS {
            let before = live.session();
            if before.closed().is_none() && before.awaits() {
                // Left by a process that died over it, or could not save its outcome: the panel
                // shall show what became of it.
                if self.is_left_alone(live).await? {
                    let step = Step::begin(&before, self.ports.clock.now());
                    left = self.perform_awaited(None, live, step, 0, None).await?.refusal;
                }
                continue;
            }
            let older = before.panel_token(click.at);
            let mut step = step(&before, Event::Resume, &Facts { now: click.at, dossier: None });
            if before.closed().is_some() {
                reply.panel(face(&step.session, None, step.refusal.as_ref(), 0, click.at)).await;
                drop(turn);
                if over {
                    self.follow(live).await;
                }
                return Ok(());
            }
            if let Some(Again { state, hit, act, refusal }) = found.clone() {
                // Before Start the panel shows what this look-up has found; afterwards it is about
                // more than that.
                if let Work::Support(road, State::Found { .. }) = before.work {
                    step.session.work = Work::Support(road, state);
                }
                step.hits.push(hit);
                step.acts.push(act);
                step.refusal = step.refusal.or(refusal);
            }
            step.refusal = step.refusal.or(left.clone());
            step.moved(&before);
            step.session.locale = click.locale;
            step.session.secrets.panel = Some((click.ticket.token.clone(), click.at));
            match self
                .ports
                .store
                .commit(step.commit(Claim::Whole(click.ticket.interaction)))
                .await?
            {
                Committed::Saved { .. } => {
                    let dossier = self.dossier_for_panel(live).await;
                    reply
                        .panel(face(
                            &step.session,
                            dossier.as_deref(),
                            step.refusal.as_ref(),
                            0,
                            click.at,
                        ))
                        .await;
                    // A click on the new panel need not wait until the old one is told.
                    drop(turn);
                    if let Some(token) = older {
                        // It may be gone, or dismissed: then there is nothing to strip.
                        let _ = self
                            .ports
                            .chat
                            .edit(&token, MessageRef::Panel, moved(click.locale))
                            .await;
                    }
                    return Ok(());
                }
                Committed::Limited(limit, at) => {
                    return self.say_no(click, reply, Refusal::Limited(limit, at)).await;
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
