//! Rolling limits. Counting happens in a commit; this port only reads.

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::time::Timestamp;
use crate::model::words::Limit;

#[async_trait]
pub trait Limits: Send + Sync + 'static {
    /// Returns the uses in the limit's window, without adding one.
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault>;
    /// Returns the first limit that one more use would exceed, and when the use is possible again.
    async fn exceeded(
        &self,
        limit_uses: &[LimitUse],
        now: Timestamp,
    ) -> Result<Option<(Limit, Timestamp)>, Fault>;
    /// Deletes uses that are older than their window.
    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault>;
}
