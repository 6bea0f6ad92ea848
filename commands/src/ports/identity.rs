//! BackOffice accounts.

use async_trait::async_trait;

use crate::model::account::Account;
use crate::model::email::Email;
use crate::model::fault::Fault;

/// BackOffice accounts in Cognito.
#[async_trait]
pub trait Identity: Send + Sync + 'static {
    /// Returns the account with this `sub`, at most 60 s old.
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault>;
    /// Reads the account with this address. `None` unless exactly one account has it.
    async fn find(&self, email: &Email) -> Result<Option<Account>, Fault>;
}
