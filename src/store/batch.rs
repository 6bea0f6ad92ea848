//! Group commit: commits that wait at the same moment share one transaction, its statements and
//! the disk's sync.
//!
//! A writer takes all waiting commits at once and never waits for more. Each commit is answered
//! after the transaction, so an answered commit is on the disk. If a batch fails, it is rolled back
//! and each of its commits gets its own transaction, which finds the cause. A writer survives a
//! panic.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use commands::model::fault::Fault;
use commands::ports::sessions::Committed;
use futures_util::FutureExt as _;
use sqlx::AnyConnection;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::engine::Pools;
use super::prepared::PreparedCommit;
use super::retry::DATABASE_TIMEOUT;
use super::{bulk, claims, events, rows};
use crate::sql_error::SqlError;

/// Activity that the fault of a commit names.
pub(super) const SAVING: &str = "saving";

/// The interaction at which a writer panics in a test.
#[cfg(test)]
pub(super) const PANICS: u64 = u64::MAX >> 1;

struct QueuedCommit {
    commit: PreparedCommit,
    reply: oneshot::Sender<(PreparedCommit, Result<Option<Committed>, Fault>)>,
}

/// The queue of commits that wait for a writer.
#[derive(Debug)]
pub(super) struct BatchQueue {
    sender: mpsc::UnboundedSender<QueuedCommit>,
}

impl BatchQueue {
    /// Starts the writers. They end when the queue is dropped.
    pub(super) fn start(pools: &Pools, owner: &str) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..pools.engine.writers() {
            tokio::spawn(run_writer(Arc::clone(&receiver), pools.clone(), owner.to_owned()));
        }
        Self { sender }
    }

    /// Writes a commit with the next batch. Returns the commit with its result, or with `None` if
    /// it needs its own transaction.
    pub(super) async fn write(
        &self,
        commit: PreparedCommit,
    ) -> Result<(PreparedCommit, Option<Committed>), Fault> {
        let (reply, result) = oneshot::channel();
        let closed = || Fault::new(SAVING, "the store is closed");
        self.sender.send(QueuedCommit { commit, reply }).map_err(|_| closed())?;
        let (commit, result) = result.await.map_err(|_| closed())?;
        Ok((commit, result?))
    }
}

async fn run_writer(
    queue: Arc<Mutex<mpsc::UnboundedReceiver<QueuedCommit>>>,
    pools: Pools,
    owner: String,
) {
    let mut batch = Vec::with_capacity(bulk::MAX_ROWS);
    loop {
        if queue.lock().await.recv_many(&mut batch, bulk::MAX_ROWS).await == 0 {
            return;
        }
        let commits: Vec<_> = batch.iter().map(|queued: &QueuedCommit| &queued.commit).collect();
        // A panic leaves nothing half done: dropping the transaction rolls it back, unless it was
        // committed.
        let result = AssertUnwindSafe(write_in_time(&pools, &owner, &commits))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                tracing::error!(
                    commits = commits.len(),
                    "store writer panicked: continuing with the next batch"
                );
                Err("the store's writer panicked".to_owned())
            });
        for QueuedCommit { commit, reply } in batch.drain(..) {
            let result = match &result {
                Ok(Some(claimed_before)) => Ok(Some(committed(&commit, claimed_before))),
                Ok(None) => Ok(None),
                Err(error) => Err(Fault::new(SAVING, error.clone())),
            };
            // A caller that is gone finds the result in the row.
            let _ = reply.send((commit, result));
        }
    }
}

fn committed(commit: &PreparedCommit, claimed_before: &HashSet<u64>) -> Committed {
    if is_claimed(commit, claimed_before) {
        return Committed::Claimed;
    }
    Committed::Saved { counts: Vec::new(), version: commit.new_version() }
}

fn is_claimed(commit: &PreparedCommit, claimed_before: &HashSet<u64>) -> bool {
    commit.interaction().is_some_and(|interaction| claimed_before.contains(&interaction))
}

/// Writes a batch in one transaction. Returns the interactions that were already claimed; their
/// commits are left out.
///
/// Returns `None` if nothing was written: a commit needs its own transaction, or the database
/// failed before the end. Fails with the reason if the database failed at the end: all of the batch
/// is written, or nothing.
async fn write_in_time(
    pools: &Pools,
    owner: &str,
    commits: &[&PreparedCommit],
) -> Result<Option<HashSet<u64>>, String> {
    pools
        .retirement
        .within(DATABASE_TIMEOUT, write_transaction(pools, owner, commits))
        .await
        .unwrap_or_else(|| Err("the database does not answer".to_owned()))
}

async fn write_transaction(
    pools: &Pools,
    owner: &str,
    commits: &[&PreparedCommit],
) -> Result<Option<HashSet<u64>>, String> {
    let mut transaction = match pools.writes.begin_with(pools.engine.begin()).await {
        Ok(transaction) => transaction,
        Err(error) => {
            pools.retirement.observe(&error);
            return Ok(None);
        }
    };
    let written = write(&mut transaction, owner, commits).await;
    if let Err(error) = &written {
        // Each commit of the batch is repeated in its own transaction.
        pools.retirement.observe(error);
    }
    let Ok(Some(claimed_before)) = written else {
        // If the connection is broken this fails too, and the server has rolled back by itself.
        let _ = transaction.rollback().await;
        return Ok(None);
    };
    if let Err(error) = transaction.commit().await {
        pools.retirement.observe(&error);
        return Err(SqlError::from(error).to_string());
    }
    Ok(Some(claimed_before))
}

/// Writes claims, sessions and events. Returns `None` if a session is stale, or if two commits
/// claim the same interaction.
async fn write(
    on: &mut AnyConnection,
    owner: &str,
    commits: &[&PreparedCommit],
) -> Result<Option<HashSet<u64>>, sqlx::Error> {
    let interactions = || commits.iter().filter_map(|commit| commit.interaction());
    #[cfg(test)]
    assert!(interactions().all(|interaction| interaction != PANICS), "a test asked for a panic");
    let mut seen = HashSet::new();
    if !interactions().all(|interaction| seen.insert(interaction)) {
        return Ok(None);
    }
    let claimed_before = claims::write(on, commits, owner).await?;
    let mut sessions: Vec<_> = commits
        .iter()
        .filter(|commit| !is_claimed(commit, &claimed_before))
        .filter_map(|commit| commit.session.as_ref())
        .collect();
    // Update in the order of the ids, so that two replicas do not deadlock.
    sessions.sort_unstable_by(|one, other| one.session.id.cmp(&other.session.id));
    if rows::update_all(on, &sessions).await? < sessions.len() as u64 {
        return Ok(None);
    }
    events::insert(on, sessions.iter().flat_map(|session| &session.events)).await?;
    Ok(Some(claimed_before))
}
