//! Several processes on one database: leases that are kept, awaited and lost, and the refresh of a
//! cached session.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::claims::{Claim, Claims as _};
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::store::Database;
use crate::store::claims::LEASE;
use crate::store::leases::RENEW_INTERVAL;
use crate::store::testing::{
    NOON, TestBed, commit_of, empty_commit, found, id, moved, on_both, save, saved,
};

fn begin(interaction: u64) -> Commit {
    Commit { claim: Claim::Begin(interaction), ..empty_commit(NOON) }
}

/// Spawns a task that keeps a lease until it is aborted.
fn spawn_keeper(database: &Arc<Database>, interaction: u64) -> tokio::task::JoinHandle<()> {
    let database = Arc::clone(database);
    tokio::spawn(async move { match database.keep_lease(interaction).await {} })
}

fn spawn_waiter(database: &Arc<Database>, interaction: u64) -> tokio::task::JoinHandle<()> {
    let database = Arc::clone(database);
    tokio::spawn(async move { database.wait_for_release(interaction).await.unwrap() })
}

/// Advances the clock by several renewal intervals and waits for each renewal of the lease.
async fn pass_renewals(bed: &TestBed, database: &Database, times: u32) {
    for _ in 0..times {
        bed.clock.wait_for_sleepers(2).await;
        bed.clock.advance(RENEW_INTERVAL);
        while database.find_claim(1).await.unwrap().unwrap().lease_until < bed.clock.now() + LEASE {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn slow_process_keeps_its_lease_dead_one_loses_it() {
    on_both(async |bed| {
        let (slow, other) = (bed.open().await, bed.open().await);
        if !slow.pools.engine.is_shared() {
            return;
        }
        slow.commit(begin(1)).await.unwrap();
        let (working, mut waiting) = (spawn_keeper(&slow, 1), spawn_waiter(&other, 1));
        pass_renewals(&bed, &slow, 20).await;
        assert!(!waiting.is_finished(), "the lease is renewed");
        working.abort();
        assert!(working.await.is_err());
        loop {
            tokio::select! {
                done = &mut waiting => break done.unwrap(),
                () = bed.clock.wait_for_sleepers(1) => bed.clock.advance(Duration::from_millis(250)),
            }
            tokio::task::yield_now().await;
        }
        assert!(bed.clock.now() >= NOON + 20 * RENEW_INTERVAL + LEASE);
        let took = slow.take_expired(1, bed.clock.now()).await.unwrap();
        assert!(!took, "the other process owns it");
    })
    .await;
}

#[tokio::test]
async fn finished_own_or_missing_claim_is_not_awaited() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        two.wait_for_release(1).await.unwrap();
        one.commit(begin(1)).await.unwrap();
        one.wait_for_release(1).await.unwrap();
        assert_eq!(
            one.commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) }).await.unwrap(),
            saved(0)
        );
        two.wait_for_release(1).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn refresh_reloads_a_changed_row() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        let session = save(&one, found(1, 7, "cust-1")).await;
        let cached = two.find(&id(1)).await.unwrap().unwrap();
        one.commit(commit_of(moved(session, NOON))).await.unwrap();
        assert_eq!((cached.session().version, cached.session().generation), (1, 1));
        two.refresh(&id(1)).await.unwrap();
        // A SQLite file has one process, so its cache is current.
        let expected = if two.pools.engine.is_shared() { (2, 2) } else { (1, 1) };
        assert_eq!((cached.session().version, cached.session().generation), expected);
        two.refresh(&id(2)).await.unwrap();
    })
    .await;
}
