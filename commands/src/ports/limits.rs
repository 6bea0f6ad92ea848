//! Rolling limits. Counting happens in a commit; this port only reads.

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::time::Timestamp;

#[async_trait]
pub trait Limits: Send + Sync + 'static {
    /// Returns the uses in the limit's window, without adding one.
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault>;
    /// Deletes uses that are older than their window.
    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault>;
}
