//! Look-up of a customer: unknown and malformed addresses, masked data, states without a Start.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::RestFault;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::world::World;

/// Looks a customer up as Ben and reads the answer.
pub async fn looked_up(world: &World, email: &str) -> String {
    let ben = world.person("ben");
    ben.types(&format!("/support technical email:{email}")).await;
    ben.sees().await
}

#[tokio::test]
async fn unknown_address_is_refused() {
    World::run(async |world| {
        assert_snapshot!(looked_up(world, "nobody@example.com").await, @r"
        No Waizant customer has the address nobody\@example.com. Check the spelling with the customer.
        [Try another address]
        ");
        // Wildcards of SQL are ordinary characters.
        for address in ["%@example.com", "j_lia@example.com", "*@example.com", "júlia@example.com"] {
            assert!(looked_up(world, address).await.starts_with("No Waizant customer"), "{address}");
        }
        let trail = world.trail().await;
        assert_eq!(trail[0], r#"looked_up {"found":false,"kind":"technical"} about {"email":"n•••@e•••.com","email_mac":"…"}"#);
    })
    .await;
}

#[tokio::test]
async fn address_lookup_ignores_case() {
    World::run(async |world| {
        assert!(looked_up(world, "JULIA@Example.COM").await.contains("Start verification process"));
    })
    .await;
}

#[tokio::test]
async fn malformed_address_is_never_looked_up() {
    let malformed = [
        "julia".to_owned(),
        "@example.com".to_owned(),
        "julia@".to_owned(),
        "julia@localhost".to_owned(),
        "julia@@example.com".to_owned(),
        "julia@example..com".to_owned(),
        "julia @example.com".to_owned(),
        "\"julia\"@example.com".to_owned(),
        "' or '1'='1' --@example.com".to_owned(),
        "julia@example.com'; drop table support_users; --".to_owned(),
        "julia\\@example.com".to_owned(),
        "ju\u{1b}[31mlia@example.com".to_owned(),
        "<@1200000000000000100>".to_owned(),
        "julia@example.com tom".to_owned(),
        ".julia@example.com".to_owned(),
        "ju..lia@example.com".to_owned(),
        format!("{}@example.com", "j".repeat(65)),
        format!("julia@{}.com", "e".repeat(64)),
        format!("julia@{}.com", "e".repeat(5_000)),
    ];
    World::run(async |world| {
        for address in &malformed {
            let seen = looked_up(world, address).await;
            assert_eq!(
                seen,
                "That is not a valid e-mail address. Use the form `name@company.com`.\n[Try another address]",
                "{address:?}"
            );
        }
        // One event a minute.
        assert_eq!(world.trail().await, [r#"refused {"why":"malformed_email"}"#]);
        let seen = looked_up(world, "julia@example.com,tom@example.com").await;
        assert_eq!(seen, "That text contains several addresses. Enter only one.\n[Try another address]");
        assert_eq!(world.trail().await[1], r#"refused {"why":"several_emails"}"#);
    })
    .await;
}

#[tokio::test]
async fn pending_customer_has_no_start_button() {
    World::run(async |world| {
        assert_snapshot!(looked_up(world, "petra@example.com").await, @"
        P*** L*** · p•••@e•••.com
        ⏳ Pending since 2024-04-14 · 1 ecosystem
        This customer has not finished signing up, so they cannot be verified yet. Ask them to complete their registration.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        world.person("ben").presses("Close").await;
        assert_snapshot!(world.person("ben").sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Technical Assistance · Session ······
        [Help another customer]
        ");
    })
    .await;
}

#[tokio::test]
async fn inactive_customer_states_are_explained() {
    World::run(async |world| {
        assert_snapshot!(looked_up(world, "sid@example.com").await, @"
        S*** S*** · s•••@e•••.com
        ⛔ Suspended (customer since 2024-05-14) · 1 ecosystem
        This customer is suspended. Only the Waizant team that suspended the account can help.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        assert_snapshot!(looked_up(world, "carla@example.com").await, @"
        C*** G*** · c•••@e•••.com
        ⛔ Closed (customer since 2024-06-13) · 1 ecosystem
        This customer has closed their account. It can no longer be supported.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        world.sandbox.core.set_status("lena@example.com", "hibernating").await.unwrap();
        assert_snapshot!(looked_up(world, "lena@example.com").await, @"
        L*** F*** · l•••@e•••.com
        ❔ Unknown state (customer since 2025-02-08) · 1 ecosystem
        This bot does not know the state of this customer, so they cannot be verified. Report it to an administrator.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Close]
        ");
        world.sandbox.core.set_status("tom@example.com", "").await.unwrap();
        assert!(looked_up(world, "tom@example.com").await.contains("Unknown state"));
    })
    .await;
}

#[tokio::test]
async fn forged_start_for_suspended_customer_is_refused() {
    World::run(async |world| {
        let ben = world.person("ben");
        looked_up(world, "sid@example.com").await;
        let forged = ben.keep("Close").custom_id().replace(".close", ".start");
        ben.forges(&forged).await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("This customer is suspended") && !seen.contains("Choose the ecosystem"),
            "{seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn start_and_choice_read_an_old_record_again() {
    for step in ["Start", "choice"] {
        World::run(async |world| {
            let ben = world.person("ben");
            looked_up(world, "julia@example.com").await;
            if step == "choice" {
                ben.presses("Start").await;
                ben.sees().await;
            }
            world.sandbox.core.set_status("julia@example.com", "suspended").await.unwrap();
            world.passes(minutes(1)).await;
            match step {
                "Start" => ben.presses("Start").await,
                _ => ben.selects("Casa Luz").await,
            }
            let seen = ben.sees().await;
            assert!(seen.contains("Session closed"), "{step}: {seen}");
            assert_eq!(world.newest_close().await, r#"closed {"why":"customer_inactive"}"#);
        })
        .await;
    }
}

#[tokio::test]
async fn own_address_is_refused_and_colleague_is_recorded() {
    World::run(async |world| {
        assert_snapshot!(looked_up(world, "Ben@Waizant.example").await, @"
        That is your own address, and one mailbox cannot pass both verifications. Ask a colleague to help you.
        [Try another address]
        ");

        let ana = world.person("ana");
        ana.locale("en-US");
        ana.types("/support technical email:ben@waizant.example").await;
        assert_snapshot!(ana.sees().await, @"
        B*** C*** · b•••@w•••.example
        ✅ Active since 2025-01-09 · 1 ecosystem
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification for Boat Club] [Close]
        ");
        looked_up(world, "julia@example.com").await;
        let trail = world.trail().await;
        assert_eq!(
            trail,
            [
                r#"refused {"why":"own_address"}"#,
                r#"looked_up {"colleague":true,"customer":"<usr-ben>","found":true,"kind":"technical"} about {"email_mac":"…"}"#,
                r#"looked_up {"colleague":false,"customer":"<usr-julia>","found":true,"kind":"technical"} about {"email_mac":"…"}"#,
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn plus_address_counts_as_its_mailbox() {
    World::run(async |world| {
        let core = &world.sandbox.core;
        core.set_email("julia@example.com", "ben+shop@waizant.example").await.unwrap();
        core.set_email("tom@example.com", "ana+shop@waizant.example").await.unwrap();
        let seen = looked_up(world, "Ben+Shop@waizant.example").await;
        assert!(seen.starts_with("That is your own address"), "{seen}");
        // The address need not be a customer's.
        assert!(looked_up(world, "ben+x+y@waizant.example").await.starts_with("That is your own"));
        assert!(looked_up(world, "ana+shop@waizant.example").await.contains("Start verification"));
        let trail = world.trail().await;
        assert_eq!(
            trail,
            [
                r#"refused {"why":"own_address"}"#,
                r#"looked_up {"colleague":true,"customer":"<usr-tom>","found":true,"kind":"technical"} about {"email_mac":"…"}"#,
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn address_of_several_customers_is_refused() {
    World::run(async |world| {
        world.sandbox.core.set_email("tom@example.com", "julia@example.com").await.unwrap();
        let seen = looked_up(world, "julia@example.com").await;
        assert_snapshot!(seen, @"
        Several Waizant customers have that e-mail address, so the bot cannot tell which one it is. Report it to an administrator.
        [Try another address]
        ");
        let trail = world.trail().await;
        assert_eq!(
            trail,
            [r#"looked_up {"found":false,"kind":"technical","why":"several_customers"} about {"email":"j•••@e•••.com","email_mac":"…"}"#]
        );
        assert_eq!(world.count("select count(*) from limit_uses where kind = 'lookups'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn failed_card_of_a_look_up_alert_is_posted_later() {
    World::run(async |world| {
        world.sandbox.discord.faults().all_calls_to("/channels/", RestFault::InvalidForm);
        for _ in 0..32 {
            looked_up(world, "nobody@example.com").await;
        }
        assert_eq!(world.alert_events().await, ["alert_opened"]);
        world.sandbox.discord.faults().clear();
        world.passes(minutes(1)).await;
        let alert = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_eq!(alert.matches("An agent has looked up 30 addresses").count(), 1, "{alert}");
    })
    .await;
}

#[tokio::test]
async fn look_ups_are_limited_to_thirty_an_hour() {
    World::run(async |world| {
        let ben = world.person("ben");
        looked_up(world, "nobody@example.com").await;
        world.passes(minutes(10)).await;
        for _ in 0..29 {
            assert!(looked_up(world, "nobody@example.com").await.starts_with("No Waizant customer"));
        }
        // Core is not asked.
        world.sandbox.core.drop_views().await.unwrap();
        assert_snapshot!(looked_up(world, "nobody@example.com").await, @"You have reached the limit of customer look-ups. Try again in 50 minutes.");
        assert_snapshot!(looked_up(world, "julia@example.com").await, @"You have reached the limit of customer look-ups. Try again in 50 minutes.");
        world.sandbox.core.create_views().await.unwrap();
        let refused = world.count("select count(*) from events where kind = 'refused'").await;
        assert_eq!(refused, 1, "one event a minute");

        let alert = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_eq!(alert.matches("An agent has looked up 30 addresses **within an hour**").count(), 1, "{alert}");

        // The limit counts by agent: a colleague can look up.
        let ana = world.person("ana");
        ana.types("/support technical email:nobody@example.com").await;
        assert!(ana.sees().await.starts_with("Ningún cliente de Waizant"));

        world.passes_until(minutes(60) - Duration::from_secs(1)).await;
        assert!(looked_up(world, "julia@example.com").await.contains("in 1 second"));
        world.passes_until(minutes(60)).await;
        assert!(
            looked_up(world, "julia@example.com").await.contains("Start verification process"),
            "the first look-up has left the window"
        );
        ben.presses("Close").await;
        ben.sees().await;
        assert!(looked_up(world, "julia@example.com").await.contains("in 10 minutes"), "only one look-up has left the window");
    })
    .await;
}

#[tokio::test]
async fn look_ups_are_limited_to_120_a_day() {
    World::run(async |world| {
        // Thirty in each of four hours.
        for hour in 0..4 {
            world.leaps_until(minutes(61 * hour)).await;
            for _ in 0..30 {
                assert!(looked_up(world, "nobody@example.com").await.starts_with("No Waizant customer"));
            }
        }
        let alerts = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        // Four times within an hour, and once within 24 hours.
        assert_eq!(alerts.matches("5×").count(), 1, "{alerts}");
        assert_eq!(alerts.matches("120 addresses **within 24 hours**").count(), 1, "{alerts}");
        world.leaps_until(minutes(61 * 4)).await;
        assert_snapshot!(looked_up(world, "julia@example.com").await, @"You have reached the daily limit of customer look-ups. Try again in 20 hours.");
        world.leaps_until(minutes(24 * 60)).await;
        assert!(looked_up(world, "julia@example.com").await.contains("Start verification process"));
        assert_eq!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await.matches("**within").count(), 0);
    })
    .await;
}

#[tokio::test]
async fn equal_addresses_have_equal_hashes_in_the_trail() {
    World::run(async |world| {
        for email in ["nobody@example.com", "NOBODY@example.com", "other@example.com"] {
            looked_up(world, email).await;
        }
        let sql = "select chain, seq, kind, details, about from events where kind = 'looked_up'";
        let events = world.events(sql).await;
        let hash = |line: &str| line.split_once(r#""email_mac":""#).unwrap().1.to_owned();
        let hashes: Vec<_> = events.iter().map(|event| hash(&event.line)).collect();
        assert!(hashes[0] == hashes[1] && hashes[1] != hashes[2], "{hashes:?}");
    })
    .await;
}
