//! The idle timeout: warning after 12 minutes, stripped panel 15 seconds before the end, close
//! after 15 minutes. Only activity renews it.

use std::time::Duration;

use insta::assert_snapshot;

use crate::world::World;

const fn at(minutes: u64, seconds: u64) -> Duration {
    Duration::from_secs(minutes * 60 + seconds)
}

#[tokio::test]
async fn viewing_plan_details_renews_no_timer() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 0)).await;
        ben.presses("See plan details").await;
        assert!(ben.sees().await.contains("Plan · Casa Luz"));
        world.passes(at(1, 0)).await;
        assert!(
            ben.sees().await.contains("This session closes in 3 minutes"),
            "the warning replaces the details"
        );
    })
    .await;
}

#[tokio::test]
async fn idle_panel_warns_strips_and_closes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "", "11:59 is too early");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Julia Peña
        ⏳ There is no recent activity. This session closes in 3 minutes.

        julia\@example.com · owner of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Stay]
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");

        world.passes(at(2, 44)).await;
        assert_eq!(ben.sees().await, "", "14:44 is too early");
        world.passes(at(0, 1)).await;
        let stripped = ben.sees().await;
        assert!(!stripped.contains("Julia") && !stripped.contains("Casa Luz") && !stripped.contains("example.com"), "{stripped}");
        assert_snapshot!(stripped, @"
        Technical Assistance
        This session closes at 10:15 UTC (in 15 seconds) because there is no activity. Press Resume to continue. After that time the request is lost.
        [Resume]
        ");

        world.passes(at(0, 14)).await;
        assert!(!world.trail().await.iter().any(|event| event.starts_with("closed")), "still open at 14:59");
        world.passes(at(0, 1)).await;
        assert_eq!(world.newest_close().await, r#"closed {"why":"idle"}"#);
        assert_eq!(ben.sees().await, "", "the interaction token has expired");
        ben.presses("Resume").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Technical Assistance · Session ······
        [Help another customer]
        ");
    })
    .await;
}

#[tokio::test]
async fn resume_restores_a_stripped_panel() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        let plan = ben.keep("See plan details");
        world.passes(at(14, 59)).await;
        ben.sees().await;

        // A click that was sent before the panel was stripped does not restore it.
        ben.presses_kept(&plan).await;
        let still_stripped = ben.sees().await;
        assert!(
            still_stripped.ends_with("[Resume]") && !still_stripped.contains("Family"),
            "{still_stripped}"
        );

        ben.presses("Resume").await;
        let whole = ben.sees().await;
        assert!(
            whole.contains("Julia Peña")
                && whole.contains("[Waizant Store]")
                && !whole.contains('⏳'),
            "{whole}"
        );
        world.passes(at(11, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("This session closes in 3 minutes"));
    })
    .await;
}

#[tokio::test]
async fn agent_clicks_renew_nothing_during_customer_verification() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;

        world.passes(at(5, 0)).await;
        ben.presses("Enter code").await;
        ben.submits(["12 34"]).await;
        assert!(ben.sees().await.contains("A code has six digits"));
        ben.presses("Cancel").await;
        ben.submits(["no"]).await;
        assert!(ben.sees().await.contains("Write at least 10 characters"));
        ben.presses("Back").await;
        ben.sees().await;
        ben.types("/support resume").await;
        ben.sees().await;

        world.passes(at(6, 59)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        ⏳ The customer has not answered. This session closes in 3 minutes.

        The customer's code has expired. Press Resend for a new one.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code (off)] [Resend] [Cancel]
        ");

        world.passes(at(2, 45)).await;
        assert_snapshot!(ben.sees_changes().await, @"
        Technical Assistance
        The customer has not answered, so this session closes at 10:15 UTC (in 15 seconds). Until then, press Resume to see its panel.
        [Resume]
        ");
        ben.presses("Resume").await;
        assert!(ben.sees().await.contains("[Resend]"), "Resume restores the panel and renews no timer");
        world.passes(at(0, 14)).await;
        assert_eq!(ben.sees().await, "");
        world.passes(at(0, 1)).await;
        assert_snapshot!(ben.sees_changes().await, @"
        Session closed
        This session is closed (10:15 UTC): there was no activity for 15 minutes, so the request is lost.
        Technical Assistance · Session ······
        [Help another customer]
        ");
    })
    .await;
}

#[tokio::test]
async fn short_idle_timeout_scales_the_warnings() {
    World::run_with(&[("IDLE_CLOSE_SECONDS", "60")], async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(0, 47)).await;
        assert!(!ben.sees().await.contains("This session closes"));
        world.passes(at(0, 1)).await;
        assert!(ben.sees().await.contains("This session closes in 12 seconds"));
        world.passes(at(0, 11)).await;
        assert!(
            ben.sees().await.contains("(in 1 second) because there is no activity. Press Resume")
        );
        world.passes(at(0, 1)).await;
        // The interaction token is still valid, so the panel shows the close.
        assert!(ben.sees().await.contains("Session closed"));
    })
    .await;
}

#[tokio::test]
async fn click_after_deadline_closes_before_any_sweep() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.clock.advance(at(15, 0));
        ben.presses("Send code").await;
        let closed = ben.sees().await;
        assert!(closed.contains("there was no activity for 15 minutes"), "{closed}");
        assert!(world.sandbox.mail.for_address("julia@example.com").is_empty());
    })
    .await;
}

#[tokio::test]
async fn process_down_at_deadline_closes_at_first_sweep() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(5, 0)).await;
        world.crashes();
        world.clock.advance(at(10, 0));
        world.starts().await;
        world.sweeps().await;
        assert_eq!(world.newest_close().await, r#"closed {"why":"idle"}"#);
        ben.presses("Send code").await;
        assert!(ben.sees().await.contains("there was no activity for 15 minutes"));
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("You have no open session"));
        eva.types("/support technical email:julia@example.com").await;
        assert!(eva.sees().await.contains("[Start verification process]"), "the customer is free");
    })
    .await;
}

#[tokio::test]
async fn process_down_at_warning_warns_late() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        world.passes(at(11, 0)).await;
        world.crashes();
        world.clock.advance(at(2, 0));
        world.starts().await;
        world.sweeps().await;
        assert!(ben.sees().await.contains("This session closes in 2 minutes"));
        ben.presses("Stay").await;
        assert!(!ben.sees().await.contains('⏳'));
    })
    .await;
}
