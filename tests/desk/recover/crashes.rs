//! Sentences after a crash in a recovery, where the outcome of a call is unknown.
//!
//! The [`matrix`](crate::matrix) covers a crash at every call of a recovery.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use sandbox::mail::MailKind;

use super::visit::{NEW, OLD, Visit};
use crate::world::World;

const BEN: &str = "ben@waizant.example";
/// Time after which the bot defers its answer.
const DEFER_AFTER: Duration = Duration::from_secs(1);

#[tokio::test]
async fn crash_during_slow_reset_explains_the_uncertainty() {
    World::run(async |world| {
        let ben = world.person("ben");
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("ForgotPassword");
        let line = format!("/account recover email:{BEN}");
        tokio::join!(ben.types(&line), async {
            aws.faults().arrived("ForgotPassword", 1).await;
            world.clock.advance(DEFER_AFTER);
        });
        world.crashes();
        aws.faults().lose("ForgotPassword");
        world.starts().await;
        assert_snapshot!(ben.sees().await, @"
        Choose a new password
        ⚠️ The request was interrupted, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page.

        The page works until 11:00 UTC (in 60 minutes) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        let visit = Visit::of(&ben);
        assert!(world.opens(&visit).await.says("The request was interrupted, and the code may not have been mailed."));
        let trail = world.trail().await;
        let unsent = |event: &String| event.starts_with("code_not_sent") && event.contains("interrupted");
        assert!(trail.iter().any(unsent), "{trail:#?}");

        world.recovers(&ben).await;
        let trail = world.trail().await;
        assert!(trail.iter().any(|event| event == r#"closed {"why":"replaced"}"#), "{trail:#?}");
    })
    .await;
}

#[tokio::test]
async fn crash_before_password_is_set_allows_repetition() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let code = world.code_for(BEN);
        let fields = [("code", code.as_str()), ("password", NEW), ("again", NEW), ("do", "save")];
        let form = world.form(&visit, &fields).await;
        let aws = Arc::clone(&world.sandbox.aws);
        aws.faults().hold("ConfirmForgotPassword");
        let url = world.url_of(&visit);
        tokio::select! {
            _ = crate::browser::sends(&url, &form) => panic!("the call is held"),
            () = aws.faults().arrived("ConfirmForgotPassword", 1) => {}
        }
        world.crashes();
        aws.faults().lose("ConfirmForgotPassword");
        world.sandbox.discord.connected(0).await;
        world.starts().await;
        assert_snapshot!(ben.sees().await, @r"
        Choose a new password
        ⚠️ The request was interrupted, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again.

        Press Open the page and enter the code that was mailed to b•••\@w•••.example. If you received several mails, use the newest.

        The page works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        assert!(
            world.opens(&visit).await.says("Try to sign in with the new one. If that does not work, fill in the page again.")
        );
        assert!(aws.accepts_password(BEN, OLD));
        assert!(world.saves(&visit, &code, NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
        let mails = world.sandbox.mail.for_address(BEN).into_iter();
        let notices = mails.filter(|mail| mail.kind == MailKind::PasswordChanged).count();
        assert_eq!((aws.sign_outs(BEN), notices), (2, 2), "after the doubt and after the change");
    })
    .await;
}
