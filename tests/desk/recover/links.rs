//! Links to the recovery page: lifetime, replacement, and the page of an invalid link.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;

use super::visit::{NEW, Visit};
use crate::world::World;

const BEN: &str = "ben@waizant.example";

async fn assert_expired(world: &World, visit: &Visit) {
    let page = world.opens(visit).await;
    assert!(page.status == 404 && page.says("This link does not work"), "{}", page.text);
}

#[tokio::test]
async fn second_link_replaces_the_first() {
    World::run(async |world| {
        let ben = world.person("ben");
        let first = world.recovers(&ben).await;
        let form = world.form(&first, &[("code", &world.code_for(BEN)), ("password", NEW), ("again", NEW), ("do", "save")]).await;
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert_snapshot!(ben.sees().await, @r"
        Session closed
        This session is closed (10:00 UTC): a newer link replaced it.

        The link no longer works.
        BackOffice password · Session ······

        Choose a new password
        Press Open the page and enter the code that was mailed to b•••\@w•••.example. If you received several mails, use the newest.

        The page works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        assert_expired(world, &first).await;
        let page = world.sends_kept(&first, &form).await;
        assert!(page.status == 404 && page.says("This link does not work"), "{}", page.text);
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
        let second = Visit::of(&ben);
        assert!(world.saves(&second, &world.code_for(BEN), NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn close_ends_the_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let form = world.form(&visit, &[("do", "resend")]).await;
        ben.presses("Close").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.

        The link no longer works.
        BackOffice password · Session ······
        ");
        assert_expired(world, &visit).await;
        world.passes(minutes(1)).await;
        assert_eq!(world.sends_kept(&visit, &form).await.status, 404);
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn link_expires_after_an_hour() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.passes(minutes(12)).await;
        assert_eq!(ben.sees().await, "", "a recovery has no idle warning");
        world.passes_until(minutes(60) - Duration::from_millis(1)).await;
        let page = world.opens(&visit).await;
        assert!(
            page.status == 200
                && page.says("This page works for 1 more minute and for one change."),
            "{}",
            page.text
        );
        let form = world
            .form(
                &visit,
                &[
                    ("code", &world.code_for(BEN)),
                    ("password", NEW),
                    ("again", NEW),
                    ("do", "save"),
                ],
            )
            .await;
        // The link expires to the millisecond, also before a sweep closes the session.
        world.clock.advance(Duration::from_millis(1));
        assert_expired(world, &visit).await;
        assert_eq!(world.sends_kept(&visit, &form).await.status, 404);
        world.sweeps().await;
        assert_expired(world, &visit).await;
        assert_eq!(world.trail().await.last().unwrap(), r#"closed {"why":"absolute"}"#);
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
    })
    .await;
}

#[tokio::test]
async fn used_link_reports_the_change_until_it_expires() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.passes(minutes(5)).await;
        world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        ben.sees().await;
        world.restarts().await;
        world.leaps_until(minutes(60) - Duration::from_millis(1)).await;
        assert!(world.opens(&visit).await.says("Your password was changed"));
        world.leaps_until(minutes(60)).await;
        assert_expired(world, &visit).await;
    })
    .await;
}

#[tokio::test]
async fn link_survives_a_restart() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.restarts().await;
        assert!(
            world
                .saves(&visit, &world.wrong_code_for(BEN), NEW, NEW)
                .await
                .says("That code is not correct.")
        );
        assert!(ben.sees().await.contains("[Open the page ↗] [Close]"));
        assert_eq!(ben.link_of("Open the page"), visit.link);
        assert!(
            world
                .saves(&visit, &world.code_for(BEN), NEW, NEW)
                .await
                .says("Your password was changed")
        );
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn forged_link_looks_like_an_expired_one() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        let (bens, evas) = (world.recovers(&ben).await, world.recovers(&eva).await);
        let (session, secret) = bens.token().split_once('.').unwrap();
        let other = evas.token().split_once('.').unwrap();
        assert!(session.len() == 22 && secret.len() == 43);
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let customers = ben.keep("Cancel").custom_id().split('.').nth(1).unwrap().to_owned();
        let dead = world.opens(&Visit::with_token("nothing")).await;
        assert_eq!(dead.status, 404);
        for token in [
            format!("{session}.{}", other.1),
            format!("{}.{secret}", other.0),
            format!("{session}.{}", secret.to_lowercase().replace('a', "b")),
            format!("{session}.{}", &secret[1..]),
            format!("{session}.{secret}A"),
            format!("{session}{secret}"),
            format!("{session}."),
            // A support session.
            format!("{customers}.{secret}"),
            format!("AAAAAAAAAAAAAAAAAAAAAA.{secret}"),
        ] {
            let page = world.opens(&Visit::with_token(&token)).await;
            assert_eq!((page.status, page.html.as_str()), (404, dead.html.as_str()), "{token}");
        }
        assert_eq!(world.opens(&bens).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn recovery_panel_of_another_agent_is_refused() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        let visit = world.recovers(&ben).await;
        eva.types("/support resume").await;
        eva.sees().await;
        eva.presses_kept(&ben.keep("Close")).await;
        assert_eq!(eva.sees().await, "This panel belongs to another agent.");
        assert_eq!(world.opens(&visit).await.status, 200);
    })
    .await;
}
