//! `/account show`: the linked account, its eligibility, and the open sessions.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::seed::AGENT_GROUP;
use sandbox::shop::LinkState;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Runs `/account show` and reads the answer.
async fn shows(who: &Person) -> String {
    who.types("/account show").await;
    who.sees().await
}

/// Opens a session with an access link, runs `lose`, and runs `/account show` a minute later.
async fn shows_after(world: &World, lose: impl FnOnce()) -> String {
    let ben = world.person("ben");
    world.verifies(&ben, JULIA, "Casa Luz").await;
    // The account was read at 10:00 and is cached for a minute.
    world.passes(Duration::from_secs(30)).await;
    ben.presses("Waizant Web").await;
    ben.sees().await;
    lose();
    world.passes(Duration::from_secs(29)).await;
    let seen = shows(&ben).await;
    assert!(seen.contains("Your link is valid"), "the account is cached for a minute: {seen}");
    world.passes(Duration::from_secs(1)).await;
    let seen = shows(&ben).await;
    assert_eq!(
        world.sandbox.shop.links().iter().map(|link| link.state).collect::<Vec<_>>(),
        [LinkState::Revoked]
    );
    assert_eq!(
        world.count("select count(*) from sessions where closed_at is null").await,
        0,
        "open sessions"
    );
    seen
}

#[tokio::test]
async fn show_lists_the_account_and_changes_nothing() {
    World::run(async |world| {
        world.sandbox.aws.set_groups(BEN, &["Zebra", AGENT_GROUP, "Archive"]);
        assert_snapshot!(shows(&world.person("ben")).await, @r"
        Your BackOffice account
        Your link is valid: you can help customers.

        **Ben Carter** · b•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerService (allows support)
        Archive
        Zebra

        **Open sessions:** none
        ");
        let asked: Vec<_> =
            world.sandbox.aws.calls().into_iter().map(|call| call.function).collect();
        assert_eq!(asked, ["AdminGetUser", "AdminListGroupsForUser"]);
        assert!(world.trail().await.is_empty());
        assert_eq!(
            world.count("select count(*) from limit_uses").await,
            0,
            "it does not count as a look-up"
        );
    })
    .await;
}

#[tokio::test]
async fn show_asks_unlinked_agent_to_link() {
    World::run(async |world| {
        assert_snapshot!(shows(&world.person("olga")).await, @"
        Your BackOffice account
        Your Discord account is not linked to a BackOffice account yet.
        [Link my account]
        ");
        assert!(world.sandbox.aws.calls().is_empty());
    })
    .await;
}

#[tokio::test]
async fn show_lists_open_sessions_without_renewing_them() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, TOM, "Casa Luz").await;
        world.passes(minutes(2)).await;
        ben.sees().await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let store = ben.keep("Waizant Store");
        assert_snapshot!(shows(&ben).await, @r"
        Your BackOffice account
        Your link is valid: you can help customers.

        **Ben Carter** · b•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerService (allows support)

        30 days: 2 started, 1 verified, 0 looked up and not started

        **2 open sessions**
        ······ · Technical Assistance · J\*\*\* P\*\*\* · verified · closes in 15 minutes
        ······ · Technical Assistance · T\*\*\* B\*\*\* · internal verification · closes in 13 minutes
        ");
        let before = world.trail().await.len();
        shows(&ben).await;
        assert_eq!(world.trail().await.len(), before);

        // The panel is not stale: `/account show` does not redraw it.
        ben.presses_kept(&store).await;
        assert!(ben.sees().await.contains("[Open Waizant Store ↗]"));
        ben.presses("Finish").await;
        ben.sees().await;
        let seen = shows(&ben).await;
        assert!(seen.contains("1 open session") && seen.contains(r"T\*\*\* B\*\*\*"), "{seen}");
        // `/account show` is no activity: Tom's session still closes at 10:15.
        world.passes_until(minutes(15)).await;
        ben.sees().await;
        assert!(shows(&ben).await.contains("**Open sessions:** none"));
    })
    .await;
}

#[tokio::test]
async fn show_closes_sessions_of_disabled_account() {
    World::run(async |world| {
        assert_snapshot!(shows_after(world, || world.sandbox.aws.set_enabled(BEN, false)).await, @r"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent may no longer continue it.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······

        Your BackOffice account
        Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        Your open sessions are being closed.

        **Ben Carter** · b•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerService (allows support)
        ");
    })
    .await;
}

#[tokio::test]
async fn show_explains_account_problems() {
    World::run(async |world| {
        let seen = [shows(&world.person("dora")).await, shows(&world.person("otto")).await];
        assert_snapshot!(seen.join("\n\n"), @r"
        Your BackOffice account
        Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        **Dora Past** · d•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerService (allows support)

        Your BackOffice account
        Your BackOffice account is not in a Customer Service group, so your link is no longer valid. Contact an administrator.

        **Otto Sales** · o•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerServiceSales
        ");
    })
    .await;
}

#[tokio::test]
async fn show_without_agent_role_is_refused() {
    World::run(async |world| {
        assert_snapshot!(shows(&world.person("sam")).await, @"Only support agents can use this. Ask an administrator of this server for the agent role.");
        assert_eq!(world.trail().await, [r#"refused {"why":"not_an_agent"}"#]);
        assert!(world.sandbox.aws.calls().is_empty());
    })
    .await;
}

#[tokio::test]
async fn show_with_unreachable_cognito_reports_a_fault() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, TOM, "Casa Luz").await;
        world.passes(minutes(1)).await;
        ben.sees().await;
        let mut seen = Vec::new();
        for operation in ["AdminGetUser", "AdminListGroupsForUser"] {
            // The SDK does not retry this error.
            world.sandbox.aws.faults().always(operation, Fault::refuse("AccessDeniedException"));
            seen.push(shows(&ben).await);
            world.sandbox.aws.faults().clear(operation);
        }
        assert_snapshot!(seen.join("\n"), @"
        Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.
        Something failed on our side. Try again. If the problem continues, report it with the reference `F-······`.
        ");
        assert!(shows(&ben).await.contains("1 open session"));
    })
    .await;
}
