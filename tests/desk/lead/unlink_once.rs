//! An unlink happens once, and its notice is mailed once, although a replica dies.

use std::sync::Arc;
use std::time::Duration;

use crate::lead::{REASON, TOO_LATE};
use crate::replicas::pair::Pair;

#[tokio::test]
async fn other_replica_mails_the_notice_if_one_dies() {
    Pair::run(async |pair| {
        let leo = pair.person("leo");
        // Timeouts of earlier interactions must be over before the test stops the clock.
        pair.settled().await;
        pair.clock.advance(TOO_LATE);
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("cs-message");
        let acting = tokio::spawn({
            let leo = leo.clone();
            async move { leo.types(&format!("/desk unlink agent:@ben reason:{REASON}")).await }
        });
        aws.faults().arrived("cs-message", 1).await;
        let worker = pair.claim_owner().await;
        pair.crashes(worker).await;
        aws.faults().clear("cs-message");
        aws.faults().lose("cs-message");
        pair.with_moving_clock(acting).await.unwrap();
        let seen = pair.sees(&leo).await;
        assert!(seen.contains("no longer linked. No session was open."), "{seen}");
        assert!(seen.contains("The notice is not confirmed as mailed."), "{seen}");
        pair.passes(Duration::from_secs(65)).await;
        assert_eq!(pair.sandbox.mail.for_address("ben@waizant.example").len(), 1);
        for once in ["unlinked ", "notified "] {
            assert_eq!(pair.events(once).await, 1, "{once}");
        }
    })
    .await;
}
