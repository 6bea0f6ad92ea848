//! Technical Assistance for an owner, from the look-up to Finish.

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one conversation")]
async fn owner_is_verified_and_helped() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        assert_snapshot!(ben.sees_changes().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");

        ben.presses("Start verification process").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        1 of 4 · The ecosystem
        Choose the ecosystem that the customer needs help with.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        <Choose an ecosystem: Casa Luz — owner | Huerta Norte — member | Taller Sol — owner>
        [Cancel]
        ");

        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        2 of 4 · Your own code
        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");

        ben.presses("Enter code").await;
        assert_snapshot!(ben.sees_changes().await, @r#"
        Form "Internal verification":
          Code mailed to b•••@w•••.example <123456>
        "#);
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”

        J\*\*\* P\*\*\* · Casa Luz · owner · goes to j•••\@e•••.com
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        [Change ecosystem]
        ");

        ben.presses("Send code").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        3 of 4 · The customer's code
        Ask the customer to read out the code that was mailed to j•••\@e•••.com, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        ");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");

        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        🔗 Web is ready until 10:01:00 UTC (in 1 minute)
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Open Waizant Web ↗] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");
        ben.presses("Waizant App").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz

        🔗 Web is ready until 10:01:00 UTC (in 1 minute)
        📱 App: scan the QR code until 10:01:00 UTC (in 1 minute)
        (image qr.png)
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Open Waizant Web ↗] [Waizant App (off)]
        [See plan details] [History] [Finish] [Cancel]
        ");
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Plan · Casa Luz
        **Family** · Active
        19.90 EUR a month · renews on 2027-03-01

        It includes:
        • Up to 6 people
        • Waizant Store
        • Shared calendar
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Back]
        ");
        ben.presses("Back").await;
        assert_snapshot!(ben.sees_changes().await, @"
        4 of 4 · Julia Peña
        …
        ");
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees_changes().await, @"
        ✅ Done with Julia Peña
        This session was finished at 10:00 UTC.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······
        [Help another customer]
        ");
    })
    .await;
}

#[tokio::test]
async fn trail_records_each_step_with_masked_values() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Waizant Store").await;
        ben.sees().await;
        ben.presses("Finish").await;
        ben.sees().await;
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        looked_up {"colleague":false,"customer":"<usr-julia>","found":true,"kind":"technical"} about {"email_mac":"…"}
        started {"customer":"<usr-julia>"}
        ecosystem_chosen {"role":"owner"} about {"ecosystem":"eco-casa-luz"}
        code_asked {"nth":1,"purpose":"agent_mfa"}
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_typed {"nth":1,"purpose":"agent_mfa"}
        code_right {"nth":1,"purpose":"agent_mfa"}
        code_asked {"nth":1,"purpose":"customer_consent"}
        code_sent {"nth":1,"purpose":"customer_consent"} about {"to":"j•••@e•••.com"}
        code_typed {"nth":1,"purpose":"customer_consent"}
        code_right {"nth":1,"purpose":"customer_consent"}
        access_asked {"nth":1,"target":"store"} about {"ecosystem":"eco-casa-luz"}
        access_opened {"nth":1,"target":"store","until":1767607260000}
        closed {"why":"finished"}
        revoke_asked {}
        revoked {"outcome":"done","revoked":1}
        notified {"outcome":"done","template":"support_visit"}
        "#);
    })
    .await;
}

#[tokio::test]
async fn mails_name_agent_and_ecosystem() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;

        let sends = world.sandbox.aws.calls_of("cs-otp-send");
        let [to_agent, to_customer] = sends.as_slice() else {
            panic!("two codes, not {}", sends.len())
        };
        assert_eq!(
            (&to_agent.body["purpose"], &to_agent.body["locale"]),
            (&"agent_mfa".into(), &"en".into())
        );
        assert_eq!(
            (&to_customer.body["purpose"], &to_customer.body["locale"]),
            (&"customer_consent".into(), &"es".into())
        );
        assert_eq!(to_customer.body["ecosystem"]["name"], "Casa Luz");
        assert_eq!(to_customer.body["actor"]["name"], "Ben Carter", "the name in Cognito");

        let mail = world.sandbox.mail.for_address("julia@example.com").pop().unwrap();
        for word in ["Ben Carter", "Casa Luz", "Waizant", &world.code_for("julia@example.com")] {
            assert!(mail.text.contains(word), "{word:?} is not in the mail:\n{}", mail.text);
        }
        ben.presses("Finish").await;
        ben.sees().await;
    })
    .await;
}
