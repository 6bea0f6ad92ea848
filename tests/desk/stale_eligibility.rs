//! Eligibility that is lost while a session is open. Every click reads it again, and the sweep
//! reads it for sessions that show a customer in clear.

use std::sync::atomic::Ordering;
use std::time::Duration;

use commands::model::time::minutes;
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

/// Opens an access link and signs in with it. A minute ends the link, but not the sign-in.
pub async fn signs_in(who: &TestPerson) {
    who.presses("Waizant Web").await;
    who.sees().await;
    browser::goes_through(&who.link_of("Open Waizant Web")).await;
}

/// Disables the agent's account, and lets the cached copy of it expire without a sweep.
async fn disables_account(world: &World) {
    world.sandbox.discord.wait_until_idle().await;
    world.sandbox.aws.set_enabled(BEN, false);
    world.clock.advance(minutes(1));
}

/// Presses a button, or types a command.
pub async fn acts(who: &Person, action: &str) {
    if action.starts_with('/') {
        who.types(action).await;
    } else {
        who.presses(action).await;
    }
}

pub async fn open_sessions(world: &World) -> i64 {
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
        let errors = log.lines_with("reading a member's roles");
        assert_eq!(
            errors.iter().filter(|line| !line.contains("still failing")).count(),
            1,
            "{errors:#?}"
        );
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
