//! Who may recover a password, and what everybody else is told.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::UserStatus;

use super::visit::NEW;
use crate::world::World;

const BEN: &str = "ben@waizant.example";

async fn asks(world: &World, who: &Person) -> String {
    who.types(&format!("/account recover email:{}", world.mailbox_of(who))).await;
    who.sees().await
}

fn nothing_was_asked(world: &World) {
    assert!(
        world.sandbox.aws.calls_of("ForgotPassword").is_empty()
            && world.sandbox.mail.all().is_empty()
    );
}

#[tokio::test]
async fn who_is_no_agent_is_told_why() {
    World::run(async |world| {
        let told = async |name: &str| asks(world, &world.person(name)).await;
        assert_snapshot!(told("sam").await, @"Only support agents can use this. Ask an administrator of this server for the agent role.");
        assert_snapshot!(told("olga").await, @"Your Discord account is not linked to a BackOffice account yet. Link it with `/account link`.");
        assert_snapshot!(told("fred").await, @"You have not replaced the temporary password of your BackOffice account, so it cannot be recovered. Ask an administrator for a new temporary password.");
        for name in ["dora", "otto"] {
            let told = told(name).await;
            assert!(told.contains("BackOffice account") && told.contains("administrator"), "{name}: {told}");
        }
        nothing_was_asked(world);
        assert_eq!(world.count("select count(*) from limit_uses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_cannot_be_recovered_is_not_asked_for() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.set_user_status(BEN, UserStatus::Unconfirmed);
        assert_snapshot!(asks(world, &ben).await, @"The state of your BackOffice account does not allow password recovery. Contact an administrator.");
        let eva = world.person("eva");
        world.sandbox.aws.set_email_verified("eva@waizant.example", false);
        assert!(asks(world, &eva).await.contains("administrator"));
        nothing_was_asked(world);
    })
    .await;
}

#[tokio::test]
async fn the_address_must_be_the_account_s_in_whatever_case() {
    World::run(async |world| {
        let ben = world.person("ben");
        for typed in ["ben", "ben@", "b en@waizant.example", "\"ben\"@waizant.example"] {
            ben.types(&format!("/account recover email:{typed}")).await;
            assert!(ben.sees().await.contains("That is not a valid e-mail address."), "{typed}");
        }
        assert_eq!(world.count("select count(*) from limit_uses").await, 0, "that costs nothing");
        ben.types("/account recover email:eva@waizant.example").await;
        assert_snapshot!(ben.sees().await, @"That is not the address of your linked BackOffice account. Check it with `/account show`. This attempt counts as one of three an hour.");
        assert_snapshot!(world.trail().await.pop().unwrap(), @r#"recovery_asked {"account":"0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002","email":"e•••@w•••.example","why":"other_address"}"#);
        nothing_was_asked(world);
        ben.types("/account recover email:Ben@Waizant.Example").await;
        assert!(ben.sees().await.contains("[Open the page ↗]"));
    })
    .await;
}

#[tokio::test]
async fn another_address_is_answered_alike_whosever_it_is() {
    let mut answers = Vec::new();
    // A colleague's, a disabled account's, one that was never linked, a customer's, nobody's.
    for address in [
        "eva@waizant.example",
        "dora@waizant.example",
        "olga@waizant.example",
        "julia@example.com",
        "odin@waizant.example",
    ] {
        World::run(async |world| {
            let ben = world.person("ben");
            ben.types(&format!("/account recover email:{address}")).await;
            let text = ben.sees().await;
            let as_sent = ben
                .messages()
                .into_iter()
                .map(|message| (message.content, message.embeds, message.components.len()));
            let asked: Vec<_> =
                world.sandbox.aws.calls().into_iter().map(|call| call.function).collect();
            answers.push((address, text, as_sent.collect::<Vec<_>>(), asked));
            nothing_was_asked(world);
        })
        .await;
    }
    for (address, text, as_sent, asked) in &answers {
        assert!(text.contains("That is not the address"), "{address}: {text}");
        assert_eq!((as_sent, asked), (&answers[0].2, &answers[0].3), "{address}");
    }
}

#[tokio::test]
async fn without_a_page_nothing_can_be_recovered_and_nothing_is_counted() {
    World::run_with(&[("PUBLIC_URL", "")], async |world| {
        let ben = world.person("ben");
        assert_snapshot!(asks(world, &ben).await, @"Password recovery is not set up in this bot. Contact an administrator.");
        nothing_was_asked(world);
        assert_eq!(world.count("select count(*) from limit_uses").await, 0);
        let page = crate::browser::looks_at(&format!("{}recover/page.css", world.public_url())).await;
        assert_eq!(page.status, 404);
    })
    .await;
}

#[tokio::test]
async fn rights_that_are_lost_midway_end_the_link_and_every_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let visit = world.recovers(&ben).await;
        let code = world.sandbox.mail.for_address(BEN).pop().unwrap().code.unwrap();
        let form = world
            .form(&visit, &[("code", &code), ("password", NEW), ("again", NEW), ("do", "save")])
            .await;
        world.sandbox.aws.set_groups(BEN, &[]);
        // What was read of the account is believed for a minute at most.
        world.passes(minutes(1)).await;
        let page = world.sends_kept(&visit, &form).await;
        assert!(page.status == 404 && page.says("This link does not work"), "{}", page.text);
        let panels = ben.sees().await;
        assert_eq!(
            panels.matches("the agent is no longer allowed to help customers.").count(),
            2,
            "{panels}"
        );
        assert!(panels.contains("The link no longer works."), "{panels}");
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_link_to_another_account_ends_the_recovery_of_the_first() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world
            .executes("update account_links set agent_id = 'somebody-else' where email like 'b%'")
            .await;
        world.passes(minutes(1)).await;
        assert_eq!(world.resends(&visit).await.status, 404);
        assert!(ben.sees().await.contains("Session closed"));
        assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_role_loses_the_link_with_the_next_click() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        ben.set_roles(&[]);
        ben.presses("Close").await;
        let told = ben.sees().await;
        assert!(
            told.contains("Only support agents can use this.")
                && told.contains("The link no longer works."),
            "{told}"
        );
        assert_eq!(world.opens(&visit).await.status, 404);
    })
    .await;
}
