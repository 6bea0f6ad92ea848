//! Wrong input on the recovery page: it shows next to its field and, if it was sent, on the panel.

use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::aws::cognito::PasswordPolicy;

use super::visit::{NEW, OLD};
use crate::world::World;

const BEN: &str = "ben@waizant.example";

#[tokio::test]
async fn invalid_input_is_not_sent_to_cognito() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let code = world.code_for(BEN);
        for (code, password, again, words) in [
            ("12345", NEW, NEW, "A code has six digits."),
            ("", "", "", "A code has six digits."),
            (code.as_str(), "weak", "weak", "Not met yet: At least 8 characters;"),
            (
                code.as_str(),
                "With Space-1",
                "With Space-1",
                "Not met yet: No spaces or invisible characters.",
            ),
            (code.as_str(), "Password1!", "Password1!", "That password is easy to guess."),
            (
                code.as_str(),
                "Waizant-7kQm2x!",
                "Waizant-7kQm2x!",
                "That password is easy to guess.",
            ),
            (code.as_str(), "C4rter-7kQm2x!", "C4rter-7kQm2x!", "That password is easy to guess."),
            (code.as_str(), NEW, "Another-Password-3", "The two passwords do not match."),
        ] {
            let page = world.saves(&visit, code, password, again).await;
            assert!(page.status == 422 && page.says(words), "{words}: {}", page.text);
        }
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
        assert_eq!(
            world.count("select count(*) from limit_uses where kind = 'recover_confirms'").await,
            0
        );
        assert_eq!(ben.sees().await, "", "the panel has not changed");
        assert!(world.saves(&visit, &code, NEW, NEW).await.says("Your password was changed"));
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn correct_code_passes_after_a_wrong_one() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let page = world.saves(&visit, &world.wrong_code_for(BEN), NEW, NEW).await;
        assert_eq!(page.status, 422);
        assert!(page.says("That code is not correct. Use the one in the newest mail."), "{}", page.text);
        assert!(page.html.contains(&world.wrong_code_for(BEN)) && !page.html.contains(NEW), "the page keeps the code and drops the passwords");
        assert_snapshot!(ben.sees().await, @r"
        Choose a new password
        ⚠️ That code is not correct. Use the one in the newest mail.

        Press Open the page and enter the code that was mailed to b•••\@w•••.example. If you received several mails, use the newest.

        The page works until 11:00 UTC (in 1 hour) and for one change. Do not share the link.

        Never enter a password in Discord.
        BackOffice password · Session ······
        [Open the page ↗] [Close]
        ");
        assert!(!world.opens(&visit).await.says("That code is not correct."), "a new visit does not show the error");
        assert!(world.sandbox.aws.accepts_password(BEN, OLD));
        assert!(world.saves(&visit, &world.code_for(BEN), NEW, NEW).await.says("Your password was changed"));
        assert!(ben.sees().await.starts_with("Your password was changed"));
    })
    .await;
}

#[tokio::test]
async fn expired_code_suggests_resend() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world.sandbox.aws.faults().next(
            "ConfirmForgotPassword",
            1,
            &Fault::refuse("ExpiredCodeException"),
        );
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert!(
            page.says("That code is not valid or has expired. Request a new one here"),
            "{}",
            page.text
        );
        assert!(
            ben.sees().await.contains("Request a new one here, or with a new link from Discord.")
        );
    })
    .await;
}

#[tokio::test]
async fn changed_password_policy_is_shown() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        assert!(world.opens(&visit).await.says("At least 8 characters"));
        world
            .sandbox
            .aws
            .set_policy(PasswordPolicy { minimum_length: 24, ..PasswordPolicy::default() });
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert!(page.says("That password does not meet the requirements below."), "{}", page.text);
        assert!(page.says("At least 24 characters"), "{}", page.text);
        assert!(ben.sees().await.contains("That password does not meet the requirements"));
        let page = world.saves(&visit, &world.code_for(BEN), NEW, NEW).await;
        assert!(page.says("Not met yet: At least 24 characters."), "{}", page.text);
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_concurrent_saves_change_the_password_once() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        let code = world.code_for(BEN);
        let form = world
            .form(&visit, &[("code", &code), ("password", NEW), ("again", NEW), ("do", "save")])
            .await;
        let (one, other) =
            tokio::join!(world.sends_kept(&visit, &form), world.sends_kept(&visit, &form));
        for page in [one, other] {
            assert!(page.says("Your password was changed"), "{}", page.text);
        }
        ben.sees().await;
        assert_eq!(world.sandbox.aws.calls_of("ConfirmForgotPassword").len(), 1);
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2);
    })
    .await;
}
