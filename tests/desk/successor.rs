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
        assert_snapshot!(ben.sees_changes().await, @"
        S*** M*** · s•••@e•••.com
        ✅ Active since 2024-09-11 · 1 succession
        Ask whether they want help now.
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Start verification for Casa Herencia] [Close]
        ");
        ben.presses("Start verification for Casa Herencia").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        2 of 4 · Your own code
        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:10 UTC.

        S\*\*\* M\*\*\* · Casa Herencia · successor
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        ");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Casa Herencia. If that is right, please read it out to me.”

        S\*\*\* M\*\*\* · Casa Herencia · successor · goes to s•••\@e•••.com
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        ");
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(SOFIA).as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @"
        4 of 4 · Sofía Marín takes over Casa Herencia
        ❌ **Step 2, Validation of the successor**, was rejected on 2026-06-05:
        • The identity document has expired
        • The photo does not show the whole document

        ✅ 1 Succession opened · 2026-06-01
        ❌ 2 Validation of the successor · 2026-06-05
        ⚪ 3 Signature of the agreement · 2026-06-01
        ⚪ 4 Transfer of the ecosystem · 2026-06-01
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        <See details: 1. Succession opened — Done | 2. Validation of the successor — Rejected | 3. Signature of the agreement — Waiting | 4. Transfer of the ecosystem — Waiting>
        [Send QR] [Show QR] [History] [Finish] [Cancel]
        ");

        ben.selects("2. Validation").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Step 2 of 4: Validation of the successor
        ❌ Rejected · 2026-06-05

        **The validation process for The Successor was rejected by Waizant.**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Reasons**
        • The identity document has expired
        • The photo does not show the whole document

        **What to do next:** tell the successor the reasons. The QR code opens the succession, where the step can be corrected.
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Next step").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Step 3 of 4: Signature of the agreement
        ⚪ Waiting · 2026-06-01

        **Begins after the validation.**

        Both sides sign the agreement in Waizant Web.

        This step starts when the previous steps are done.
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Back").await;
        assert!(ben.sees().await.contains("[Send QR] [Show QR]"));

        ben.presses("Send QR").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Sofía Marín takes over Casa Herencia
        + 📨 A QR code was mailed to the successor at s•••\@e•••.com. It works once and expires in 1 minute.
        …
        ");
        let mail = world.sandbox.mail.for_address(SOFIA).pop().unwrap();
        assert_eq!((mail.kind, mail.attachments.len()), (MailKind::SuccessorQr, 1));
        let link = world.sandbox.shop.links().pop().unwrap();
        assert_eq!(scanned(&mail.attachments[0].bytes).0, link.url, "the QR code in the mail opens the succession");

        ben.presses("Show QR").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Sofía Marín takes over Casa Herencia
        📨 A QR code was mailed to the successor at s•••\@e•••.com. It works once and expires in 1 minute.
        📱 Ask the successor to scan the QR code until 10:01:00 UTC (in 1 minute)
        (image qr.png)
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        <See details: 1. Succession opened — Done | 2. Validation of the successor — Rejected | 3. Signature of the agreement — Waiting | 4. Transfer of the ecosystem — Waiting>
        [Send QR] [Open the succession ↗] [History] [Finish] [Cancel]
        ");
        assert_eq!(scanned(&ben.file("qr.png")).0, world.sandbox.shop.links().pop().unwrap().url);
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees_changes().await, @"
        ✅ Done with Sofía Marín
        This session was finished at 10:00 UTC.

        Links and QR codes of this session no longer work.
        Ecosystem Admin · Session ······
        [Help another customer]
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
        ben.selects("2. Validation").await;
        ben.presses("Back").await;
        ben.presses("Send QR").await;
        ben.presses("Finish").await;
        ben.sees().await;
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        looked_up {"colleague":false,"customer":"<usr-sofia>","found":true,"kind":"successor"} about {"email_mac":"…"}
        started {"customer":"<usr-sofia>"}
        ecosystem_chosen {} about {"ecosystem":"eco-herencia","succession":"suc-herencia"}
        code_asked {"nth":1,"purpose":"agent_mfa"}
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_typed {"nth":1,"purpose":"agent_mfa"}
        code_right {"nth":1,"purpose":"agent_mfa"}
        code_asked {"nth":1,"purpose":"customer_consent"}
        code_sent {"nth":1,"purpose":"customer_consent"} about {"to":"s•••@e•••.com"}
        code_typed {"nth":1,"purpose":"customer_consent"}
        code_right {"nth":1,"purpose":"customer_consent"}
        step_shown {"step":2} about {"ecosystem":"eco-herencia"}
        access_asked {"nth":1,"target":"successor"} about {"ecosystem":"eco-herencia"}
        access_mailed {"nth":1,"target":"successor","until":1767607260000} about {"to":"s•••@e•••.com"}
        closed {"why":"finished"}
        revoke_asked {}
        revoked {"outcome":"done","revoked":1}
        notified {"outcome":"done","template":"support_visit"}
        "#);
    })
    .await;
}
