//! Rolling limits and lockouts. They change in a commit; this port only reads and purges.

use async_trait::async_trait;

use crate::model::fault::Fault;
use crate::model::limit::{LimitUsage, LimitUse, Lockout};
use crate::model::time::Timestamp;

#[async_trait]
pub trait Limits: Send + Sync + 'static {
    /// Reads how far each limit is used, in the order of `limit_uses`, without adding a use.
    async fn usage(
        &self,
        limit_uses: &[LimitUse],
        now: Timestamp,
    ) -> Result<Vec<LimitUsage>, Fault>;
    /// Returns the lockouts of subjects that have not ended.
    async fn lockouts(&self, subjects: &[String], now: Timestamp) -> Result<Vec<Lockout>, Fault>;
    /// Deletes uses that are older than their window.
    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault>;
}
