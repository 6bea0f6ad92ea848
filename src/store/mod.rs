//! The bot's own store: sessions, claims, links, limits and the trail, in SQLite or PostgreSQL.
//!
//! One set of statements for both engines, over `sqlx::Any`: `$1` placeholders, TEXT and BIGINT
//! columns, times in milliseconds. The row is the truth and the map in memory a cache. Whatever
//! decides a race (who answers an interaction, who gets a customer, which of two moves of a session
//! counts, the last hit below a limit) is decided by the database, so that several replicas can
//! share it.

mod audit;
mod batch;
mod chain;
mod checkpoints;
mod claims;
mod commit;
mod engine;
mod fault;
mod leases;
mod links;
mod lists;
mod many;
mod memory;
mod rows;
mod seal;
mod tallies;
mod trail;
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
use commands::model::account::AccountLink;
use commands::model::fault::Fault;
use commands::model::limit::LimitUse;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::account_links::AccountLinks;
use commands::ports::claims::Claims;
use commands::ports::clock::Clock;
use commands::ports::limits::Limits;
use commands::ports::sessions::{Commit, Committed, SessionHandle, SessionIndex, Sessions};
use ring::rand::{SecureRandom as _, SystemRandom};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, Connection as _};

pub use audit::{Finding, Seen};
pub use checkpoints::{CHECKPOINT_EVERY, Checkpoint};
pub use engine::OpenError;
pub use seal::{KEY_BYTES, NoRandomness, NotAStoreKey, StoreKey};
pub use trail::TrailEvent;

use crate::sql_error::careful;
use batch::Batches;
use checkpoints::Newest;
use engine::Engine;
use fault::again;
use memory::Memory;
use unreadable::Unreadable;

/// The migrations, in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Bytes of the name under which a process claims interactions: enough that two never have the
/// same.
const OWNER_BYTES: usize = 8;

/// The store, opened.
pub struct Database {
    pools: engine::Pools,
    key: Arc<StoreKey>,
    clock: Arc<dyn Clock>,
    memory: Memory,
    batches: Batches,
    /// The newest checkpoint of the trail.
    newest: Newest,
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
            AnyConnection::connect_with(&self.pools.options).await.map_err(fault::failed(DOING))?;
        match self.pools.engine {
            // The migrator takes an advisory lock.
            Engine::Postgres => {
                MIGRATIONS.run(&mut connection).await.map_err(fault::failed(DOING))?
            }
            // Here it takes none: the write lock, held around all of them, does the same.
            Engine::Sqlite => {
                let begun = connection.begin_with(Engine::Sqlite.begin()).await;
                let mut all = begun.map_err(fault::failed(DOING))?;
                MIGRATIONS.run(&mut *all).await.map_err(fault::failed(DOING))?;
                all.commit().await.map_err(fault::failed(DOING))?;
            }
        }
        connection.close().await.map_err(fault::failed(DOING))
    }

    /// Looks over the whole trail, and gives away what is wrong with it as it is found. `logged`,
    /// the number and mac of a checkpoint from the log, has to be there.
    pub async fn audit(
        &self,
        logged: Option<(i64, &str)>,
        mut each: impl FnMut(Finding) -> anyhow::Result<()>,
    ) -> anyhow::Result<Seen> {
        audit::audit(self, logged, &mut each).await.map_err(careful)
    }

    /// Gives away the events of the trail from a time on and before another, in their order.
    pub async fn export(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        each: impl FnMut(TrailEvent) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        trail::export(self, from, to, each).await.map_err(careful)
    }

    /// Makes a checkpoint of the trail if the newest is [`CHECKPOINT_EVERY`] old, and no other
    /// replica makes it.
    pub async fn checkpoint(&self, now: Timestamp) -> Result<Option<Checkpoint>, Fault> {
        checkpoints::make(self, now).await
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

impl Database {
    async fn delete_before(&self, statement: &'static str, before: Timestamp) -> Result<(), Fault> {
        again("purging the store", || {
            sqlx::query(statement).bind(before.0).execute(&self.pools.writes)
        })
        .await
        .map(drop)
    }
}

#[async_trait]
impl Sessions for Database {
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

    async fn refresh(&self, id: &SessionId) -> Result<(), Fault> {
        if leases::is_behind(self, id).await? {
            self.reload(id).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl SessionIndex for Database {
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        lists::open_of(self, discord_id).await
    }

    async fn recoveries_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault> {
        lists::recovering(self, discord_id).await
    }

    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault> {
        lists::attending(self, customer).await
    }

    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault> {
        lists::due(self, now, after, limit).await
    }

    async fn pending(&self) -> Result<Vec<SessionId>, Fault> {
        lists::pending(self).await
    }
}

#[async_trait]
impl Claims for Database {
    async fn take_over(&self, interaction: u64) -> Result<bool, Fault> {
        claims::take_over(self, interaction).await
    }

    fn is_shared(&self) -> bool {
        leases::is_shared(self)
    }

    async fn keep_lease(&self, interaction: u64) -> Infallible {
        leases::keep_lease(self, interaction).await
    }

    async fn wait_for_release(&self, interaction: u64) -> Result<(), Fault> {
        leases::wait_for_release(self, interaction).await
    }

    async fn purge_claims(&self, now: Timestamp) -> Result<(), Fault> {
        self.delete_before("delete from claims where claimed_at < $1", now - claims::KEPT).await?;
        // In this order: a session that is opened meanwhile is no candidate.
        let mut gone = self.memory.open();
        let open = lists::open(self, &gone).await?;
        gone.retain(|id| !open.contains(id));
        self.memory.sweep(&gone);
        Ok(())
    }
}

#[async_trait]
impl Limits for Database {
    async fn count(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault> {
        tallies::counted(self, limit_use, now).await
    }

    async fn purge_limits(&self, now: Timestamp) -> Result<(), Fault> {
        let used = now - tallies::KEPT;
        self.delete_before("delete from limit_uses where newest < $1", used).await?;
        self.delete_before("delete from lockouts where until < $1", now).await
    }
}

#[async_trait]
impl AccountLinks for Database {
    async fn of_discord(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault> {
        links::of(self, discord_id).await
    }

    async fn of_agent(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault> {
        links::to(self, agent_id).await
    }

    async fn has_address(&self, email_mac: &str) -> Result<bool, Fault> {
        links::has_address(self, email_mac).await
    }
}
