//! Ownership of blocking effects.
//!
//! Within a process the holder of the session lock owns them; between processes, the owner of the
//! claim. The claim's lease is short, so replicas detect a crash while Discord still accepts a
//! reply. The owner renews it, so a slow replica does not look dead.

use std::future::Future;
use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::model::fault::Fault;
use crate::ports::sessions::SessionHandle;

impl Desk {
    /// Runs work and renews the lease of its interaction until the work is done.
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
            never = self.ports.claims.keep_lease(interaction) => match never {},
        }
    }

    /// Waits for the process that performs the session's blocking effect. Returns true if that
    /// process died, so this one must continue. Returns false if the outcome is saved; the cache
    /// then has the newest row.
    ///
    /// The caller holds the session lock.
    pub(crate) async fn acquire_or_wait(&self, handle: &Arc<SessionHandle>) -> Result<bool, Fault> {
        let before = handle.session();
        let Some(pending) = before.blocking_effect() else {
            return Ok(false);
        };
        if !self.ports.claims.is_shared() {
            return Ok(true);
        }
        if let Some(interaction) = pending.requested_by {
            self.ports.claims.wait_for_release(interaction).await?;
        }
        self.ports.sessions.refresh(&before.id).await?;
        Ok(handle.session().version == before.version)
    }
}
