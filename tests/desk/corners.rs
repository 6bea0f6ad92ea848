//! The corners of the state machine that no other file is about, each test named after its row in
//! `docs/architecture.md`.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::seed::{LEAD_ROLE_ID, LEADS_CHANNEL_ID};

use crate::world::World;

const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const LOOK_UP: &str = "/support technical email:julia@example.com";

/// Types a code five times that is wrong, and reads the lock.
async fn locks(world: &World, who: &Person, mailbox: &str) {
    for _ in 0..5 {
        who.presses("Enter code").await;
        who.submits([world.wrong_code_for(mailbox).as_str()]).await;
    }
    assert!(who.sees().await.contains("wrong too many times"));
    assert!(
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await.contains("Too many wrong codes")
    );
}

#[tokio::test]
async fn look_up_holds_nobody_and_its_close_asks_no_reason() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        ben.types(LOOK_UP).await;
        eva.types(LOOK_UP).await;
        for agent in [&ben, &eva] {
            assert!(agent.sees().await.contains("[Start verification process] [Close]"));
        }
        ben.presses("Close").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was dismissed.
        Session ······
        ");
        assert!(ben.modal().is_none());
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn no_ecosystem_is_said_at_the_look_up_without_start() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:nora@example.com").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("This customer does not belong to any ecosystem")
                && !seen.contains("Start"),
            "{seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_ecosystem_can_be_gone_when_it_is_chosen() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(LOOK_UP).await;
        ben.presses("Start").await;
        ben.sees().await;
        world.sandbox.core.remove_membership("eco-casa-luz", JULIA).await.unwrap();
        world.restarts().await;
        ben.selects("Casa Luz").await;
        assert_snapshot!(ben.sees().await, @r"
        Technical Assistance
        ⚠️ That ecosystem no longer belongs to this customer. Choose another.

        Choose the ecosystem that the customer needs help with.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        Session ······
        <Choose an ecosystem: Huerta Norte — Member | Taller Sol — Owner>
        [Cancel]
        ");
    })
    .await;
}

#[tokio::test]
async fn lock_rests_the_customer_when_the_customers_codes_were_wrong() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        locks(world, &ben, JULIA).await;

        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        assert_snapshot!(eva.sees().await, @r"
        Technical Assistance
        ⚠️ The verification is locked because of too many wrong codes. Try again in 15 minutes.

        Ask the customer whether they want help now, then start the verification.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Ecosystems: 3
        Session ······
        [Start verification process] [Close]
        ");
        world.passes(minutes(1)).await;
        world.verifies(&ben, "tom@example.com", "Casa Luz").await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("it was finished."), "the agent does not rest");
        world.passes(minutes(14)).await;
        eva.sees().await;
        eva.types(LOOK_UP).await;
        eva.presses("Start").await;
        assert!(
            eva.sees().await.contains("Choose the ecosystem"),
            "after fifteen minutes it goes on"
        );
    })
    .await;
}

#[tokio::test]
async fn lock_rests_the_agent_when_the_agents_codes_were_wrong() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        locks(world, &ben, BEN).await;

        ben.types("/support technical email:tom@example.com").await;
        ben.presses("Start").await;
        let seen = ben.sees().await;
        assert!(
            seen.contains("The verification is locked because of too many wrong codes. Try again in 15 minutes."),
            "{seen}"
        );
        world.verifies(&eva, JULIA, "Casa Luz").await;
        eva.presses("Finish").await;
        assert!(eva.sees().await.contains("it was finished."), "the customer does not rest");
    })
    .await;
}

#[tokio::test]
async fn not_counted_as_wrong_are_malformed_and_expired_codes_and_faults() {
    World::run(async |world| {
        let ben = world.person("ben");
        let faults = world.sandbox.aws.faults();
        let types = async |code: &str| {
            ben.presses("Enter code").await;
            ben.submits([code]).await;
            ben.sees().await
        };
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for code in ["12345", "1234567", "abcdef", "12 34 5", "-12345"] {
            let seen = types(code).await;
            assert!(seen.contains("No attempt was used"), "{code}: {seen}");
        }
        let busy = Fault::Refuse { code: "UNAVAILABLE".to_owned(), retry_after_s: Some(5) };
        for fault in [Fault::FunctionError, Fault::Garbage, busy] {
            faults.next("cs-otp-verify", 1, &fault);
            let seen = types(&world.wrong_code_for(BEN)).await;
            assert!(seen.contains("[Enter code]") && !seen.contains("left."), "{fault:?}: {seen}");
        }
        ben.presses("Enter code").await;
        let form = ben.keep_modal();
        world.passes(minutes(10)).await;
        ben.submits_kept(&form, [world.code_for(BEN).as_str()]).await;
        let seen = ben.sees().await;
        assert!(seen.contains("That code has expired. No attempt was used."), "{seen}");

        ben.presses("Resend").await;
        ben.sees().await;
        let seen = types(&world.wrong_code_for(BEN)).await;
        assert!(
            seen.contains("That code is not correct. 4 attempts left."),
            "the first that counts: {seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn proof_invalid_while_acting_closes() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.faults().next("cs-access", 1, &Fault::refuse("PROOF_INVALID"));
        ben.presses("Waizant Web").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): the verification has expired. Start again.
        Session ······
        ");
    })
    .await;
}

#[tokio::test]
async fn lead_needs_the_agent_role_too_to_help_customers() {
    World::run(async |world| {
        let eva = world.person("eva");
        eva.set_roles(&[LEAD_ROLE_ID]);
        eva.types(LOOK_UP).await;
        assert!(eva.sees().await.starts_with("Only support agents can use this."));
        assert!(!world.trail().await.iter().any(|event| event.starts_with("looked_up")));
    })
    .await;
}
