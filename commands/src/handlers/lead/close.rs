//! `/desk close`, and the button of the card: a lead closes a session and gives a reason.

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde_json::json;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::lead::close::{EarlierClose, closed_already, done, try_again};
use crate::flows::lead::session::closed_by;
use crate::flows::lead::sessions::ambiguous;
use crate::flows::step::{Facts, Step};
use crate::handlers::lead::suggest::SEARCHED;
use crate::handlers::lead::typed_session::TypedSession;
use crate::model::alert::AlertSubject;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::reason::Reason;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, SessionId};
use crate::ports::sessions::SessionHandle;
use crate::screens::desk_id::SessionList;

impl Desk {
    /// Closes a session whose id was chosen or typed. A few characters are enough if they fit only
    /// one of the last 24 hours.
    pub(super) async fn close_typed(
        &self,
        reply: &Reply<'_>,
        typed: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        match self.find_typed(typed, interaction.at - SEARCHED).await? {
            TypedSession::One(handle) => {
                self.close_for_lead(reply, &handle, reason, SessionList::default()).await
            }
            TypedSession::Several(found) => {
                for session in &found {
                    let (lead, id) = (interaction.user, session.id.as_str());
                    self.lead_drafts.keep(lead, id, reason, interaction.at);
                }
                let details = json!({ "view": "sessions", "show": "matches" });
                if self.record_lead_view(reply, details).await? {
                    reply.view(ambiguous(&found, interaction.locale)).await;
                }
                Ok(())
            }
            TypedSession::None => self.refuse(reply, Refusal::UnknownSession).await,
        }
    }

    /// Closes a session, and answers. The agent's panel changes without the reason.
    pub(super) async fn close_for_lead(
        &self,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        reason: &str,
        list: SessionList,
    ) -> Result<(), Fault> {
        let (interaction, session) = (reply.interaction, handle.session());
        if session.closed().is_some() {
            self.note_act(AlertSubject::Session(session.id.clone()), interaction.user).await;
            return self.answer_closed(reply, &session, list).await;
        }
        let reason = match Reason::parse(reason) {
            Ok(reason) => reason,
            Err(refusal) => {
                self.lead_drafts.keep(
                    interaction.user,
                    session.id.as_str(),
                    reason,
                    interaction.at,
                );
                reply.allow_duplicate();
                reply.note_refusal(&refusal);
                reply.view(try_again(&session.id, list, &refusal, interaction.locale)).await;
                return Ok(());
            }
        };
        let mut session_lock = handle.lock.lock().await;
        let mut cause = Cause::Lead(interaction);
        let (before, step) = loop {
            let transition = self.transition(handle, cause, |before| {
                let decision = decide(&before, interaction.user, &reason, interaction.at);
                async move { Ok(decision) }.boxed()
            });
            match transition.await? {
                Transition::Saved(Saved { before, step, .. }) => break (before, step),
                // The dead process has closed it, or another lead.
                Transition::Unchanged(closed)
                    if matches!(cause, Cause::LeadTakenOver(_)) && is_by_lead(&closed) =>
                {
                    let revokes = closed.may_be_proven;
                    reply.view(done(&session.id, list, revokes, interaction.locale)).await;
                    return Ok(());
                }
                Transition::Unchanged(closed) => {
                    drop(session_lock);
                    return self.answer_closed(reply, &closed, list).await;
                }
                Transition::ClaimedElsewhere => {
                    drop(session_lock);
                    if !self.continues_for_dead_process(reply, &session.id).await? {
                        return Ok(());
                    }
                    session_lock = handle.lock.lock().await;
                    cause = Cause::LeadTakenOver(interaction);
                }
                Transition::Gone => return self.refuse(reply, Refusal::UnknownSession).await,
                Transition::Unchecked(fault) => return Err(fault),
                Transition::Refused { .. } => return Err(unexpected("the store refused it")),
            }
        };
        self.lead_drafts.forget(session.id.as_str());
        if is_by_lead(&step.session) {
            let revokes = step.session.may_be_proven;
            reply.view(done(&session.id, list, revokes, interaction.locale)).await;
        } else {
            self.answer_closed(reply, &step.session, list).await?;
        }
        // The lead has the answer, so a fault is only logged. The agent's next click draws the
        // panel.
        if let Err(fault) = self.redraw_changed(handle, &before, &step).await {
            self.log(&fault);
        }
        drop(session_lock);
        self.note_act(AlertSubject::Session(session.id.clone()), interaction.user).await;
        self.perform_background_logged(handle).await;
        Ok(())
    }

    /// Waits for the process that has claimed the lead's click. Returns true if that process died,
    /// so this one must continue. The cache then has the newest row.
    pub(super) async fn continues_for_dead_process(
        &self,
        reply: &Reply<'_>,
        session: &SessionId,
    ) -> Result<bool, Fault> {
        reply.yield_reply().await;
        let is_dead = self.ports.claims.take_over(reply.interaction.id()).await?;
        if is_dead {
            reply.take_over_reply().await;
            self.ports.sessions.reload(session).await?;
        }
        Ok(is_dead)
    }

    /// Tells the cards of open alerts that a lead has acted. A fault only costs a redrawn card.
    pub(super) async fn note_act(&self, on: AlertSubject, lead: u64) {
        if let Err(fault) = self.ports.alerts.note_act(&on, lead, self.ports.clock.now()).await {
            self.log(&fault);
        }
    }

    /// Answers with time and reason of the close, or with the lead who was faster.
    pub(super) async fn answer_closed(
        &self,
        reply: &Reply<'_>,
        session: &Session,
        list: SessionList,
    ) -> Result<(), Fault> {
        let Some((reason, at)) = session.closed() else {
            return Err(unexpected("the session is still open"));
        };
        let lead = if matches!(reason, CloseReason::ByLead | CloseReason::TakenOver) {
            let ids = [session.id.clone()];
            closed_by(&self.ports.session_search.events(&ids, &[kind::CLOSED]).await?)
        } else {
            None
        };
        let (now, locale) = (self.ports.clock.now(), reply.interaction.locale);
        let earlier = EarlierClose { reason, at, lead };
        let answer = if earlier.is_own(reply.interaction.user, now) {
            done(&session.id, list, session.may_be_proven, locale)
        } else {
            closed_already(earlier, list, now, locale)
        };
        reply.allow_duplicate();
        reply.view(answer).await;
        Ok(())
    }
}

fn is_by_lead(session: &Session) -> bool {
    matches!(session.closed(), Some((CloseReason::ByLead, _)))
}

fn unexpected(why: &'static str) -> Fault {
    Fault::new("closing a session for a lead", why)
}

/// Decides on the newest row. A session whose end has passed closes for that.
fn decide(before: &Session, lead: u64, reason: &Reason, at: Timestamp) -> Decision {
    if before.closed().is_some() {
        return Decision::Unchanged;
    }
    let event = if at >= before.clocks.end() {
        Event::TimerFired
    } else {
        Event::LeadClosed(lead, reason.clone())
    };
    let step: Step = flows::step(before, event, &Facts::at(at));
    Decision::Save(Box::new(step))
}
