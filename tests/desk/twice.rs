//! A double click or a double delivery has one effect and one answer.
//!
//! The [`matrix`](super::matrix) delivers the click of every step twice.

use commands::model::time::minutes;

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

#[tokio::test]
async fn double_click_has_one_effect() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.presses_twice("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
        ben.selects("Casa Luz").await;
        world.passes(minutes(1)).await;
        ben.presses_twice("Resend").await;
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 2, "one mail for each request");
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        ben.presses_twice("Send code").await;
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
        assert!(ben.sees().await.contains("already done"), "the second click has an answer");
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        ben.presses_twice("Waizant Web").await;
        assert_eq!(ben.sees().await.matches("[Open Waizant Web ↗]").count(), 1);
        assert_eq!(world.sandbox.shop.links().len(), 1);
        ben.presses_twice("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 2, "one issue, one revocation");
    })
    .await;
}

#[tokio::test]
async fn double_delivery_has_one_effect_and_one_answer() {
    World::run(async |world| {
        let ben = world.person("ben");
        let twice = || world.sandbox.discord.faults().deliver_twice();
        twice();
        ben.types(LOOK_UP).await;
        assert_eq!(ben.sees().await.matches("[Start verification process]").count(), 1);
        assert_eq!(world.trail().await.len(), 1, "one look-up");
        twice();
        ben.presses("Start").await;
        twice();
        ben.selects("Casa Luz").await;
        let seen = ben.sees().await;
        assert!(seen.contains("mailed to **you**") && !seen.contains("already done"));
        assert_eq!(world.sandbox.mail.for_address(BEN).len(), 1);
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
        twice();
        ben.presses("Send code").await;
        let seen = ben.sees().await;
        assert!(seen.contains("read out the code") && !seen.contains("already done"), "{seen}");
        assert_eq!(world.sandbox.mail.for_address(JULIA).len(), 1);
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        twice();
        ben.presses("Waizant App").await;
        assert_eq!(ben.sees().await.matches("(image qr.png)").count(), 1);
        assert_eq!(world.sandbox.shop.links().len(), 1);
        twice();
        ben.types("/support resume").await;
        let seen = ben.sees().await;
        assert_eq!(seen.matches("4 of 4").count(), 1, "{seen}");
        assert!(!seen.contains("already done"), "{seen}");
        twice();
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        assert_eq!(world.sandbox.aws.calls_of("cs-access").len(), 2, "one issue, one revocation");
    })
    .await;
}

#[tokio::test]
async fn wrong_code_delivered_twice_costs_one_attempt() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        ben.presses("Enter code").await;
        world.sandbox.discord.faults().deliver_twice();
        ben.submits([world.wrong_code_for(BEN).as_str()]).await;
        assert!(ben.sees().await.contains("4 attempts left."));
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), 1);
    })
    .await;
}
