//! Eligibility that cannot be read while a session is open: a click can only leave the session.

use commands::model::time::minutes;
use sandbox::aws::Fault;

use crate::stale_eligibility::{acts, open_sessions, signs_in};
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const FAILED: &str = "Something failed on our side.";

/// Makes every read of an account fail, and lets the cached copy expire without a sweep.
async fn breaks_reads(world: &World) {
    world.sandbox.discord.wait_until_idle().await;
    let fault = Fault::refuse("AccessDeniedException");
    world.sandbox.aws.faults().always("AdminGetUser", fault);
    world.clock.advance(minutes(1));
}

#[tokio::test]
async fn unreadable_eligibility_lets_no_click_act_but_leave() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        breaks_reads(world).await;
        for action in ["See plan details", "Waizant Web", "/support resume"] {
            acts(&ben, action).await;
            let seen = ben.sees().await;
            assert!(seen.contains(FAILED), "{action}: {seen}");
            assert!(!seen.contains("Julia") && !seen.contains(JULIA), "{action}: {seen}");
        }
        world.passes(minutes(5)).await;
        ben.sees().await;
        assert_eq!(open_sessions(world).await, 1, "a failed read closes nothing");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        assert_eq!(open_sessions(world).await, 0);
    })
    .await;
}

/// Asserts that the panel shows no customer and leaves the session.
fn assert_only_leaves(seen: &str) {
    let (title, rest) = seen.split_once('\n').unwrap();
    assert_eq!(title, "Panel without details");
    assert!(rest.starts_with("Something failed on our side."), "{seen}");
    assert!(rest.ends_with("\n[Back] [Finish] [Cancel]"), "{seen}");
}

#[tokio::test]
async fn plan_can_be_left_while_reads_fail() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("See plan details").await;
        ben.sees().await;
        breaks_reads(world).await;
        ben.presses("Back").await;
        assert_only_leaves(&ben.sees().await);
        world.sandbox.aws.faults().clear("AdminGetUser");
        ben.presses("Back").await;
        assert!(ben.sees().await.contains("Julia Peña"), "the panel is drawn again");
        ben.presses("See plan details").await;
        ben.sees().await;
        breaks_reads(world).await;
        ben.presses("Back").await;
        ben.sees().await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn step_can_be_left_while_reads_fail() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support successor email:sofia@example.com").await;
        ben.presses("Start").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("sofia@example.com").as_str()]).await;
        ben.selects("2. Validation").await;
        ben.sees().await;
        breaks_reads(world).await;
        ben.presses("Next step").await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
        ben.presses("Back").await;
        assert_only_leaves(&ben.sees().await);
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn stale_panel_can_be_left_while_reads_fail() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let (finish, plan) = (ben.keep("Finish"), ben.keep("See plan details"));
        ben.presses("Waizant Web").await;
        ben.sees().await;
        breaks_reads(world).await;
        for stale in [&plan, &finish] {
            ben.presses_kept(stale).await;
            assert_only_leaves(&ben.sees().await);
        }
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn resume_leaves_while_reads_fail() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        breaks_reads(world).await;
        ben.types("/support resume").await;
        let seen = ben.sees().await;
        assert!(seen.contains("[Finish] [Cancel]") && !seen.contains("[Back]"), "{seen}");
        assert!(seen.contains("This panel has moved") && !seen.contains("Julia"), "{seen}");
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));

        world.sandbox.aws.faults().clear("AdminGetUser");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        // The menu begins with the newest session.
        world.passes(minutes(1)).await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        breaks_reads(world).await;
        ben.types("/support resume").await;
        let menu = ben.sees().await;
        assert!(menu.contains("Something failed on our side."), "{menu}");
        assert!(menu.contains("<Choose a session: ") && !menu.contains("J***"), "{menu}");
        let option = menu.split_once("<Choose a session: ").unwrap().1.split(' ').next().unwrap();
        ben.selects(option).await;
        let seen = ben.sees().await;
        assert!(seen.contains("[Finish] [Cancel]") && !seen.contains("[Back]"), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn cancel_and_close_need_no_eligibility() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        breaks_reads(world).await;
        ben.presses("Cancel").await;
        ben.submits(["The service does not work"]).await;
        assert!(ben.sees().await.contains("it was cancelled"));

        world.sandbox.aws.faults().clear("AdminGetUser");
        ben.types(&format!("/support technical email:{JULIA}")).await;
        ben.sees().await;
        breaks_reads(world).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.starts_with(FAILED));
        ben.presses("Close").await;
        assert!(ben.sees().await.contains("it was dismissed"));
    })
    .await;
}

/// Returns the newest activity of the session.
async fn active_at(world: &World) -> i64 {
    world.count("select json_extract(state, '$.clocks.active_at') from sessions").await
}

#[tokio::test]
async fn leaving_click_without_eligibility_only_closes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let older = ben.keep("Waizant Store");
        signs_in(&ben).await;
        ben.presses("See plan details").await;
        ben.sees().await;
        let back = ben.keep("Back");
        let forged = |action: &str| back.custom_id().replace(".back", action);
        let active = active_at(world).await;
        breaks_reads(world).await;
        for name in ["older panel", "Back", "Close", "Start", "short reason"] {
            match name {
                "older panel" => ben.presses_kept(&older).await,
                "Back" => ben.presses_kept(&back).await,
                "Close" => ben.forges(&forged(".close")).await,
                "Start" => ben.forges(&forged(".start")).await,
                _ => ben.forges_submit(&forged(".cancel"), "short").await.unwrap(),
            }
            let seen = ben.sees().await;
            assert!(seen.contains(FAILED), "{name}: {seen}");
            assert!(!seen.contains("Julia Peña") && !seen.contains(JULIA), "{name}: {seen}");
        }
        assert_eq!(active_at(world).await, active, "nothing renews the idle timer");
        assert_eq!(open_sessions(world).await, 1);
        ben.forges(&forged(".finish")).await;
        let seen = ben.sees().await;
        assert!(seen.contains("was finished at") && !seen.contains(JULIA), "{seen}");
        assert_eq!(open_sessions(world).await, 0);
    })
    .await;
}
