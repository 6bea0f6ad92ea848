//! Effects, trail events and timers happen once, although both replicas get every interaction.

use std::time::Duration;

use super::pair::Pair;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn whole_session_on_both_replicas_happens_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        ben.presses("See plan details").await;
        assert!(pair.sees(&ben).await.contains("Plan"));
        ben.presses("Back").await;
        pair.sees(&ben).await;
        ben.presses("Waizant Web").await;
        assert_eq!(pair.sees(&ben).await.matches("[Open Waizant Web ↗]").count(), 1);
        ben.presses("Finish").await;
        assert!(pair.sees(&ben).await.contains("was finished at"));
        pair.settled().await;
        for once in
            ["looked_up", "started", "ecosystem_chosen", "access_opened", "closed", "revoked"]
        {
            assert_eq!(pair.events(once).await, 1, "{once}: {:#?}", pair.postgres.trail().await);
        }
        assert_eq!((pair.events("code_sent").await, pair.events("code_right").await), (2, 2));
        assert_eq!(
            (pair.sandbox.mail.for_address(BEN).len(), pair.sandbox.mail.for_address(JULIA).len()),
            (1, 2)
        );
        let calls = ["cs-otp-send", "cs-otp-verify", "cs-access"]
            .map(|function| pair.sandbox.aws.calls_of(function).len());
        assert_eq!(calls, [2, 2, 2], "both replicas performed an effect");
        assert_eq!(
            pair.postgres.count("select count(*) from claims where outcome is null").await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn double_click_on_both_replicas_has_one_effect() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        pair.without_effects(ben.presses_twice("Waizant Web")).await;
        let seen = pair.sees(&ben).await;
        assert_eq!(seen.matches("[Open Waizant Web ↗]").count(), 1, "{seen}");
        assert_eq!(pair.sandbox.aws.calls_of("cs-access").len(), 1);
        pair.without_effects(ben.presses_twice("Finish")).await;
        assert!(pair.sees(&ben).await.contains("was finished at"));
        assert_eq!((pair.events("access_opened").await, pair.events("closed").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn timers_on_both_replicas_act_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        pair.verifies(&ben, BEN, JULIA, "Casa Luz").await;
        pair.passes(Duration::from_mins(12)).await;
        assert_eq!(pair.sees(&ben).await.matches("This session closes in 3 minutes").count(), 1);
        pair.passes(Duration::from_secs(2 * 60 + 45)).await;
        let stripped = pair.sees(&ben).await;
        assert!(
            stripped.contains("because there is no activity") && !stripped.contains("Julia"),
            "{stripped}"
        );
        pair.passes(Duration::from_secs(15)).await;
        assert_eq!(pair.events("closed").await, 1, "{:#?}", pair.postgres.trail().await);
        ben.presses("Resume").await;
        assert!(pair.sees(&ben).await.contains("there was no activity"));
    })
    .await;
}

#[tokio::test]
async fn refusal_on_both_replicas_is_shown_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        ben.types("/support technical email:nobody@example.com").await;
        assert_eq!(pair.sees(&ben).await.matches("No Waizant customer").count(), 1);
        // The second refusal is only counted, so no replica claims it.
        for _ in 0..2 {
            ben.types("/support resume").await;
            assert_eq!(pair.sees(&ben).await.matches("You have no open session").count(), 1);
        }
        assert_eq!((pair.events("looked_up").await, pair.events("refused").await), (1, 1));
        ben.types("/account show").await;
        let shown = pair.sees(&ben).await;
        assert_eq!(shown.matches("Your link is valid").count(), 1, "{shown}");
    })
    .await;
}
