//! Taking over what another process left behind.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::claims::{Claim, Claims as _};
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::store::claims::{LEASE, LEAST, lease, seize};
use crate::store::testing::{NOON, nothing, on_both, rows, saved};

fn begin(interaction: u64) -> Commit {
    Commit { claim: Claim::Begin(interaction), ..nothing(NOON) }
}

const TICK: Duration = Duration::from_millis(1);
/// The last moment of a lease.
const JUST_BEFORE: Duration = LEASE.checked_sub(TICK).unwrap();

#[tokio::test]
async fn a_claim_whose_lease_passed_is_taken_over_once() {
    on_both(async |bed| {
        let (dead, one, two) = (bed.open().await, bed.open().await, bed.open().await);
        dead.commit(begin(1)).await.unwrap();
        let waiting = [&one, &two].map(|replica| {
            let replica = Arc::clone(replica);
            tokio::spawn(async move {
                let ours = replica.take_over(1).await.unwrap();
                if ours {
                    replica
                        .commit(Commit { claim: Claim::Done(1), ..nothing(NOON) })
                        .await
                        .unwrap();
                }
                ours
            })
        });
        // Until the lease has passed nobody moves, however often they look.
        let mut moved = Duration::ZERO;
        while moved < JUST_BEFORE {
            bed.clock.sleepers(2).await;
            assert!(waiting.iter().all(|task| !task.is_finished()));
            let step = Duration::from_millis(250).min(JUST_BEFORE.saturating_sub(moved));
            bed.clock.advance(step);
            moved += step;
        }
        bed.clock.sleepers(2).await;
        bed.clock.advance(TICK);
        let mut ours = Vec::new();
        for mut task in waiting {
            // Who came second waits for the first one's outcome.
            loop {
                tokio::select! {
                    done = &mut task => break ours.push(done.unwrap()),
                    () = bed.clock.sleepers(1) => bed.clock.advance(TICK),
                }
                tokio::task::yield_now().await;
            }
        }
        ours.sort_unstable();
        assert_eq!(ours, [false, true]);
    })
    .await;
}

#[tokio::test]
async fn an_outcome_ends_the_wait() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        one.commit(begin(1)).await.unwrap();
        let waiting = tokio::spawn({
            let two = Arc::clone(&two);
            async move { two.take_over(1).await.unwrap() }
        });
        bed.clock.sleepers(1).await;
        assert_eq!(
            one.commit(Commit { claim: Claim::Done(1), ..nothing(NOON) }).await.unwrap(),
            saved(0)
        );
        bed.clock.advance(Duration::from_millis(250));
        assert!(!waiting.await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn ones_own_claim_and_one_that_is_not_there_are_not_waited_for() {
    on_both(async |bed| {
        let database = bed.open().await;
        database.commit(begin(1)).await.unwrap();
        assert!(!database.take_over(1).await.unwrap());
        assert!(!database.take_over(2).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_process_that_comes_back_does_not_own_what_it_left() {
    on_both(async |bed| {
        bed.open().await.commit(begin(1)).await.unwrap();
        bed.clock.advance(LEASE);
        assert!(bed.open().await.take_over(1).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_was_done_at_the_last_moment_is_not_taken_over() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        one.commit(begin(1)).await.unwrap();
        one.commit(Commit { claim: Claim::Done(1), ..nothing(NOON) }).await.unwrap();
        assert!(!seize(&two, 1, NOON + LEASE).await.unwrap());
        one.commit(begin(2)).await.unwrap();
        assert!(!seize(&two, 2, NOON + JUST_BEFORE).await.unwrap());
        assert!(seize(&two, 2, NOON + LEASE).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_was_done_by_somebody_who_cannot_answer_is_answered_once() {
    on_both(async |bed| {
        let (dead, one, two) = (bed.open().await, bed.open().await, bed.open().await);
        dead.commit(begin(1)).await.unwrap();
        let unanswered = Commit { claim: Claim::Unanswered(1), ..nothing(NOON) };
        assert_eq!(one.commit(unanswered.clone()).await.unwrap(), saved(0));
        assert_eq!(one.commit(unanswered).await.unwrap(), Committed::Claimed, "it has its outcome");
        assert_eq!(two.commit(begin(1)).await.unwrap(), Committed::Claimed);
        // Without any waiting, and also by whoever did it.
        assert!(one.take_over(1).await.unwrap());
        assert!(!two.take_over(1).await.unwrap());
        assert!(!one.take_over(1).await.unwrap());
    })
    .await;
}

#[test]
fn a_lease_is_two_seconds_from_the_click_and_a_second_at_least_from_the_claim() {
    let late = NOON + LEASE.checked_sub(LEAST).unwrap();
    assert_eq!(lease(NOON, NOON), NOON + Duration::from_secs(2));
    assert_eq!(lease(NOON, late), NOON + Duration::from_secs(2));
    assert_eq!(lease(NOON, late + TICK), late + TICK + Duration::from_secs(1));
}

#[tokio::test]
async fn claims_are_kept_for_a_day() {
    on_both(async |bed| {
        let database = bed.open().await;
        let day = Duration::from_hours(24);
        database.commit(begin(1)).await.unwrap();
        database.commit(Commit { now: NOON + TICK, ..begin(2) }).await.unwrap();
        database.purge_claims(NOON + day).await.unwrap();
        assert_eq!(rows(&database, "claims").await, 2);
        database.purge_claims(NOON + day + TICK).await.unwrap();
        assert_eq!(rows(&database, "claims").await, 1);
    })
    .await;
}
