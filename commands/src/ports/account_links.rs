//! Links between Discord accounts and BackOffice accounts. They are added by a commit.

use async_trait::async_trait;

use crate::model::account::AccountLink;
use crate::model::fault::Fault;

#[async_trait]
pub trait AccountLinks: Send + Sync + 'static {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault>;
    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault>;
    /// Returns true if a linked agent has the address with this keyed hash.
    async fn has_address(&self, email_mac: &str) -> Result<bool, Fault>;
}
