//! Eligibility that is lost while a session is open. Every click reads it again, and the sweep
//! reads it for sessions that show a customer in clear. If it cannot be read, a click can only
//! leave.

use std::sync::atomic::Ordering;
use std::time::Duration;

use commands::model::time::minutes;
use sandbox::aws::Fault;
use sandbox::discord::{Person, RestFault};
use sandbox::seed::LEAD_ROLE_ID;
use sandbox::shop::LinkState;

use crate::browser;
use crate::log::log;
use crate::person::TestPerson;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const DISABLED: &str = "Your BackOffice account is disabled";
const FAILED: &str = "Something failed on our side.";

/// Opens an access link and signs in with it. A minute ends the link, but not the sign-in.
async fn signs_in(who: &TestPerson) {
    who.presses("Waizant Web").await;
    who.sees().await;
    browser::goes_through(&who.link_of("Open the web")).await;
}

/// Disables the agent's account, and lets the cached copy of it expire without a sweep.
async fn disables_account(world: &World) {
    world.sandbox.discord.wait_until_idle().await;
    world.sandbox.aws.set_enabled(BEN, false);
    world.clock.advance(minutes(1));
}

/// Makes every read of an account fail, and lets the cached copy expire without a sweep.
async fn breaks_reads(world: &World) {
    world.sandbox.discord.wait_until_idle().await;
    let fault = Fault::refuse("AccessDeniedException");
    world.sandbox.aws.faults().always("AdminGetUser", fault);
    world.clock.advance(minutes(1));
}

/// Presses a button, or types a command.
async fn acts(who: &Person, action: &str) {
    if action.starts_with('/') {
        who.types(action).await;
    } else {
        who.presses(action).await;
    }
}

async fn open_sessions(world: &World) -> i64 {
    world.count("select count(*) from sessions where closed_at is null").await
}

/// Asserts that the session closed with the reason, and that its sign-in is revoked.
async fn assert_closed(world: &World, action: &str, seen: &str) {
    assert!(seen.contains(DISABLED), "{action}: {seen}");
    assert!(!seen.contains("Julia Peña") && !seen.contains(JULIA), "{action}: {seen}");
    assert_eq!(open_sessions(world).await, 0, "{action}");
    let links = world.sandbox.shop.links();
    assert!(links.iter().all(|link| link.state == LinkState::Revoked), "{action}: {links:?}");
}

#[tokio::test]
async fn each_click_on_a_verified_session_reads_eligibility() {
    let actions = [
        "See plan details",
        "Back",
        "Waizant Store",
        "Finish",
        "/support resume",
        "/support technical email:julia@example.com",
    ];
    for action in actions {
        World::run(async |world| {
            let ben = world.person("ben");
            world.verifies(&ben, JULIA, "Casa Luz").await;
            signs_in(&ben).await;
            if action == "Back" {
                ben.presses("See plan details").await;
                ben.sees().await;
            }
            disables_account(world).await;
            acts(&ben, action).await;
            assert_closed(world, action, &ben.sees().await).await;
        })
        .await;
    }
}

#[tokio::test]
async fn stale_panel_of_an_ineligible_agent_shows_no_customer() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let stale = ben.keep("Waizant App");
        signs_in(&ben).await;
        disables_account(world).await;
        ben.presses_kept(&stale).await;
        assert_closed(world, "stale", &ben.sees().await).await;
    })
    .await;
}

#[tokio::test]
async fn stay_and_resume_read_eligibility() {
    for (action, idle) in [
        ("Stay", minutes(12)),
        ("Resume", Duration::from_secs(14 * 60 + 45)),
        ("Resend", minutes(2)),
    ] {
        World::run(async |world| {
            let ben = world.person("ben");
            world.chooses(&ben, JULIA, "Casa Luz").await;
            world.sandbox.aws.set_enabled(BEN, false);
            world.passes(idle).await;
            assert_eq!(open_sessions(world).await, 1, "no customer is shown in clear");
            ben.sees().await;
            ben.presses(action).await;
            assert_closed(world, action, &ben.sees().await).await;
        })
        .await;
    }
}

#[tokio::test]
async fn resume_of_several_sessions_reads_eligibility() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        disables_account(world).await;
        ben.types("/support resume").await;
        assert_closed(world, "resume", &ben.sees().await).await;
    })
    .await;
}

#[tokio::test]
async fn sweep_closes_verified_session_without_a_click() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        signs_in(&ben).await;
        world.sandbox.aws.set_enabled(BEN, false);
        // The account is cached for a minute, and the sweep reads once a minute.
        world.passes(minutes(2) + Duration::from_secs(5)).await;
        assert_closed(world, "sweep", &ben.sees().await).await;
        let closed = r#"closed {"lost":"account_disabled","why":"agent_ineligible"}"#.to_owned();
        assert!(world.trail().await.contains(&closed));
    })
    .await;
}

#[tokio::test]
async fn sweep_reads_an_account_once_a_minute() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.passes(minutes(1)).await;
        let read = world.sandbox.aws.calls_of("AdminGetUser").len();
        world.passes(minutes(5)).await;
        let reads = world.sandbox.aws.calls_of("AdminGetUser").len() - read;
        assert!((4..=5).contains(&reads), "{reads} reads in five minutes");
        assert_eq!(open_sessions(world).await, 1);
    })
    .await;
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
        assert!(ben.sees().await.contains("it was finished"));
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
        assert!(ben.sees().await.contains("it was finished"));
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
        ben.presses("2. See details").await;
        ben.sees().await;
        breaks_reads(world).await;
        ben.presses("Next step").await;
        assert!(ben.sees().await.starts_with("Something failed on our side."));
        ben.presses("Back").await;
        assert_only_leaves(&ben.sees().await);
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"));
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
        assert!(ben.sees().await.contains("it was finished"));
    })
    .await;
}

#[tokio::test]
async fn resume_leaves_while_reads_fail() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.reloads();
        breaks_reads(world).await;
        ben.types("/support resume").await;
        assert_only_leaves(&ben.sees().await);
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"));

        world.sandbox.aws.faults().clear("AdminGetUser");
        world.chooses(&ben, "tom@example.com", "Casa Luz").await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        breaks_reads(world).await;
        ben.types("/support resume").await;
        let menu = ben.sees().await;
        assert!(menu.contains("Something failed on our side."), "{menu}");
        assert!(menu.contains("<Choose a session: ") && !menu.contains("J***"), "{menu}");
        let option = menu.split_once("<Choose a session: ").unwrap().1.split(' ').next().unwrap();
        ben.selects(option).await;
        assert_only_leaves(&ben.sees().await);
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
            assert!(seen.starts_with(FAILED), "{name}: {seen}");
            assert!(!seen.contains("Julia Peña") && !seen.contains(JULIA), "{name}: {seen}");
        }
        assert_eq!(active_at(world).await, active, "nothing renews the idle timer");
        assert_eq!(open_sessions(world).await, 1);
        ben.forges(&forged(".finish")).await;
        let seen = ben.sees().await;
        assert!(seen.contains("it was finished") && !seen.contains(JULIA), "{seen}");
        assert_eq!(open_sessions(world).await, 0);
    })
    .await;
}

#[tokio::test]
async fn sweep_closes_session_after_lost_role() {
    type Lose = fn(&Person);
    let losses: [(&str, Lose); 2] =
        [("role", |ben| ben.set_roles(&[LEAD_ROLE_ID])), ("membership", Person::leaves_guild)];
    for (name, lose) in losses {
        World::run(async |world| {
            let ben = world.person("ben");
            world.verifies(&ben, JULIA, "Casa Luz").await;
            signs_in(&ben).await;
            lose(&ben);
            // Roles are cached for a minute, and the sweep reads once a minute.
            world.passes(minutes(2) + Duration::from_secs(5)).await;
            let seen = ben.sees().await;
            assert!(seen.contains("You no longer have the agent role"), "{name}: {seen}");
            let links = world.sandbox.shop.links();
            assert!(links.iter().all(|link| link.state == LinkState::Revoked), "{name}");
            let closed = r#"closed {"lost":"no_role","why":"agent_ineligible"}"#.to_owned();
            assert!(world.trail().await.contains(&closed), "{name}");
        })
        .await;
    }
}

#[tokio::test]
async fn unreadable_role_closes_nothing_and_is_logged_once() {
    World::run(async |world| {
        let log = log();
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        signs_in(&ben).await;
        let faults = world.sandbox.discord.faults();
        faults.all_calls_to("GET /api/v10/guilds/", RestFault::Status(403));
        world.passes(minutes(5)).await;
        ben.sees().await;
        assert_eq!(open_sessions(world).await, 1);
        assert_eq!(log.lines_with("eligibility unreadable").len(), 1);
        // Each loss counts by itself.
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(2) + Duration::from_secs(5)).await;
        assert_closed(world, "account", &ben.sees().await).await;
    })
    .await;
}

#[tokio::test]
async fn sweep_reads_eligibility_after_clock_was_set_back() {
    World::run(async |world| {
        let ahead = Duration::from_mins(5);
        world.ahead.store(i64::try_from(ahead.as_millis()).unwrap(), Ordering::Relaxed);
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sweeps().await;
        world.ahead.store(0, Ordering::Relaxed);
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(2) + Duration::from_secs(5)).await;
        assert_closed(world, "set back", &ben.sees().await).await;
    })
    .await;
}
