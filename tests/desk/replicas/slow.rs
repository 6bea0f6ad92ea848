//! A slow replica is not dead: while it renews its lease, the other replica waits, also for further
//! clicks.

use std::sync::Arc;
use std::time::Duration;

use sandbox::clock::Clock as _;
use sandbox::discord::Person;

use super::pair::Pair;
use crate::world::LOOK;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
/// Time left of a lease that was renewed in time, in milliseconds. A lease is 2 s long and renewed
/// every 750 ms.
const LEFT: i64 = 500;

/// Moves the clock while one replica works. Waits after each step until the lease is renewed.
pub(crate) async fn work_for(pair: &Pair, time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        pair.clock.advance(LOOK);
        left = left.saturating_sub(LOOK);
        let enough = pair.clock.now() + LEFT;
        while pair
            .postgres
            .count("select coalesce(max(lease_until), 0) from claims where outcome is null")
            .await
            < enough
        {
            tokio::task::yield_now().await;
        }
    }
}

fn press(who: &Person, label: &'static str) -> tokio::task::JoinHandle<()> {
    let who = who.clone();
    tokio::spawn(async move { who.presses(label).await })
}

#[tokio::test]
async fn nine_second_call_is_made_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let aws = Arc::clone(&pair.sandbox.aws);
        let store = ben.keep("Waizant Store");
        aws.faults().hold("cs-access");
        let opening = press(&ben, "Waizant Web");
        aws.faults().arrived("cs-access", 1).await;
        work_for(pair, Duration::from_secs(7)).await;
        opening.await.unwrap();
        // Both replicas get a double click on another button, and both wait.
        let twice = tokio::spawn({
            let ben = ben.clone();
            async move { tokio::join!(ben.presses_kept(&store), ben.presses_kept(&store)) }
        });
        work_for(pair, Duration::from_secs(2)).await;
        twice.await.unwrap();
        assert_eq!(aws.calls_of("cs-access").len(), 1, "the waiting replica repeated the call");
        aws.faults().release("cs-access");
        pair.claims_closed().await;
        let seen = pair.sees(&ben).await;
        assert_eq!(
            (seen.matches("[Open Waizant Web ↗]").count(), seen.contains("already done")),
            (1, true),
            "{seen}"
        );
        assert_eq!((aws.calls_of("cs-access").len(), pair.events("access_opened").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn slow_check_is_not_interrupted() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        let change = ben.keep("Change ecosystem");
        ben.presses("Enter code").await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-otp-verify");
        let submitting = tokio::spawn({
            let (ben, code) = (ben.clone(), pair.code_for(BEN));
            async move { ben.submits([code.as_str()]).await }
        });
        aws.faults().arrived("cs-otp-verify", 1).await;
        work_for(pair, Duration::from_secs(3)).await;
        submitting.await.unwrap();
        let pressing = tokio::spawn({
            let ben = ben.clone();
            async move { ben.presses_kept(&change).await }
        });
        work_for(pair, Duration::from_secs(3)).await;
        pressing.await.unwrap();
        aws.faults().release("cs-otp-verify");
        pair.claims_closed().await;
        let seen = pair.sees(&ben).await;
        assert!(seen.contains("3 of 4") && !seen.contains("interrupted"), "{seen}");
        assert_eq!((aws.calls_of("cs-otp-verify").len(), pair.events("code_right").await), (1, 1));
        assert_eq!(pair.events("code_not_counted").await, 0);
    })
    .await;
}

#[tokio::test]
async fn crash_after_renewals_is_taken_over() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-access");
        let opening = press(&ben, "Waizant Web");
        aws.faults().arrived("cs-access", 1).await;
        work_for(pair, Duration::from_secs(6)).await;
        opening.await.unwrap();
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        aws.faults().lose("cs-access");
        pair.with_moving_clock(aws.faults().arrived("cs-access", 2)).await;
        let seen = pair.sees(&ben).await;
        assert_eq!(
            (seen.matches("[Open Waizant Web ↗]").count(), seen.contains("failed")),
            (1, false),
            "{seen}"
        );
        assert_eq!((pair.sandbox.shop.links().len(), pair.events("access_opened").await), (1, 1));
    })
    .await;
}
