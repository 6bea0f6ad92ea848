//! Choice of the succession before a successor is verified.

use commands::model::time::minutes;
use insta::assert_snapshot;

use crate::world::World;

const SOFIA: &str = "sofia@example.com";
const SAUL: &str = "saul@example.com";

#[tokio::test]
async fn succession_can_be_chosen_and_changed() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/support successor email:{SAUL}")).await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        1 of 4 · The succession
        Choose the ecosystem whose successor needs help.

        S\*\*\* B\*\*\* · s•••\@e•••.com
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        <Choose a succession: El Molino — successor | Puerto Azul — successor>
        [Cancel]
        ");
        ben.selects("El Molino").await;
        assert!(ben.sees().await.contains("[Change succession]"));
        world.passes(minutes(1)).await;
        ben.presses("Change succession").await;
        ben.selects("Puerto Azul").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(SAUL).as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @"
        4 of 4 · Saul Berg takes over Puerto Azul
        ✅ 1 Succession opened · 2026-06-01
        ✅ 2 Validation of the successor · 2026-06-06
        🔵 3 Signature of the agreement · 2026-06-07
        ⚪ 4 Transfer of the ecosystem · 2026-06-01
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        <See details: 1. Succession opened — Done | 2. Validation of the successor — Done | 3. Signature of the agreement — In progress | 4. Transfer of the ecosystem — Waiting>
        [Send QR] [Show QR] [History] [Finish] [Cancel]
        ");
        let sends = world.sandbox.aws.calls_of("cs-otp-send");
        assert_eq!(sends.last().unwrap().body["ecosystem"]["id"], "eco-puerto");
    })
    .await;
}

#[tokio::test]
async fn customer_without_succession_cannot_be_started() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support successor email:julia@example.com").await;
        assert_snapshot!(ben.sees_changes().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 0 successions
        This customer is not the successor in any succession. For their own ecosystems, use `/support technical`.
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Close]
        ");
        ben.types("/support successor email:nobody@example.com").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        No Waizant customer has the address nobody\@example.com. Check the spelling with the customer.
        [Try another address]
        ");
    })
    .await;
}

#[tokio::test]
async fn customer_is_attended_in_one_support_kind() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        // A look-up without Start does not attend the customer, so the other kind is possible.
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        assert!(ben.sees().await.contains("Technical Assistance"));
        ben.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(ben.sees().await.contains("Ecosystem Admin"));
        ben.presses("Start").await;
        ben.sees().await;

        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("⚠️ You are already helping this customer in Ecosystem Admin"),
            "{panel}"
        );
        assert!(panel.contains("2 of 4 · Your own code"), "{panel}");

        eva.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(
            eva.sees().await.contains("<@1200000000000000101> is helping this customer right now"),
            "a lead reads which agent it is"
        );
        ben.presses("Cancel").await;
        ben.submits(["She has another question"]).await;
        ben.sees().await;
        let closed = r#"closed {"stage":"proving_agent","why":"cancelled"} about {"reason":"She has another question"}"#;
        assert!(world.trail().await.iter().any(|event| event == closed));
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("This customer does not belong to any ecosystem")
                && panel.contains("Technical Assistance"),
            "{panel}"
        );
        eva.sees().await;
    })
    .await;
}
