//! Ecosystem Admin: a successor is verified like other customers and gets access to the succession.

use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::shop::LinkState;

use crate::access::scanned;
use crate::world::World;

const SOFIA: &str = "sofia@example.com";
const SAUL: &str = "saul@example.com";

/// Verifies a successor, up to the panel with the steps of the succession. Reads every panel.
pub(crate) async fn verifies_successor(world: &World, who: &Person, succession: Option<&str>) {
    let customer = if succession.is_some() { SAUL } else { SOFIA };
    who.types(&format!("/support successor email:{customer}")).await;
    who.presses("Start").await;
    if let Some(ecosystem) = succession {
        who.selects(ecosystem).await;
    }
    who.presses("Enter code").await;
    who.submits([world.code_for(&world.mailbox_of(who)).as_str()]).await;
    who.presses("Send code").await;
    who.presses("Enter code").await;
    who.submits([world.code_for(customer).as_str()]).await;
    who.sees().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one conversation")]
async fn successor_is_verified_and_helped() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/support successor email:{SOFIA}")).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        Ask the customer whether they want help now, then start the verification.
        Customer: S\*\*\* M\*\*\*
        E-mail: s•••\@e•••.com
        State in Waizant: Active since 2024-09-11
        Successions: 1
        Session ······
        [Start verification process] [Close]
        ");
        ben.presses("Start verification process").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:10 UTC (in 10 minutes).

        2 more codes can be sent. A new one can be sent in 1 minute.
        Customer: S\*\*\* M\*\*\*
        Ecosystem: Casa Herencia
        Role: Successor
        Session ······
        [Enter code] [Resend] [Cancel]
        ");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at s•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: S\*\*\* M\*\*\*
        Ecosystem: Casa Herencia
        Role: Successor
        Session ······
        [Send code] [Cancel]
        ");
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(SOFIA).as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        You and the successor are verified. These are the steps of the succession.

        ❌ Step 2, **Validation of the successor**, was rejected. Open its details for the reasons and what to do next.
        Customer: Sofía Marín
        E-mail: sofia\@example.com
        Ecosystem: Casa Herencia
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rejected · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ Waiting · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]
        ");

        ben.presses("2. See details").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Step 2 of 4: Validation of the successor
        ❌ Rejected · 2026-06-05

        **The validation process for The Successor was rejected by Waizant**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Reasons**
        • The identity document has expired
        • The photo does not show the whole document

        **What to do next:** tell the successor the reasons. After the successor has corrected them, Waizant reviews this step again. The access QR code opens the succession on the successor's device.
        Session ······
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Next step").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Step 3 of 4: Signature of the agreement
        ⚪ Waiting · 2026-06-01

        **Begins after the validation.**

        Both sides sign the agreement in Waizant Web.

        This step starts when the previous steps are done.
        Session ······
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Back").await;
        assert!(ben.sees().await.contains("[Send QR] [Show QR]"));

        ben.presses("Send QR").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Ecosystem Admin
        …
        + 📨 An access QR code was mailed to the successor, at s•••\@e•••.com. It works **once** and expires in 1 minute.
        …
        ");
        let mail = world.sandbox.mail.for_address(SOFIA).pop().unwrap();
        assert_eq!((mail.kind, mail.attachments.len()), (MailKind::SuccessorQr, 1));
        let link = world.sandbox.shop.links().pop().unwrap();
        assert_eq!(scanned(&mail.attachments[0].bytes).0, link.url, "the QR code in the mail opens the succession");

        ben.presses("Show QR").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Ecosystem Admin
        …

        Access for the successor
        Ask the successor to scan this with their mobile device. It works **once** and expires in 1 minute.
        (image qr.png)
        ");
        assert_eq!(scanned(&ben.file("qr.png")).0, world.sandbox.shop.links().pop().unwrap().url);
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Session closed
        This session is closed (10:00 UTC): it was finished.
        Session ······

        Access for the successor
        It ended when the session closed.
        ");
        let open = world.sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count();
        assert_eq!(open, 0, "the close revokes mailed links too");
    })
    .await;
}

#[tokio::test]
async fn trail_records_each_step_of_a_succession() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("2. See details").await;
        ben.presses("Back").await;
        ben.presses("Send QR").await;
        ben.presses("Finish").await;
        ben.sees().await;
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        looked_up {"colleague":false,"customer":"usr-sofia","email_mac":"…","found":true,"kind":"successor"}
        started {"customer":"usr-sofia"}
        ecosystem_chosen {"ecosystem":"eco-herencia","succession":"suc-herencia"}
        code_asked {"nth":1,"purpose":"agent_mfa"}
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_typed {"nth":1,"purpose":"agent_mfa"}
        code_right {"nth":1,"purpose":"agent_mfa"}
        code_asked {"nth":1,"purpose":"customer_consent"}
        code_sent {"nth":1,"purpose":"customer_consent","to":"s•••@e•••.com"}
        code_typed {"nth":1,"purpose":"customer_consent"}
        code_right {"nth":1,"purpose":"customer_consent"}
        step_shown {"ecosystem":"eco-herencia","step":2}
        access_asked {"ecosystem":"eco-herencia","nth":1,"target":"successor"}
        access_mailed {"nth":1,"target":"successor","to":"s•••@e•••.com","until":1767607260000}
        closed {"why":"finished"}
        revoke_asked {}
        revoked {"outcome":"done","revoked":1}
        "#);
    })
    .await;
}
