//! The opened store.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};

use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::clock::Clock;
use ring::rand::{self, Random, SystemRandom};

use super::batch::BatchQueue;
use super::cache::Cache;
use super::engine::{self, Engine, MIGRATIONS, Pools};
use super::inspect;
use super::open_error::OpenError;
use super::retry::{DATABASE_TIMEOUT, retry};
use super::seal::{NoRandomness, StoreKey};
use crate::health::StoreStatus;
use crate::server_clocks::{ServerClocks, TimeSource};
use crate::trail::checkpoint::{self, Checkpoint, NewestCheckpoint};

/// Random bytes in the name of a process: enough that two processes never share one.
const OWNER_BYTES: usize = 8;

/// The store of one process: connections, cache and queue of commits.
pub struct Database {
    pub(crate) pools: Pools,
    pub(crate) key: Arc<StoreKey>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: Cache,
    pub(super) batches: BatchQueue,
    newest_checkpoint: NewestCheckpoint,
    /// Sessions that this build cannot read and that were logged once.
    pub(super) unreadable: Mutex<HashSet<SessionId>>,
    /// The name of this process in claims. It changes at each start, because a restarted process
    /// does not own the claims of its predecessor.
    pub(super) owner: String,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let owner = random_owner()?;
        let pools = engine::open(url).await?;
        let batches = BatchQueue::start(&pools, &owner);
        if pools.engine == Engine::Sqlite {
            engine::spawn_wal_checkpoints(pools.reads.clone());
        }
        Ok(Self {
            pools,
            key,
            clock,
            cache: Cache::default(),
            batches,
            newest_checkpoint: NewestCheckpoint::default(),
            unreadable: Mutex::default(),
            owner,
        })
    }

    /// Creates or updates the tables. Replicas that start together wait for each other.
    pub async fn migrate(&self) -> Result<(), Fault> {
        self.pools.migrate().await
    }

    /// Writes a checkpoint of the trail if the newest is
    /// [`CHECKPOINT_EVERY`](crate::trail::CHECKPOINT_EVERY) old and no other replica writes one.
    pub async fn checkpoint(&self, now: Timestamp) -> Result<Option<Checkpoint>, Fault> {
        checkpoint::write_if_due(&self.pools, &self.key, &self.newest_checkpoint, now).await
    }

    /// Returns the time of the newest checkpoint that [`Database::checkpoint`] has seen.
    pub fn checkpointed_at(&self) -> Option<Timestamp> {
        self.newest_checkpoint.since()
    }

    /// Returns the name under which this process claims interactions.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Returns the state of the store for the operator. Fails as [`ping`](Self::ping) does.
    pub async fn status(&self) -> Result<StoreStatus, Fault> {
        self.ping().await?;
        let doing = "reading the state of the store";
        let oldest: Option<i64> = retry(&self.pools, doing, || {
            sqlx::query_scalar("select min(pending_since) from sessions where pending_since > 0")
                .fetch_one(&self.pools.reads)
        })
        .await?;
        let migration: Option<i64> = retry(&self.pools, doing, || {
            sqlx::query_scalar("select max(version) from _sqlx_migrations")
                .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(StoreStatus {
            oldest_pending: oldest.map(Timestamp),
            migration,
            program_migration: MIGRATIONS.iter().map(|own| own.version).max(),
        })
    }

    /// Checks that the database has its tables and accepts writes.
    pub async fn ping(&self) -> Result<(), Fault> {
        inspect::ping(&self.pools).await
    }

    /// Compares this machine's clock with that of a PostgreSQL server. Does nothing if the server
    /// does not answer, because other calls report that.
    pub async fn compare_clock(&self, clocks: &ServerClocks) {
        if self.pools.engine == Engine::Sqlite {
            return;
        }
        let sent_at = clocks.clock().now();
        let ms = "select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)";
        let read = sqlx::query_scalar::<_, i64>(ms).fetch_one(&self.pools.reads);
        if let Some(Ok(now)) = self.pools.retirement.within(DATABASE_TIMEOUT, read).await {
            clocks.compare_time(TimeSource::Store, Timestamp(now), 1, sent_at);
        }
    }

    /// Closes all connections after their current work.
    pub async fn close(&self) {
        self.pools.close().await;
    }
}

fn random_owner() -> Result<String, NoRandomness> {
    let bytes: Random<[u8; OWNER_BYTES]> =
        rand::generate(&SystemRandom::new()).map_err(|_| NoRandomness)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes.expose())))
}
