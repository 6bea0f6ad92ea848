//! Lockouts: too many wrong codes close the session, lock the subject out and alert the leads.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::codes::enters;
use crate::world::World;

const SECOND: Duration = Duration::from_secs(1);
const BEN: &str = "ben@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";

/// Brings a session to the step in which the customer's code is mailed.
pub(crate) async fn sends_customer_code(world: &World, who: &Person, customer: &str) {
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

async fn cancels(who: &Person) {
    who.presses("Cancel").await;
    who.submits(["The customer has to look for it"]).await;
    who.sees().await;
}

#[tokio::test]
async fn fifth_wrong_code_locks_out_the_agent() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let wrong = world.wrong_code_for(BEN);
        for left in ["4 attempts", "3 attempts"] {
            assert!(
                enters(&ben, &wrong)
                    .await
                    .contains(&format!("That code is not correct. {left} left."))
            );
        }
        // A new code keeps the count.
        world.passes(minutes(1)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        let wrong = world.wrong_code_for(BEN);
        assert!(enters(&ben, &wrong).await.contains("2 attempts left"));
        assert_snapshot!(enters(&ben, &wrong).await, @r"
        2 of 4 · Your own code
        ⚠️ That code is not correct. 1 attempt left.

        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:11 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert_snapshot!(enters(&ben, &wrong).await, @"
        Session closed
        This session is closed (10:01 UTC): the agent's code was wrong too many times.
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        🟠 Warning · Five wrong codes
        Too many wrong codes for the **internal verification**. The session is closed.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");

        // Locked out at 10:01, until 10:16, for every customer. A colleague can help the same one.
        let eva = world.person("eva");
        assert!(starts(&eva, JULIA).await.contains("Choose the ecosystem"));
        cancels(&eva).await;
        world.passes_until(minutes(16) - SECOND).await;
        assert_snapshot!(starts(&ben, TOM).await, @"
        T*** B*** · t•••@e•••.com
        ⚠️ Your own verification is locked because of too many wrong codes. Try again in 1 second.

        ✅ Active since 2024-02-14 · 2 ecosystems
        Ask whether they want help now.
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Start verification process] [Close]
        ");
        world.passes(SECOND).await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

/// Types twenty wrong customer codes in five sessions, half an hour apart, with a crash in between.
pub(crate) async fn types_twenty_wrong_codes(world: &mut World) {
    let ben = world.person("ben");
    for session in 0..5 {
        world.leaps_until(minutes(30 * session)).await;
        sends_customer_code(world, &ben, JULIA).await;
        for n in 0..4 {
            let seen = enters(&ben, &world.wrong_code_for(JULIA)).await;
            assert_eq!(seen.contains("Session closed"), session == 4 && n == 3, "{seen}");
        }
        if session < 4 {
            cancels(&ben).await;
        }
        if session == 2 {
            world.restarts().await;
        }
    }
}

#[tokio::test]
async fn twenty_wrong_codes_in_a_row_lock_out_for_good() {
    World::run(async |world| {
        types_twenty_wrong_codes(world).await;
        let alert = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert_snapshot!(alert.replace(&world.pseudonym("usr-julia").await, "<usr-julia>"), @"
        (everyone sees this)
        <@&1200000000000000022>
        🔴 Urgent · Locked out after 20 wrong codes in a row
        Too many wrong codes for the **customer verification**. The session is closed. They were 20 in a row: no code of this customer is accepted until a lead unlocks the customer on the card of `/desk customer`.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
        world.leaps_until(minutes(30 * 24 * 60)).await;
        let eva = world.person("eva");
        assert!(starts(&eva, JULIA).await.contains(
            "The customer's verification is locked because of 20 wrong codes in a row. Ask a lead or an operator to unlock it."
        ));
        assert!(starts(&eva, TOM).await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn twenty_wrong_codes_lock_out_for_a_day_without_leads() {
    World::run_with(&[("DISCORD_LEAD_ROLE_ID", "")], async |world| {
        types_twenty_wrong_codes(world).await;
        let alert = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert!(alert.contains("no code is accepted for 24 hours"), "{alert}");
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        let unlocked = minutes(2 * 60 + 24 * 60);
        world.leaps_until(unlocked - SECOND).await;
        assert!(starts(&eva, JULIA).await.contains("Try again in 1 second"));
        world.passes(SECOND).await;
        eva.presses("Close").await;
        eva.sees().await;
        sends_customer_code(world, &ben, JULIA).await;
        // The row goes on: the next wrong code locks out again.
        assert!(enters(&ben, &world.wrong_code_for(JULIA)).await.contains("Session closed"));
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        world.leaps_until(unlocked + minutes(24 * 60)).await;
        sends_customer_code(world, &ben, JULIA).await;
        assert!(enters(&ben, &world.code_for(JULIA)).await.contains("4 of 4"));
        ben.presses("Finish").await;
        ben.sees().await;
        sends_customer_code(world, &ben, JULIA).await;
        let seen = enters(&ben, &world.wrong_code_for(JULIA)).await;
        assert!(seen.contains("4 attempts left"), "a right code ended the row: {seen}");
    })
    .await;
}

#[tokio::test]
async fn lockout_without_leads_channel_is_an_alert_without_card() {
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
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_eq!(world.alert_events().await, ["alert_opened"]);
        world.passes(minutes(2)).await;
        assert_eq!(world.alert_events().await, ["alert_opened"], "no card is posted");
    })
    .await;
}

#[tokio::test]
async fn fifth_wrong_code_locks_out_the_customer() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        sends_customer_code(world, &ben, JULIA).await;
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
        Technical Assistance · Session ······
        [Help another customer]
        ");
        assert_snapshot!(world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await, @"
        (everyone sees this)
        🟠 Warning · Five wrong codes
        Too many wrong codes for the **customer verification**. The session is closed.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");

        // The lockout applies to the customer, for every agent. Ben can help other customers.
        assert!(starts(&eva, JULIA).await.contains(
            "The customer's verification is locked because of too many wrong codes. Try again in 15 minutes."
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
async fn ten_wrong_codes_lock_out_for_an_hour() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        for _ in 0..2 {
            sends_customer_code(world, &ben, JULIA).await;
            for _ in 0..4 {
                enters(&ben, &world.wrong_code_for(JULIA)).await;
            }
            cancels(&ben).await;
        }
        sends_customer_code(world, &ben, JULIA).await;
        assert!(
            enters(&ben, &world.wrong_code_for(JULIA)).await.contains("4 attempts left"),
            "the ninth wrong code"
        );
        let seen = enters(&ben, &world.wrong_code_for(JULIA)).await;
        assert!(
            seen.contains("the customer's code was wrong too many times"),
            "the tenth wrong code locks out: {seen}"
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
async fn five_and_five_wrong_codes_lock_out_for_an_hour() {
    World::run(async |world| {
        let ben = world.person("ben");
        for (session, wait) in [(0, "15 minutes"), (1, "1 hour")] {
            world.passes_until(minutes(15 * session)).await;
            sends_customer_code(world, &ben, JULIA).await;
            for _ in 0..5 {
                enters(&ben, &world.wrong_code_for(JULIA)).await;
            }
            let seen = starts(&ben, JULIA).await;
            assert!(seen.contains(&format!("Try again in {wait}")), "{seen}");
        }
        world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
    })
    .await;
}

#[tokio::test]
async fn lockout_blocks_the_agents_other_sessions() {
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

        // Only the panel of Tom's session accepts a code.
        let checked = world.sandbox.aws.calls_of("cs-otp-verify").len();
        assert_snapshot!(enters(&ben, &right).await, @r"
        2 of 4 · Your own code
        ⚠️ Your own verification is locked because of too many wrong codes. Try again in 15 minutes.

        Enter the code that was mailed to **you** at b•••\@w•••.example, good until 10:10 UTC.

        T\*\*\* B\*\*\* · Casa Luz · member
        Technical Assistance · Session ······ · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert_eq!(world.sandbox.aws.calls_of("cs-otp-verify").len(), checked);
    })
    .await;
}
