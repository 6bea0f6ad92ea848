//! Names of customers and ecosystems: accents, emoji, markup, very long, empty.

use insta::assert_snapshot;

use crate::lookup::looked_up;
use crate::world::World;

#[tokio::test]
async fn accents_and_emoji_are_shown() {
    World::run(async |world| {
        let ben = world.person("ben");
        assert_snapshot!(looked_up(world, "jose@example.com").await, @r"
        Technical Assistance
        Ask the customer whether they want help now, then start the verification.
        Customer: J\*\*\* Á\*\*\* Ñ\*\*\* 🎉\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-08-12
        Ecosystems: 2
        Session ······
        [Start verification process] [Close]
        ");
        ben.presses("Close").await;
        world.verifies(&ben, "jose@example.com", "Ñandú").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is the **owner** of this ecosystem.
        Customer: José Ángel Ñandú 🎉
        E-mail: jose\@example.com
        Ecosystem: Ñandú & Hijos 🌿
        Session ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
    })
    .await;
}

#[tokio::test]
async fn markdown_in_names_is_escaped() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        core.execute(
            "update sandbox_core_users set full_name = '**Tom** _B_ [x](https://evil.example) @everyone <@&1> ||z||' \
             where email = 'tom@example.com'",
        )
        .await
        .unwrap();
        core.execute("update sandbox_core_ecosystems set name = '# `Casa` <t:0:R>' where ecosystem_id = 'eco-casa-luz'")
            .await
            .unwrap();
        let ben = world.person("ben");
        assert_snapshot!(looked_up(world, "tom@example.com").await, @r"
        Technical Assistance
        Ask the customer whether they want help now, then start the verification.
        Customer: \*\*\*\* \_\*\*\* \[\*\*\* \@\*\*\* \<\*\*\* \|\*\*\*
        E-mail: t•••\@e•••.com
        State in Waizant: Active since 2024-02-14
        Ecosystems: 2
        Session ······
        [Start verification process] [Close]
        ");
        world.verifies(&ben, "tom@example.com", "# `Casa`").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is a **member** of this ecosystem.
        Customer: \*\*Tom\*\* \_B\_ \[x\]\(https\://evil.example\) \@everyone \<\@&1\> \|\|z\|\|
        E-mail: tom\@example.com
        Ecosystem: \# \`Casa\` \<t\:0\:R\>
        Session ······
        [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
    })
    .await;
}

#[tokio::test]
async fn names_cannot_change_the_text_around_them() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        core.execute("update sandbox_core_users set full_name = '1. \u{202e}Tom\u{2028}Br\u{200b}own' where email = 'tom@example.com'")
            .await
            .unwrap();
        core.execute("update sandbox_core_ecosystems set name = '- \u{2067}Casa\u{85}Luz' where ecosystem_id = 'eco-casa-luz'")
            .await
            .unwrap();
        let ben = world.person("ben");
        ben.types("/support technical email:tom@example.com").await;
        ben.presses("Start").await;
        let menu = ben.sees().await;
        assert!(menu.contains("- Casa Luz — Member"), "{menu}");
        ben.presses("Cancel").await;
        ben.submits(["Only the menu was read."]).await;
        ben.sees().await;
        world.verifies(&ben, "tom@example.com", "- Casa Luz").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is a **member** of this ecosystem.
        Customer: 1\. Tom Brown
        E-mail: tom\@example.com
        Ecosystem: \- Casa Luz
        Session ······
        [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
    })
    .await;
}

#[tokio::test]
async fn names_of_any_length_fit() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        let long = "ñ* ".repeat(1_000);
        core.execute(&format!("update sandbox_core_users set full_name = '{long}' where email = 'tom@example.com'"))
            .await
            .unwrap();
        core.execute(&format!(
            "update sandbox_core_ecosystems set name = '{long}', plan_name = '{long}' where ecosystem_id = 'eco-casa-luz'"
        ))
        .await
        .unwrap();
        core.execute("update sandbox_core_users set full_name = '' where email = 'julia@example.com'").await.unwrap();
        core.execute("update sandbox_core_ecosystems set name = ' ', plan_name = '' where ecosystem_id = 'eco-taller-sol'")
            .await
            .unwrap();
        let ben = world.person("ben");
        world.verifies(&ben, "tom@example.com", "ñ").await;
        ben.presses("See plan details").await;
        assert!(ben.sees().await.contains("Plan: ñ"));
        ben.presses("Back").await;
        ben.presses("Finish").await;
        ben.sees().await;

        // A name can be empty.
        assert_snapshot!(looked_up(world, "julia@example.com").await, @r"
        Technical Assistance
        Ask the customer whether they want help now, then start the verification.
        Customer: —
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Start verification process] [Close]
        ");
        ben.presses("Start").await;
        ben.selects("eco-taller-sol").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ben.sees_changes().await, @r"
        Technical Assistance
        You and the customer are verified. Choose what to open for the customer.

        The customer is the **owner** of this ecosystem.
        Customer: —
        E-mail: julia\@example.com
        Ecosystem: eco-taller-sol
        Session ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [Finish] [Cancel]
        ");
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Plan details
        Ecosystem: eco-taller-sol
        Plan: —
        State: On trial
        Price: 49.00 EUR a month
        Renews: 2027-03-01
        Includes:
        • Up to 50 people
        • Waizant Store
        • Invoices
        • Priority support
        Session ······
        [Back]
        ");
    })
    .await;
}

#[tokio::test]
async fn equal_names_are_told_apart_by_id() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        core.execute("update sandbox_core_ecosystems set name = 'Casa Luz' where ecosystem_id = 'eco-taller-sol'")
            .await
            .unwrap();
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        let menu = ben.sees().await;
        for option in
            ["Casa Luz — Owner · eco-casa-luz", "Casa Luz — Owner · eco-taller-sol", "Huerta Norte — Member"]
        {
            assert!(menu.contains(option), "{option}: {menu}");
        }
        assert!(!menu.contains("eco-huerta-norte"), "{menu}");
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("Ecosystem: Casa Luz · eco-"), "the panel names the id");
    })
    .await;
}
