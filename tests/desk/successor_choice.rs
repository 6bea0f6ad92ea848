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
        Ecosystem Admin
        The customer is the successor in several ecosystems. Choose the one that they need help with.
        Customer: S\*\*\* B\*\*\*
        E-mail: s•••\@e•••.com
        Session ······
        <Choose a succession: El Molino — Successor | Puerto Azul — Successor>
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
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        You and the successor are verified. These are the steps of the succession.
        Customer: Saul Berg
        E-mail: saul\@example.com
        Ecosystem: Puerto Azul
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ✅ Done · 2026-06-06
        The documents were accepted.
        3. Signature of the agreement:
        🔵 In progress · 2026-06-07
        Both sides can sign now.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]
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
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        This customer is not the successor in any succession. For their own ecosystems, use `/support technical`.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Successions: 0
        Session ······
        [Close]
        ");
        ben.types("/support successor email:nobody@example.com").await;
        assert_snapshot!(ben.sees_changes().await, @"No Waizant customer has that e-mail address. Check the spelling with the customer.");
    })
    .await;
}

#[tokio::test]
async fn customer_is_attended_in_one_support_kind() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        // A look-up without Start does not attend the customer, so the other kind is possible.
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        assert!(ben.sees().await.starts_with("Technical Assistance"));
        ben.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(ben.sees().await.starts_with("Ecosystem Admin"));
        ben.presses("Start").await;
        ben.sees().await;

        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("⚠️ You are already helping this customer in Ecosystem Admin"),
            "{panel}"
        );
        assert!(panel.contains("Step 1 of 2: internal verification"), "{panel}");

        eva.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(
            eva.sees().await.contains("<@1200000000000000101> is helping this customer right now"),
            "a lead reads which agent it is"
        );
        ben.presses("Cancel").await;
        ben.submits(["She has another question"]).await;
        ben.sees().await;
        let closed = r#"closed {"reason":"She has another question","stage":"proving_agent","why":"cancelled"}"#;
        assert!(world.trail().await.iter().any(|event| event == closed));
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(
            panel.contains("Technical Assistance\nThis customer does not belong to any ecosystem"),
            "{panel}"
        );
        eva.sees().await;
    })
    .await;
}
