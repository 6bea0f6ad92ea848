//! Time.

use std::time::Duration;

use async_trait::async_trait;

use crate::model::time::Timestamp;

/// The only clock of the product. The AWS SDK uses it too.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    async fn sleep(&self, duration: Duration);
}
