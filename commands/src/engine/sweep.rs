//! Timers, orphaned effects and forced closes: everything that moves a session without a click.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::MutexGuard;
use tracing::Instrument as _;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::redraw::Edited;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::session::{Session, Work};
use crate::model::span;
use crate::model::verification::Challenge;
use crate::model::words::{NotEligible, SessionId};
use crate::ports::sessions::{SessionHandle, View};

/// Sessions that one query returns.
const PAGE: u32 = 512;
/// Sessions that are handled at the same time, because each can wait for Discord. One transaction
/// of the store takes as many.
pub(super) const CONCURRENCY: usize = 64;

impl Desk {
    /// Runs the timers of every due session: warns, strips, closes, ends links. Returns the number
    /// of sessions.
    ///
    /// The next sweep can start before this one ends. This one then finishes what it has started
    /// and leaves the rest to the other.
    pub async fn sweep(&self) -> Result<usize, Fault> {
        let _work = self.tasks.token();
        let nth = self.sweeps.fetch_add(1, Ordering::Relaxed) + 1;
        let is_newest = || self.sweeps.load(Ordering::Relaxed) == nth;
        let now = self.ports.clock.now();
        self.repeated_faults.report(now);
        let (count, mut last) = (AtomicUsize::new(0), None);
        while is_newest() {
            let page = self.ports.sessions.due(now, last.as_ref(), PAGE).await?;
            let Some(end) = page.last().cloned() else { break };
            last = Some(end);
            futures_util::stream::iter(page.into_iter().take_while(|_| is_newest()))
                .for_each_concurrent(CONCURRENCY, |(_, id)| {
                    count.fetch_add(1, Ordering::Relaxed);
                    async move {
                        let firing = self.fire_timer(&id).instrument(span::sweep());
                        if let Err(fault) = firing.await {
                            self.log_repeated(&fault);
                        }
                    }
                })
                .await;
        }
        self.draw_undrawn().await;
        self.ask_about_mails().await;
        self.write_ended_refusals().await;
        if let Err(fault) = self.work_on_alert_cards().await {
            self.log_repeated(&fault);
        }
        self.close_sessions_of_ineligible_agents().await?;
        Ok(count.into_inner())
    }

    async fn fire_timer(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(handle) = self.ports.sessions.find(id).await? else {
            return Ok(());
        };
        if handle.session().next_at().is_none_or(|at| at > self.ports.clock.now()) {
            // The row is due but the cache is not, so another process has moved the session: a
            // replica, or a command of the operator.
            self.ports.sessions.reload(id).await?;
        }
        span::record_session(&handle.session());
        // A click is moving the session. The next sweep looks at it again.
        let Ok(session_lock) = handle.lock.try_lock() else {
            return Ok(());
        };
        let (session, now) = (handle.session(), self.ports.clock.now());
        if session.is_orphaned(now) {
            return self.finish_locked(&handle, session_lock).await;
        }
        let is_due = session.next_at().is_some_and(|at| at <= now);
        if !is_due || !self.apply(&handle, Event::TimerFired).await? {
            return Ok(());
        }
        drop(session_lock);
        self.perform_background(&handle).await
    }

    /// Applies an event that no click caused, and redraws what it changed. Returns false if another
    /// process was faster.
    ///
    /// The caller holds the session lock.
    pub(crate) async fn apply(
        &self,
        handle: &Arc<SessionHandle>,
        event: Event,
    ) -> Result<bool, Fault> {
        let read = handle.session().version;
        let transition = self.transition(handle, Cause::Timer, |before| {
            let moved = before.version != read;
            let is_timer = matches!(event, Event::TimerFired);
            let decision = if moved && (is_timer || before.closed().is_some()) {
                Decision::Unchanged
            } else {
                let facts = Facts::at(self.ports.clock.now());
                Decision::Save(Box::new(flows::step(&before, event.clone(), &facts)))
            };
            async move { Ok(decision) }.boxed()
        });
        let Transition::Saved(Saved { before, step, .. }) = transition.await? else {
            return Ok(false);
        };
        self.redraw_changed(handle, &before, &step).await?;
        Ok(true)
    }

    /// Redraws the panel if the step changed what it shows. Details of a plan or a step stay on the
    /// screen while only links ended, Resend works again or a mail arrived, because they show none
    /// of that.
    pub(crate) async fn redraw_changed(
        &self,
        handle: &Arc<SessionHandle>,
        before: &Session,
        step: &Step,
    ) -> Result<(), Fault> {
        let after = &step.session;
        let always = |session: &Session| {
            (session.clocks.warns(), session.clocks.stripped, session.closed().is_some())
        };
        let on_panel = |session: &Session| {
            let verification = session.offered_purpose().map(|of| session.verification(of));
            let code = verification.and_then(|verification| verification.challenge.as_deref());
            let mail = code.and_then(Challenge::delivery_state);
            (session.access_links.len(), session.resend_at().is_some(), mail)
        };
        let is_panel = handle.view(after.generation) != View::Details;
        // While an effect is pending, its click draws the panel.
        let changed = always(after) != always(before)
            || is_panel && !after.is_busy() && on_panel(after) != on_panel(before);
        if changed && self.edit_panel(handle, step).await != Edited::NoToken {
            // A click on another replica can have drawn a newer panel, perhaps before this edit.
            // Then the newer one is drawn again.
            self.ports.sessions.refresh(&before.id).await?;
            let newest = handle.session();
            if newest.generation != after.generation {
                self.edit_panel(handle, &Step::begin(&newest, self.ports.clock.now())).await;
            }
        }
        Ok(())
    }

    /// Finishes the effects that an earlier process left pending, under their own keys. A code that
    /// was being checked must be typed again.
    pub async fn recover(&self) -> Result<(), Fault> {
        let _work = self.tasks.token();
        let pending = self.ports.sessions.pending().await?;
        futures_util::stream::iter(pending)
            .for_each_concurrent(CONCURRENCY, |id| async move {
                if let Err(fault) = self.finish(&id).await {
                    self.log(&fault);
                }
            })
            .await;
        Ok(())
    }

    async fn finish(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(handle) = self.ports.sessions.find(id).await? else {
            return Ok(());
        };
        let session_lock = handle.lock.lock().await;
        self.ports.sessions.refresh(id).await?;
        self.finish_locked(&handle, session_lock).await
    }

    async fn finish_locked(
        &self,
        handle: &Arc<SessionHandle>,
        session_lock: MutexGuard<'_, ()>,
    ) -> Result<(), Fault> {
        let owned = handle.session().is_busy() && self.acquire_or_wait(handle).await?;
        let session = handle.session();
        if session.closed().is_none() && self.ports.clock.now() >= session.clocks.end() {
            // The session ended while no process ran. It closes, and its pending code is not
            // mailed.
            self.apply(handle, Event::TimerFired).await?;
        } else if owned {
            self.finish_owned(handle, &session).await?;
        }
        drop(session_lock);
        self.perform_background(handle).await
    }

    /// Finishes the pending effect of a dead process. The effect was decided before a crash or a
    /// restart, so the agent's eligibility is read again. If it cannot be read, the effect stays
    /// pending, and only the timers act.
    async fn finish_owned(
        &self,
        handle: &Arc<SessionHandle>,
        session: &Session,
    ) -> Result<(), Fault> {
        let eligibility = match session.work {
            Work::Support(..) => self.why_not_eligible_without_click(session).await,
            Work::Link(_) | Work::Recover(_) => Ok(None),
        };
        match eligibility {
            Ok(None) => {
                let done = self.finish_blocking(handle).await?;
                self.edit_panel(handle, &done).await;
            }
            Ok(Some(reason)) => {
                self.apply(handle, Event::AgentIneligible(reason)).await?;
            }
            Err(fault) => {
                self.log(&fault);
                self.apply(handle, Event::TimerFired).await?;
            }
        }
        Ok(())
    }

    /// Closes all open sessions of a user who is not eligible as an agent.
    pub(crate) async fn close_all_of(
        &self,
        discord_id: u64,
        reason: NotEligible,
    ) -> Result<(), Fault> {
        let mut open = self.ports.sessions.open_of(discord_id).await?;
        open.extend(self.ports.sessions.recoveries_of(discord_id).await?);
        self.close_each(&open, &Event::AgentIneligible(reason)).await;
        Ok(())
    }

    /// Closes the open sessions with customers of a user who is not eligible as an agent.
    pub(crate) async fn close_support_of(
        &self,
        discord_id: u64,
        reason: NotEligible,
    ) -> Result<(), Fault> {
        let open = self.ports.sessions.open_of(discord_id).await?;
        self.close_each(&open, &Event::AgentIneligible(reason)).await;
        Ok(())
    }

    /// Closes sessions that are open. Returns how many are closed now.
    pub(crate) async fn close_each(&self, open: &[SessionId], event: &Event) -> usize {
        let mut closed = 0;
        for id in open {
            // A session that cannot be closed now must not keep the others open.
            match self.close_and_perform(id, event.clone()).await {
                Ok(is_closed) => closed += usize::from(is_closed),
                Err(fault) => {
                    self.log(&fault);
                }
            }
        }
        closed
    }

    async fn close_and_perform(&self, id: &SessionId, event: Event) -> Result<bool, Fault> {
        let Some(handle) = self.close_open(id, event).await? else { return Ok(false) };
        let is_closed = handle.session().closed().is_some();
        self.perform_background(&handle).await?;
        Ok(is_closed)
    }

    /// Closes a session, if it is open. A sweep performs its background effects.
    pub(crate) async fn close_open(
        &self,
        id: &SessionId,
        event: Event,
    ) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let Some(handle) = self.find_open(id).await? else {
            return Ok(None);
        };
        let session_lock = handle.lock.lock().await;
        if handle.session().closed().is_none() {
            self.apply(&handle, event).await?;
        }
        drop(session_lock);
        Ok(Some(handle))
    }

    /// Draws the panels again whose time has come.
    async fn draw_undrawn(&self) {
        let due = self.undrawn.take_due(self.ports.clock.now());
        futures_util::stream::iter(due)
            .for_each_concurrent(CONCURRENCY, |id| async move {
                if !self.draw_newest(&id).await {
                    self.undrawn.add(id, self.ports.clock.now());
                }
            })
            .await;
    }

    /// Draws the panel of a session. Returns true unless another try can succeed.
    async fn draw_newest(&self, id: &SessionId) -> bool {
        let handle = match self.ports.sessions.find(id).await {
            Ok(Some(handle)) => handle,
            Ok(None) => return true,
            Err(fault) => {
                self.log_repeated(&fault);
                return false;
            }
        };
        // A click that moves the session draws it.
        let Ok(_session_lock) = handle.lock.try_lock() else { return false };
        let step = Step::begin(&handle.session(), self.ports.clock.now());
        self.edit_panel(&handle, &step).await != Edited::Failed
    }
}
