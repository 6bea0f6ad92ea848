//! Too many wrong codes: the session locks, the subject of its codes rests, and the leads are told.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::codes::enters;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
/// Mailboxes.
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// A session in which the customer's code is awaited.
async fn awaits_customer(world: &World, who: &Person, customer: &str) {
    world.proves_agent(who, customer, "Casa Luz").await;
    who.presses("Send code").await;
    who.sees().await;
}

/// Looks a customer up and presses Start.
async fn starts(who: &Person, customer: &str) -> String {
    who.types(&format!("/support technical email:{customer}")).await;
    who.presses("Start").await;
    who.sees().await
}

/// Cancels the session.
async fn cancels(who: &Person) {
    who.presses("Cancel").await;
    who.submits(["The customer has to look for it"]).await;
    who.sees().await;
}

#[tokio::test]
async fn the_fifth_wrong_code_of_the_agent_locks_and_the_agent_rests() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let wrong = world.wrong_code_for(BEN);
        for left in ["4 attempts", "3 attempts"] {
            assert!(enters(&ben, &wrong).await.contains(&format!("That code is not correct. {left} left.")));
        }
        // A new code does not reset the count.
        world.passes(minutes(1)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        let wrong = world.wrong_code_for(BEN);
        assert!(enters(&ben, &wrong).await.contains("2 attempts left"));
        assert_snapshot!(enters(&ben, &wrong).await, @r"
        Technical Assistance
        ⚠️ That code is not correct. 1 attempt left.

        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:11 UTC (in 10 minutes).

        1 more code can be sent. A new one can be sent in 1 minute.
        Customer: J\*\*\* P\*\*\*
        Ecosystem: Casa Luz
        Role: Owner
        Session ······
        [Enter code] [Resend] [Change ecosystem] [Cancel]
        ");
        assert_snapshot!(enters(&ben, &wrong).await, @"
        Session closed
        This session is closed (10:01 UTC): the agent's code was wrong too many times.
        Session ······
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        Session locked
        Too many wrong codes for the **internal verification**.
        Agent: <@1200000000000000101>
        Session: ······
        ");

        // Locked at 10:01: the agent rests until 10:16, with whatever customer.
        world.passes_until(minutes(16) - SECOND).await;
        assert_snapshot!(starts(&ben, TOM).await, @r"
        Technical Assistance
        ⚠️ The verification is locked because of too many wrong codes. Try again in 1 second.

        Ask the customer whether they want help now, then start the verification.
        Customer: T\*\*\* B\*\*\*
        E-mail: t•••\@e•••.com
        State in Waizant: Active since 2024-02-14
        Ecosystems: 2
        Session ······
        [Start verification process] [Close]
        ");
        world.passes(SECOND).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn after_the_fourth_wrong_code_the_right_one_still_counts() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for (mailbox, next) in [(BEN, "Step 2 of 2"), (JULIA, "You and the customer are verified")]
        {
            for left in ["4 attempts", "3 attempts", "2 attempts", "1 attempt"] {
                assert!(
                    enters(&ben, &world.wrong_code_for(mailbox))
                        .await
                        .contains(&format!("{left} left.")),
                    "{mailbox}"
                );
            }
            assert!(enters(&ben, &world.code_for(mailbox)).await.contains(next), "{mailbox}");
            if mailbox == BEN {
                ben.presses("Send code").await;
                ben.sees().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn without_a_channel_for_them_nobody_is_told_and_nobody_says_so() {
    World::run_with(&[("DISCORD_LEADS_CHANNEL_ID", "")], async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let wrong = world.wrong_code_for(BEN);
        for _ in 0..4 {
            enters(&ben, &wrong).await;
        }
        assert_snapshot!(enters(&ben, &wrong).await, @"
        Session closed
        This session is closed (10:00 UTC): the agent's code was wrong too many times.
        Session ······
        ");
        let alerted = async || {
            world
                .trail()
                .await
                .into_iter()
                .filter(|event| event.starts_with("alerted"))
                .collect::<Vec<_>>()
        };
        assert_eq!(alerted().await, [r#"alerted {"outcome":"no_channel"}"#]);
        world.passes(minutes(2)).await;
        assert_eq!(alerted().await.len(), 1, "there will be none in a minute either");
    })
    .await;
}

#[tokio::test]
async fn an_agents_lock_rests_neither_the_customer_nor_a_colleague() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for _ in 0..5 {
            enters(&ben, &world.wrong_code_for(BEN)).await;
        }
        assert!(
            world
                .sandbox
                .discord
                .channel_sees(LEADS_CHANNEL_ID)
                .await
                .contains("internal verification")
        );
        let eva = world.person("eva");
        world.verifies(&eva, JULIA, "Casa Luz").await;
        eva.presses("Finish").await;
        assert!(eva.sees().await.contains("it was finished"));
    })
    .await;
}

#[tokio::test]
async fn the_fifth_wrong_code_of_the_customer_locks_and_the_customer_rests() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        awaits_customer(world, &ben, JULIA).await;
        let wrong = world.wrong_code_for(JULIA);
        for left in ["4 attempts", "3 attempts", "2 attempts", "1 attempt"] {
            assert!(
                enters(&ben, &wrong)
                    .await
                    .contains(&format!("That code is not correct. {left} left."))
            );
        }
        assert_snapshot!(enters(&ben, &wrong).await, @"
        Session closed
        This session is closed (10:00 UTC): the customer's code was wrong too many times.
        Session ······
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        Session locked
        Too many wrong codes for the **customer verification**.
        Agent: <@1200000000000000101>
        Session: ······
        ");

        // It is the customer who rests, whoever the agent is; Ben may help others.
        assert!(starts(&eva, JULIA).await.contains(
            "The verification is locked because of too many wrong codes. Try again in 15 minutes."
        ));
        assert!(starts(&ben, TOM).await.contains("Choose the ecosystem"));
        cancels(&ben).await;
        world.passes_until(minutes(15) - SECOND).await;
        assert!(starts(&eva, JULIA).await.contains("Try again in 1 second"));
        world.passes(SECOND).await;
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn ten_wrong_codes_over_several_sessions_rest_the_customer_for_an_hour() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        for _ in 0..2 {
            awaits_customer(world, &ben, JULIA).await;
            for _ in 0..4 {
                enters(&ben, &world.wrong_code_for(JULIA)).await;
            }
            cancels(&ben).await;
        }
        awaits_customer(world, &ben, JULIA).await;
        assert!(
            enters(&ben, &world.wrong_code_for(JULIA)).await.contains("4 attempts left"),
            "the ninth"
        );
        let seen = enters(&ben, &world.wrong_code_for(JULIA)).await;
        assert!(
            seen.contains("the customer's code was wrong too many times"),
            "the tenth locks: {seen}"
        );
        assert!(
            world
                .sandbox
                .discord
                .channel_sees(LEADS_CHANNEL_ID)
                .await
                .contains("customer verification")
        );

        assert!(starts(&eva, JULIA).await.contains("Try again in 1 hour"));
        world.passes_until(minutes(60) - SECOND).await;
        assert!(starts(&eva, JULIA).await.contains("Try again in 1 second"));
        world.passes(SECOND).await;
        eva.presses("Start").await;
        assert!(eva.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn right_codes_are_no_tries() {
    World::run(async |world| {
        let ben = world.person("ben");
        // Nine wrong ones leave one: a right one does not take it.
        for wrong in [4, 4, 1] {
            awaits_customer(world, &ben, JULIA).await;
            for _ in 0..wrong {
                enters(&ben, &world.wrong_code_for(JULIA)).await;
            }
            assert!(
                enters(&ben, &world.code_for(JULIA))
                    .await
                    .contains("You and the customer are verified")
            );
            ben.presses("Finish").await;
            ben.sees().await;
        }
        awaits_customer(world, &ben, JULIA).await;
        assert!(
            enters(&ben, &world.code_for(JULIA))
                .await
                .contains("You and the customer are verified")
        );
    })
    .await;
}

#[tokio::test]
async fn another_ecosystem_does_not_reset_the_count() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        for _ in 0..4 {
            enters(&ben, &world.wrong_code_for(BEN)).await;
        }
        ben.presses("Change ecosystem").await;
        ben.selects("Taller Sol").await;
        world.passes(minutes(1)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        assert!(
            enters(&ben, &world.wrong_code_for(BEN))
                .await
                .contains("the agent's code was wrong too many times")
        );
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    })
    .await;
}

#[tokio::test]
async fn an_agent_who_rests_does_so_in_every_session() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, TOM, "Casa Luz").await;
        let right = world.code_for(BEN);
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let wrong = world.wrong_code_for(BEN);
        for _ in 0..5 {
            enters(&ben, &wrong).await;
        }
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;

        // The panel of Tom's session is the only one with a code to enter.
        let checked = world.sandbox.aws.calls_of("cs-otp-verify").len();
        assert_snapshot!(enters(&ben, &right).await, @r"
        Technical Assistance
        ⚠️ The verification is locked because of too many wrong codes. Try again in 15 minutes.

        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:10 UTC (in 10 minutes).

        2 more codes can be sent. A new one can be sent in 1 minute.
        Customer: T\*\*\* B\*\*\*
        Ecosystem: Casa Luz
        Role: Member
        Session ······
        [Enter code] [Resend] [Change ecosystem] [Cancel]
        ");
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), checked);
    })
    .await;
}
