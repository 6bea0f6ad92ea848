//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use async_trait::async_trait;

use crate::model::customer::CustomerRecord;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::words::SupportKind;

/// The company's Core database.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Looks a customer up by address, with what they can be helped with on this road.
    async fn find(&self, email: &Email, kind: SupportKind)
    -> Result<Option<CustomerRecord>, Fault>;
    /// Reads a customer again.
    async fn read(&self, user_id: &str, kind: SupportKind)
    -> Result<Option<CustomerRecord>, Fault>;
}
