//! Group commit: commits that wait at the same moment share one transaction, its statements and
//! the disk's sync.
//!
//! A writer takes all waiting commits at once and never waits for more. Each commit is answered
//! after the transaction, so an answered commit is on the disk. Two commits with the same
//! [key](PreparedCommit::keys) never share a batch: the later one waits for the next batch. If a
//! batch fails, it is rolled back and its commits are repeated one by one, which finds the cause. A
//! writer survives a panic.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use commands::model::fault::Fault;
use commands::model::span::{self, FAULT};
use commands::ports::sessions::Committed;
use futures_util::FutureExt as _;
use tokio::sync::{Mutex, mpsc, oneshot};
use tracing::{Instrument as _, Span};

use super::bulk;
use super::prepared::PreparedCommit;
use super::retry::{Attempts, to_fault};
use super::transaction::{Abort, Writer};
use crate::metrics::{self, RetryReason};
use crate::sql_error::SqlError;

/// Activity that the fault of a commit names.
pub(super) const SAVING: &str = "saving";

struct QueuedCommit {
    commit: PreparedCommit,
    /// Span of the commit.
    span: Span,
    reply: oneshot::Sender<(PreparedCommit, Result<Option<Committed>, Fault>)>,
}

/// The queue of commits that wait for a writer.
#[derive(Debug)]
pub(super) struct BatchQueue {
    sender: mpsc::UnboundedSender<QueuedCommit>,
    pub(super) writer: Writer,
}

/// The end of the queue that the writers share.
struct Waiting {
    receiver: mpsc::UnboundedReceiver<QueuedCommit>,
    /// Commits that were left out of the last batch.
    deferred: Vec<QueuedCommit>,
}

impl BatchQueue {
    /// Starts the writers. They end when the queue is dropped.
    pub(super) fn start(writer: Writer) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(Waiting { receiver, deferred: Vec::new() }));
        for _ in 0..writer.pools.engine.writers() {
            tokio::spawn(run_writer(Arc::clone(&waiting), writer.clone()));
        }
        Self { sender, writer }
    }

    /// Writes a commit with the next batch, or alone if that batch fails. Returns the commit with
    /// its result.
    pub(super) async fn write(
        &self,
        commit: PreparedCommit,
    ) -> Result<(PreparedCommit, Committed), Fault> {
        let span = span::commit(self.writer.pools.engine.name());
        let (reply, result) = oneshot::channel();
        let closed = || Fault::new(SAVING, "the store is closed");
        let queued = QueuedCommit { commit, span: span.clone(), reply };
        self.sender.send(queued).map_err(|_| closed())?;
        let (commit, result) = result.await.map_err(|_| closed())?;
        let committed = match result {
            Ok(Some(committed)) => Ok(committed),
            Ok(None) => {
                metrics::count_retry(RetryReason::Batch);
                self.write_alone(&commit).instrument(span.clone()).await
            }
            Err(fault) => Err(fault),
        };
        span::record_outcome(&span, committed.as_ref().map_or(FAULT, Committed::name));
        Ok((commit, committed?))
    }

    /// Writes a batch of one commit, with retries.
    pub(super) async fn write_alone(&self, commit: &PreparedCommit) -> Result<Committed, Fault> {
        let retirement = &self.writer.pools.retirement;
        let mut attempts = Attempts::new(&self.writer.pools);
        loop {
            match self.writer.write_in_time(&[commit]).await {
                Ok(results) => {
                    Span::current().record("retries", attempts.repeated());
                    let result = results.into_iter().next();
                    return result.ok_or_else(|| Fault::new(SAVING, "the commit has no result"));
                }
                Err(Abort::Failed(error)) if attempts.may_repeat(&error) => {
                    tracing::debug!("transaction failed: retrying");
                }
                Err(Abort::Failed(error)) => return Err(to_fault(SAVING)(error)),
                Err(Abort::LostRace) => return Err(Fault::new(SAVING, "the commit lost a race")),
                // An unknown result is not retried, because a second attempt could mistake its own
                // claim for another process's. The next reader finds the result in the row.
                Err(Abort::Unknown(error)) => {
                    retirement.observe(&error);
                    return Err(to_fault(SAVING)(error));
                }
            }
        }
    }
}

impl Waiting {
    /// Waits for commits. Returns those of the next batch, in their order, or none if the queue is
    /// closed.
    async fn next_batch(&mut self) -> Vec<QueuedCommit> {
        let mut commits = std::mem::take(&mut self.deferred);
        if commits.is_empty() {
            self.receiver.recv_many(&mut commits, bulk::MAX_ROWS).await;
        }
        while commits.len() < bulk::MAX_ROWS
            && let Ok(commit) = self.receiver.try_recv()
        {
            commits.push(commit);
        }
        let (batch, deferred) = split(commits, |queued| &queued.commit);
        self.deferred = deferred;
        batch
    }
}

/// Splits commits into those of a batch, and those that have a key in common with an earlier one.
pub(super) fn split<T>(
    commits: Vec<T>,
    prepared: impl Fn(&T) -> &PreparedCommit,
) -> (Vec<T>, Vec<T>) {
    let mut keys = HashSet::with_capacity(4 * commits.len());
    let (mut batch, mut deferred) = (Vec::with_capacity(commits.len()), Vec::new());
    let joins: Vec<bool> = commits
        .iter()
        // All keys are kept, so that no commit overtakes one with the same key.
        .map(|commit| prepared(commit).keys().filter(|key| !keys.insert(*key)).count() == 0)
        .collect();
    for (commit, joins) in commits.into_iter().zip(joins) {
        if joins { &mut batch } else { &mut deferred }.push(commit);
    }
    (batch, deferred)
}

async fn run_writer(waiting: Arc<Mutex<Waiting>>, writer: Writer) {
    loop {
        let batch = waiting.lock().await.next_batch().await;
        if batch.is_empty() {
            return;
        }
        let commits: Vec<_> = batch.iter().map(|queued| &queued.commit).collect();
        // A panic leaves nothing half done: dropping the transaction rolls it back, unless it was
        // committed.
        let written = AssertUnwindSafe(writer.write_in_time(&commits)).catch_unwind().await;
        let retirement = &writer.pools.retirement;
        let results = match written {
            Ok(Ok(results)) => Ok(results),
            Ok(Err(Abort::LostRace)) => Err(None),
            Ok(Err(Abort::Failed(error))) => {
                retirement.observe(&error);
                Err(None)
            }
            Ok(Err(Abort::Unknown(error))) => {
                retirement.observe(&error);
                Err(Some(SqlError::from(error).to_string()))
            }
            Err(_) => {
                tracing::error!(
                    commits = commits.len(),
                    "store writer panicked: continuing with the next batch"
                );
                Err(Some("the store's writer panicked".to_owned()))
            }
        };
        answer(batch, results);
    }
}

/// Answers the commits of a batch. `Err(None)`: nothing is written, and each caller repeats its
/// commit alone. `Err(Some)` is the reason why the result is unknown.
fn answer(batch: Vec<QueuedCommit>, results: Result<Vec<Committed>, Option<String>>) {
    let mut results = results.map(Vec::into_iter);
    let size = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    for QueuedCommit { commit, span, reply } in batch {
        span.record("batch_size", size);
        let result = match &mut results {
            Ok(results) => Ok(results.next()),
            Err(None) => Ok(None),
            Err(Some(why)) => Err(Fault::new(SAVING, why.clone())),
        };
        // A caller that is gone finds the result in the row.
        let _ = reply.send((commit, result));
    }
}
