//! Attacks of somebody who can write the store's database and has no key.

use sandbox::shop::LinkState;

use crate::browser;
use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Asserts that the session was closed as tampered with, and that this many access links were
/// revoked then.
async fn assert_closed_and_revoked(world: &World, links: u32) {
    let mut trail = world.trail().await;
    // The agent asks for the session before or after the revocation.
    trail.retain(|event| !event.starts_with("refused") && !event.starts_with("alert_"));
    assert_eq!(world.count("select count from alerts where kind = 'trail_broken'").await, 1);
    let end = [
        r#"closed {"why":"tampered"}"#.to_owned(),
        "revoke_asked {}".to_owned(),
        format!(r#"revoked {{"outcome":"done","revoked":{links}}}"#),
    ];
    assert!(trail.ends_with(&end), "{trail:#?}");
    let links = world.sandbox.shop.links();
    assert!(links.iter().all(|link| link.state == LinkState::Revoked), "{links:?}");
    let open = world.count("select count(*) from sessions where closed_at is null").await;
    assert_eq!(open, 0);
}

#[tokio::test]
async fn session_handed_to_another_agent_is_closed_and_revoked() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        browser::goes_through(&ben.link_of("Open Waizant Web")).await;
        world.crashes();
        world.sandbox.discord.connected(0).await;
        let (from, to) = (ben.id(), eva.id());
        let hand_over = format!(
            "update sessions set discord_id = {to},
                 state = replace(state, '\"discord_id\":{from}', '\"discord_id\":{to}')"
        );
        world.executes(hand_over).await;
        world.starts().await;

        eva.types("/support resume").await;
        let seen = eva.sees().await;
        assert!(!seen.contains("Casa Luz") && !seen.contains("Waizant Web"), "{seen}");
        world.passes(std::time::Duration::from_secs(2)).await;
        assert_closed_and_revoked(world, 1).await;
        // The customer is free for the next agent.
        eva.types(&format!("/support technical email:{JULIA}")).await;
        assert!(eva.sees().await.contains("[Start verification process]"));
    })
    .await;
}

#[tokio::test]
async fn closed_session_that_is_put_back_is_closed_and_revoked_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        world.runs("create table kept as select * from sessions").await;
        ben.presses("Finish").await;
        ben.sees().await;
        world.crashes();
        world.sandbox.discord.connected(0).await;
        for statement in ["delete from sessions", "insert into sessions select * from kept"] {
            world.runs(statement).await;
        }
        world.runs("drop table kept").await;
        world.starts().await;

        ben.types("/support resume").await;
        let seen = ben.sees().await;
        assert!(!seen.contains("Casa Luz") && !seen.contains("Waizant Web"), "{seen}");
        world.passes(std::time::Duration::from_secs(2)).await;
        assert_closed_and_revoked(world, 0).await;
        let findings = world.findings().await;
        assert_eq!(findings, [""; 0], "the bot has repaired the row");
    })
    .await;
}

#[tokio::test]
async fn edited_session_of_a_closed_panel_says_why_it_closed() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let finish = ben.keep("Finish");
        world.crashes();
        world.sandbox.discord.connected(0).await;
        world.executes("update sessions set next_at = null").await;
        world.starts().await;
        ben.presses_kept(&finish).await;
        let panel = ben.sees().await;
        assert!(panel.contains("its record was changed outside the bot. Start again."), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn account_link_moved_to_another_person_does_not_count() {
    World::run(async |world| {
        let olga = world.person("olga");
        let (from, to) = (world.person("ben").id(), olga.id());
        let moved = format!("update account_links set discord_id = {to} where discord_id = {from}");
        world.executes(moved).await;
        olga.types(&format!("/support technical email:{JULIA}")).await;
        let seen = olga.sees().await;
        assert!(seen.contains("is not linked to a BackOffice account yet"), "{seen}");
    })
    .await;
}
