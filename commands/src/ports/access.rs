//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::fault::Fault;
use crate::model::proof::AccessGrant;
use crate::model::time::Timestamp;
use crate::model::words::Target;
use crate::ports::function::{Answer, Origin};

/// A one-time, short-lived way in.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// The Lambda's name for it, by which it can be mailed.
    pub id: String,
    /// The address: a secret until it is spent.
    pub url: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Ways in as the customer: the Lambda function `access`. Nobody without both proofs can even ask.
#[async_trait]
pub trait Access: Send + Sync + 'static {
    /// Issues a link.
    async fn issue(
        &self,
        origin: Origin,
        target: Target,
        grant: &AccessGrant<'_>,
    ) -> Answer<IssuedLink>;
    /// Revokes all that the session opened; how many there were.
    async fn revoke(&self, origin: Origin) -> Answer<u32>;
}

/// Pictures of text.
pub trait Pictures: Send + Sync + 'static {
    /// A QR code as PNG.
    fn qr(&self, text: &SecretString) -> Result<Vec<u8>, Fault>;
}
