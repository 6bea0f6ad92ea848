//! Cognito or the functions refuse, fail and fall silent in the middle of a recovery: what is
//! certain is said, and what is not.

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
async fn a_code_that_nobody_knows_about_is_said_and_the_page_sends_another() {
    let log = log();
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.faults().next("ForgotPassword", 1, &Fault::FunctionError);
        ben.types(&format!("/account recover email:{BEN}")).await;
        let panel = ben.sees().await;
        assert_snapshot!(panel, @"
        Recover your BackOffice password
        ⚠️ Something failed on our side, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page. If the problem continues, report it with the reference F-······.

        Enter the code and a new password on the page that the button opens. It works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        [Open the page ↗] [Close]
        ");
        let reference = &panel[panel.find("F-").unwrap()..][..8];
        let lines = log.lines_with(reference);
        assert!(lines.len() == 1 && lines[0].contains("asking for a reset code"), "{lines:?}");
        assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), 1, "Cognito is asked once");

        let visit = Visit::of(&ben);
        let page = world.opens(&visit).await;
        assert!(page.says("the code may not have been mailed") && page.says(reference), "{}", page.text);
        assert!(!page.says("A code was mailed to"), "{}", page.text);
        world.passes(minutes(1)).await;
        assert!(world.resends(&visit).await.says("A new code was mailed to b•••@w•••.example."));
        assert!(ben.sees().await.contains("A new code was mailed to"));
        assert!(world.saves(&visit, &world.code_for(BEN), NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_bounces_and_a_throttled_service_are_said_on_the_panel() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.sandbox.mail.set_bouncing(BEN, true);
        ben.types(&format!("/account recover email:{BEN}")).await;
        assert!(ben.sees().await.contains("⚠️ The mail could not be delivered."));
        world.sandbox.aws.faults().next("ForgotPassword", 1, &Fault::Throttle);
        eva.types("/account recover email:eva@waizant.example").await;
        assert!(eva.sees().await.contains("⚠️ There are too many requests right now."));
        assert_eq!(
            world.sandbox.aws.calls_of("ForgotPassword").len(),
            2,
            "neither is asked again by itself"
        );
        world.sandbox.mail.set_bouncing(BEN, false);
        let visit = Visit::of(&ben);
        world.passes(minutes(1)).await;
        assert!(world.resends(&visit).await.says("A new code was mailed"));
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn a_password_that_was_perhaps_changed_is_called_that() {
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
            "a doubt stays"
        );
        assert!(world.sandbox.aws.accepts_password(BEN, NEW), "this time it was");
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1), "in doubt, too");

        // The code is used up, so another is needed to be sure.
        let page =
            world.saves(&visit, &world.code_for(BEN), "Yet-Another-3", "Yet-Another-3").await;
        assert!(
            page.says("Request a new one here, or with a new link from Discord."),
            "{}",
            page.text
        );
        world.passes(minutes(1)).await;
        world.resends(&visit).await;
        assert!(
            world
                .saves(&visit, &world.code_for(BEN), "Yet-Another-3", "Yet-Another-3")
                .await
                .says("Your password was changed")
        );
        ben.sees().await;
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_service_that_hangs_is_given_up_and_the_panel_is_not_held_up_for_ever() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let faults = world.sandbox.aws.faults();
        faults.always("ConfirmForgotPassword", Fault::Hang);
        let code = world.code_for(BEN);
        let saving = world.saves(&visit, &code, NEW, NEW);
        let page = tokio::join!(saving, async {
            faults.arrived("ConfirmForgotPassword", 1).await;
            world.clock.advance(Duration::from_secs(15));
        })
        .0;
        assert!(page.says("your password may not have been changed."), "{}", page.text);
        assert!(ben.sees().await.contains("your password may not have been changed."));
        faults.clear("ConfirmForgotPassword");
        faults.lose("ConfirmForgotPassword");
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 1);
        assert!(world.saves(&visit, &code, NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_hangs_up_does_not_stop_what_was_begun() {
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
            _ = world.sends_kept(&visit, &form) => panic!("it was held"),
            () = faults.arrived("ConfirmForgotPassword", 1) => {}
        }
        faults.release("ConfirmForgotPassword");
        assert!(ben.sees().await.starts_with("Your password was changed"));
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_that_fails_is_told_as_it_is_and_made_later() {
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
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (0, 1), "the notice does not wait for it");
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
async fn a_notice_that_fails_is_mailed_later_and_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.sandbox.aws.faults().always("cs-message", Fault::FunctionError);
        assert!(
            world
                .saves(&visit, &world.code_for(BEN), NEW, NEW)
                .await
                .says("You were signed out of BackOffice everywhere.")
        );
        ben.sees().await;
        world.passes(minutes(2)).await;
        assert_eq!(notices(world), 0);
        world.sandbox.aws.faults().clear("cs-message");
        world.passes(minutes(2)).await;
        assert_eq!((world.sandbox.aws.sign_outs(BEN), notices(world)), (1, 1));
        let calls = world.sandbox.aws.calls_of("cs-message");
        assert!(
            calls.len() > 2 && calls.iter().all(|call| call.request_id == calls[0].request_id),
            "{calls:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_notice_that_hangs_holds_the_page_up_for_a_moment_only() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let faults = world.sandbox.aws.faults();
        faults.always("cs-message", Fault::Hang);
        let code = world.code_for(BEN);
        let page = tokio::join!(world.saves(&visit, &code, NEW, NEW), async {
            faults.arrived("cs-message", 1).await;
            world.clock.advance(Duration::from_millis(1_500));
        })
        .0;
        assert!(page.says("You were signed out of BackOffice everywhere."), "{}", page.text);
        assert!(ben.sees().await.contains("You were signed out of BackOffice everywhere."));
        faults.clear("cs-message");
        faults.lose("cs-message");
        world.passes(minutes(1)).await;
        assert_eq!(notices(world), 1);
    })
    .await;
}

#[tokio::test]
async fn without_cognito_nobody_is_let_in() {
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
