//! A take-over happens once: around a crash, and with two replicas.

use std::sync::Arc;

use sandbox::discord::Person;

use crate::lead::take_over::asks;
use crate::lead::{JULIA, TOO_LATE};
use crate::replicas::pair::Pair;
use crate::world::World;

#[tokio::test]
async fn take_over_is_once_around_a_crash() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        asks(&leo).await;
        let aws = Arc::clone(&world.sandbox.aws);
        // Killed after the commit, before the lead's code is mailed.
        aws.faults().hold("cs-otp-send");
        tokio::join!(leo.presses("Take over"), async {
            aws.faults().arrived("cs-otp-send", 2).await;
            world.crashes();
            aws.faults().lose("cs-otp-send");
            world.clock.advance(TOO_LATE);
        });
        world.starts().await;
        world.sweeps().await;
        leo.sees().await;
        ben.sees().await;
        assert_eq!(world.count("select count(*) from events where kind = 'taken_over'").await, 1);
        leo.types("/support resume").await;
        assert!(leo.sees().await.contains("2 of 4"));
        leo.presses("Enter code").await;
        leo.submits([world.code_for("leo@waizant.example").as_str()]).await;
        assert!(leo.sees().await.contains("3 of 4"));
    })
    .await;
}

/// Opens the card of the only open session, and presses Take over, on two replicas.
async fn asks_on(pair: &Pair, lead: &Person) {
    lead.types("/desk sessions").await;
    pair.sees(lead).await;
    lead.selects("").await;
    pair.sees(lead).await;
    lead.presses("Take over").await;
    pair.sees(lead).await;
}

#[tokio::test]
async fn replicas_take_over_once() {
    Pair::run(async |pair| {
        let (ben, leo) = (pair.person("ben"), pair.person("leo"));
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        asks_on(pair, &leo).await;
        leo.presses("Take over").await;
        assert!(pair.sees(&leo).await.contains("You have taken over from"));
        assert!(pair.sees(&ben).await.contains("has taken over."));
        assert_eq!(pair.events("taken_over ").await, 1);
        assert_eq!(pair.events("closed ").await, 1);
    })
    .await;
}

#[tokio::test]
async fn other_replica_answers_if_one_dies_while_the_code_is_mailed() {
    Pair::run(async |pair| {
        let (ben, leo) = (pair.person("ben"), pair.person("leo"));
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        asks_on(pair, &leo).await;
        // Timeouts of earlier interactions must be over before the test stops the clock.
        pair.settled().await;
        pair.clock.advance(TOO_LATE);
        let aws = Arc::clone(&pair.sandbox.aws);
        let before = aws.calls_of("cs-otp-send").len();
        aws.faults().hold("cs-otp-send");
        let acting = tokio::spawn({
            let leo = leo.clone();
            async move { leo.presses("Take over").await }
        });
        aws.faults().arrived("cs-otp-send", before + 1).await;
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        aws.faults().clear("cs-otp-send");
        aws.faults().lose("cs-otp-send");
        pair.with_moving_clock(aws.faults().arrived("cs-otp-send", before + 2)).await;
        pair.with_moving_clock(acting).await.unwrap();
        let seen = pair.sees(&leo).await;
        assert!(seen.contains("2 of 4") && !seen.contains("failed"), "{seen}");
        assert!(pair.sees(&ben).await.contains("has taken over."));
        assert_eq!(pair.sandbox.mail.for_address("leo@waizant.example").len(), 1);
        for once in ["closed ", "taken_over "] {
            assert_eq!(pair.events(once).await, 1, "{once}");
        }
    })
    .await;
}
