//! `/support resume`, and every other way in which the panel of an open session is drawn again.

use std::sync::Arc;

use super::{Click, Desk, reply::Reply};
use crate::error::{Fault, Refusal};
use crate::face::{face, moved, note, pick};
use crate::ports::{Claim, Committed, Hit, Live, MessageRef};
use crate::session::SessionId;
use crate::step::{Event, Facts, step};
use crate::trail::Act;

impl Desk {
    pub(super) async fn resume(&self, click: &Click, reply: &Reply<'_>) -> Result<(), Fault> {
        let mut open = Vec::new();
        for id in self.ports.store.open_of(click.user).await? {
            open.extend(self.find_open(&id).await?);
        }
        match open.as_slice() {
            [] => self.say_no(click, reply, Refusal::NothingOpen).await,
            [only] => self.redraw(click, reply, only, Vec::new(), Vec::new()).await,
            several => {
                let sessions: Vec<_> = several.iter().map(|live| live.session()).collect();
                reply.note(pick(&sessions, click.locale)).await;
                Ok(())
            }
        }
    }

    /// A session was chosen from the menu of open ones.
    pub(super) async fn picked(&self, click: &Click, reply: &Reply<'_>, chosen: Option<&str>) -> Result<(), Fault> {
        let id: Option<SessionId> = chosen.and_then(|chosen| chosen.parse().ok());
        let live = match id {
            Some(id) => self.ports.store.find(&id).await?,
            None => None,
        };
        match live.filter(|live| live.session().actor.discord_id == click.user) {
            Some(live) => self.redraw(click, reply, &live, Vec::new(), Vec::new()).await,
            None => self.say_no(click, reply, Refusal::UnknownButton).await,
        }
    }

    /// Draws the panel in the message of this click; the older one is left with a word that it has moved.
    pub(super) async fn redraw(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        hits: Vec<Hit>,
        acts: Vec<Act>,
    ) -> Result<(), Fault> {
        let _turn = live.turn.lock().await;
        let before = live.session();
        let older = before.panel_token(click.at);
        let mut step = step(&before, Event::Resume, &Facts { now: click.at, dossier: None });
        if before.closed().is_some() {
            reply.panel(face(&step.session, None, step.refusal.as_ref(), 0, click.at)).await;
            return Ok(());
        }
        step.moved(&before);
        step.session.locale = click.locale;
        step.session.secrets.panel = Some((click.ticket.token.clone(), click.at));
        step.hits.extend(hits);
        step.acts.extend(acts);
        match self.ports.store.commit(step.commit(Claim::Whole(click.ticket.interaction))).await? {
            Committed::Saved { .. } => {
                let dossier = self.dossier_for_panel(live).await;
                reply.panel(face(&step.session, dossier.as_deref(), None, 0, click.at)).await;
                if let Some(token) = older {
                    // It may be gone, or dismissed: then there is nothing to strip.
                    let _ = self.ports.chat.edit(&token, MessageRef::Panel, moved(click.locale)).await;
                }
            }
            Committed::Limited(limit, at) => reply.note(note(&Refusal::Limited(limit, at), click.locale)).await,
            _ => {}
        }
        Ok(())
    }
}
