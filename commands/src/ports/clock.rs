//! Time.

use std::time::Duration;

use async_trait::async_trait;

use crate::model::time::Timestamp;

/// The only clock of the product. The AWS SDK uses it too.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    async fn sleep(&self, duration: Duration);
    /// Sleeps until a call in flight must have its answer. A clock that a test moves can tell it
    /// from [`sleep`](Self::sleep), because moving the time must not break a call in progress.
    async fn time_out(&self, duration: Duration) {
        self.sleep(duration).await;
    }
}
