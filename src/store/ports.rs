//! The store's ports of `commands`, implemented by [`Database`].

use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use commands::model::account::AccountLink;
use commands::model::fault::Fault;
use commands::model::limit::LimitUse;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::account_links::AccountLinks;
use commands::ports::claims::Claims;
use commands::ports::limits::Limits;
use commands::ports::sessions::{Commit, Committed, SessionHandle, SessionIndex, Sessions};

use super::database::Database;
use super::{account_links, claims, commit, leases, limits, queries};

#[async_trait]
impl Sessions for Database {
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
}

#[async_trait]
impl SessionIndex for Database {
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::open_of(self, discord_id).await
    }

    async fn recoveries_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::recoveries_of(self, discord_id).await
    }

    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
        queries::attending(self, customer).await
    }

    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        queries::due(self, now, after, limit).await
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        queries::pending(self).await
    }
}

#[async_trait]
impl Claims for Database {
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

    async fn purge_claims(&self, now: Timestamp) -> Result<(), Fault> {
        claims::purge(&self.pools, now).await?;
        queries::evict_closed(self).await
    }
}

#[async_trait]
impl Limits for Database {
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        limits::count(&self.pools, limit_use, now).await
    }

    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault> {
        limits::purge(&self.pools, now).await
    }
}

#[async_trait]
impl AccountLinks for Database {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        account_links::of_discord(&self.pools, discord_id).await
    }

    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        account_links::of_agent(&self.pools, agent_id).await
    }

    async fn has_address(&self, email_mac: &str) -> Result<bool, Fault> {
        account_links::has_address(&self.pools, email_mac).await
    }
}
