//! What happens without a click: clocks act, and what a crash has left pending is finished.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use tokio::sync::MutexGuard;

use super::Desk;
use crate::account::rights::Loss;
use crate::error::{Fault, Refusal};
use crate::face::face;
use crate::ports::{Claim, Committed, Live, MessageRef};
use crate::session::{Session, SessionId};
use crate::step::{Event, Facts, Step, step};

/// How many sessions are read at a time.
const PAGE: u32 = 512;
/// How many of them are looked at at a time: each may wait for Discord. As many as share a transaction of the store.
const AT_ONCE: usize = 64;

impl Desk {
    /// Lets the clocks act on every session that is due: warns, strips, closes, ends links. How many it looked at.
    ///
    /// The next sweep need not wait for the end of this one: this one then finishes what it has begun and leaves the rest to the other.
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

    async fn tick(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(live) = self.ports.store.find(id).await? else {
            return Ok(());
        };
        if live.session().next_at().is_none_or(|at| at > self.ports.clock.now()) {
            // Its row is due: another process has moved it, and memory is behind.
            self.ports.store.refresh(id).await?;
        }
        // A session that a click is moving right now is looked at again by the next sweep.
        let Ok(turn) = live.turn.try_lock() else {
            return Ok(());
        };
        if live.session().is_orphaned(self.ports.clock.now()) {
            return self.finish_in_turn(&live, turn).await;
        }
        if live.session().closed().is_none() {
            self.apply(&live, Event::Tick).await?;
        }
        drop(turn);
        self.perform_quiet(&live).await
    }

    /// Applies an event that no click brought, and draws what it changed.
    pub(super) async fn apply(&self, live: &Arc<Live>, event: Event) -> Result<(), Fault> {
        let before = live.session();
        let now = self.ports.clock.now();
        let mut step = step(&before, event, &Facts { now, dossier: live.dossier() });
        match self.ports.store.commit(step.commit(Claim::None)).await? {
            Committed::Saved { version, .. } => step.session.version = version,
            // Somebody else was faster, and draws it too.
            Committed::Stale => return self.ports.store.reload(&before.id).await.map(drop),
            _ => return Ok(()),
        }
        let after = &step.session;
        let shows = |session: &Session| {
            let mailed = session.opened.iter().filter(|opened| opened.mailed_to.is_some()).count();
            (session.clocks.warns(), session.clocks.stripped, session.closed().is_some(), mailed)
        };
        if shows(after) != shows(&before) {
            self.draw_quietly(live, &step, step.refusal.as_ref()).await;
        }
        self.replace_expired(after, &step.expired).await;
        Ok(())
    }

    /// Draws a panel that nobody clicked, with the newest token, while Discord accepts it.
    pub(super) async fn draw_quietly(&self, live: &Arc<Live>, step: &Step, refusal: Option<&Refusal>) {
        let Some(token) = step.session.panel_token(step.now) else {
            return;
        };
        let dossier = self.dossier_for_panel(live).await;
        let screen = face(&step.session, dossier.as_deref(), refusal, 0, step.now);
        if let Err(error) = self.ports.chat.edit(&token, MessageRef::Panel, screen).await {
            tracing::debug!(%error, "a panel could not be drawn");
        }
    }

    /// Finishes what an earlier process has left pending, under the same keys. A code that was being checked has to be typed again.
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

    async fn finish(&self, id: &SessionId) -> Result<(), Fault> {
        let Some(live) = self.ports.store.find(id).await? else {
            return Ok(());
        };
        let turn = live.turn.lock().await;
        if self.may_be_at_work(&live.session()) {
            return Ok(());
        }
        self.finish_in_turn(&live, turn).await
    }

    async fn finish_in_turn(&self, live: &Arc<Live>, turn: MutexGuard<'_, ()>) -> Result<(), Fault> {
        let awaited = live.session().awaits() && self.is_left_alone(live).await?;
        let now = self.ports.clock.now();
        let session = live.session();
        if session.closed().is_none() && now >= session.clocks.end() {
            // Its time passed while nobody was there: it closes, and no code is mailed for it any more.
            self.apply(live, Event::Tick).await?;
            drop(turn);
            return self.perform_quiet(live).await;
        }
        if awaited {
            let done = self.perform_awaited(None, live, Step::begin(&session, now), 0, None).await?;
            self.draw_quietly(live, &done, done.refusal.as_ref()).await;
            self.replace_expired(&done.session, &done.expired).await;
        }
        drop(turn);
        self.perform_quiet(live).await
    }

    /// Closes every open session of somebody who is no agent any more.
    pub(super) async fn close_all_of(&self, discord_id: u64, loss: Loss) -> Result<(), Fault> {
        let mut open = self.ports.store.open_of(discord_id).await?;
        open.extend(self.ports.store.recovering(discord_id).await?);
        for id in open {
            if let Some(live) = self.find_open(&id).await? {
                let turn = live.turn.lock().await;
                if live.session().closed().is_none() {
                    self.apply(&live, Event::Unentitled(loss)).await?;
                }
                drop(turn);
                self.perform_quiet(&live).await?;
            }
        }
        Ok(())
    }
}
