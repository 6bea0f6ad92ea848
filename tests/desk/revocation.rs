//! The revocation at the close: it ends proofs and access links, and each one is carried out.

use sandbox::shop::LinkState;
use sqlx::Connection as _;

use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Returns the number of revocations that the function was asked for.
fn revocations(world: &World) -> usize {
    let calls = world.sandbox.aws.calls_of("cs-access").into_iter();
    calls.filter(|call| call.body["op"] == "revoke").count()
}

/// Runs statements on the bot's store, as an administrator can.
async fn run_all(world: &World, statements: &[&'static str]) {
    let mut store = sqlx::AnyConnection::connect(&world.database_url()).await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(&mut store).await.unwrap();
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn session_without_links_ends_its_proof() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Cancel").await;
        ben.submits(["The customer has hung up"]).await;
        ben.sees().await;
        assert_eq!(revocations(world), 0, "no code was correct");

        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Cancel").await;
        ben.submits(["The customer has hung up"]).await;
        ben.sees().await;
        assert_eq!(revocations(world), 1, "the agent's proof was given");
        let revoked = r#"revoked {"outcome":"done","revoked":0}"#.to_owned();
        assert_eq!(world.trail().await.last(), Some(&revoked));
    })
    .await;
}

#[tokio::test]
async fn session_that_is_open_again_is_revoked_again() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        run_all(world, &["create table kept as select * from sessions"]).await;
        ben.presses("Finish").await;
        ben.sees().await;
        assert_eq!(revocations(world), 1);

        // A failover loses the last second of the store.
        world.crashes();
        world.sandbox.discord.connected(0).await;
        run_all(
            world,
            &[
                "delete from events where session_id = (select id from kept)
                     and seq > (select trail_seq from kept)",
                "delete from sessions",
                "insert into sessions select * from kept",
                "drop table kept",
            ],
        )
        .await;
        world.starts().await;
        ben.types("/support resume").await;
        ben.sees().await;
        ben.presses("Waizant Store").await;
        let seen = ben.sees().await;
        assert!(seen.contains("the verification has expired. Start again."), "{seen}");
        assert_eq!(revocations(world), 2, "the second close revokes again");
        let links = world.sandbox.shop.links();
        assert!(links.iter().all(|link| link.state == LinkState::Revoked), "{links:?}");
    })
    .await;
}
