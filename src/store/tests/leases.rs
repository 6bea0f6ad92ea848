//! Several processes on one database: leases that are held, waited for and lost, and memory that
//! keeps up.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::claims::{Claim, Claims as _};
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::store::Database;
use crate::store::claims::{LEASE, read, seize};
use crate::store::leases::{RENEW, is_shared};
use crate::store::testing::{Bed, NOON, found, id, moved, nothing, of, on_both, saved, store};

fn begin(interaction: u64) -> Commit {
    Commit { claim: Claim::Begin(interaction), ..nothing(NOON) }
}

/// Holds a claim until the handle is dropped.
fn holds(database: &Arc<Database>, interaction: u64) -> tokio::task::JoinHandle<()> {
    let database = Arc::clone(database);
    tokio::spawn(async move { match database.keep_lease(interaction).await {} })
}

fn waits(database: &Arc<Database>, interaction: u64) -> tokio::task::JoinHandle<()> {
    let database = Arc::clone(database);
    tokio::spawn(async move { database.wait_for_release(interaction).await.unwrap() })
}

/// Time passes while one holds a claim and another waits for it: each time as long as a lease may
/// wait to be renewed, and it is.
async fn holds_on(bed: &Bed, database: &Database, times: u32) {
    for _ in 0..times {
        bed.clock.sleepers(2).await;
        bed.clock.advance(RENEW);
        while read(database, 1).await.unwrap().unwrap().lease_until < bed.clock.now() + LEASE {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn who_is_slow_is_not_taken_for_dead_and_who_is_dead_is() {
    on_both(async |bed| {
        let (slow, other) = (bed.open().await, bed.open().await);
        if !is_shared(&slow) {
            return;
        }
        slow.commit(begin(1)).await.unwrap();
        let (working, mut waiting) = (holds(&slow, 1), waits(&other, 1));
        holds_on(&bed, &slow, 20).await;
        assert!(!waiting.is_finished(), "many leases later");
        working.abort();
        assert!(working.await.is_err());
        loop {
            tokio::select! {
                done = &mut waiting => break done.unwrap(),
                () = bed.clock.sleepers(1) => bed.clock.advance(Duration::from_millis(250)),
            }
            tokio::task::yield_now().await;
        }
        assert!(bed.clock.now() >= NOON + 20 * RENEW + LEASE);
        assert!(!seize(&slow, 1, bed.clock.now()).await.unwrap(), "it is the other's now");
    })
    .await;
}

#[tokio::test]
async fn an_outcome_ones_own_claim_and_none_at_all_are_not_waited_for() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        two.wait_for_release(1).await.unwrap();
        one.commit(begin(1)).await.unwrap();
        one.wait_for_release(1).await.unwrap();
        assert_eq!(
            one.commit(Commit { claim: Claim::Done(1), ..nothing(NOON) }).await.unwrap(),
            saved(0)
        );
        two.wait_for_release(1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn memory_follows_the_row_when_it_is_asked_to() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        let session = store(&one, found(1, 7, "cust-1")).await;
        let seen = two.find(&id(1)).await.unwrap().unwrap();
        one.commit(of(moved(session, NOON))).await.unwrap();
        assert_eq!((seen.session().version, seen.session().generation), (1, 1));
        two.refresh(&id(1)).await.unwrap();
        // A file has one process, which needs not ask.
        let now = if is_shared(&two) { (2, 2) } else { (1, 1) };
        assert_eq!((seen.session().version, seen.session().generation), now);
        two.refresh(&id(2)).await.unwrap();
    })
    .await;
}
