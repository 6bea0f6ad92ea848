//! Claims: which process answers an interaction.

use std::convert::Infallible;

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::time::Timestamp;

/// Part of a commit that concerns the claim of an interaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Leaves claims alone.
    #[default]
    None,
    /// Claims the interaction and finishes it, because no effect follows.
    Whole(u64),
    /// Claims the interaction. Its effect follows.
    Begin(u64),
    /// Finishes the interaction after its effect.
    Done(u64),
    /// Records that another process finished the effect. The claim's owner takes over and replies.
    Unanswered(u64),
}

/// Claims and leases of interactions, shared by all replicas.
#[async_trait]
pub trait Claims: Send + Sync + 'static {
    /// Waits for the outcome of an interaction that another process claimed. `true`: the lease
    /// expired, or the work finished without a reply. This process now owns the claim.
    async fn take_over(&self, interaction: u64) -> Result<bool, Fault>;
    /// Returns true if other processes can use the same store.
    fn is_shared(&self) -> bool {
        false
    }
    /// Renews the lease of an interaction until the future is dropped.
    async fn keep_lease(&self, _interaction: u64) -> Infallible {
        std::future::pending().await
    }
    /// Waits while another process works on an interaction: until its outcome is saved, or the
    /// lease expires and this process owns the claim.
    async fn wait_for_release(&self, _interaction: u64) -> Result<(), Fault> {
        Ok(())
    }
    /// Deletes claims that are too old to be needed.
    async fn purge_claims(&self, now: Timestamp) -> Result<(), Fault>;
}
