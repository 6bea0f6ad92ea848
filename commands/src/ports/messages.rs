//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use async_trait::async_trait;

use crate::model::proof::AccessGrant;
use crate::ports::function::{Answer, Origin};

/// Notices by mail: the Lambda function `message`.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Tells the owner of a BackOffice account that it was linked.
    async fn account_linked(&self, origin: Origin, agent_id: &str) -> Answer<()>;
    /// Mails a successor the QR of a link that was issued for them; the masked address.
    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        grant: &AccessGrant<'_>,
    ) -> Answer<String>;
    /// Tells the owner of a BackOffice account that its password was changed.
    async fn password_changed(&self, origin: Origin, agent_id: &str) -> Answer<()>;
}
