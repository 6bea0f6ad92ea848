//! Claims of other processes: waiting, takeover and retention.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::claims::{Claim, Claims as _};
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::store::claims::{LEASE, MIN_LEASE, lease_until};
use crate::store::testing::{NOON, count_rows, empty_commit, on_both, saved};

fn begin(interaction: u64) -> Commit {
    Commit { claim: Claim::Begin(interaction), ..empty_commit(NOON) }
}

const TICK: Duration = Duration::from_millis(1);
/// The last millisecond of a lease.
const JUST_BEFORE: Duration = LEASE.checked_sub(TICK).unwrap();

#[tokio::test]
async fn expired_claim_is_taken_over_once() {
    on_both(async |bed| {
        let (dead, one, two) = (bed.open().await, bed.open().await, bed.open().await);
        dead.commit(begin(1)).await.unwrap();
        let waiting = [&one, &two].map(|replica| {
            let replica = Arc::clone(replica);
            tokio::spawn(async move {
                let took_over = replica.take_over(1).await.unwrap();
                if took_over {
                    replica
                        .commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) })
                        .await
                        .unwrap();
                }
                took_over
            })
        });
        // Until the lease expires both replicas wait.
        let mut advanced = Duration::ZERO;
        while advanced < JUST_BEFORE {
            bed.clock.wait_for_sleepers(2).await;
            assert!(waiting.iter().all(|task| !task.is_finished()));
            let step = Duration::from_millis(250).min(JUST_BEFORE.saturating_sub(advanced));
            bed.clock.advance(step);
            advanced += step;
        }
        bed.clock.wait_for_sleepers(2).await;
        bed.clock.advance(TICK);
        let mut results = Vec::new();
        for mut task in waiting {
            // The second replica waits for the outcome of the first.
            loop {
                tokio::select! {
                    done = &mut task => break results.push(done.unwrap()),
                    () = bed.clock.wait_for_sleepers(1) => bed.clock.advance(TICK),
                }
                tokio::task::yield_now().await;
            }
        }
        results.sort_unstable();
        assert_eq!(results, [false, true]);
    })
    .await;
}

#[tokio::test]
async fn outcome_ends_the_wait() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        one.commit(begin(1)).await.unwrap();
        let waiting = tokio::spawn({
            let two = Arc::clone(&two);
            async move { two.take_over(1).await.unwrap() }
        });
        bed.clock.wait_for_sleepers(1).await;
        assert_eq!(
            one.commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) }).await.unwrap(),
            saved(0)
        );
        bed.clock.advance(Duration::from_millis(250));
        assert!(!waiting.await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn own_or_missing_claim_is_not_awaited() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.commit(begin(1)).await.unwrap();
        assert!(!database.take_over(1).await.unwrap());
        assert!(!database.take_over(2).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn restarted_process_does_not_own_its_claims() {
    on_both(async |bed| {
        bed.open().await.commit(begin(1)).await.unwrap();
        bed.clock.advance(LEASE);
        assert!(bed.open().await.take_over(1).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn finished_or_leased_claim_is_not_taken() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        one.commit(begin(1)).await.unwrap();
        one.commit(Commit { claim: Claim::Done(1), ..empty_commit(NOON) }).await.unwrap();
        assert!(!two.take_expired(1, NOON + LEASE).await.unwrap());
        one.commit(begin(2)).await.unwrap();
        assert!(!two.take_expired(2, NOON + JUST_BEFORE).await.unwrap());
        assert!(two.take_expired(2, NOON + LEASE).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn unanswered_claim_is_answered_once() {
    on_both(async |bed| {
        let (dead, one, two) = (bed.open().await, bed.open().await, bed.open().await);
        dead.commit(begin(1)).await.unwrap();
        let unanswered = Commit { claim: Claim::Unanswered(1), ..empty_commit(NOON) };
        assert_eq!(one.commit(unanswered.clone()).await.unwrap(), saved(0));
        assert_eq!(one.commit(unanswered).await.unwrap(), Committed::Claimed, "it has its outcome");
        assert_eq!(two.commit(begin(1)).await.unwrap(), Committed::Claimed);
        // At once, and also by the process that finished the effect.
        assert!(one.take_over(1).await.unwrap());
        assert!(!two.take_over(1).await.unwrap());
        assert!(!one.take_over(1).await.unwrap());
    })
    .await;
}

#[test]
fn lease_lasts_from_click_and_from_claim() {
    let late = NOON + LEASE.checked_sub(MIN_LEASE).unwrap();
    assert_eq!(lease_until(NOON, NOON), NOON + Duration::from_secs(2));
    assert_eq!(lease_until(NOON, late), NOON + Duration::from_secs(2));
    assert_eq!(lease_until(NOON, late + TICK), late + TICK + Duration::from_secs(1));
}

#[tokio::test]
async fn claim_is_kept_for_a_day() {
    on_both(async |bed| {
        let database = bed.open().await;
        let day = Duration::from_hours(24);
        database.commit(begin(1)).await.unwrap();
        database.commit(Commit { now: NOON + TICK, ..begin(2) }).await.unwrap();
        database.purge_claims(NOON + day).await.unwrap();
        assert_eq!(count_rows(&database, "claims").await, 2);
        database.purge_claims(NOON + day + TICK).await.unwrap();
        assert_eq!(count_rows(&database, "claims").await, 1);
    })
    .await;
}
