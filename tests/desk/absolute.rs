//! The absolute clock: sixty minutes from Start, whatever moves.

use std::time::Duration;

use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

const fn at(minutes: u64, seconds: u64) -> Duration {
    Duration::from_secs(minutes * 60 + seconds)
}

/// The agent keeps coming back to the session until `end` after the start of the test.
async fn keeps_at_it(world: &World, who: &Person, end: Duration) {
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
async fn a_session_ends_sixty_minutes_after_start_whatever_moves() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        keeps_at_it(world, &ben, at(56, 59)).await;
        assert_eq!(ben.sees().await, "", "56:59 is too early");
        world.passes_until(at(57, 0)).await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⏳ This session reaches its limit of 60 minutes in 3 minutes. It cannot be extended.

        You and the customer are verified. Choose what to open for the customer.

        The customer is the **owner** of this ecosystem.
        Customer: Julia Peña
        E-mail: julia\@example.com
        Ecosystem: Casa Luz
        Session ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");

        world.passes_until(at(57, 59)).await;
        ben.presses("Waizant Web").await;
        let opened = ben.sees().await;
        assert!(opened.contains("[Open the web ↗]") && opened.contains("reaches its limit"), "{opened}");

        world.passes_until(at(58, 0)).await;
        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⏳ This session reaches its limit of 60 minutes in 2 minutes. It cannot be extended.

        ⚠️ The session is about to end, so no new links can be opened. Finish it and start again if you need to.

        You and the customer are verified. Choose what to open for the customer.

        The customer is the **owner** of this ecosystem.
        Customer: Julia Peña
        E-mail: julia\@example.com
        Ecosystem: Casa Luz
        Session ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 1, "nothing more was asked for");

        world.passes_until(at(59, 44)).await;
        assert!(ben.sees().await.contains("It has expired"), "only the link's own minute is over");
        world.passes_until(at(59, 45)).await;
        assert_snapshot!(ben.sees().await, @"
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
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (11:00 UTC): it reached its limit of 60 minutes.
        Session ······
        ");
        let trail = world.trail().await;
        assert!(trail.iter().any(|event| event == r#"closed {"why":"absolute"}"#), "{trail:#?}");
        assert_eq!(world.sandbox.aws.calls_of("cs-access").last().unwrap().body["op"], "revoke");
    })
    .await;
}

#[tokio::test]
async fn the_customers_wrong_codes_do_not_move_the_end() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        keeps_at_it(world, &ben, at(55, 0)).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for("julia@example.com").as_str()]).await;
        ben.sees().await;
        world.passes_until(at(57, 0)).await;
        assert!(ben.sees().await.contains("reaches its limit of 60 minutes in 3 minutes"));
        world.passes_until(at(60, 0)).await;
        assert!(ben.sees().await.contains("it reached its limit of 60 minutes"));
    })
    .await;
}

#[tokio::test]
async fn the_sixty_minutes_begin_with_start_and_not_with_the_look_up() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        keeps_at_it(world, &ben, at(65, 0)).await;
        assert_eq!(ben.sees().await, "", "nobody is held, nothing ends but by idleness");
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("There is no recent activity"));
    })
    .await;
}

#[tokio::test]
async fn a_bot_that_was_down_at_the_absolute_end_closes_on_its_first_look() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        keeps_at_it(world, &ben, at(56, 0)).await;
        ben.types("/support resume").await;
        ben.sees().await;
        world.crashes();
        world.clock.advance(at(4, 0));
        world.starts().await;
        world.sweeps().await;
        assert!(
            ben.sees().await.contains("it reached its limit of 60 minutes"),
            "the panel's token lives, so it is told"
        );
    })
    .await;
}
