//! The absolute timeout: a session closes 60 minutes after Start, even if it is active.

use std::time::Duration;

use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const fn at(minutes: u64, seconds: u64) -> Duration {
    Duration::from_secs(minutes * 60 + seconds)
}

/// Keeps the session active by resuming it every 10 minutes, until `end` after the test began.
async fn stays_active(world: &World, who: &Person, end: Duration) {
    let mut now = at(0, 0);
    while now + at(10, 0) < end {
        now += at(10, 0);
        world.passes_until(now).await;
        who.types("/support resume").await;
        who.sees().await;
    }
    world.passes_until(end).await;
}

#[tokio::test]
async fn session_closes_sixty_minutes_after_start() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        stays_active(world, &ben, at(56, 59)).await;
        assert_eq!(ben.sees().await, "", "56:59 is too early");
        world.passes_until(at(57, 0)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Julia Peña
        ⏳ This session reaches its limit of 60 minutes in 3 minutes. It cannot be extended.

        julia\@example.com · owner of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");

        world.passes_until(at(57, 59)).await;
        ben.presses("Waizant Web").await;
        let opened = ben.sees_changes().await;
        assert!(opened.contains("[Open Waizant Web ↗]"), "{opened}");

        world.passes_until(at(58, 0)).await;
        ben.presses("Waizant Store").await;
        assert_snapshot!(ben.sees_changes().await, @"
        4 of 4 · Julia Peña
        …
        + ⚠️ The session is about to end, so no new links can be opened. Finish it and start again if you need to.
        …
        - 🔗 Web is ready until 10:58:59 UTC (in 1 minute)
        + 🔗 Web is ready until 10:58:59 UTC (in 59 seconds)
        …
        ");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 1, "no further link was requested");

        world.passes_until(at(59, 44)).await;
        assert!(ben.sees().await.contains("[Waizant Web]"), "only the access link has ended");
        world.passes_until(at(59, 45)).await;
        assert_snapshot!(ben.sees_changes().await, @"
        Technical Assistance
        This session ends at 11:00 UTC (in 15 seconds) and cannot be extended. Until then, press Resume to see its panel.
        [Resume]
        ");
        ben.presses("Resume").await;
        let whole = ben.sees().await;
        assert!(whole.contains("Julia Peña") && whole.contains("reaches its limit of 60 minutes in 15 seconds"), "{whole}");

        world.passes_until(at(59, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes_until(at(60, 0)).await;
        assert_snapshot!(ben.sees_changes().await, @"
        Session closed
        This session is closed (11:00 UTC): it reached its limit of 60 minutes.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        let trail = world.trail().await;
        assert!(trail.iter().any(|event| event == r#"closed {"why":"absolute"}"#), "{trail:#?}");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").last().unwrap().body["op"], "revoke");
    })
    .await;
}
