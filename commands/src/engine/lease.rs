//! Who is at work on an effect that the panel waits for: another process, or nobody any more.
//!
//! In one process the session's turn tells: whoever performs an effect has it. Between processes it
//! is the claim of the interaction that asked for the effect. Its lease is short, so that a dead
//! process is noticed while its interaction can still be answered, and renewed for as long as the
//! effect takes, so that a slow one is not taken for dead.

use std::future::Future;
use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::flows::step::Step;
use crate::model::fault::Fault;
use crate::ports::sessions::SessionHandle;

impl Desk {
    /// Works on what an interaction has asked for until its outcome is saved, and holds its claim
    /// meanwhile.
    pub(crate) async fn with_lease<T>(
        &self,
        interaction: Option<u64>,
        work: impl Future<Output = T>,
    ) -> T {
        let Some(interaction) = interaction else {
            return work.await;
        };
        tokio::select! {
            biased;
            done = work => done,
            never = self.ports.store.keep_lease(interaction) => match never {},
        }
    }

    /// Notes in what an interaction asks for that it was this one, whose claim is held over it.
    pub(crate) fn requested_by(step: &mut Step, interaction: u64) {
        let asked =
            step.session.pending.iter_mut().filter(|pending| {
                pending.requested_by.is_none() && pending.requested_at == step.now
            });
        asked.for_each(|pending| pending.requested_by = Some(interaction));
    }

    /// Whether an awaited effect is left to us. Waits for as long as another process is at work on
    /// it, and reads what came of it.
    ///
    /// Call it with the session's turn, which keeps everybody else in this process away. `false`:
    /// the row has moved, and is in memory.
    pub(crate) async fn acquire_or_wait(&self, handle: &Arc<SessionHandle>) -> Result<bool, Fault> {
        let before = handle.session();
        let Some(awaited) = before.pending.iter().find(|pending| pending.effect.blocks_panel())
        else {
            return Ok(false);
        };
        if !self.ports.store.is_shared() {
            return Ok(true);
        }
        if let Some(interaction) = awaited.requested_by {
            self.ports.store.wait_for_release(interaction).await?;
        }
        self.ports.store.refresh(&before.id).await?;
        Ok(handle.session().version == before.version)
    }
}
