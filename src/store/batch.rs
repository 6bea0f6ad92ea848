//! Group commit: moves that wait at the same moment share one transaction, and with it the
//! statements and the disk's sync.
//!
//! Nobody is made to wait for company: a writer takes whatever is there, and what comes meanwhile
//! is the next batch. Each move is answered after the commit, so what was answered is on the disk.
//! A batch in which anything is out of the ordinary is rolled back, and each of its moves tried in
//! a transaction of its own, which says what is wrong with it. A writer outlives a panic over a
//! batch.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use commands::error::Fault;
use commands::ports::{Claim, Committed};
use futures_util::FutureExt as _;
use sqlx::AnyConnection;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::commit::{DOING, Order};
use super::engine::Pools;
use super::retry::ANSWERS_WITHIN;
use super::rows::{self, Draft};
use super::{bulk, claims};
use crate::sql_error::SqlError;

/// The interaction over which a writer panics, so that a test sees what comes after.
#[cfg(test)]
pub(super) const PANICS: u64 = u64::MAX >> 1;

/// What became of a move in its batch; `None`: it has to be tried alone.
type Shared = Option<Result<Committed, Fault>>;

/// A move that waits.
struct Waiting {
    order: Order,
    answer: oneshot::Sender<(Order, Shared)>,
}

/// The queue before the writers.
#[derive(Debug)]
pub(super) struct Batches {
    queue: mpsc::UnboundedSender<Waiting>,
}

impl Batches {
    /// Starts the writers. They end with the store.
    pub(super) fn start(pools: &Pools, owner: &str) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..pools.engine.writers() {
            tokio::spawn(write_all(Arc::clone(&waiting), pools.clone(), owner.to_owned()));
        }
        Self { queue }
    }

    /// Has a move written in the next batch, and gives it back with what became of it.
    pub(super) async fn write(&self, order: Order) -> Result<(Order, Shared), Fault> {
        let (answer, answered) = oneshot::channel();
        let gone = || Fault::new(DOING, "the store is closed");
        self.queue.send(Waiting { order, answer }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }
}

async fn write_all(
    queue: Arc<Mutex<mpsc::UnboundedReceiver<Waiting>>>,
    pools: Pools,
    owner: String,
) {
    let mut batch = Vec::with_capacity(bulk::MOST);
    loop {
        if queue.lock().await.recv_many(&mut batch, bulk::MOST).await == 0 {
            return;
        }
        let orders: Vec<_> = batch.iter().map(|waiting: &Waiting| &waiting.order).collect();
        // Nothing is left half done: the transaction is rolled back as it is dropped, or was
        // committed.
        let outcome = AssertUnwindSafe(transact(&pools, &owner, &orders))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                tracing::error!(
                    moves = orders.len(),
                    "the store's writer panicked over a batch, and goes on with the next"
                );
                Err(Stop::Unsure("the store's writer panicked".to_owned()))
            });
        for Waiting { order, answer } in batch.drain(..) {
            let shared = match &outcome {
                Ok(lost) => Some(Ok(committed(&order, lost))),
                Err(Stop::Alone) => None,
                Err(Stop::Unsure(error)) => Some(Err(Fault::new(DOING, error.clone()))),
            };
            // Whoever does not wait any more finds it in the row.
            let _ = answer.send((order, shared));
        }
    }
}

fn committed(order: &Order, lost: &HashSet<u64>) -> Committed {
    if interaction(order.claim).is_some_and(|interaction| lost.contains(&interaction)) {
        return Committed::Claimed;
    }
    Committed::Saved { counts: Vec::new(), version: order.draft.as_ref().map_or(0, Draft::version) }
}

const fn interaction(claim: Claim) -> Option<u64> {
    match claim {
        Claim::None => None,
        Claim::Whole(interaction)
        | Claim::Begin(interaction)
        | Claim::Done(interaction)
        | Claim::Unanswered(interaction) => Some(interaction),
    }
}

/// Why a batch is not written.
enum Stop {
    /// Something in it is out of the ordinary, or the database failed before the commit: nothing of
    /// it is written.
    Alone,
    /// The database failed at the commit, or the writer panicked: all of it may be written, or
    /// nothing.
    Unsure(String),
}

/// Writes them all; answers with the interactions that are somebody else's, whose moves are left
/// out.
async fn transact(pools: &Pools, owner: &str, orders: &[&Order]) -> Result<HashSet<u64>, Stop> {
    let silent = |_| Err(Stop::Unsure("the database does not answer".to_owned()));
    tokio::time::timeout(ANSWERS_WITHIN, write_whole(pools, owner, orders))
        .await
        .unwrap_or_else(silent)
}

async fn write_whole(pools: &Pools, owner: &str, orders: &[&Order]) -> Result<HashSet<u64>, Stop> {
    let mut transaction =
        pools.writes.begin_with(pools.engine.begin()).await.map_err(|_| Stop::Alone)?;
    if let Ok(Some(lost)) = write(&mut transaction, owner, orders).await {
        transaction
            .commit()
            .await
            .map_err(|error| Stop::Unsure(SqlError::from(error).to_string()))?;
        return Ok(lost);
    }
    // On a broken connection this fails too, and the server has rolled back by itself.
    let _ = transaction.rollback().await;
    Err(Stop::Alone)
}

/// `None`: a row is newer than what was read, or one interaction moves two sessions.
async fn write(
    on: &mut AnyConnection,
    owner: &str,
    orders: &[&Order],
) -> Result<Option<HashSet<u64>>, sqlx::Error> {
    #[cfg(test)]
    assert!(
        orders.iter().all(|order| interaction(order.claim) != Some(PANICS)),
        "as a test wants it"
    );
    let mut seen = HashSet::new();
    if !orders
        .iter()
        .filter_map(|order| interaction(order.claim))
        .all(|interaction| seen.insert(interaction))
    {
        return Ok(None);
    }
    let claimed: Vec<_> =
        orders.iter().map(|order| (order.claim, order.now, order.lease_until)).collect();
    let lost: HashSet<u64> = claims::settle(on, &claimed, owner).await?.into_iter().collect();
    let ours = orders.iter().filter(|order| {
        !interaction(order.claim).is_some_and(|interaction| lost.contains(&interaction))
    });
    let mut drafts = Vec::with_capacity(orders.len());
    let mut events = Vec::with_capacity(orders.len());
    for order in ours {
        if let (Some(draft), Some((chained, head))) = (&order.draft, &order.chained) {
            drafts.push((draft, *head));
            events.extend(chained);
        }
    }
    // In the order of their ids: two replicas that lock the same rows crosswise would wait for each
    // other.
    drafts.sort_unstable_by(|(one, _), (other, _)| one.session.id.cmp(&other.session.id));
    if rows::update(on, &drafts).await? < drafts.len() as u64 {
        return Ok(None);
    }
    super::events::insert(on, &events).await?;
    Ok(Some(lost))
}
