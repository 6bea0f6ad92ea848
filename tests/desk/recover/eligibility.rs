//! Eligibility for a recovery, and equal answers for every other address.

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

fn assert_nothing_sent(world: &World) {
    assert!(
        world.sandbox.aws.calls_of("ForgotPassword").is_empty()
            && world.sandbox.mail.all().is_empty()
    );
}

#[tokio::test]
async fn ineligible_user_cannot_recover() {
    World::run(async |world| {
        let answer_to = async |name: &str| asks(world, &world.person(name)).await;
        assert_snapshot!(answer_to("sam").await, @"Only support agents can use this. Ask an administrator of this server for the agent role.");
        assert_snapshot!(answer_to("olga").await, @"
        Your Discord account is not linked to a BackOffice account yet.
        [Link my account]
        ");
        assert_snapshot!(answer_to("fred").await, @"You have not replaced the temporary password of your BackOffice account, so it cannot be recovered. Ask an administrator for a new temporary password.");
        for name in ["dora", "otto"] {
            let seen = answer_to(name).await;
            assert!(seen.contains("BackOffice account") && seen.contains("administrator"), "{name}: {seen}");
        }
        assert_nothing_sent(world);
        assert_eq!(world.count("select count(*) from limit_uses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn unrecoverable_account_sends_no_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.sandbox.aws.set_user_status(BEN, UserStatus::Unconfirmed);
        assert_snapshot!(asks(world, &ben).await, @"The state of your BackOffice account does not allow password recovery. Contact an administrator.");
        let eva = world.person("eva");
        world.sandbox.aws.set_email_verified("eva@waizant.example", false);
        assert!(asks(world, &eva).await.contains("administrator"));
        assert_nothing_sent(world);
    })
    .await;
}

#[tokio::test]
async fn other_address_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        for typed in ["ben", "ben@", "b en@waizant.example", "\"ben\"@waizant.example"] {
            ben.types(&format!("/account recover email:{typed}")).await;
            assert!(ben.sees().await.contains("That is not a valid e-mail address."), "{typed}");
        }
        assert_eq!(world.count("select count(*) from limit_uses").await, 0, "malformed addresses do not count");
        ben.types("/account recover email:eva@waizant.example").await;
        assert_snapshot!(ben.sees().await, @"That is not the address of your linked BackOffice account. Check it with /account show. This attempt counts as one of three an hour.");
        assert_snapshot!(world.trail().await.pop().unwrap(), @r#"recovery_asked {"account":"0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0002","email":"e•••@w•••.example","why":"other_address"}"#);
        assert_nothing_sent(world);
        ben.types("/account recover email:Ben@Waizant.Example").await;
        assert!(ben.sees().await.contains("[Open the page ↗]"));
    })
    .await;
}

#[tokio::test]
async fn refusal_is_identical_for_every_other_address() {
    let mut answers = Vec::new();
    // Of a colleague, of a disabled account, never linked, of a customer, without an account.
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
            assert_nothing_sent(world);
        })
        .await;
    }
    for (address, text, as_sent, asked) in &answers {
        assert!(text.contains("That is not the address"), "{address}: {text}");
        assert_eq!((as_sent, asked), (&answers[0].2, &answers[0].3), "{address}");
    }
}

#[tokio::test]
async fn recovery_without_page_is_refused() {
    World::run_with(&[("PUBLIC_URL", "")], async |world| {
        let ben = world.person("ben");
        assert_snapshot!(asks(world, &ben).await, @"Password recovery is not set up in this bot. Contact an administrator.");
        assert_nothing_sent(world);
        assert_eq!(world.count("select count(*) from limit_uses").await, 0);
        let page = crate::browser::looks_at(&format!("{}recover/page.css", world.public_url())).await;
        assert_eq!(page.status, 404);
    })
    .await;
}

#[tokio::test]
async fn lost_eligibility_ends_the_link_and_sessions() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, "julia@example.com", "Casa Luz").await;
        let visit = world.recovers(&ben).await;
        let code = world.sandbox.mail.for_address(BEN).pop().unwrap().code.unwrap();
        let form = world
            .form(&visit, &[("code", &code), ("password", NEW), ("again", NEW), ("do", "save")])
            .await;
        world.sandbox.aws.set_groups(BEN, &[]);
        // The account is cached for a minute.
        world.passes(minutes(1)).await;
        let page = world.sends_kept(&visit, &form).await;
        assert!(page.status == 404 && page.says("This link does not work"), "{}", page.text);
        let panels = ben.sees().await;
        assert_eq!(panels.matches("the agent may no longer continue it.").count(), 2, "{panels}");
        assert!(panels.contains("The link no longer works."), "{panels}");
        assert!(world.sandbox.aws.calls_of("ConfirmForgotPassword").is_empty());
    })
    .await;
}

#[tokio::test]
async fn new_account_link_ends_the_recovery() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        world
            .executes("update account_links set agent_id = 'another-agent' where email like 'b%'")
            .await;
        world.passes(minutes(1)).await;
        assert_eq!(world.resends(&visit).await.status, 404);
        assert!(ben.sees().await.contains("Session closed"));
        assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn page_request_without_role_ends_the_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        ben.set_roles(&[]);
        world.passes(minutes(1)).await;
        assert_eq!(world.resends(&visit).await.status, 404);
        assert!(ben.sees().await.contains("You no longer have the agent role"));
        assert_eq!(world.sandbox.aws.calls_of("ForgotPassword").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn early_resends_are_one_event_a_minute() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        for _ in 0..3 {
            world.resends(&visit).await;
        }
        let refused = async || {
            let trail = world.trail().await.into_iter();
            trail.filter(|event| event.starts_with("refused")).collect::<Vec<_>>()
        };
        let first = r#"refused {"why":"too_early"}"#;
        assert_eq!(refused().await, [first]);
        world.passes(minutes(1)).await;
        assert_eq!(refused().await, [first, r#"refused {"repeated":2,"why":"too_early"}"#]);
    })
    .await;
}

#[tokio::test]
async fn lost_role_ends_the_link() {
    World::run(async |world| {
        let ben = world.person("ben");
        let visit = world.recovers(&ben).await;
        ben.set_roles(&[]);
        ben.presses("Close").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("Only support agents can use this.")
                && seen.contains("The link no longer works."),
            "{seen}"
        );
        assert_eq!(world.opens(&visit).await.status, 404);
    })
    .await;
}
