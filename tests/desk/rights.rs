//! Rights that go while sessions are open: each panel tells what was lost, and so does the trail.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_ROLE_ID, LEAD_ROLE_ID};
use sandbox::shop::LinkState;
use sqlx::Connection as _;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Somebody undoes the link of an agent, as an operator does.
async fn undoes_the_link_of(world: &World, who: &Person) {
    let mut store = sqlx::AnyConnection::connect(&world.database_url()).await.unwrap();
    let id = who.id().cast_signed();
    sqlx::query("delete from account_links where discord_id = $1")
        .bind(id)
        .execute(&mut store)
        .await
        .unwrap();
}

/// Two sessions of Ben's, one with something open; then `loses` happens, and he asks for something
/// more.
async fn told_after(world: &World, loses: impl AsyncFnOnce(&Person)) -> String {
    let ben = world.person("ben");
    world.chooses(&ben, TOM, "Casa Luz").await;
    world.verifies(&ben, JULIA, "Casa Luz").await;
    // The account was read at 10:00 and is remembered for a minute.
    world.passes(Duration::from_secs(30)).await;
    ben.presses("Waizant Web").await;
    ben.sees().await;
    loses(&ben).await;
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
        "all are closed"
    );
    seen
}

/// The closes in the trail.
async fn closes(world: &World) -> Vec<String> {
    world.trail().await.into_iter().filter(|line| line.starts_with("closed")).collect()
}

#[tokio::test]
async fn an_account_that_is_disabled_closes_every_session_and_each_panel_says_so() {
    World::run(async |world| {
        let seen = told_after(world, async |_| world.sandbox.aws.set_enabled(BEN, false)).await;
        assert_snapshot!(seen, @"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Waizant Web
        It ended when the session closed.
        ");
        assert_eq!(closes(world).await, [r#"closed {"lost":"account_disabled","why":"agent_ineligible"}"#; 2]);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_leaves_the_group_does() {
    World::run(async |world| {
        let seen = told_after(world, async |_| {
            world.sandbox.aws.set_groups(BEN, &["CustomerServiceSales"])
        })
        .await;
        assert_eq!(
            seen.matches("⚠️ Your BackOffice account is not in a Customer Service group").count(),
            2,
            "{seen}"
        );
        assert_eq!(
            closes(world).await,
            [r#"closed {"lost":"not_in_group","why":"agent_ineligible"}"#; 2]
        );
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_deleted_does() {
    World::run(async |world| {
        let seen = told_after(world, async |_| world.sandbox.aws.delete_account(BEN)).await;
        assert_eq!(seen.matches("⚠️ Your BackOffice account was deleted").count(), 2, "{seen}");
        assert_eq!(
            closes(world).await,
            [r#"closed {"lost":"account_gone","why":"agent_ineligible"}"#; 2]
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_not_verified_any_more_does() {
    World::run(async |world| {
        let seen =
            told_after(world, async |_| world.sandbox.aws.set_email_verified(BEN, false)).await;
        assert_eq!(
            seen.matches("⚠️ The address of your BackOffice account is not verified").count(),
            2,
            "{seen}"
        );
        assert_eq!(
            closes(world).await,
            [r#"closed {"lost":"address_unverified","why":"agent_ineligible"}"#; 2]
        );
    })
    .await;
}

#[tokio::test]
async fn a_link_that_is_undone_does() {
    World::run(async |world| {
        let seen = told_after(world, async |ben| undoes_the_link_of(world, ben).await).await;
        assert_snapshot!(seen, @"
        Session closed
        ⚠️ Your Discord account is no longer linked to the BackOffice account that this session was opened with.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Session closed
        ⚠️ Your Discord account is no longer linked to the BackOffice account that this session was opened with.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Waizant Web
        It ended when the session closed.
        ");
        assert_eq!(closes(world).await, [r#"closed {"lost":"no_link","why":"agent_ineligible"}"#; 2]);
    })
    .await;
}

#[tokio::test]
async fn a_session_belongs_to_the_account_that_it_was_opened_with() {
    World::run(async |world| {
        let seen = told_after(world, async |ben| {
            undoes_the_link_of(world, ben).await;
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
        assert!(ben.sees().await.contains("[Start verification process]"), "the new link counts");
    })
    .await;
}

#[tokio::test]
async fn without_the_role_the_panels_say_so_and_the_click_too() {
    World::run(async |world| {
        // A lead without the agent role helps nobody.
        let seen = told_after(world, async |ben| ben.set_roles(&[LEAD_ROLE_ID])).await;
        assert_eq!(seen.matches("⚠️ You no longer have the agent role.").count(), 2, "{seen}");
        assert!(seen.ends_with("Only support agents can use this. Ask an administrator of this server for the agent role."));
        assert_eq!(closes(world).await, [r#"closed {"lost":"no_role","why":"agent_ineligible"}"#; 2]);
        let ben = world.person("ben");
        ben.set_roles(&[AGENT_ROLE_ID]);
        ben.types("/support resume").await;
        assert!(ben.sees().await.starts_with("You have no open session."));
    })
    .await;
}

#[tokio::test]
async fn a_command_that_finds_the_rights_gone_closes_the_sessions_too() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, TOM, "Casa Luz").await;
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(1)).await;
        ben.types(&format!("/support technical email:{JULIA}")).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.

        This session is closed (10:01 UTC): the agent is no longer allowed to help customers.
        Session ······

        Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.
        ");
        assert_snapshot!(world.trail().await.split_off(4).join("\n"), @r#"
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        refused {"why":"account_disabled"}
        closed {"lost":"account_disabled","why":"agent_ineligible"}
        "#);
    })
    .await;
}

#[tokio::test]
async fn ana_reads_in_spanish_what_she_has_lost() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types(&format!("/soporte tecnica correo:{JULIA}")).await;
        world.sandbox.aws.set_groups("ana@waizant.example", &[]);
        world.passes(minutes(1)).await;
        ana.presses("Iniciar verificación").await;
        assert_snapshot!(ana.sees().await, @"
        Sesión cerrada
        ⚠️ Tu cuenta de BackOffice no está en ningún grupo de Customer Service, así que tu vínculo ya no es válido. Habla con un administrador.

        Esta sesión está cerrada (10:01 UTC): el agente ya no está autorizado a ayudar a clientes.
        Sesión ······
        ");
    })
    .await;
}
