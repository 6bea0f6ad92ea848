//! The bot's own store: sessions, claims, links, limits and the trail, in SQLite or PostgreSQL.
//!
//! One set of statements for both engines, over `sqlx::Any`: `$1` placeholders, TEXT and BIGINT
//! columns, times in milliseconds. The row is the truth and the map in memory a cache. Whatever
//! decides a race (who answers an interaction, who gets a customer, which of two moves of a session
//! counts, the last hit below a limit) is decided by the database, so that several replicas can
//! share it.

mod batch;

mod account_links;
mod bulk;
mod cache;
mod claims;
mod commit;
pub(crate) mod engine;
mod events;
mod leases;
mod limits;
mod queries;
pub(crate) mod retry;
mod rows;
pub(crate) mod seal;
mod unreadable;
mod wal;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use commands::error::Fault;
use commands::ports::{AccountLink, Clock, Commit, Committed, LimitUse, SessionHandle, Store};
use commands::session::SessionId;
use commands::time::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection as _};

pub use engine::OpenError;
pub use events::TrailEvent;
pub use seal::{KEY_BYTES, NoRandomness, NotAStoreKey, StoreKey};

use crate::sql_error::careful;
use crate::trail::checkpoint::Newest;
use batch::Batches;
use cache::Memory;
use engine::Engine;
use retry::again;
use unreadable::Unreadable;

/// The migrations, in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Bytes of the name under which a process claims interactions: enough that two never have the
/// same.
const OWNER_BYTES: usize = 8;

/// The store, opened.
pub struct Database {
    pub(crate) pools: engine::Pools,
    pub(crate) key: Arc<StoreKey>,
    clock: Arc<dyn Clock>,
    memory: Memory,
    batches: Batches,
    /// The newest checkpoint of the trail.
    pub(crate) newest: Newest,
    /// Rows that this build cannot read, and has said so.
    unreadable: Unreadable,
    /// This process, in its claims. New at every start: a process that comes back does not own what
    /// it left behind.
    owner: String,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({:?})", self.pools.engine)
    }
}

impl Database {
    /// Opens the database of a `DATABASE_URL`: `sqlite://FILE?mode=rwc` or
    /// `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub async fn open(
        url: &str,
        key: Arc<StoreKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let mut bytes = [0; OWNER_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| OpenError::NoRandomness(NoRandomness))?;
        let owner = bytes.iter().fold(String::new(), |mut owner, byte| {
            let _ = write!(owner, "{byte:02x}");
            owner
        });
        let pools = engine::open(url).await?;
        let batches = Batches::start(&pools, &owner);
        if pools.engine == Engine::Sqlite {
            wal::keep_short(pools.reads.clone());
        }
        let (memory, newest, unreadable) =
            (Memory::default(), Newest::default(), Unreadable::default());
        Ok(Self { pools, key, clock, memory, batches, newest, unreadable, owner })
    }

    /// Brings the tables up to date. Replicas that start together wait for each other.
    pub async fn migrate(&self) -> Result<(), Fault> {
        const DOING: &str = "migrating the store";
        // A connection of its own: those of the pool give up on slow statements, and a migration
        // may be one.
        let mut connection =
            AnyConnection::connect_with(&self.pools.options).await.map_err(retry::failed(DOING))?;
        match self.pools.engine {
            // The migrator takes an advisory lock.
            Engine::Postgres => {
                MIGRATIONS.run(&mut connection).await.map_err(retry::failed(DOING))?
            }
            // Here it takes none: the write lock, held around all of them, does the same.
            Engine::Sqlite => {
                let begun = connection.begin_with(Engine::Sqlite.begin()).await;
                let mut all = begun.map_err(retry::failed(DOING))?;
                MIGRATIONS.run(&mut *all).await.map_err(retry::failed(DOING))?;
                all.commit().await.map_err(retry::failed(DOING))?;
            }
        }
        connection.close().await.map_err(retry::failed(DOING))
    }

    /// Looks over the whole trail, and gives away what is wrong with it as it is found. `logged`,
    /// the number and mac of a checkpoint from the log, has to be there.
    pub async fn audit(
        &self,
        logged: Option<(i64, &str)>,
        mut each: impl FnMut(crate::trail::Finding) -> anyhow::Result<()>,
    ) -> anyhow::Result<crate::trail::Seen> {
        crate::trail::verify::audit(self, logged, &mut each).await.map_err(careful)
    }

    /// Gives away the events of the trail from a time on and before another, in their order.
    pub async fn export(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        each: impl FnMut(TrailEvent) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        events::export(self, from, to, each).await.map_err(careful)
    }

    /// Makes a checkpoint of the trail if the newest is [`CHECKPOINT_EVERY`](crate::trail::CHECKPOINT_EVERY) old, and no other
    /// replica makes it.
    pub async fn checkpoint(
        &self,
        now: Timestamp,
    ) -> Result<Option<crate::trail::Checkpoint>, Fault> {
        crate::trail::checkpoint::make(self, now).await
    }

    /// Since when the newest checkpoint is there, as far as this process knows: it looks when it
    /// may have to make one.
    #[must_use]
    pub fn checkpointed_at(&self) -> Option<Timestamp> {
        self.newest.since()
    }

    /// The name under which this process claims interactions.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Whether the database answers and has its tables.
    pub async fn ping(&self) -> Result<(), Fault> {
        again("asking the store whether it is there", || {
            sqlx::query("select id from sessions limit 1").fetch_optional(&self.pools.reads)
        })
        .await
        .map(drop)
    }

    /// Closes all connections, after those at work are done.
    pub async fn close(&self) {
        self.pools.writes.close().await;
        self.pools.reads.close().await;
    }
}

#[async_trait]
impl Store for Database {
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault> {
        commit::commit(self, commit).await
    }

    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        match self.memory.get(id) {
            Some(live) => Ok(Some(live)),
            None => self.reload(id).await,
        }
    }

    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault> {
        match rows::read(self, id).await {
            Ok(row) => Ok(row.map(|(session, head)| self.memory.keep(session, head))),
            Err(fault) => unreadable::look_at(self, id, fault).await.map(|()| None),
        }
    }

    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::open_of(self, discord_id).await
    }

    async fn recovering(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        queries::recovering(self, discord_id).await
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
        claims::take_over(self, interaction).await
    }

    fn is_shared(&self) -> bool {
        leases::is_shared(self)
    }

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        if leases::is_behind(self, id).await? {
            self.reload(id).await?;
        }
        Ok(())
    }

    async fn keep_lease(&self, interaction: u64) -> Infallible {
        leases::keep_lease(self, interaction).await
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        leases::wait_for_release(self, interaction).await
    }

    async fn counted(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        limits::counted(self, limit_use, now).await
    }

    async fn link_of(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        account_links::of(self, discord_id).await
    }

    async fn link_to(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        account_links::to(self, agent_id).await
    }

    async fn is_agent_address(&self, email_mac: &str) -> Result<bool, Fault> {
        account_links::has_address(self, email_mac).await
    }

    async fn purge(&self, now: Timestamp) -> Result<(), Fault> {
        for (statement, before) in [
            ("delete from claims where claimed_at < $1", now - claims::KEPT),
            ("delete from limit_uses where newest < $1", now - limits::KEPT),
            ("delete from lockouts where until < $1", now),
        ] {
            again("purging the store", || {
                sqlx::query(statement).bind(before.0).execute(&self.pools.writes)
            })
            .await?;
        }
        // In this order: a session that is opened meanwhile is no candidate.
        let mut gone = self.memory.open();
        let open = queries::open(self, &gone).await?;
        gone.retain(|id| !open.contains(id));
        self.memory.sweep(&gone);
        Ok(())
    }
}
