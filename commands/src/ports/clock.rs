//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use std::time::Duration;

use async_trait::async_trait;

use crate::model::time::Timestamp;

/// The time, and waiting for it. The only clock of the product: the AWS SDK gets it too.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits.
    async fn sleep(&self, duration: Duration);
}
