//! A click that moves its session: resolve the custom id, decide, save, perform, draw.

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde_json::json;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::effects::EffectInput;
use crate::engine::interaction::ClickContext;
use crate::engine::moved::Moved;
use crate::engine::panel;
use crate::engine::picture::with_qr;
use crate::engine::reply::Reply;
use crate::engine::takeover::move_panel;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::flows::support::needs::{self, needs_customer};
use crate::model::code::Code;
use crate::model::customer::CustomerRecord;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::span;
use crate::model::trail::kind;
use crate::ports::sessions::{SessionHandle, View};
use crate::screens::custom_id::{Action, CustomId};

impl Desk {
    /// Handles a pressed button or a chosen option.
    pub(crate) async fn press(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
        values: Vec<String>,
    ) -> Result<(), Fault> {
        let Some((mut custom_id, handle)) = self.resolve(reply, custom_id).await? else {
            return Ok(());
        };
        let click = ClickContext::new(reply, &handle);
        if custom_id.action == Action::ChooseStep {
            let step = values.first().and_then(|step| step.parse().ok());
            custom_id.action = step.map_or(Action::Back, Action::Details);
        }
        if custom_id.action.draws() {
            return self.draw(&click, &custom_id).await;
        }
        let event = match custom_id.action {
            Action::Start => Event::Start,
            Action::Close => Event::Dismiss,
            Action::Choose => Event::Choose(values.into_iter().next().unwrap_or_default()),
            Action::Send => Event::Send,
            Action::Resend => Event::Resend,
            Action::Change => Event::Change,
            Action::Open(target) => Event::Open(target),
            Action::MailLink => Event::MailLink,
            Action::Finish => Event::Finish,
            Action::Stay => Event::Stay,
            Action::Resume => Event::Resume,
            // Drawing actions are handled above. The bot never puts a form's id on a button.
            Action::Page(_)
            | Action::EnterCode
            | Action::Plan
            | Action::History
            | Action::Details(_)
            | Action::ChooseStep
            | Action::Back
            | Action::OpenCancelForm
            | Action::SubmitCode(..)
            | Action::Cancel => {
                return self.refuse(reply, Refusal::UnknownButton).await;
            }
        };
        Box::pin(self.move_session(&click, &custom_id, event, None)).await
    }

    /// Handles a submitted form.
    pub(crate) async fn submit(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
        value: String,
    ) -> Result<(), Fault> {
        let Some((custom_id, handle)) = self.resolve(reply, custom_id).await? else {
            return Ok(());
        };
        let click = ClickContext::new(reply, &handle);
        let (event, code) = match custom_id.action {
            Action::SubmitCode(purpose, nth) => {
                let code = Code::parse(&value);
                let mac = code.as_ref().map(|code| {
                    let (session, name) = (&custom_id.session, purpose.name());
                    self.ports.keys.mac(&format!("code:{session}:{name}:{nth}:{}", code.expose()))
                });
                (Event::Typed(mac), code)
            }
            Action::Cancel => (Event::Cancel(value), None),
            _ => return self.refuse(reply, Refusal::UnknownButton).await,
        };
        Box::pin(self.move_session(&click, &custom_id, event, code.as_ref())).await
    }

    /// Returns the session that a component belongs to, if the caller owns it. Otherwise refuses.
    async fn resolve(
        &self,
        reply: &Reply<'_>,
        custom_id: &str,
    ) -> Result<Option<(CustomId, Arc<SessionHandle>)>, Fault> {
        let parsed = CustomId::parse(custom_id);
        let handle = match &parsed {
            Some(custom_id) => self.ports.sessions.find(&custom_id.session).await?,
            None => None,
        };
        let (Some(custom_id), Some(handle)) = (parsed, handle) else {
            self.refuse(reply, Refusal::UnknownButton).await?;
            return Ok(None);
        };
        if handle.session().actor.discord_id != reply.interaction.user {
            self.refuse(reply, Refusal::NotYours).await?;
            return Ok(None);
        }
        let is_support = matches!(handle.session().work, Work::Support(..));
        if is_support && !self.rules.is_agent(&reply.interaction.roles) {
            // Leads pass the first check, because they link and recover an account too.
            self.refuse_access(reply, Refusal::NotAnAgent).await?;
            return Ok(None);
        }
        if handle.session().generation < custom_id.generation {
            // Another process has drawn the clicked panel, so the cache is outdated.
            self.ports.sessions.reload(&custom_id.session).await?;
        }
        Ok(Some((custom_id, handle)))
    }

    async fn move_session(
        &self,
        click: &ClickContext<'_>,
        custom_id: &CustomId,
        event: Event,
        code: Option<&Code>,
    ) -> Result<(), Fault> {
        let session_lock = click.handle.lock.lock().await;
        let moved = self.move_locked(click, custom_id, event, code).await?;
        drop(session_lock);
        self.after_click(click, moved).await
    }

    /// Performs what follows a click. The caller has released the session lock.
    pub(crate) async fn after_click(
        &self,
        click: &ClickContext<'_>,
        moved: Moved,
    ) -> Result<(), Fault> {
        if moved == Moved::No {
            return Ok(());
        }
        self.perform_background_logged(click.handle).await;
        match moved {
            Moved::Ineligible(reason) => self.close_all_of(click.interaction().user, reason).await,
            Moved::No | Moved::Yes => Ok(()),
        }
    }

    async fn move_locked(
        &self,
        click: &ClickContext<'_>,
        custom_id: &CustomId,
        event: Event,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let cause = if event.leaves() {
            Cause::Leaving(click.interaction(), custom_id.generation)
        } else {
            Cause::Interaction(click.interaction())
        };
        let transition = self.transition(click.handle, cause, |before| {
            let event = event.clone();
            async move { self.decide(&before, click, custom_id, event).await }.boxed()
        });
        match transition.await? {
            Transition::Saved(saved) if saved.before.generation != custom_id.generation => {
                self.show_stale(click, saved).await
            }
            Transition::Saved(Saved { step, attempts, .. }) => {
                let input = EffectInput { click: Some(click), code, attempts };
                let done = self.perform_blocking(click.handle, *step, input).await?;
                self.show(click, &done).await
            }
            Transition::Refused { step, .. } => self.show(click, &step).await,
            Transition::Unchanged(closed) => self.show_closed(click, &closed).await,
            Transition::ClaimedElsewhere => self.follow_other_replica(click, code).await,
            // The clicked panel shows how to leave, or leads back.
            Transition::Unchecked(fault)
                if click.handle.session().generation == custom_id.generation =>
            {
                Err(fault)
            }
            Transition::Unchecked(fault) => self.draw_unchecked(click, fault, true).await,
            Transition::Gone => self.show_gone(click).await,
        }
    }

    /// Decides one click on the newest row.
    async fn decide(
        &self,
        before: &Session,
        click: &ClickContext<'_>,
        custom_id: &CustomId,
        event: Event,
    ) -> Result<Decision, Fault> {
        if before.closed().is_some() {
            return Ok(Decision::Unchanged);
        }
        if before.generation != custom_id.generation {
            return Ok(Decision::Save(Box::new(stale(before, click, custom_id.action))));
        }
        let record = self.read_record(before, click.handle, &event).await?;
        let scope = self.read_scope(before, &event).await?;
        let facts = Facts { now: click.interaction().at, record, scope };
        let overdue = click.interaction().at >= before.clocks.end();
        let mut step = if overdue {
            flows::step(before, Event::TimerFired, &facts)
        } else if self.mails_the_agent(before, &event, &facts).await? {
            needs::refuse_own_address(before, &facts)
        } else {
            flows::step(before, event, &facts)
        };
        if let Some(refusal) = step.refusal.as_ref().filter(|_| step.events.is_empty()) {
            step.record(kind::REFUSED, json!({ "why": refusal.name() }));
        }
        step.mark(before, click.interaction());
        Ok(Decision::Save(Box::new(step)))
    }

    /// Reads the customer in clear, if the event requires it.
    async fn read_record(
        &self,
        before: &Session,
        handle: &SessionHandle,
        event: &Event,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        let Work::Support(_, state) = &before.work else {
            return Ok(None);
        };
        if needs_customer(state, event) {
            return self.read_customer(handle).await;
        }
        let chooses = matches!(event, Event::Start | Event::Choose(_));
        if chooses { self.customer_record(handle).await } else { Ok(None) }
    }

    /// Reads what the agent's groups allow, if the event starts.
    async fn read_scope(&self, before: &Session, event: &Event) -> Result<Option<Scope>, Fault> {
        if !matches!(event, Event::Start) {
            return Ok(None);
        }
        let account = self.agent_account(before.actor.discord_id).await?.account;
        Ok(account.and_then(|account| account.scope))
    }

    /// Draws the panel after a click on one of an older generation. The click does nothing else.
    /// The caller holds the session lock.
    pub(crate) async fn redraw_stale(
        &self,
        click: &ClickContext<'_>,
        action: Action,
    ) -> Result<Moved, Fault> {
        let cause = Cause::Interaction(click.interaction());
        let transition = self.transition(click.handle, cause, |before| {
            let decision = if before.closed().is_some() {
                Decision::Unchanged
            } else {
                Decision::Save(Box::new(stale(&before, click, action)))
            };
            async move { Ok(decision) }.boxed()
        });
        match transition.await? {
            Transition::Saved(saved) => self.show_stale(click, saved).await,
            Transition::Refused { step, .. } => self.show(click, &step).await,
            Transition::Unchanged(closed) => self.show_closed(click, &closed).await,
            Transition::ClaimedElsewhere => self.follow_other_replica(click, None).await,
            Transition::Unchecked(fault) => self.draw_unchecked(click, fault, true).await,
            Transition::Gone => self.show_gone(click).await,
        }
    }

    async fn show_stale(&self, click: &ClickContext<'_>, saved: Saved) -> Result<Moved, Fault> {
        let mut step = saved.step;
        step.refusal = saved.leftover.or(step.refusal);
        let shown = self.show(click, &step).await?;
        Ok(if shown == Moved::Yes { Moved::No } else { shown })
    }

    /// Draws a closed session. Nothing is claimed, because every process draws it alike.
    async fn show_closed(
        &self,
        click: &ClickContext<'_>,
        session: &Session,
    ) -> Result<Moved, Fault> {
        click.reply.allow_duplicate();
        // Only the answer to Finish names the customer.
        click.handle.set_customer_record(None, click.interaction().at);
        self.show(click, &Step::begin(session, click.interaction().at)).await?;
        Ok(Moved::No)
    }

    /// Replies to a click on a session without a readable row.
    pub(crate) async fn show_gone(&self, click: &ClickContext<'_>) -> Result<Moved, Fault> {
        self.refuse(click.reply, Refusal::SessionGone).await?;
        Ok(Moved::No)
    }

    /// Replies with the panel of a saved step.
    pub(crate) async fn show(&self, click: &ClickContext<'_>, step: &Step) -> Result<Moved, Fault> {
        step.refusal.iter().for_each(span::record_refusal);
        let record = self.record_for_panel(click.handle).await;
        let now = self.ports.clock.now();
        let screen = panel::render(&step.session, record.as_deref(), step.refusal.as_ref(), 0, now);
        click.handle.set_view(step.session.generation, View::Panel(0));
        step.refusal.as_ref().inspect(|refusal| click.reply.note_refusal(refusal));
        click.reply.panel(&step.session, with_qr(&self.ports, &step.session, screen)).await;
        Ok(match step.refusal {
            Some(Refusal::AgentIneligible(reason)) => Moved::Ineligible(reason),
            _ => Moved::Yes,
        })
    }
}

/// Builds the step of a click on a panel of an older generation. It costs no attempt and is no
/// activity.
fn stale(before: &Session, click: &ClickContext<'_>, action: Action) -> Step {
    let mut step = move_panel(before, click);
    step.refuse(match action {
        Action::SubmitCode(purpose, nth) if before.has_newer_code(purpose, nth) => {
            Refusal::ExpiredCode
        }
        _ => Refusal::AlreadyDone,
    });
    step
}
