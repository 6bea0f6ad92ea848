//! Lost eligibility: it closes every open session. Each panel and the trail state the reason.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::shop::LinkState;
use sqlx::Connection as _;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Removes the account link of an agent, as an operator does.
async fn remove_link(world: &World, who: &Person) {
    let mut store = sqlx::AnyConnection::connect(&world.database_url()).await.unwrap();
    let id = who.id().cast_signed();
    sqlx::query("delete from account_links where discord_id = $1")
        .bind(id)
        .execute(&mut store)
        .await
        .unwrap();
}

/// Opens two sessions, one with an access link, runs `lose`, and requests another link.
///
/// Returns the panels. Asserts that all sessions are closed and the link is revoked.
async fn panels_after(world: &World, lose: impl AsyncFnOnce(&Person)) -> String {
    let ben = world.person("ben");
    world.chooses(&ben, TOM, "Casa Luz").await;
    world.verifies(&ben, JULIA, "Casa Luz").await;
    // The account was read at 10:00 and is cached for a minute.
    world.passes(Duration::from_secs(30)).await;
    ben.presses("Waizant Web").await;
    ben.sees().await;
    lose(&ben).await;
    world.passes(Duration::from_secs(30)).await;
    ben.presses("Waizant Store").await;
    let seen = ben.sees().await;
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

/// Returns the events of the trail that close a session.
async fn close_events(world: &World) -> Vec<String> {
    world.trail().await.into_iter().filter(|line| line.starts_with("closed")).collect()
}

#[tokio::test]
async fn disabled_account_closes_every_session() {
    World::run(async |world| {
        let seen = panels_after(world, async |_| world.sandbox.aws.set_enabled(BEN, false)).await;
        assert_snapshot!(seen, @"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······

        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent may no longer continue it.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······
        ");
        assert_eq!(close_events(world).await, [r#"closed {"lost":"account_disabled","why":"agent_ineligible"}"#; 2]);
    })
    .await;
}

#[tokio::test]
async fn each_account_problem_closes_every_session() {
    type BreakAccount = fn(&World);
    let problems: [(&str, &str, BreakAccount); 3] = [
        ("not_in_group", "is not in a Customer Service group", |world| {
            world.sandbox.aws.set_groups(BEN, &["CustomerServiceSales"]);
        }),
        ("account_gone", "was deleted", |world| world.sandbox.aws.delete_account(BEN)),
        ("address_unverified", "is not verified", |world| {
            world.sandbox.aws.set_email_verified(BEN, false);
        }),
    ];
    for (name, words, break_account) in problems {
        World::run(async |world| {
            let seen = panels_after(world, async |_| break_account(world)).await;
            assert_eq!(seen.matches(words).count(), 2, "{name}: {seen}");
            let closed = format!(r#"closed {{"lost":"{name}","why":"agent_ineligible"}}"#);
            assert_eq!(close_events(world).await, [closed.clone(), closed]);
        })
        .await;
    }
}

#[tokio::test]
async fn removed_account_link_closes_every_session() {
    World::run(async |world| {
        let seen = panels_after(world, async |ben| remove_link(world, ben).await).await;
        assert_snapshot!(seen, @"
        Session closed
        ⚠️ Your Discord account is no longer linked to the BackOffice account that this session was opened with.

        This session is closed (10:01 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······

        Session closed
        ⚠️ Your Discord account is no longer linked to the BackOffice account that this session was opened with.

        This session is closed (10:01 UTC): the agent may no longer continue it.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······
        ");
        assert_eq!(close_events(world).await, [r#"closed {"lost":"no_link","why":"agent_ineligible"}"#; 2]);
    })
    .await;
}

#[tokio::test]
async fn new_account_link_closes_older_sessions() {
    World::run(async |world| {
        let seen = panels_after(world, async |ben| {
            remove_link(world, ben).await;
            ben.types(&format!("/account link email:{OLGA}")).await;
            ben.sees().await;
            ben.presses("Enter code").await;
            ben.submits([world.code_for(OLGA).as_str()]).await;
            assert!(ben.sees().await.contains("is linked to the BackOffice account of **Olga Novak**"));
        })
        .await;
        let sentence =
            "⚠️ Your Discord account is no longer linked to the BackOffice account that this session was opened with.";
        assert_eq!(seen.matches(sentence).count(), 2, "{seen}");

        let ben = world.person("ben");
        ben.types(&format!("/support technical email:{JULIA}")).await;
        assert!(ben.sees().await.contains("[Start verification process]"), "the new link makes the agent eligible");
    })
    .await;
}

#[tokio::test]
async fn ineligible_look_up_closes_every_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, TOM, "Casa Luz").await;
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(1)).await;
        ben.types(&format!("/support technical email:{JULIA}")).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······

        Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.
        ");
        assert_snapshot!(world.trail().await.split_off(4).join("\n"), @r#"
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_delivered {"nth":1,"purpose":"agent_mfa","seconds":0}
        refused {"why":"account_disabled"}
        closed {"lost":"account_disabled","why":"agent_ineligible"}
        alert_opened {"agent":"discord:1200000000000000101","alert":"A-······","count":1,"kind":"eligibility_lost","level":"notice"}
        alert_told {"alert":"A-······","count":1,"kind":"eligibility_lost","level":"notice","ping":false}
        "#);
    })
    .await;
}
