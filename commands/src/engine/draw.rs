//! A click that only draws: it opens a form, turns a page or shows details. Answered from memory
//! without a claim, after the agent's eligibility was read again. A form needs no such read. A view
//! of a detail is recorded after the answer.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::interaction::ClickContext;
use crate::engine::moved::Moved;
use crate::engine::picture::with_qr;
use crate::engine::redraw::needs_record;
use crate::engine::{minimal, panel};
use crate::flows::support::history::HISTORY_LINES;
use crate::flows::support::{history, successor, technical};
use crate::flows::verify::screens::code_form;
use crate::model::customer::Case;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{LinkState, SupportState};
use crate::model::past::HISTORY;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{Purpose, SupportKind};
use crate::ports::history::HistoryOf;
use crate::ports::sessions::View;
use crate::screens::custom_id::{Action, CustomId};
use crate::screens::screen::Form;
use crate::screens::widgets::note;

impl Desk {
    pub(crate) async fn draw(
        &self,
        click: &ClickContext<'_>,
        custom_id: &CustomId,
    ) -> Result<(), Fault> {
        let (at, handle) = (click.interaction().at, click.handle);
        let session = handle.session();
        if let Some(form) = form_of(&session, custom_id.action, at)
            .filter(|_| session.generation == custom_id.generation)
        {
            // A form must be the first answer, so nothing is read before it. The submitted text
            // is checked against the row.
            click.reply.form(form).await;
            return Ok(());
        }
        // Another process can have moved the session, so the panel is drawn from the newest row.
        self.ports.sessions.refresh(&custom_id.session).await?;
        let session = handle.session();
        let overdue = session.closed().is_none() && at >= session.clocks.end();
        let late =
            overdue || session.closed().is_some() || session.generation != custom_id.generation;
        if !late && let Some(form) = form_of(&session, custom_id.action, at) {
            click.reply.allow_duplicate();
            click.reply.form(form).await;
            return Ok(());
        }
        // A late click reads the eligibility in its transition.
        let needs_transition = late
            || match self.why_not_eligible(&session).await {
                Ok(reason) => reason.is_some(),
                Err(fault) if leads_back(custom_id.action, &session.work) => {
                    return self.draw_unchecked(click, fault, true).await.map(drop);
                }
                Err(fault) => return Err(fault),
            };
        if needs_transition {
            return Box::pin(self.draw_late(click, custom_id.action, overdue)).await;
        }
        click.reply.allow_duplicate();
        match (custom_id.action, &session.work) {
            // The panel was stripped a moment ago. Only Resume shows sensitive data again.
            _ if session.clocks.stripped => self.draw_panel(click, &session, None, 0).await,
            (Action::EnterCode, _) => {
                let refusal = match session.offered_purpose() {
                    Some(_) => Refusal::ExpiredCode,
                    None => Refusal::AlreadyDone,
                };
                self.draw_panel(click, &session, Some(refusal), 0).await
            }
            (
                Action::Plan,
                Work::Support(SupportKind::Technical, SupportState::Acting { case }),
            ) => {
                let record = self.record_to_view(handle).await?;
                let screen = technical::plan(&session, case, record.as_deref());
                handle.set_view(session.generation, View::Details);
                click.reply.panel(&session, screen).await;
                self.record_view(click, kind::PLAN_SHOWN, json!({}), case).await
            }
            (
                Action::Details(nth),
                Work::Support(SupportKind::Successor, SupportState::Acting { case }),
            ) => {
                let record = self.record_to_view(handle).await?;
                let screen = successor::details(&session, case, record.as_deref(), nth);
                handle.set_view(session.generation, View::Details);
                click.reply.panel(&session, screen).await;
                let details = json!({ "step": u32::from(nth) + 1 });
                self.record_view(click, kind::STEP_SHOWN, details, case).await
            }
            (Action::History, Work::Support(_, SupportState::Acting { case })) => {
                self.draw_history(click, &session, case).await
            }
            (Action::Page(page), _) => self.draw_panel(click, &session, None, page).await,
            _ => self.draw_panel(click, &session, None, 0).await,
        }
    }

    /// Draws the customer's newest earlier sessions in place of the panel.
    async fn draw_history(
        &self,
        click: &ClickContext<'_>,
        session: &Session,
        case: &Case,
    ) -> Result<(), Fault> {
        let after = click.interaction().at - HISTORY;
        let earlier = match &session.pseudonym {
            Some(customer) => {
                let of = HistoryOf::Agents;
                self.ports.history.page(customer, of, after, 0..HISTORY_LINES).await?.sessions
            }
            None => Vec::new(),
        };
        let record = self.record_to_view(click.handle).await?;
        let screen = history::list(session, case, record.as_deref(), &earlier);
        click.handle.set_view(session.generation, View::Details);
        click.reply.panel(session, screen).await;
        Ok(())
    }

    /// Records that the agent was shown a detail of the customer. The agent has the answer already.
    /// The claim makes it one event, if several processes have drawn the same click.
    async fn record_view(
        &self,
        click: &ClickContext<'_>,
        kind: &'static str,
        details: Value,
        case: &Case,
    ) -> Result<(), Fault> {
        let mut commit = click.interaction().commit(kind, details);
        let session = click.handle.session();
        for event in &mut commit.events {
            event.session = Some(session.id.clone());
            event.customer.clone_from(&session.pseudonym);
            event.about = json!({ "ecosystem": case.ecosystem });
        }
        if let Err(fault) = self.ports.sessions.commit(commit).await {
            self.log(&fault);
        }
        Ok(())
    }

    /// Replies to a click whose agent's eligibility cannot be read, with a panel that leaves the
    /// session. The plan, a step and a panel of an older generation have no button that does.
    ///
    /// Only a message that is `in_place` of the panel leads back to it, because the timers edit no
    /// other message.
    pub(crate) async fn draw_unchecked(
        &self,
        click: &ClickContext<'_>,
        fault: Fault,
        in_place: bool,
    ) -> Result<Moved, Fault> {
        self.ports.sessions.refresh(&click.handle.session().id).await?;
        let session = click.handle.session();
        let refusal = Refusal::Failed(self.log(&fault));
        click.reply.note_refusal(&refusal);
        let screen = minimal::unchecked_panel(&session, &refusal, in_place);
        // No process has claimed the click, and every process draws the same panel.
        click.reply.allow_duplicate();
        match screen {
            Some(screen) => click.reply.panel(&session, screen).await,
            None => click.reply.note(note(&refusal, click.interaction().locale)).await,
        }
        Ok(Moved::No)
    }

    /// Handles a click that came after the session moved on or reached its end, or after its agent
    /// lost the eligibility. Then the session closes.
    async fn draw_late(
        &self,
        click: &ClickContext<'_>,
        action: Action,
        overdue: bool,
    ) -> Result<(), Fault> {
        // If another process answered first, the click was in time there. The session stays on the
        // panel that was shown.
        if !click.reply.is_first().await {
            return Ok(());
        }
        let session_lock = click.handle.lock.lock().await;
        let closes = overdue && click.handle.session().closed().is_none();
        if closes {
            self.apply(click.handle, Event::TimerFired).await?;
        }
        let moved = self.redraw_stale(click, action).await?;
        drop(session_lock);
        if closes {
            self.perform_background_logged(click.handle).await;
        }
        self.after_click(click, moved).await
    }

    async fn draw_panel(
        &self,
        click: &ClickContext<'_>,
        session: &Session,
        refusal: Option<Refusal>,
        page: u16,
    ) -> Result<(), Fault> {
        let record =
            if needs_record(session) { self.record_to_draw(click.handle).await? } else { None };
        let at = click.interaction().at;
        let screen = panel::render(session, record.as_deref(), refusal.as_ref(), page, at);
        let screen = with_qr(&self.ports, session, screen);
        click.handle.set_view(session.generation, View::Panel(page));
        if let Some(refusal) = &refusal {
            click.reply.note_refusal(refusal);
        }
        click.reply.panel(session, screen).await;
        Ok(())
    }
}

/// Returns true if the action goes back from the plan or from a step, which only it can leave.
fn leads_back(action: Action, work: &Work) -> bool {
    let shows_steps =
        matches!(work, Work::Support(SupportKind::Successor, SupportState::Acting { .. }));
    action == Action::Back || (matches!(action, Action::Page(_)) && shows_steps)
}

/// Returns the form that an action opens, if it can be opened at this time.
fn form_of(session: &Session, action: Action, at: Timestamp) -> Option<Form> {
    if session.closed().is_some() || at >= session.clocks.end() || session.clocks.stripped {
        return None;
    }
    match action {
        // Only support sessions have Cancel.
        Action::OpenCancelForm if matches!(session.work, Work::Support(..)) => {
            Some(panel::cancel_form(session))
        }
        Action::EnterCode => {
            let purpose = session.offered_purpose()?;
            valid_code(session, purpose, at).map(|nth| code_form(session, purpose, nth))
        }
        _ => None,
    }
}

/// Returns the number of the code that can be entered now. A link session always claims to have
/// one, so that the form does not reveal whether the account exists.
fn valid_code(session: &Session, purpose: Purpose, at: Timestamp) -> Option<u32> {
    match &session.work {
        Work::Link(LinkState::CodeRequested { valid_until, .. }) => {
            (at < *valid_until).then_some(session.agent.attempt)
        }
        _ => session.verification(purpose).valid_challenge(at).map(|challenge| challenge.nth),
    }
}
