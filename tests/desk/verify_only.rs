//! Verify-only agents: they verify customers, read plan and steps, and open nothing. A session
//! keeps the scope that agent and customer agreed to.

use std::time::Duration;

use commands::model::scope::Scope;
use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::seed::{AGENT_GROUP, VERIFIER_GROUP};

use crate::person::TestPerson;
use crate::successor::verifies_successor;
use crate::world::World;

const VERA: &str = "vera@waizant.example";
const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Returns the scope that each code was asked for, oldest first.
fn scopes(world: &World) -> Vec<String> {
    let sends = world.sandbox.aws.calls_of("cs-otp-send");
    sends.iter().map(|call| call.body["scope"].as_str().unwrap_or("none").to_owned()).collect()
}

/// Returns the scopes in the column of the sessions, oldest first.
async fn column(world: &World) -> Vec<Option<String>> {
    world.select("select scope from sessions order by rowid").await
}

/// Gives an agent other groups, and lets the cached account expire without a sweep.
async fn moves_to(world: &World, address: &str, group: &str) {
    world.sandbox.discord.wait_until_idle().await;
    world.sandbox.aws.set_groups(address, &[group]);
    world.clock.advance(minutes(1));
}

/// Presses a forged button of the panel that shows Finish.
async fn forges(who: &TestPerson, action: &str) -> String {
    let finish = who.keep("Finish").custom_id().to_owned();
    let (session, _) = finish.rsplit_once(".finish").unwrap();
    who.forges(&format!("{session}.{action}")).await;
    who.sees().await
}

#[tokio::test]
async fn verify_only_agent_verifies_an_owner() {
    World::run(async |world| {
        let vera = world.person("vera");
        vera.types(&format!("/support technical email:{JULIA}")).await;
        assert_snapshot!(vera.sees_changes().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Active since 2024-01-15 · 3 ecosystems
        Ask whether they want help now.

        This session verifies the customer and shows the plan, but opens no access link.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        assert_eq!(column(world).await, [None], "nothing is agreed before Start");
        vera.presses("Start verification process").await;
        vera.selects("Casa Luz").await;
        vera.sees().await;
        vera.presses("Enter code").await;
        vera.submits([world.code_for(VERA).as_str()]).await;
        assert_snapshot!(vera.sees_changes().await, @r"
        3 of 4 · The customer's code
        Say: “I am mailing you a code from Waizant. It names me and Casa Luz. If that is right, please read it out to me.”

        J\*\*\* P\*\*\* · Casa Luz · owner · goes to j•••\@e•••.com

        This session verifies the customer and shows the plan, but opens no access link.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Send code] [Cancel]
        [Change ecosystem]
        ");
        vera.presses("Send code").await;
        vera.sees().await;
        let mail = world.sandbox.mail.for_address(JULIA).pop().unwrap();
        assert!(
            mail.text.contains("Nuestro soporte no inicia sesión en su nombre."),
            "{}",
            mail.text
        );
        vera.presses("Enter code").await;
        vera.submits([world.code_for(JULIA).as_str()]).await;
        assert_snapshot!(vera.sees_changes().await, @r"
        4 of 4 · Julia Peña
        julia\@example.com · owner of Casa Luz · verified until 11:00 UTC at the latest

        You can talk about this account. To open Waizant for the customer, a full agent has to start again with a new code.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [See plan details] [History] [Finish] [Cancel]
        ");
        assert_eq!(scopes(world), ["verify", "verify"]);
        assert_eq!(column(world).await, [Some("verify".to_owned())]);
        let started = r#"started {"customer":"<usr-julia>","scope":"verify"}"#;
        assert!(world.trail().await.contains(&started.to_owned()));

        vera.presses("See plan details").await;
        assert!(vera.sees().await.contains("**Family** · Active"));
        vera.presses("Back").await;
        vera.sees().await;
        vera.presses("Finish").await;
        assert_snapshot!(vera.sees().await, @"
        ✅ Done with Julia Peña
        This session was finished at 10:00 UTC.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_eq!(column(world).await, [Some("verify".to_owned())], "also after the close");
    })
    .await;
}

#[tokio::test]
async fn verify_only_agent_verifies_a_successor() {
    World::run(async |world| {
        let vera = world.person("vera");
        verifies_successor(world, &vera, None).await;
        vera.types("/support resume").await;
        assert_snapshot!(vera.sees_changes().await, @r"
        This panel has moved to a newer message.

        4 of 4 · Sofía Marín takes over Casa Herencia
        Verified until 11:00 UTC at the latest. You can talk about this succession. To give the successor access, a full agent has to start again with a new code.

        ❌ **Step 2, Validation of the successor**, was rejected on 2026-06-05:
        • The identity document has expired
        • The photo does not show the whole document

        ✅ 1 Succession opened · 2026-06-01
        ❌ 2 Validation of the successor · 2026-06-05
        ⚪ 3 Signature of the agreement · 2026-06-01
        ⚪ 4 Transfer of the ecosystem · 2026-06-01
        Ecosystem Admin · Session ······ · Panel gone? /support resume
        <See details: 1. Succession opened — Done | 2. Validation of the successor — Rejected | 3. Signature of the agreement — Waiting | 4. Transfer of the ecosystem — Waiting>
        [History] [Finish] [Cancel]
        ");
        vera.selects("2. Validation").await;
        let details = vera.sees().await;
        assert!(details.contains("Waizant reviewed the documents"), "{details}");
        assert!(details.contains("With a full agent they can correct it."), "{details}");
        vera.presses("Back").await;
        vera.sees().await;
        vera.presses("Finish").await;
        vera.sees().await;
        assert_eq!(scopes(world), ["verify", "verify"]);
    })
    .await;
}

#[tokio::test]
async fn forged_link_is_refused_and_recorded() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        for action in ["open.web", "open.store", "open.app", "open.successor", "mail"] {
            let seen = forges(&vera, action).await;
            assert!(seen.contains("This button is from another version of the bot."), "{seen}");
            assert!(seen.contains("[See plan details] [History] [Finish] [Cancel]"), "{seen}");
            let newest = world.trail().await.pop().unwrap();
            assert_eq!(newest, r#"refused {"why":"unknown_button"}"#, "{action}");
        }
        vera.presses("Finish").await;
        vera.sees().await;
        verifies_successor(world, &vera, None).await;
        for action in ["open.successor", "mail"] {
            let seen = forges(&vera, action).await;
            assert!(seen.contains("This button is from another version of the bot."), "{seen}");
        }
        let issues = world.sandbox.aws.calls_of("cs-access");
        assert!(issues.iter().all(|call| call.body["op"] == "revoke"), "{issues:?}");
        assert!(world.sandbox.shop.links().is_empty());
    })
    .await;
}

#[tokio::test]
async fn function_refuses_proofs_of_a_changed_bot() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        world.crashes();
        world.sandbox.discord.connected(0).await;
        // The bot takes the session for one that may act. Its proofs are from before.
        world.rewrites_newest_session(|session| session.scope = Scope::Act).await;
        world.sandbox.aws.set_groups(VERA, &[AGENT_GROUP]);
        world.starts().await;
        vera.types("/support resume").await;
        assert!(vera.sees().await.contains("[Waizant Store] [Waizant Web] [Waizant App]"));
        vera.presses("Waizant Web").await;
        let seen = vera.sees().await;
        assert!(seen.contains("the verification has expired. Start again."), "{seen}");
        let asked = world.sandbox.aws.calls_of("cs-access").remove(0);
        assert_eq!(asked.body["op"], "issue");
        assert!(world.sandbox.shop.links().is_empty());
        let denied =
            r#"access_not_opened {"nth":1,"target":"web","why":"proof_invalid"}"#.to_owned();
        assert!(world.trail().await.contains(&denied), "{:?}", world.trail().await);
    })
    .await;
}

#[tokio::test]
async fn promoted_agent_keeps_the_session_as_agreed() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        moves_to(world, VERA, AGENT_GROUP).await;
        vera.types("/support resume").await;
        assert!(vera.sees().await.contains("[See plan details] [History] [Finish] [Cancel]"));
        assert!(forges(&vera, "open.web").await.contains("another version of the bot"));
        vera.presses("Finish").await;
        vera.sees().await;

        world.verifies(&vera, TOM, "Casa Luz").await;
        assert_eq!(scopes(world), ["verify", "verify", "act", "act"]);
        vera.presses("Waizant Web").await;
        assert!(vera.sees().await.contains("[Open Waizant Web ↗]"));
        let expected = ["verify", "act"].map(|scope| Some(scope.to_owned()));
        assert_eq!(column(world).await, expected);
    })
    .await;
}

#[tokio::test]
async fn demoted_agent_loses_the_session_at_the_next_action() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/support technical email:{TOM}")).await;
        ben.sees().await;
        let start = ben.keep("Start");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        moves_to(world, BEN, VERIFIER_GROUP).await;
        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        ⚠️ Your group only allows you to verify customers now. Start again to verify this one.

        This session is closed (10:01 UTC): the agent may no longer continue it.
        Technical Assistance · Session ······
        ");
        let closed = r#"closed {"lost":"verify_only","why":"agent_ineligible"}"#;
        assert_eq!(world.newest_close().await, closed);
        let calls = world.sandbox.aws.calls_of("cs-access");
        assert!(calls.iter().all(|call| call.body["op"] == "revoke"), "{calls:?}");

        // The look-up permits nothing yet, so it stays. Its Start is of a verify-only agent.
        ben.presses_kept(&start).await;
        ben.selects("Casa Luz").await;
        assert!(ben.sees().await.contains("2 of 4 · Your own code"));
        assert_eq!(scopes(world), ["act", "act", "verify"]);
        let expected = ["verify", "act"].map(|scope| Some(scope.to_owned()));
        assert_eq!(column(world).await, expected);
    })
    .await;
}

#[tokio::test]
async fn sweep_closes_verified_session_of_a_demoted_agent() {
    World::run(async |world| {
        let (ben, vera) = (world.person("ben"), world.person("vera"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.verifies(&vera, TOM, "Casa Luz").await;
        world.sandbox.aws.set_groups(BEN, &["Other", VERIFIER_GROUP]);
        // The account is cached for a minute, and the sweep reads once a minute.
        world.passes(minutes(2) + Duration::from_secs(5)).await;
        assert!(ben.sees().await.contains("Session closed"));
        assert_eq!(vera.sees().await, "", "a verify-only session stays");
    })
    .await;
}

#[tokio::test]
async fn verifier_without_group_loses_the_session() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        moves_to(world, VERA, "CustomerServiceSales").await;
        vera.presses("See plan details").await;
        let seen = vera.sees().await;
        assert!(seen.contains("is not in a Customer Service group"), "{seen}");
        let closed = r#"closed {"lost":"not_in_group","why":"agent_ineligible"}"#;
        assert_eq!(world.newest_close().await, closed);
    })
    .await;
}

#[tokio::test]
async fn restart_keeps_the_scope() {
    World::run(async |world| {
        let vera = world.person("vera");
        world.verifies(&vera, JULIA, "Casa Luz").await;
        world.restarts().await;
        vera.types("/support resume").await;
        let seen = vera.sees().await;
        assert!(seen.contains("verified until 11:00 UTC at the latest"), "{seen}");
        assert!(seen.contains("[See plan details] [History] [Finish] [Cancel]"), "{seen}");
        assert!(forges(&vera, "open.web").await.contains("another version of the bot"));
        assert_eq!(column(world).await, [Some("verify".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn account_of_a_verifier_is_linked_and_shown() {
    World::run(async |world| {
        world.sandbox.aws.set_groups(OLGA, &["Archive", VERIFIER_GROUP]);
        let olga = world.person("olga");
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        olga.presses("Enter code").await;
        olga.submits([world.code_for(OLGA).as_str()]).await;
        assert!(olga.sees().await.contains("✅ Your account is linked"));
        olga.types("/account show").await;
        assert_snapshot!(olga.sees().await, @r"
        Your BackOffice account
        Your link is valid, **verify only**: you can verify customers, but open no access links.

        **Olga Novak** · o•••\@w•••.example
        Linked since 2026-01-05

        **Groups**
        CustomerVerification (verify only)
        Archive

        **Open sessions:** none
        ");
        // In a group of each list, the account is an agent's.
        world.sandbox.aws.set_groups(OLGA, &[AGENT_GROUP, VERIFIER_GROUP]);
        world.passes(minutes(1)).await;
        olga.types("/account show").await;
        assert!(olga.sees().await.contains("Your link is valid: you can help customers."));
    })
    .await;
}
