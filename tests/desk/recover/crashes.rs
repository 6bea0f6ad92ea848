//! The process dies in the middle of a recovery: nothing that cannot be repeated is repeated, and
//! everybody is told what is known.

use std::sync::Arc;
use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::mail::MailKind;

use super::visit::{NEW, OLD, Visit};
use crate::world::World;

const BEN: &str = "ben@waizant.example";
/// From then on a client takes an interaction for failed.
const TOO_LATE: Duration = Duration::from_millis(3_001);

fn count(world: &World, kind: MailKind) -> usize {
    world.sandbox.mail.for_address(BEN).into_iter().filter(|mail| mail.kind == kind).count()
}

/// The process dies when this was asked of Cognito or a function, before it was done or after.
async fn dies_over(world: &mut World, operation: &str, done: bool, act: impl AsyncFnOnce(&World)) {
    let aws = Arc::clone(&world.sandbox.aws);
    let before = aws.calls_of(operation).len();
    if done {
        aws.faults().always(operation, Fault::HangAfterWork);
    } else {
        aws.faults().hold(operation);
    }
    tokio::select! {
        () = act(world) => panic!("it was held"),
        () = async {
            if done { aws.faults().worked(operation, before + 1).await } else { aws.faults().arrived(operation, before + 1).await }
        } => {}
    }
    world.crashes();
    aws.faults().clear(operation);
    aws.faults().lose(operation);
    world.clock.advance(TOO_LATE);
    world.sandbox.discord.connected(0).await;
    world.starts().await;
}

/// The process dies over the first code.
async fn dies_over_the_code(world: &mut World, ben: &Person, done: bool) {
    let typing = ben.clone();
    let act = async move |_: &World| typing.types(&format!("/account recover email:{BEN}")).await;
    dies_over(world, "ForgotPassword", done, act).await;
    assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), 1, "it is not asked twice");
    ben.sees().await;
}

#[tokio::test]
async fn before_and_after_the_code_is_mailed() {
    for done in [false, true] {
        World::run(async |world| {
            let ben = world.person("ben");
            dies_over_the_code(world, &ben, done).await;
            assert_eq!(count(world, MailKind::PasswordReset), usize::from(done));
            // Nobody has the link, so the next request makes another; what was mailed is as good
            // there.
            let visit = world.recovers(&ben).await;
            assert!(
                world
                    .saves(&visit, &world.code_for(BEN), NEW, NEW)
                    .await
                    .says("Your password was changed")
            );
            ben.sees().await;
            let trail = world.trail().await;
            assert!(
                trail.iter().any(
                    |event| event.starts_with("code_not_sent") && event.contains("interrupted")
                ),
                "{trail:#?}"
            );
            assert!(
                trail.iter().any(|event| event == r#"closed {"why":"replaced"}"#),
                "{trail:#?}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn a_code_that_took_its_time_leaves_a_panel_that_says_what_is_known() {
    World::run(async |world| {
        let ben = world.person("ben");
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("ForgotPassword");
        let line = format!("/account recover email:{BEN}");
        tokio::join!(ben.types(&line), async {
            aws.faults().arrived("ForgotPassword", 1).await;
            world.clock.advance(Duration::from_millis(1_500));
        });
        world.crashes();
        aws.faults().lose("ForgotPassword");
        world.starts().await;
        assert_snapshot!(ben.sees().await, @"
        Recover your BackOffice password
        ⚠️ The request was interrupted, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page.

        Enter the code and a new password on the page that the button opens. It works until 11:00 UTC (in 60 minutes) and for one change. Do not share the link.

        Never enter a password in Discord.
        [Open the page ↗] [Close]
        ");
        let visit = Visit::of(&ben);
        assert!(world.opens(&visit).await.says("The request was interrupted, and the code may not have been mailed."));
        world.passes(minutes(1)).await;
        assert!(world.resends(&visit).await.says("A new code was mailed"));
        ben.sees().await;
    })
    .await;
}

/// The process dies over a new password.
async fn dies_over_the_password(world: &mut World, visit: &Visit, done: bool) {
    let code = world.code_for(BEN);
    let form = world
        .form(visit, &[("code", &code), ("password", NEW), ("again", NEW), ("do", "save")])
        .await;
    let url = world.url_of(visit);
    let act = async move |_: &World| {
        crate::browser::sends(&url, &form).await;
    };
    dies_over(world, "ConfirmForgotPassword", done, act).await;
    assert_eq!(
        world.sandbox.aws.calls_of("ConfirmForgotPassword").len(),
        1,
        "the password is gone with the process"
    );
    assert_eq!(world.sandbox.aws.accepts_password(BEN, NEW), done);
}

#[tokio::test]
async fn before_the_password_is_set() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        dies_over_the_password(world, &visit, false).await;
        assert_snapshot!(ben.sees().await, @r"
        Recover your BackOffice password
        ⚠️ The request was interrupted, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again.

        A code was mailed to b•••\@w•••.example. If you received several mails, use the newest.

        Enter the code and a new password on the page that the button opens. It works until 11:00 UTC (in 60 minutes) and for one change. Do not share the link.

        Never enter a password in Discord.
        [Open the page ↗] [Close]
        ");
        assert!(
            world.opens(&visit).await.says("Try to sign in with the new one. If that does not work, fill in the page again.")
        );
        assert!(world.sandbox.aws.accepts_password(BEN, OLD));
        assert!(world.saves(&visit, &world.code_for(BEN), NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
        let after = (world.sandbox.aws.sign_outs(BEN), count(world, MailKind::PasswordChanged));
        assert_eq!(after, (2, 2), "once in doubt, once for certain");
    })
    .await;
}

#[tokio::test]
async fn after_the_password_is_set_and_before_anybody_knows() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        dies_over_the_password(world, &visit, true).await;
        assert!(ben.sees().await.contains("your password may not have been changed."));
        // Whoever does not try to sign in first finds the code used up.
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
    })
    .await;
}

#[tokio::test]
async fn before_and_after_the_sign_out_and_the_notice() {
    for operation in ["AdminUserGlobalSignOut", "cs-message"] {
        for done in [false, true] {
            World::run(async |world| {
                let ben = world.person("ben");
                let visit = world.recovers(&ben).await;
                let code = world.code_for(BEN);
                let form = world
                    .form(
                        &visit,
                        &[("code", &code), ("password", NEW), ("again", NEW), ("do", "save")],
                    )
                    .await;
                let url = world.url_of(&visit);
                let act = async move |_: &World| {
                    crate::browser::sends(&url, &form).await;
                };
                dies_over(world, operation, done, act).await;
                assert!(world.opens(&visit).await.says("Your password was changed"), "{operation}");
                let twice = operation == "AdminUserGlobalSignOut" && done;
                assert_eq!(
                    world.sandbox.aws.sign_outs(BEN),
                    1 + usize::from(twice),
                    "{operation}: out is out"
                );
                assert_eq!(count(world, MailKind::PasswordChanged), 1, "{operation}");
                assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 1);
            })
            .await;
        }
    }
}
