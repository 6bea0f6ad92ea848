//! Links between Discord accounts and BackOffice accounts. They are added by a commit.

use async_trait::async_trait;

use crate::model::account::AccountLink;
use crate::model::fault::Fault;
use crate::model::time::Timestamp;

#[async_trait]
pub trait AccountLinks: Send + Sync + 'static {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault>;
    /// Returns the link of a Discord user, and the end of a lockout that makes the user ineligible,
    /// past ones included: of the linked account, or of the Discord account.
    async fn with_lockout(
        &self,
        discord_id: u64,
    ) -> Result<Option<(AccountLink, Option<Timestamp>)>, Fault>;
    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault>;
    /// Returns at most `limit` links in the order of their names, after the `skipped` first ones,
    /// and the number of all.
    async fn page(&self, skipped: u32, limit: u32) -> Result<(Vec<AccountLink>, u64), Fault>;
    /// Renews the keyed hash of the linked account's mailbox, if it is under an earlier key or of
    /// an earlier address.
    async fn renew_mailbox(&self, link: &AccountLink, mailbox: &str) -> Result<(), Fault>;
}
