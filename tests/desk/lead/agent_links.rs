//! The list of linked agents at its edges, accounts that are gone, and acts on oneself.

use commands::model::account::AccountLink;
use commands::model::time::{Timestamp, minutes};
use sandbox::clock::Clock as _;

use crate::lead::{JULIA, OPEN, REASON, acts_on_agent, looks_up};
use crate::world::World;

const LOCKED_OUT: &str = "You are locked out until";

/// Returns a link of a Discord account that left the server.
fn link(world: &World, n: u64) -> AccountLink {
    AccountLink {
        discord_id: 1_300_000_000_000_000_000 + n,
        agent_id: format!("sub-{n}"),
        name: format!("Zoe {n:02}"),
        email: "z•••@w•••.example".to_owned(),
        email_mac: format!("mac-{n}"),
        linked_at: Timestamp(world.clock.now()),
    }
}

#[tokio::test]
async fn list_has_ten_agents_a_page() {
    World::run(async |world| {
        let leo = world.person("leo");
        // Without any other link the lead's own is left.
        world.runs("delete from account_links where name <> 'Leo Fischer'").await;
        for (links, pages) in [(1, 1), (10, 1), (11, 2)] {
            let has = world.count("select count(*) from account_links").await;
            world.adds_links((has..links).map(|n| link(world, n.unsigned_abs()))).await;
            leo.types("/desk agent").await;
            let seen = leo.sees().await;
            assert!(seen.starts_with(&format!("Linked agents · {links}\n")), "{seen}");
            let lines = seen.lines().filter(|line| line.starts_with("<@")).count();
            assert_eq!(i64::try_from(lines).unwrap(), links.min(10), "{seen}");
            assert_eq!(seen.contains("Page 1 of 2."), pages == 2, "{seen}");
            let next = if pages == 2 { "[Next page]" } else { "[Next page (off)]" };
            assert!(seen.contains(&format!("[Previous page (off)] {next}")), "{seen}");
        }
        leo.presses("Next page").await;
        let seen = leo.sees().await;
        assert_eq!(seen.matches("Zoe 10").count(), 2, "in the line and in the menu: {seen}");
        assert!(seen.contains("[Previous page] [Next page (off)]"), "{seen}");
        // An account that is gone in Cognito still has a card, from the link.
        leo.selects("Zoe 10").await;
        let card = leo.sees().await;
        assert!(card.contains("account deleted") && card.contains("[Unlink]"), "{card}");
        leo.presses("Unlink").await;
        leo.sees().await;
        leo.submits([REASON]).await;
        let seen = leo.sees().await;
        assert!(seen.contains("Zoe 10's Discord account is no longer linked."), "{seen}");
        leo.types("/desk agent").await;
        assert!(leo.sees().await.starts_with("Linked agents · 10\n"));
    })
    .await;
}

#[tokio::test]
async fn agent_who_left_is_found_by_id() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        world.sandbox.aws.delete_account("ben@waizant.example");
        ben.leaves_guild();
        world.clock.advance(minutes(1));
        leo.types("/desk agent").await;
        let seen = leo.sees().await;
        assert!(seen.contains(&format!("<@{}> Ben Carter · account deleted", ben.id())), "{seen}");
        leo.types(&format!("/desk agent agent:{}", ben.id())).await;
        let card = leo.sees().await;
        assert!(card.contains("account deleted"), "{card}");
        assert!(card.contains("has left the server"), "{card}");
        let seen = acts_on_agent(&leo, &ben.id().to_string(), "Lock out 1 hour").await;
        assert!(seen.contains("is locked out until"), "{seen}");
        assert!(ben.sees().await.contains(LOCKED_OUT));
        leo.types(&format!("/desk unlink agent:{} reason:{REASON}", ben.id())).await;
        let seen = leo.sees().await;
        assert!(
            seen.contains("no longer linked") && seen.contains("could not be mailed"),
            "{seen}"
        );
        assert_eq!(world.count(OPEN).await, 0);
    })
    .await;
}

#[tokio::test]
async fn lockout_closes_every_session_and_refuses_look_ups() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, "tom@example.com").await;
        let start = ben.keep("Start");
        looks_up(&ben, "lena@example.com").await;
        ben.presses("Start").await;
        ben.sees().await;
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        let seen = acts_on_agent(&leo, "@ben", "Lock out 1 hour").await;
        assert!(seen.contains("3 sessions were closed."), "{seen}");
        let closed = ben.sees().await;
        assert_eq!(closed.matches(LOCKED_OUT).count(), 3, "each panel tells it: {closed}");
        assert_eq!(world.count(OPEN).await, 0);
        ben.presses_kept(&start).await;
        assert!(ben.sees().await.contains("Session closed"));
        for kind in ["technical", "successor"] {
            ben.types(&format!("/support {kind} email:{JULIA}")).await;
            let seen = ben.sees().await;
            assert!(seen.contains(LOCKED_OUT), "{kind}: {seen}");
        }
        // It ends by itself.
        world.clock.advance(minutes(60));
        looks_up(&ben, JULIA).await;
        assert!(ben.find_button("Start").is_some());
    })
    .await;
}

/// A session that the lockout has not closed: the process died in between.
#[tokio::test]
async fn lockout_refuses_start_code_and_action_of_an_open_session() {
    for step in ["Start", "the customer's code", "Waizant Web"] {
        World::run(async |world| {
            let ben = world.person("ben");
            match step {
                "Start" => looks_up(&ben, JULIA).await,
                "Waizant Web" => world.verifies(&ben, JULIA, "Casa Luz").await,
                _ => {
                    world.proves_agent(&ben, JULIA, "Casa Luz").await;
                    ben.presses("Send code").await;
                    ben.presses("Enter code").await;
                    ben.sees().await;
                }
            }
            let sql = "select agent_id from account_links where name = 'Ben Carter'";
            let agent = world.select(sql).await.remove(0).unwrap();
            let until = world.clock.now() + 3_600_000;
            world
                .executes(format!(
                    "insert into lockouts (subject, until, barred_until, reason, locked_by)
                     values ('agent:{agent}', {until}, {until}, 'lead', 1200000000000000109)"
                ))
                .await;
            let is_called = |name: &str| name.starts_with("cs-") && name != "cs-access";
            let calls = || {
                let calls = world.sandbox.aws.calls();
                calls.iter().filter(|call| is_called(&call.function)).count()
            };
            let before = calls();
            match step {
                "the customer's code" => ben.submits([world.code_for(JULIA).as_str()]).await,
                label => ben.presses(label).await,
            }
            let seen = ben.sees().await;
            assert!(seen.contains(LOCKED_OUT), "{step}: {seen}");
            assert_eq!(calls(), before, "{step}");
            assert_eq!(world.count(OPEN).await, 0, "{step}");
            assert!(world.sandbox.shop.links().is_empty(), "{step}");
        })
        .await;
    }
}

#[tokio::test]
async fn lead_does_nothing_to_the_own_account() {
    World::run(async |world| {
        let leo = world.person("leo");
        leo.types("/desk agent agent:@leo").await;
        leo.sees().await;
        for act in ["close", "hour", "lock", "unlink"] {
            let id = format!("d1.desk.agent.do.{act}.1.{}.0", leo.id());
            leo.forges_submit(&id, REASON).await.unwrap();
            let seen = leo.sees().await;
            assert!(seen.contains("You cannot do this to your own account."), "{act}: {seen}");
        }
        leo.forges(&format!("d1.desk.agent.unlock.{}.0", leo.id())).await;
        assert!(leo.sees().await.contains("You cannot do this to your own account."));
        let acts =
            "select count(*) from events where kind in ('locked_out', 'unlocked', 'unlinked')";
        assert_eq!(world.count(acts).await, 0);
    })
    .await;
}
