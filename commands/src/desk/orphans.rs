//! Who is at work on an effect that the panel waits for: another process, or nobody any more.
//!
//! In one process the session's turn tells: whoever performs an effect has it. Between processes it is the claim of the interaction that
//! asked for the effect. Its lease is short, so that a dead process is noticed while its interaction can still be answered, and
//! renewed for as long as the effect takes, so that a slow one is not taken for dead.

use std::future::Future;
use std::sync::Arc;

use super::{Click, Desk, reply::Reply};
use crate::error::Fault;
use crate::ports::Live;
use crate::session::Session;
use crate::step::Step;

impl Desk {
    /// Works on what a click has asked for, and holds its claim meanwhile.
    pub(super) async fn holding<T>(&self, by: Option<(&Click, &Reply<'_>)>, work: impl Future<Output = T>) -> T {
        match by {
            Some((click, _)) => {
                tokio::select! {
                    biased;
                    done = work => done,
                    never = self.ports.store.hold(click.ticket.interaction) => match never {},
                }
            }
            None => work.await,
        }
    }

    /// Notes in what a click asks for that it was this click, whose claim is held over it.
    pub(super) fn asked_by(step: &mut Step, click: &Click) {
        let asked = step.session.pending.iter_mut().filter(|pending| pending.by.is_none() && pending.asked_at == step.now);
        asked.for_each(|pending| pending.by = Some(click.ticket.interaction));
    }

    /// Whether an awaited effect is left to us. Waits for as long as another process is at work on it, and reads what came of it.
    ///
    /// Call it with the session's turn, which keeps everybody else in this process away. `false`: the row has moved, and is in memory.
    pub(super) async fn is_left_alone(&self, live: &Arc<Live>) -> Result<bool, Fault> {
        let before = live.session();
        let Some(awaited) = before.pending.iter().find(|pending| pending.effect.is_awaited()) else {
            return Ok(false);
        };
        if !self.ports.store.is_shared() {
            return Ok(true);
        }
        match awaited.by {
            Some(interaction) => self.ports.store.left_alone(interaction).await?,
            // The recovery page has asked: no claim tells whether its process lives. Should it, then it puts back what it has done.
            None => return Ok(true),
        }
        self.ports.store.refresh(&before.id).await?;
        Ok(live.session().version == before.version)
    }

    /// Whether another process may just now be at work on what the recovery page asked for. A process that starts leaves that to a
    /// later sweep: to conclude it as interrupted would only confuse.
    pub(super) fn may_be_at_work(&self, session: &Session) -> bool {
        let by_page = session.pending.iter().any(|pending| pending.effect.is_awaited() && pending.by.is_none());
        self.ports.store.is_shared() && by_page && !session.is_orphaned(self.ports.clock.now())
    }
}
