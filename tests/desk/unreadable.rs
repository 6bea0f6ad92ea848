//! A session whose row no process can read, as after damage: it is closed, its customer is free
//! again, and what it opened is revoked.

use std::time::Duration;

use commands::model::time::minutes;
use sandbox::shop::LinkState;

use crate::browser;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn unreadable_session_is_closed_and_revoked() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        browser::goes_through(&ben.link_of("Open Waizant Web")).await;
        let finish = ben.keep("Finish");
        world.executes("update sessions set state = '{}'").await;
        world.restarts().await;
        let states =
            || world.sandbox.shop.links().iter().map(|link| link.state).collect::<Vec<_>>();
        // The end of the link is due after a minute. The row is closed a minute later.
        world.passes(minutes(2) - SECOND).await;
        assert_eq!(states(), [LinkState::Used], "the sign-in is alive");
        world.passes(2 * SECOND).await;
        assert_eq!(states(), [LinkState::Revoked]);
        let trail = world.trail().await;
        assert_eq!(
            trail[trail.len() - 3..],
            [
                r#"closed {"why":"unreadable"}"#,
                "revoke_asked {}",
                r#"revoked {"outcome":"done","revoked":1}"#,
            ]
        );
        assert_eq!(world.count("select count(*) from sessions where pending_since > 0").await, 0);

        ben.presses_kept(&finish).await;
        let panel = ben.sees().await;
        assert!(panel.contains("the bot could not read it. Start again."), "{panel}");
    })
    .await;
}
