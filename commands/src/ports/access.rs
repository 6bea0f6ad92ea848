//! Access links, and the pictures of messages.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::fault::Fault;
use crate::model::proof::AccessGrant;
use crate::model::time::Timestamp;
use crate::model::words::Target;
use crate::ports::function::{Answer, Origin};
use crate::screens::chart::Chart;

/// A one-time, short-lived access link as the function returns it.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// The function's id of the link. `message` mails a link by this id.
    pub id: String,
    /// Address of the link. Secret until it is used.
    pub url: SecretString,
    pub expires_at: Timestamp,
}

/// Access links that sign in as the customer: the Lambda function `access`. A caller needs both
/// proofs.
#[async_trait]
pub trait Access: Send + Sync + 'static {
    async fn issue(
        &self,
        origin: Origin,
        target: Target,
        grant: &AccessGrant<'_>,
    ) -> Answer<IssuedLink>;
    /// Revokes all links of the session. Returns their number.
    async fn revoke(&self, origin: Origin) -> Answer<u32>;
}

/// Renders pictures.
pub trait Pictures: Send + Sync + 'static {
    /// Renders a text as a QR code, as PNG.
    fn qr(&self, text: &SecretString) -> Result<Vec<u8>, Fault>;
    /// Renders a chart, as PNG.
    fn chart(&self, chart: &Chart) -> Result<Vec<u8>, Fault>;
}
