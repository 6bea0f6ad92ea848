//! A member of an ecosystem gets Web and App, but not the Store.

use insta::assert_snapshot;

use crate::browser;
use crate::world::World;

#[tokio::test]
async fn member_gets_web_and_app_only() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "tom@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("tom@example.com").as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · Tom Baker
        tom\@example.com · member of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");

        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"));
        let home = browser::goes_through(&ben.link_of("Open Waizant Web")).await;
        assert!(home.body.contains("Hello, Tom Baker"), "{}", home.body);
        ben.presses("Waizant App").await;
        assert!(ben.sees().await.contains("(image qr.png)"));
        ben.presses("See plan details").await;
        assert!(ben.sees().await.contains("**Family**"), "a member can read the plan");
        ben.presses("Back").await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
    })
    .await;
}

#[tokio::test]
async fn forged_store_button_opens_nothing() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        let forged = ben.keep("Waizant Web").custom_id().replace(".open.web", ".open.store");
        assert!(forged.ends_with(".open.store"), "{forged}");
        ben.forges(&forged).await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · Tom Baker
        ⚠️ This button is from another version of the bot. Open your panel again with `/support resume`.

        tom\@example.com · member of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");
        assert!(world.sandbox.aws.calls_of("cs-access").is_empty(), "no link was requested");
        assert!(world.sandbox.shop.links().is_empty());
        assert_eq!(world.trail().await.pop().unwrap(), r#"refused {"why":"unknown_button"}"#);

        ben.presses("Waizant Web").await;
        assert!(ben.sees().await.contains("[Open Waizant Web ↗]"));
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}
