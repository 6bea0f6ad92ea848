//! Sentences of a recovery when Cognito or a function refuses, fails or does not reply.
//!
//! The [`matrix`](crate::matrix) proves that every step is done once, and that the notice and the
//! sign-out are repeated until they succeed.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::mail::MailKind;

use super::visit::{NEW, Visit};
use crate::log::log;
use crate::world::World;

const BEN: &str = "ben@waizant.example";

fn notices(world: &World) -> usize {
    world
        .sandbox
        .mail
        .for_address(BEN)
        .into_iter()
        .filter(|mail| mail.kind == MailKind::PasswordChanged)
        .count()
}

#[tokio::test]
async fn failed_reset_is_explained_on_panel_and_page() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.faults().next("ForgotPassword", 1, &Fault::FunctionError);
        ben.types(&format!("/account recover email:{BEN}")).await;
        let panel = ben.sees().await;
        assert_snapshot!(panel, @"
        Choose a new password
        ⚠️ Something failed on our side, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page. If the problem continues, report it with the reference F-······.

        The page works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        let reference = &panel[panel.find("F-").unwrap()..][..8];
        let lines = log.lines_with(reference);
        assert!(lines.len() == 1 && lines[0].contains("asking for a reset code"), "{lines:?}");

        let visit = Visit::of(&ben);
        let page = world.opens(&visit).await;
        assert!(page.says("the code may not have been mailed") && page.says(reference), "{}", page.text);
        assert!(!page.says("A code was mailed to"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn bounce_and_throttling_are_explained_on_the_panel() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.sandbox.mail.set_bouncing(BEN, true);
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert!(ben.sees().await.contains("⚠️ The mail could not be delivered."));
        world.sandbox.aws.faults().next("ForgotPassword", 1, &Fault::Throttle);
        eva.types("/account recover email:eva@waizant.example").await;
        assert!(eva.sees().await.contains("⚠️ There are too many requests right now."));
    })
    .await;
}

#[tokio::test]
async fn uncertain_password_change_is_explained() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.sandbox.aws.faults().next("ConfirmForgotPassword", 1, &Fault::CutAfterWork);
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert_eq!(page.status, 422);
        assert!(
            page.says("your password may not have been changed. Try to sign in with the new one"),
            "{}",
            page.text
        );
        let panel = ben.sees().await;
        assert!(panel.contains("your password may not have been changed."), "{panel}");
        let reference = &panel[panel.find("F-").unwrap()..][..8];
        assert!(page.says(reference), "{}", page.text);
        assert!(log.lines_with(reference)[0].contains("setting a new password"));
        assert!(
            world.opens(&visit).await.says("your password may not have been changed."),
            "the page still shows the uncertainty"
        );
        assert!(world.sandbox.aws.accepts_password(BEN, NEW));
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1));

        // Cognito has used the code, so the person needs another.
        let page =
            world.saves(&visit, &world.code_for(BEN), "Yet-Another-3", "Yet-Another-3").await;
        assert!(
            page.says("Request a new one here, or with a new link from Discord."),
            "{}",
            page.text
        );
        assert!(ben.sees().await.contains("Request a new one here"));
    })
    .await;
}

#[tokio::test]
async fn closed_browser_does_not_stop_the_change() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let faults = world.sandbox.aws.faults();
        faults.hold("ConfirmForgotPassword");
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
        tokio::select! {
            _ = world.sends_kept(&visit, &form) => panic!("the call is held"),
            () = faults.arrived("ConfirmForgotPassword", 1) => {}
        }
        faults.release("ConfirmForgotPassword");
        assert!(ben.sees().await.starts_with("Your password was changed"));
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn failed_sign_out_is_explained_and_repeated() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.sandbox.aws.faults().always("AdminUserGlobalSignOut", Fault::refuse("InternalErrorException"));
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert_snapshot!(page.text, @"
        Waizant BackOffice
        Your password was changed
        Sign in to BackOffice with the new password.
        You are being signed out of BackOffice everywhere. If that fails, it is retried for an hour. A window that is still open may keep working until its sign-in expires.
        You will receive a notice by mail.
        If you did not change the password yourself, contact an administrator at once.
        You can close this page.
        ");
        assert!(ben.sees().await.contains("You are being signed out of BackOffice everywhere"));
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (0, 1), "the notice is mailed without it");
        world.passes(minutes(3)).await;
        assert!(world.opens(&visit).await.says("You are being signed out of BackOffice everywhere"));
        world.sandbox.aws.faults().clear("AdminUserGlobalSignOut");
        world.passes(minutes(1)).await;
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1));
        assert!(world.opens(&visit).await.says("You were signed out of BackOffice everywhere."));
    })
    .await;
}

#[tokio::test]
async fn hanging_notice_delays_the_page_briefly() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-message", Fault::Hang);
        let code = world.code_for(BEN);
        let page = tokio::join!(world.saves(&visit, &code, NEW, NEW), async {
            faults.arrived("cs-message", 1).await;
            world.clock.advance(Duration::from_millis(1500));
        })
        .0;
        assert!(page.says("You were signed out of BackOffice everywhere."), "{}", page.text);
        assert!(ben.sees().await.contains("You were signed out of BackOffice everywhere."));
        faults.clear("cs-message");
        faults.lose("cs-message");
    })
    .await;
}

#[tokio::test]
async fn unreadable_account_denies_the_password_change() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
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
        world.passes(minutes(1)).await;
        world.sandbox.aws.faults().always("AdminGetUser", Fault::refuse("AccessDeniedException"));
        let page = world.sends_kept(&visit, &form).await;
        assert!(
            page.status == 500 && page.says("Something failed on our side. Try again."),
            "{}",
            page.text
        );
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
        world.sandbox.aws.faults().clear("AdminGetUser");
        assert!(world.sends_kept(&visit, &form).await.says("Your password was changed"));
        ben.sees().await;
    })
    .await;
}
