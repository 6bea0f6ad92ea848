//! Customers in Core.

use async_trait::async_trait;

use crate::model::customer::CustomerRecord;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::words::SupportKind;

/// Result of a look-up by address.
#[derive(Clone, Debug)]
pub enum CustomerMatch {
    None,
    One(Box<CustomerRecord>),
    /// Several customers have the address. The bot cannot choose one of them.
    Several,
}

/// The company's Core database, read-only.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Finds a customer by address, with the ecosystems or successions for this support kind.
    async fn find(&self, email: &Email, kind: SupportKind) -> Result<CustomerMatch, Fault>;
    /// Reads a customer by id, with the ecosystems or successions for this support kind.
    async fn read(&self, user_id: &str, kind: SupportKind)
    -> Result<Option<CustomerRecord>, Fault>;
}
