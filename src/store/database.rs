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
use super::engine::{self, Engine, Pools};
use super::inspect;
use super::odd_ids::OddIds;
use super::open_error::OpenError;
use super::retry::DATABASE_TIMEOUT;
use super::store_keys::NoRandomness;
use super::transaction::Writer;
use super::versions::VersionError;
use crate::keyring::Keyring;
use crate::server_clocks::{ServerClocks, TimeSource};
use crate::trail::checkpoint::{self, CheckpointRound};
use crate::trail::newest_checkpoint::NewestCheckpoint;
use crate::trail::overdue;
use crate::trail::{AuditSummary, Finding, audit, trusted};

/// Random bytes in the name of a process: enough that two processes never share one.
const OWNER_BYTES: usize = 8;

/// The store of one process: connections, cache and queue of commits.
pub struct Database {
    pub(crate) pools: Pools,
    pub(crate) keys: Arc<Keyring>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: Cache,
    pub(super) batches: BatchQueue,
    newest_checkpoint: NewestCheckpoint,
    /// Sessions whose row is not believed and that were logged once.
    pub(super) unusable: Mutex<HashSet<SessionId>>,
    pub(super) odd_ids: OddIds,
    /// Held while a chain is verified for a lead.
    pub(super) verifying: tokio::sync::Mutex<()>,
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
        keys: Arc<Keyring>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let owner = random_owner()?;
        let pools = engine::open(url).await?;
        let (replica, version) = (owner.as_str(), env!("CARGO_PKG_VERSION"));
        tracing::info!(replica, version, "the store is open");
        let writer = Writer { pools: pools.clone(), owner: owner.clone(), keys: Arc::clone(&keys) };
        let batches = BatchQueue::start(writer);
        if pools.engine == Engine::Sqlite {
            engine::spawn_wal_checkpoints(pools.reads.clone());
        }
        Ok(Self {
            pools,
            keys,
            clock,
            cache: Cache::default(),
            batches,
            newest_checkpoint: NewestCheckpoint::default(),
            unusable: Mutex::default(),
            odd_ids: OddIds::default(),
            verifying: tokio::sync::Mutex::default(),
            owner,
        })
    }

    /// Creates or updates the tables. Replicas that start together wait for each other.
    pub async fn migrate(&self) -> Result<(), VersionError> {
        self.pools.migrate().await
    }

    /// Writes a checkpoint of the trail if one is due and no other replica writes it: each
    /// [`CHECKPOINT_EVERY`](crate::trail::CHECKPOINT_EVERY) while chains grow.
    pub async fn checkpoint(&self, now: Timestamp) -> Result<CheckpointRound, Fault> {
        checkpoint::write_if_due(&self.pools, &self.keys.trail, &self.newest_checkpoint, now).await
    }

    /// Remembers what [`Database::checkpoint`] has refused, once the leads are told of it.
    pub fn note_reported(&self) {
        self.newest_checkpoint.note_reported();
    }

    /// Checks that the store has all tables of this program. Changes nothing.
    pub async fn require_tables(&self) -> Result<(), VersionError> {
        self.pools.require_tables().await
    }

    /// Audits the whole trail with the public halves of this process's keys, and passes each
    /// finding to `each`.
    pub async fn audit(
        &self,
        each: impl FnMut(Finding) -> anyhow::Result<()>,
    ) -> anyhow::Result<AuditSummary> {
        audit(&self.pools, &self.keys.trail.public(), None, each).await
    }

    /// Returns the time of the newest checkpoint that verifies and that [`Database::checkpoint`]
    /// has seen.
    pub fn checkpointed_at(&self) -> Option<Timestamp> {
        self.newest_checkpoint.at()
    }

    /// Returns since when the newest checkpoint that verifies is too old for the trail's events.
    pub(super) async fn find_overdue_checkpoint(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        overdue::since(&self.pools, &self.keys.trail, &self.newest_checkpoint, now).await
    }

    /// Publishes the public half of the key that signs. Returns false if another key has signed
    /// before and the trail does not say that it was replaced.
    pub async fn publish_trail_key(&self) -> Result<bool, Fault> {
        let current = self.keys.trail.current().public();
        trusted::add(&self.pools, current, self.clock.now()).await?;
        let is_open = trusted::unreplaced(&self.pools, &self.keys.trail.public()).await?;
        Ok(is_open.0.iter().all(|key| key == current))
    }

    /// Returns the name under which this process claims interactions.
    pub fn owner(&self) -> &str {
        &self.owner
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
