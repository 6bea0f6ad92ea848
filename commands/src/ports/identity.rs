//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use async_trait::async_trait;

use crate::model::account::Account;
use crate::model::email::Email;
use crate::model::fault::Fault;

/// The BackOffice accounts.
#[async_trait]
pub trait Identity: Send + Sync + 'static {
    /// The account with this `sub`, at most 60 s old. `None` when there is none.
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault>;
    /// The account with this address, fresh. `None` when there is none or more than one.
    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault>;
}
