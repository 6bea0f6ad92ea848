//! One open session a customer, from Start on: a second agent is told, and of two who start
//! together one wins.

use commands::model::time::minutes;
use insta::assert_snapshot;

use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

#[tokio::test]
async fn a_second_agent_is_told_that_the_customer_is_attended_and_not_by_whom() {
    World::run(async |world| {
        let (ben, ana) = (world.person("ben"), world.person("ana"));
        ana.locale("en-US");
        ben.types(LOOK_UP).await;
        ben.presses("Start").await;
        ben.sees().await;

        ana.types(LOOK_UP).await;
        let seen = ana.sees().await;
        assert_snapshot!(seen, @r"
        Technical Assistance
        Another agent is helping this customer right now.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Close]
        ");
        assert!(!seen.to_lowercase().contains("ben") && !seen.contains(&ben.id().to_string()));
        ana.presses("Close").await;
        assert_snapshot!(ana.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Session ······
        ");

        ben.presses("Cancel").await;
        ben.submits(["The customer hung up."]).await;
        ben.sees().await;
        ana.types(LOOK_UP).await;
        ana.presses("Start").await;
        assert!(ana.sees().await.contains("Choose the ecosystem"), "free again");
    })
    .await;
}

#[tokio::test]
async fn who_looked_up_first_and_starts_second_is_told_and_finds_the_customer_free_later() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        ben.types(LOOK_UP).await;
        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        eva.sees().await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        Another agent is helping this customer right now.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Close]
        ");
        assert_eq!(world.sandbox.mail.all().len(), 0);

        eva.presses("Cancel").await;
        eva.submits(["The customer hung up."]).await;
        eva.sees().await;
        ben.types(LOOK_UP).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn of_two_starts_at_once_one_wins() {
    World::run(async |world| {
        for (one, other) in [("ben", "eva"), ("eva", "ana"), ("ana", "ben")] {
            let (one, other) = (world.person(one), world.person(other));
            one.locale("en-US");
            other.locale("en-US");
            one.types(LOOK_UP).await;
            other.types(LOOK_UP).await;
            tokio::join!(one.presses("Start"), other.presses("Start"));
            let seen = [one.sees().await, other.sees().await];
            let has = |word: &str| seen.iter().filter(|seen| seen.contains(word)).count();
            assert_eq!(
                (has("Choose the ecosystem"), has("Another agent is helping this customer")),
                (1, 1),
                "{seen:?}"
            );
            let (winner, loser) =
                if seen[0].contains("Choose") { (&one, &other) } else { (&other, &one) };
            winner.presses("Cancel").await;
            winner.submits(["The customer hung up."]).await;
            loser.presses("Close").await;
            winner.sees().await;
            loser.sees().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ran_out_holds_nobody() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(15)).await;
        assert!(
            ben.sees().await.contains("because there is no activity"),
            "the token that would say more has died with it"
        );
        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Choose the ecosystem"));
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("(10:15 UTC): there was no activity for 15 minutes"));
    })
    .await;
}

#[tokio::test]
async fn a_lead_is_told_by_whom() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        eva.types(LOOK_UP).await;
        let seen = eva.sees().await;
        assert!(
            seen.contains("<@1200000000000000101> is helping this customer right now.")
                && !seen.contains("Start"),
            "{seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_held_customer_is_held_after_a_crash_too() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.restarts().await;
        eva.types(LOOK_UP).await;
        assert!(
            eva.sees().await.contains("<@1200000000000000101> is helping this customer right now.")
        );
    })
    .await;
}
