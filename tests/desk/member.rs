//! The happy road of a member: two buttons instead of three, and no way to the third.

use insta::assert_snapshot;

use crate::browser;
use crate::world::World;

#[tokio::test]
async fn a_member_gets_web_and_app_but_no_store() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "tom@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("tom@example.com").as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is a **member** of this ecosystem.
        Customer: Tom Baker
        E-mail: tom\@example.com
        Ecosystem: Casa Luz
        Session ······
        [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");

        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
        let home = browser::goes_through(&ben.link_of("Open the web")).await;
        assert!(home.body.contains("Hello, Tom Baker"), "{}", home.body);
        ben.presses("Waizant App").await;
        assert!(ben.sees().await.contains("(image qr.png)"));
        ben.presses("See plan details").await;
        assert!(ben.sees().await.contains("Plan: Family"), "a member may see the plan too");
        ben.presses("Back").await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished"));
    })
    .await;
}

#[tokio::test]
async fn a_forged_store_button_of_a_member_opens_nothing() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        let forged = ben.keep("Waizant Web").custom_id().replace(".open.web", ".open.store");
        assert!(forged.ends_with(".open.store"), "{forged}");
        ben.forges(&forged).await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⚠️ This button is from another version of the bot. Open your panel again with `/support resume`.

        You and the customer are verified. Choose what to open for the customer.

        The customer is a **member** of this ecosystem.
        Customer: Tom Baker
        E-mail: tom\@example.com
        Ecosystem: Casa Luz
        Session ······
        [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
        assert!(world.sandbox.aws.calls_of("cs-access").is_empty(), "nobody was asked for a link");
        assert!(world.sandbox.shop.links().is_empty());
        assert_eq!(world.trail().await.pop().unwrap(), r#"refused {"why":"unknown_button"}"#);

        // The panel still works.
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn the_role_counts_in_the_chosen_ecosystem_not_in_another() {
    World::run(async |world| {
        let ben = world.person("ben");
        // Julia owns two ecosystems and is a member of this one.
        world.verifies(&ben, "julia@example.com", "Huerta Norte").await;
        assert!(
            ben.try_presses(None, "Waizant Store").await.is_err(),
            "a member's panel has no store"
        );
        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open the web ↗]"));
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}
