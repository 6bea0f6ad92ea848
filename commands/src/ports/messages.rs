//! Mails without a code.

use async_trait::async_trait;

use crate::model::proof::AccessGrant;
use crate::ports::function::{Answer, Origin};

/// Mails of the Lambda function `message`.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Notifies the owner of a BackOffice account that it was linked.
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()>;
    /// Mails a successor the QR code of an issued link. Returns the masked address.
    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String>;
    /// Notifies the owner of a BackOffice account that its password was changed.
    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()>;
}
