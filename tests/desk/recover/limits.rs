//! Limits of a recovery: requests, resends and confirmations an hour; and Cognito's own limit.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use super::visit::{NEW, OLD, Visit};
use crate::world::World;

const BEN: &str = "ben@waizant.example";

fn codes(world: &World) -> usize {
    world
        .sandbox
        .mail
        .for_address(BEN)
        .into_iter()
        .filter(|mail| mail.kind == MailKind::PasswordReset)
        .count()
}

#[tokio::test]
async fn fourth_request_within_an_hour_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.passes(minutes(1)).await;
        let page = world.resends(&visit).await;
        assert!(page.status == 200 && page.says("A new code was mailed to b•••@w•••.example."), "{}", page.text);
        assert_snapshot!(ben.sees_changes().await, @r"
        Choose a new password
        Press Open the page and enter the new code that was mailed to b•••\@w•••.example. Use the newest mail.

        The page works until 11:00 UTC (in 59 minutes) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        ben.types("/account recover email:eva@waizant.example").await;
        assert_snapshot!(ben.sees_changes().await, @"That is not the address of your linked BackOffice account. Check it with /account show. This attempt counts as one of three an hour.");
        world.passes(minutes(9)).await;

        ben.types(&format!("/account recover email:{BEN}")).await;
        assert_snapshot!(ben.sees_changes().await, @"You have requested password recovery three times in the last hour. Try again in 50 minutes.");
        ben.types("/account recover email:eva@waizant.example").await;
        assert_eq!(ben.sees().await, "You have requested password recovery three times in the last hour. Try again in 50 minutes.");
        let page = world.resends(&visit).await;
        assert_eq!(page.status, 422);
        assert!(
            page.says("You have requested three codes in the last hour. Use the newest mail, or try again in 50 minutes."),
            "{}",
            page.text
        );
        assert_eq!(codes(world), 2);
        assert!(world.sandbox.mail.for_address("eva@waizant.example").is_empty());

        world.passes_until(minutes(60) - Duration::from_secs(1)).await;
        ben.sees().await;
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert_eq!(ben.sees().await, "You have requested password recovery three times in the last hour. Try again in 1 second.");
        world.passes(Duration::from_secs(1)).await;
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert!(ben.sees().await.contains("enter the code that was mailed to"), "the first request has left the window");
        assert_eq!(codes(world), 3);
    })
    .await;
}

#[tokio::test]
async fn resend_is_refused_for_sixty_seconds() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.passes(Duration::from_secs(59)).await;
        let page = world.resends(&visit).await;
        assert!(
            page.status == 422 && page.says("A new code can be sent in 1 second."),
            "{}",
            page.text
        );
        assert_eq!(codes(world), 1);
        world.passes(Duration::from_secs(1)).await;
        let older = world.code_for(BEN);
        assert!(world.resends(&visit).await.says("A new code was mailed"));
        ben.sees().await;
        if older != world.code_for(BEN) {
            assert!(
                world.saves(&visit, &older, NEW, NEW).await.says("Use the one in the newest mail.")
            );
            ben.sees().await;
        }
        world.passes(minutes(1)).await;
        assert!(world.resends(&visit).await.says("A new code was mailed"));
        world.passes(minutes(1)).await;
        let page = world.resends(&visit).await;
        assert!(page.says("No more codes can be sent from this page."), "{}", page.text);
        assert_eq!(codes(world), 3);
        assert_eq!(world.saves(&visit, &world.code_for(BEN), NEW, NEW).await.status, 200);
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn sixth_password_within_an_hour_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        for _ in 0..4 {
            assert!(
                world
                    .saves(&visit, &world.wrong_code_for(BEN), NEW, NEW)
                    .await
                    .says("That code is not correct.")
            );
        }
        world.passes(minutes(2)).await;
        let second = world.recovers(&ben).await;
        assert!(
            world
                .saves(&second, &world.code_for(BEN), OLD, OLD)
                .await
                .says("That is one of your recent passwords.")
        );
        assert!(ben.sees().await.contains("That is one of your recent passwords."));
        let page = world.saves(&second, &world.code_for(BEN), NEW, NEW).await;
        assert_eq!(page.status, 422);
        assert!(
            page.says("You have tried five times in the last hour. Try again in 58 minutes."),
            "{}",
            page.text
        );
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 5);

        world.passes_until(minutes(60) - Duration::from_millis(1)).await;
        assert!(
            world
                .saves(&second, &world.code_for(BEN), NEW, NEW)
                .await
                .says("Try again in 1 minute.")
        );
        world.passes(Duration::from_millis(1)).await;
        assert!(
            world
                .saves(&second, &world.code_for(BEN), NEW, NEW)
                .await
                .says("Your password was changed")
        );
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn fifth_wrong_code_closes_the_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        for _ in 0..4 {
            let page = world.saves(&visit, &world.wrong_code_for(BEN), NEW, NEW).await;
            assert!(page.says("That code is not correct."), "{}", page.text);
        }
        ben.sees().await;
        let page = world.saves(&visit, &world.wrong_code_for(BEN), NEW, NEW).await;
        assert!(page.says("This link does not work"), "{}", page.text);
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the password reset code was wrong too many times.

        The link no longer works.
        BackOffice password · Session ······
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        🟠 Warning · Wrong password reset codes
        Too many wrong **password reset codes**. The link of the recovery page is closed.

        Agent Ben Carter <@1200000000000000101> · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
        assert!(world.opens(&visit).await.says("This link does not work"));
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 5);
    })
    .await;
}

#[tokio::test]
async fn eleventh_wrong_code_of_a_day_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.set_hourly_limit(usize::MAX);
        for hour in 0..2 {
            world.leaps_until(minutes(61 * hour)).await;
            let visit = world.recovers(&ben).await;
            for _ in 0..5 {
                world.saves(&visit, &world.wrong_code_for(BEN), NEW, NEW).await;
            }
            ben.sees().await;
            world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        }
        world.leaps_until(minutes(122)).await;
        let visit = world.recovers(&ben).await;
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert!(
            page.status == 422
                && page
                    .says("You have entered ten wrong codes in 24 hours. Try again in 22 hours."),
            "{}",
            page.text
        );
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 10);
    })
    .await;
}

#[tokio::test]
async fn cognito_limit_is_explained() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.set_hourly_limit(1);
        let visit = world.recovers(&ben).await;
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert!(
            page.says("There were too many attempts for this account. Wait up to an hour"),
            "{}",
            page.text
        );
        assert!(ben.sees().await.contains("There were too many attempts for this account."));
        world.passes(minutes(1)).await;
        let page = world.resends(&visit).await;
        assert!(
            page.status == 422 && page.says("There were too many attempts for this account."),
            "{}",
            page.text
        );
        ben.sees().await;
        world.passes(minutes(1)).await;
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:02 UTC): a newer link replaced it.

        The link no longer works.
        BackOffice password · Session ······

        Choose a new password
        ⚠️ There were too many attempts for this account. Wait up to an hour, then try again.

        The page works until 11:02 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        let page = world.opens(&Visit::of(&ben)).await;
        assert!(
            page.says("There were too many attempts") && !page.says("A code was mailed"),
            "{}",
            page.text
        );
    })
    .await;
}
