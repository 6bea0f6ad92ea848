//! A close by a lead while a function is called, in another replica, and around a crash.

use std::sync::Arc;
use std::time::Duration;

use crate::lead::{REASON, newest};
use crate::replicas::pair::Pair;
use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Time after which a Discord client reports a failed interaction.
const TOO_LATE: Duration = Duration::from_millis(3_001);

#[tokio::test]
async fn close_follows_a_link_that_is_being_issued_and_revokes_it() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        let faults = world.sandbox.aws.faults();
        faults.hold("cs-access");
        tokio::join!(ben.presses("Waizant Web"), async {
            faults.arrived("cs-access", 1).await;
            // The lead's answer is deferred until the function has answered.
            world.with_moving_clock(Duration::from_secs(1), leo.types(&line)).await;
            faults.release("cs-access");
        });
        let seen = leo.sees().await;
        assert!(seen.contains("Its access links are being revoked."), "{seen}");
        assert!(ben.sees().await.contains("by a lead. Ask your lead."));
        assert!(ben.find_link("Open Waizant Web").is_none());
        let kinds = world.select("select kind from events where kind in ('access_opened', 'closed', 'revoked') order by rowid").await;
        assert_eq!(kinds.into_iter().flatten().collect::<Vec<_>>(), ["access_opened", "closed", "revoked"]);
    })
    .await;
}

#[tokio::test]
async fn close_is_once_around_a_crash() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let line = format!("/desk close session:{} reason:{REASON}", newest(world).await);
        let aws = Arc::clone(&world.sandbox.aws);
        // Killed after the commit, before the links are revoked.
        aws.faults().hold("cs-access");
        leo.types(&line).await;
        aws.faults().arrived("cs-access", 1).await;
        world.crashes();
        aws.faults().lose("cs-access");
        world.clock.advance(TOO_LATE);
        world.starts().await;
        world.sweeps().await;
        leo.sees().await;
        ben.sees().await;
        let events = "select count(*) from events where kind = 'closed'";
        assert_eq!(world.count(events).await, 1);
        assert_eq!(world.count("select count(*) from sessions where pending_since > 0").await, 0);
        leo.types(&line).await;
        assert!(leo.sees().await.contains("closed it a moment ago."));
        assert_eq!(world.count(events).await, 1);
    })
    .await;
}

#[tokio::test]
async fn replicas_close_once() {
    Pair::run(async |pair| {
        let (ben, leo) = (pair.person("ben"), pair.person("leo"));
        pair.chooses(&ben, JULIA, "Casa Luz").await;
        leo.types("/desk sessions").await;
        assert!(pair.sees(&leo).await.contains("Open sessions · 1"));
        leo.selects("").await;
        pair.sees(&leo).await;
        leo.presses("Close session").await;
        pair.sees(&leo).await;
        leo.submits(["short"]).await;
        assert!(pair.sees(&leo).await.contains("The reason is too short."));
        leo.presses("Try again").await;
        assert!(pair.sees(&leo).await.contains("short"), "each replica has the typed reason");
        leo.submits([REASON]).await;
        assert!(pair.sees(&leo).await.contains("is closed."));
        assert!(pair.sees(&ben).await.contains("by a lead. Ask your lead."));
        assert_eq!(pair.events("closed ").await, 1);
    })
    .await;
}
