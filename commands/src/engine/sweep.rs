//! What happens without a click: clocks act, and what a crash has left pending is finished.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use tokio::sync::MutexGuard;

use crate::engine::click::ATTEMPTS;
use crate::engine::desk::Desk;
use crate::engine::panel;
use crate::flows;
use crate::flows::step::{Facts, Step};
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::model::words::{NotEligible, SessionId};
use crate::ports::chat::MessageRef;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Committed, SessionHandle};

/// How many sessions are read at a time.
const PAGE: u32 = 512;

/// How many of them are looked at at a time: each may wait for Discord. As many as share a
/// transaction of the store.
const AT_ONCE: usize = 64;

impl Desk {
    /// Lets the clocks act on every session that is due: warns, strips, closes, ends links. How
    /// many it looked at.
    ///
    /// The next sweep need not wait for the end of this one: this one then finishes what it has
    /// begun and leaves the rest to the other.
    pub async fn sweep(&self) -> Result<usize, Fault> {
        let _flight = self.flights.begin();
        let nth = self.sweeps.fetch_add(1, Ordering::Relaxed) + 1;
        let is_last = || self.sweeps.load(Ordering::Relaxed) == nth;
        let now = self.ports.clock.now();
        let (count, mut last) = (AtomicUsize::new(0), None);
        while is_last() {
            let page = self.ports.store.due(now, last.as_ref(), PAGE).await?;
            let Some(end) = page.last().cloned() else { break };
            last = Some(end);
            futures_util::stream::iter(page.into_iter().take_while(|_| is_last()))
                .for_each_concurrent(AT_ONCE, |(_, id)| {
                    count.fetch_add(1, Ordering::Relaxed);
                    async move {
                        if let Err(fault) = self.tick(&id).await {
                            self.log(&fault);
                        }
                    }
                })
                .await;
        }
        Ok(count.into_inner())
    }

    pub(crate) async fn tick(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(handle) = self.ports.store.find(id).await? else {
            return Ok(());
        };
        if handle.session().next_at().is_none_or(|at| at > self.ports.clock.now()) {
            // Its row is due: another process has moved it, and memory is behind.
            self.ports.store.refresh(id).await?;
        }
        // A session that a click is moving right now is looked at again by the next sweep.
        let Ok(turn) = handle.lock.try_lock() else {
            return Ok(());
        };
        let (session, now) = (handle.session(), self.ports.clock.now());
        if session.is_orphaned(now) {
            return self.finish_in_turn(&handle, turn).await;
        }
        if session.next_at().is_none_or(|at| at > now)
            || !self.apply(&handle, Event::TimerFired).await?
        {
            // Somebody else was faster, and asks for what nobody waits for, too.
            return Ok(());
        }
        drop(turn);
        self.perform_background(&handle).await
    }

    /// Applies an event that no click brought, and draws what it changed. `false`: somebody else
    /// has done so, or moved the session away from where a clock acts.
    pub(crate) async fn apply(
        &self,
        handle: &Arc<SessionHandle>,
        event: Event,
    ) -> Result<bool, Fault> {
        for _ in 0..ATTEMPTS {
            let before = handle.session();
            let facts = Facts { now: self.ports.clock.now(), record: handle.customer_record() };
            let mut step = flows::step(&before, event.clone(), &facts);
            match self.ports.store.commit(step.commit(Claim::None)).await {
                Ok(Committed::Saved { version, .. }) => step.session.version = version,
                Ok(Committed::Stale) => {
                    self.ports.store.reload(&before.id).await?;
                    if matches!(event, Event::TimerFired) || handle.session().closed().is_some() {
                        return Ok(false);
                    }
                    continue;
                }
                Ok(_) => return Ok(false),
                // It may be written all the same. What is closed is not due any more, so nobody
                // else would draw it.
                Err(fault) => {
                    self.ports.store.reload(&before.id).await?;
                    if before.closed().is_some() || handle.session().closed().is_none() {
                        return Err(fault);
                    }
                    self.log(&fault);
                }
            }
            self.show_applied(handle, &before, &step).await?;
            return Ok(true);
        }
        Err(Fault::new(
            "applying what happened to a session",
            "its row changed under every attempt",
        ))
    }

    /// Draws what an event has changed that no click brought.
    pub(crate) async fn show_applied(
        &self,
        handle: &Arc<SessionHandle>,
        before: &Session,
        step: &Step,
    ) -> Result<(), Fault> {
        let after = &step.session;
        let shows = |session: &Session| {
            let mailed =
                session.access_links.iter().filter(|opened| opened.mailed_to.is_some()).count();
            (session.clocks.warns(), session.clocks.stripped, session.closed().is_some(), mailed)
        };
        let drawn = shows(after) != shows(before)
            && self.draw_quietly(handle, step, step.refusal.as_ref()).await;
        self.replace_expired(after, &step.expired).await;
        if drawn {
            // A click that another process had meanwhile has drawn a newer panel, perhaps before
            // ours: it is drawn again.
            self.ports.store.refresh(&before.id).await?;
            let newest = handle.session();
            if newest.generation != after.generation {
                self.draw_quietly(handle, &Step::begin(&newest, self.ports.clock.now()), None)
                    .await;
            }
        }
        Ok(())
    }

    /// Draws a panel that nobody clicked, with the newest token, while Discord accepts it. Whether
    /// it does.
    pub(crate) async fn draw_quietly(
        &self,
        handle: &Arc<SessionHandle>,
        step: &Step,
        refusal: Option<&Refusal>,
    ) -> bool {
        let Some(token) = step.session.panel_token(step.now) else {
            return false;
        };
        let record = self.record_for_panel(handle).await;
        let screen = panel::render(&step.session, record.as_deref(), refusal, 0, step.now);
        if let Err(error) = self.ports.chat.edit(&token, MessageRef::Panel, screen).await {
            tracing::debug!(%error, "a panel could not be drawn");
        }
        true
    }

    /// Finishes what an earlier process has left pending, under the same keys. A code that was
    /// being checked has to be typed again.
    pub async fn recover(&self) -> Result<(), Fault> {
        let _flight = self.flights.begin();
        let pending = self.ports.store.pending().await?;
        futures_util::stream::iter(pending)
            .for_each_concurrent(AT_ONCE, |id| async move {
                if let Err(fault) = self.finish(&id).await {
                    self.log(&fault);
                }
            })
            .await;
        Ok(())
    }

    pub(crate) async fn finish(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(handle) = self.ports.store.find(id).await? else {
            return Ok(());
        };
        let turn = handle.lock.lock().await;
        // It is the row that says so.
        self.ports.store.refresh(id).await?;
        self.finish_in_turn(&handle, turn).await
    }

    pub(crate) async fn finish_in_turn(
        &self,
        handle: &Arc<SessionHandle>,
        turn: MutexGuard<'_, ()>,
    ) -> Result<(), Fault> {
        let awaited = handle.session().is_busy() && self.acquire_or_wait(handle).await?;
        let now = self.ports.clock.now();
        let session = handle.session();
        if session.closed().is_none() && now >= session.clocks.end() {
            // Its time passed while nobody was there: it closes, and no code is mailed for it any
            // more.
            self.apply(handle, Event::TimerFired).await?;
            drop(turn);
            return self.perform_background(handle).await;
        }
        if awaited {
            let done =
                self.perform_blocking(None, handle, Step::begin(&session, now), 0, None).await?;
            self.draw_quietly(handle, &done, done.refusal.as_ref()).await;
            self.replace_expired(&done.session, &done.expired).await;
        }
        drop(turn);
        self.perform_background(handle).await
    }

    /// Closes every open session of somebody who is no agent any more.
    pub(crate) async fn close_all_of(
        &self,
        discord_id: u64,
        not_eligible: NotEligible,
    ) -> Result<(), Fault> {
        let mut open = self.ports.store.open_of(discord_id).await?;
        open.extend(self.ports.store.recovering(discord_id).await?);
        for id in open {
            // One that cannot be closed now is no reason to leave the others open.
            if let Err(fault) = self.close_unentitled(&id, not_eligible).await {
                self.log(&fault);
            }
        }
        Ok(())
    }

    pub(crate) async fn close_unentitled(
        &self,
        id: &SessionId,
        not_eligible: NotEligible,
    ) -> Result<(), Fault> {
        let Some(handle) = self.find_open(id).await? else {
            return Ok(());
        };
        let turn = handle.lock.lock().await;
        if handle.session().closed().is_none() {
            self.apply(&handle, Event::AgentIneligible(not_eligible)).await?;
        }
        drop(turn);
        self.perform_background(&handle).await
    }
}
