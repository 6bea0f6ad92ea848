//! Technical Assistance for an owner, from the look-up to Finish.

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one conversation")]
async fn owner_is_verified_and_helped() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        Ask the customer whether they want help now, then start the verification.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Start verification process] [Close]
        ");

        ben.presses("Start verification process").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        Choose the ecosystem that the customer needs help with.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        Session ······
        <Choose an ecosystem: Casa Luz — Owner | Huerta Norte — Member | Taller Sol — Owner>
        [Cancel]
        ");

        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:10 UTC (in 10 minutes).

        2 more codes can be sent. A new one can be sent in 1 minute.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Change ecosystem] [Cancel]
        ");

        ben.presses("Enter code").await;
        assert_snapshot!(ben.sees_changes().await, @r#"
        Form "Internal verification":
          The six digits of the code <123456>
        "#);
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at j•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Send code] [Change ecosystem] [Cancel]
        ");

        ben.presses("Send code").await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        …
        - A code will be sent to the person you are supporting, at j•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        + A code was mailed to the **customer**, at j•••\@e•••.com. It is valid until 10:10 UTC (in 10 minutes). Ask the customer to read it out.
        + 2 more codes can be sent. A new one can be sent in 1 minute.
        …
        - [Send code] [Change ecosystem] [Cancel]
        + [Enter code] [Resend] [Cancel]
        ");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is the **owner** of this ecosystem.
        Customer: Julia Peña
        E-mail: julia\@example.com
        Ecosystem: Casa Luz
        Session ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");

        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Technical Assistance
        …

        Waizant Web
        This opens Waizant Web signed in as the customer. It works **once** and expires in 1 minute.
        [Open the web ↗]
        ");
        ben.presses("Waizant App").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Technical Assistance
        …

        Waizant App
        Scan this with the mobile device. It works **once** and expires in 1 minute.
        (image qr.png)
        ");
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Plan details
        Ecosystem: Casa Luz
        Plan: Family
        State: Active
        Price: 19.90 EUR a month
        Renews: 2027-03-01
        Includes:
        • Up to 6 people
        • Waizant Store
        • Shared calendar
        Session ······
        [Back]
        ");
        ben.presses("Back").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Technical Assistance
        …
        ");
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Session closed
        This session is closed (10:00 UTC): it was finished.
        Session ······

        Waizant Web
        It ended when the session closed.

        Waizant App
        It ended when the session closed.
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
        looked_up {"colleague":false,"customer":"usr-julia","email_mac":"…","found":true,"kind":"technical"}
        started {"customer":"usr-julia"}
        ecosystem_chosen {"ecosystem":"eco-casa-luz","role":"owner"}
        code_asked {"nth":1,"purpose":"agent_mfa"}
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_typed {"nth":1,"purpose":"agent_mfa"}
        code_right {"nth":1,"purpose":"agent_mfa"}
        code_asked {"nth":1,"purpose":"customer_consent"}
        code_sent {"nth":1,"purpose":"customer_consent","to":"j•••@e•••.com"}
        code_typed {"nth":1,"purpose":"customer_consent"}
        code_right {"nth":1,"purpose":"customer_consent"}
        access_asked {"ecosystem":"eco-casa-luz","nth":1,"target":"store"}
        access_opened {"nth":1,"target":"store","until":1767607260000}
        closed {"why":"finished"}
        revoke_asked {}
        revoked {"outcome":"done","revoked":1}
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
