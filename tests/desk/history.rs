//! Earlier sessions of a customer, as agents see them: before the consent, and after it.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::clock::Clock as _;
use sandbox::discord::Person;

use crate::world::World;

const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// Looks Julia up and starts. Then cancels.
async fn cancels(who: &Person) {
    who.types(LOOK_UP).await;
    who.presses("Start").await;
    who.presses("Cancel").await;
    who.submits(["did not call us at all"]).await;
    who.sees().await;
}

#[tokio::test]
async fn look_up_tells_of_earlier_sessions_before_the_consent() {
    World::run(async |world| {
        let (ben, ana) = (world.person("ben"), world.person("ana"));
        ben.types(LOOK_UP).await;
        assert!(!ben.sees().await.contains("Here before"), "a new customer");
        ben.presses("Close").await;
        ben.sees().await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Finish").await;
        ben.sees().await;
        world.clock.advance(minutes(3 * 24 * 60));
        cancels(&ben).await;
        world.clock.advance(minutes(60));
        ana.locale("en-US");
        ana.types(LOOK_UP).await;
        let seen = ana.sees().await;
        assert!(
            seen.contains(
                "\nHere before: 2 sessions in 12 months, 1 verified; last one 1 hour ago.\n"
            ),
            "{seen}"
        );
        assert!(!seen.contains("⚠️") && !seen.contains("Casa") && !seen.contains("Ben"), "{seen}");
        // A second look-up draws it again, and Start ends it.
        ana.types(LOOK_UP).await;
        assert!(ana.sees().await.contains("Here before: 2 sessions"));
        ana.presses("Start").await;
        assert!(!ana.sees().await.contains("Here before"));
        assert_eq!(world.count("select count(*) from sessions where state like '%past%'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn warnings_precede_the_line() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        cancels(&ben).await;
        ben.types(LOOK_UP).await;
        assert!(!ben.sees().await.contains("⚠️"), "the second attempt");
        ben.presses("Close").await;
        ben.sees().await;
        let warned = |seen: &str, words: &str| {
            let lines: Vec<_> = seen.lines().collect();
            lines.iter().position(|line| *line == words).unwrap_or_else(|| panic!("{seen}"))
        };
        eva.types(LOOK_UP).await;
        let seen = eva.sees().await;
        let attempts = warned(&seen, "⚠️ Third attempt today, none verified.");
        let before = "Here before: 1 session in 12 months, 0 verified; last one now.";
        assert_eq!(warned(&seen, before), attempts + 1, "{seen}");
        eva.presses("Close").await;
        eva.sees().await;
        let now = world.clock.now();
        world
            .executes(format!(
                "update sessions set reported_at = {now}, bounced_at = {now}, mailed_at = {now}
             where started_at is not null"
            ))
            .await;
        world.clock.advance(minutes(60));
        eva.types(LOOK_UP).await;
        assert_snapshot!(eva.sees().await.lines().skip(2).take(7).collect::<Vec<_>>().join("\n"), @"
        Ask whether they want help now.

        ⚠️ The customer said 1 hour ago that they had not asked for help. Ask twice.
        ⚠️ Fourth attempt today, none verified.
        ⚠️ The last mail to this customer came back.
        Here before: 1 session in 12 months, 0 verified; last one 1 hour ago.
        Technical Assistance · Session ······ · Panel gone? /support resume
        ");
        eva.presses("Close").await;
        eva.sees().await;
        world.verifies(&eva, JULIA, "Casa Luz").await;
        eva.presses("Finish").await;
        eva.sees().await;
        eva.types(LOOK_UP).await;
        assert!(!eva.sees().await.contains("attempt"), "one was verified");
    })
    .await;
}

#[tokio::test]
async fn history_lists_earlier_sessions_after_both_verifications() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("History").await;
        assert_snapshot!(ben.sees().await, @"
        History · Julia Peña
        No earlier session in the last 12 months.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Back]
        ");
        ben.presses("Back").await;
        assert!(ben.sees().await.contains("[See plan details] [History] [Finish"));
        ben.presses("Finish").await;
        ben.sees().await;
        world.clock.advance(minutes(60));
        cancels(&ben).await;
        world.clock.advance(minutes(60));
        world.verifies(&eva, JULIA, "Casa Luz").await;
        eva.presses("History").await;
        assert_snapshot!(eva.sees().await, @"
        History · Julia Peña
        2026-01-05 · Technical · – · not verified, cancelled · by a colleague
        2026-01-05 · Technical · Casa Luz · verified, finished · by a colleague
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Back]
        ");
        eva.presses("Back").await;
        eva.sees().await;
        eva.presses("Finish").await;
        eva.sees().await;
        for _ in 0..9 {
            world.clock.advance(minutes(60));
            cancels(&eva).await;
        }
        world.verifies(&eva, JULIA, "Casa Luz").await;
        eva.presses("History").await;
        let seen = eva.sees().await;
        assert_eq!(seen.matches(" · by you").count(), 10, "the newest ten: {seen}");
        assert!(!seen.contains("colleague"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn history_of_an_ecosystem_admin_and_of_a_verify_only_agent() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        vera.presses("History").await;
        assert!(vera.sees().await.contains("No earlier session"));
        let session = vera.keep("Back").custom_id().split('.').nth(1).unwrap().to_owned();
        vera.presses("Back").await;
        vera.sees().await;
        // Before both verifications the button is forged.
        let ben = world.person("ben");
        ben.types("/support technical email:tom@example.com").await;
        ben.sees().await;
        let own = ben.keep("Close").custom_id().replace(".close", ".history");
        ben.forges(&own).await;
        assert!(!ben.sees().await.contains("History"));
        ben.forges(&format!("d1.{session}.9.history")).await;
        assert!(ben.sees().await.contains("another agent"));
    })
    .await;
}
