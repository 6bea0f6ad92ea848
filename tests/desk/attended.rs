//! A customer has at most one started session. Other agents read that the customer is attended.

use insta::assert_snapshot;
use sandbox::seed::{AGENT_ROLE_ID, LEAD_ROLE_ID};

use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

#[tokio::test]
async fn second_agent_reads_that_customer_is_attended() {
    World::run(async |world| {
        let (ben, ana) = (world.person("ben"), world.person("ana"));
        ana.locale("en-US");
        ben.types(LOOK_UP).await;
        ben.presses("Start").await;
        ben.sees().await;

        ana.types(LOOK_UP).await;
        let seen = ana.sees().await;
        assert_snapshot!(seen, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Another agent is helping this customer right now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        assert!(!seen.to_lowercase().contains("ben") && !seen.contains(&ben.id().to_string()));
        ana.presses("Close").await;
        assert_snapshot!(ana.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Technical Assistance · Session ······
        [Help another customer]
        ");

        ben.presses("Cancel").await;
        ben.submits(["The customer hung up."]).await;
        ben.sees().await;
        ana.types(LOOK_UP).await;
        ana.presses("Start").await;
        assert!(ana.sees().await.contains("Choose the ecosystem"), "the customer is free again");
    })
    .await;
}

#[tokio::test]
async fn later_start_is_refused_until_session_closes() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        ben.types(LOOK_UP).await;
        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        eva.sees().await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Another agent is helping this customer right now.
        Technical Assistance · Session ······ · Panel gone? /support resume
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
async fn two_concurrent_starts_open_one_session() {
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
async fn attended_customer_stays_attended_after_crash() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.restarts().await;
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
async fn lead_role_alone_does_not_show_who_attends_customer() {
    World::run(async |world| {
        let (ben, ana) = (world.person("ben"), world.person("ana"));
        ana.locale("en-US");
        // Ana's account is in no group of leads.
        ana.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ana.types(LOOK_UP).await;
        let seen = ana.sees().await;
        assert!(seen.contains("Another agent is helping this customer right now."), "{seen}");
    })
    .await;
}
