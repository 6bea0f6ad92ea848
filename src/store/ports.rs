//! The port `Store` of `commands`, implemented by [`Database`].

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use commands::error::Fault;
use commands::ports::{AccountLink, Commit, Committed, LimitUse, SessionHandle, Store};
use commands::session::SessionId;
use commands::time::Timestamp;

use super::database::Database;
use super::{account_links, claims, commit, leases, limits, queries};

#[async_trait]
impl Store for Database {
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault> {
        commit::commit(self, commit).await
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        queries::find(self, id).await
    }

    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        queries::reload(self, id).await
    }

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        queries::refresh(self, id).await
    }

    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::open_of(self, discord_id).await
    }

    async fn recovering(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::recoveries_of(self, discord_id).await
    }

    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
        queries::attending(self, customer).await
    }

    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        at_most: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        queries::due(self, now, after, at_most).await
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        queries::pending(self).await
    }

    async fn take_over(&self, interaction: u64) -> Result<bool, Fault> {
        leases::take_over(self, interaction).await
    }

    fn is_shared(&self) -> bool {
        self.pools.engine.is_shared()
    }

    async fn keep_lease(&self, interaction: u64) -> Infallible {
        leases::keep_lease(self, interaction).await
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        leases::wait_for_release(self, interaction).await
    }

    async fn counted(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        limits::count(&self.pools, limit_use, now).await
    }

    async fn link_of(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        account_links::of_discord(&self.pools, discord_id).await
    }

    async fn link_to(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        account_links::of_agent(&self.pools, agent_id).await
    }

    async fn is_agent_address(&self, email_mac: &str) -> Result<bool, Fault> {
        account_links::has_address(&self.pools, email_mac).await
    }

    async fn purge(&self, now: Timestamp) -> Result<(), Fault> {
        claims::purge(&self.pools, now).await?;
        limits::purge(&self.pools, now).await?;
        queries::evict_closed(self).await
    }
}
