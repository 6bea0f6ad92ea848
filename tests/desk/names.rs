//! Names of customers and ecosystems: accents, emoji, markup, very long, empty.

use insta::assert_snapshot;

use crate::lookup::looked_up;
use crate::world::World;

#[tokio::test]
async fn accents_and_emoji_are_shown() {
    World::run(async |world| {
        let ben = world.person("ben");
        assert_snapshot!(looked_up(world, "jose@example.com").await, @"
        J*** Á*** Ñ*** 🎉*** · j•••@e•••.com
        ✅ Active since 2024-08-12 · 2 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        ben.presses("Close").await;
        world.verifies(&ben, "jose@example.com", "Ñandú").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · José Ángel Ñandú 🎉
        jose\@example.com · owner of Ñandú & Hijos 🌿

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
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
        assert_snapshot!(looked_up(world, "tom@example.com").await, @"
        **** _*** [*** @*** <*** |*** · t•••@e•••.com
        ✅ Active since 2024-02-14 · 2 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        world.verifies(&ben, "tom@example.com", "# `Casa`").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · **Tom** _B_ [x](https://evil.example) @everyone <@&1> ||z||
        tom\@example.com · member of \# \`Casa\` \<t\:0\:R\>

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
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
        assert!(menu.contains("- Casa Luz — member"), "{menu}");
        ben.presses("Cancel").await;
        ben.submits(["Only the menu was read."]).await;
        ben.sees().await;
        world.verifies(&ben, "tom@example.com", "- Casa Luz").await;
        ben.presses("See plan details").await;
        ben.presses("Back").await;
        assert_snapshot!(ben.sees().await, @r"
        4 of 4 · 1. Tom Brown
        tom\@example.com · member of \- Casa Luz

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
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
        assert!(ben.sees().await.contains("**ñ"));
        ben.presses("Back").await;
        ben.presses("Finish").await;
        ben.sees().await;

        // A name can be empty.
        assert_snapshot!(looked_up(world, "julia@example.com").await, @"
         · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
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
        4 of 4 · 
        julia\@example.com · owner of eco-taller-sol

        Choose what to open for the customer.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Waizant Store] [Waizant Web] [Waizant App]
        [See plan details] [History] [Finish] [Cancel]
        ");
        ben.presses("See plan details").await;
        assert_snapshot!(ben.sees_changes().await, @"
        Plan · eco-taller-sol
        **** · On trial
        49.00 EUR a month · renews on 2027-03-01

        It includes:
        • Up to 50 people
        • Waizant Store
        • Invoices
        • Priority support
        Technical Assistance · Session ······ · Panel gone? /support resume
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
            ["Casa Luz — owner · eco-casa-luz", "Casa Luz — owner · eco-taller-sol", "Huerta Norte — member"]
        {
            assert!(menu.contains(option), "{option}: {menu}");
        }
        assert!(!menu.contains("eco-huerta-norte"), "{menu}");
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("Casa Luz · eco-"), "the panel names the id");
    })
    .await;
}
