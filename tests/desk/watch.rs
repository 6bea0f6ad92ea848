//! The signals, from what agents do to the card in the leads' channel.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Looks a customer up and closes the session.
async fn looks_up(who: &Person, customer: &str) {
    who.types(&format!("/support technical email:{customer}")).await;
    who.sees().await;
    who.presses("Close").await;
    who.sees().await;
}

/// Types this many wrong codes of the customer in a session, and leaves it.
async fn guesses(world: &World, who: &Person, count: usize) {
    world.proves_agent(who, JULIA, "Casa Luz").await;
    who.presses("Send code").await;
    who.sees().await;
    for _ in 0..count {
        who.presses("Enter code").await;
        who.submits([world.wrong_code_for(JULIA).as_str()]).await;
        who.sees().await;
    }
    who.presses("Cancel").await;
    who.submits(["The customer has to look for it"]).await;
    who.sees().await;
}

/// Runs the watch a minute later. Returns what the leads see.
async fn leads_see(world: &World) -> String {
    world.passes(minutes(1)).await;
    world.watches().await;
    world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await
}

/// Returns cards of one moment in the order of their texts.
fn sorted(cards: &str) -> String {
    const CARD: &str = "(everyone sees this)\n";
    let mut cards: Vec<_> = cards.split(CARD).map(str::trim).filter(|it| !it.is_empty()).collect();
    cards.sort_unstable();
    cards.into_iter().map(|card| format!("{CARD}{card}")).collect::<Vec<_>>().join("\n\n")
}

#[tokio::test]
async fn the_sixth_wrong_code_over_sessions_tells_the_leads() {
    World::run(async |world| {
        let ben = world.person("ben");
        for count in [4, 1] {
            guesses(world, &ben, count).await;
            assert_eq!(leads_see(world).await, "");
        }
        guesses(world, &ben, 1).await;
        assert_snapshot!(sorted(&leads_see(world).await), @"
        (everyone sees this)
        <@&1200000000000000022>
        🔴 Urgent · Wrong codes over several sessions
        Within 24 hours 6 wrong codes for the **customer verification** were typed in 3 sessions.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]

        (everyone sees this)
        🟠 Warning · One customer, many codes
        Within 24 hours the customer got codes in 3 sessions. None led to a verification.

        Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
        assert_eq!(leads_see(world).await, "", "the same codes tell it once");
    })
    .await;
}

#[tokio::test]
async fn events_without_a_checkpoint_tell_the_leads() {
    World::run(async |world| {
        looks_up(&world.person("ben"), JULIA).await;
        world.passes(minutes(8)).await;
        assert_eq!(leads_see(world).await, "", "the next checkpoint can still come");
        // No checkpoint is written here.
        world.passes(minutes(1)).await;
        assert_snapshot!(leads_see(world).await, @"
        (everyone sees this)
        <@&1200000000000000022>
        🔴 Urgent · The audit trail does not verify
        The audit trail has grown, and its newest checkpoint is more than 10 minutes old. Somebody may have changed the database. Tell the operator now: the log names each finding, and `support-desk trail verify` shows them again.
        A-······
        [Handled] [False alarm] [Show]
        ");
    })
    .await;
}

#[tokio::test]
async fn a_third_agent_on_one_customer_tells_the_leads() {
    World::run(async |world| {
        for (name, locale) in [("ben", None), ("eva", None), ("ana", Some("en-US"))] {
            let agent = world.person(name);
            if let Some(locale) = locale {
                agent.locale(locale);
            }
            assert_eq!(leads_see(world).await, "", "two agents are not told");
            looks_up(&agent, JULIA).await;
        }
        assert_snapshot!(leads_see(world).await, @"
        (everyone sees this)
        🟠 Warning · One customer, several agents
        Within 24 hours 3 agents looked this customer up: <@1200000000000000100>, <@1200000000000000101>, <@1200000000000000102>. None of them verified the customer.

        customer C-······ · session ······
        A-······
        [Handled] [False alarm] [Show]
        ");
        assert_eq!(leads_see(world).await, "", "the same look-ups tell it once");
    })
    .await;
}

#[tokio::test]
async fn a_verified_customer_who_was_shopped_for_is_not_told() {
    World::run(async |world| {
        let (ben, eva, ana) = (world.person("ben"), world.person("eva"), world.person("ana"));
        ana.locale("en-US");
        looks_up(&ben, JULIA).await;
        looks_up(&eva, JULIA).await;
        world.verifies(&ana, JULIA, "Casa Luz").await;
        assert_eq!(leads_see(world).await, "");
    })
    .await;
}

#[tokio::test]
async fn ten_unknown_addresses_tell_the_leads() {
    World::run(async |world| {
        let ben = world.person("ben");
        for n in 0..10 {
            if n == 9 {
                assert_eq!(leads_see(world).await, "");
            }
            ben.types(&format!("/support technical email:nobody-{n}@example.com")).await;
            ben.sees().await;
        }
        assert_snapshot!(leads_see(world).await, @"
        (everyone sees this)
        🟠 Warning · Look-ups that find no customer
        Within 60 minutes 10 look-ups of the agent found no customer.

        Agent Ben Carter <@1200000000000000101>
        A-······
        [Handled] [False alarm] [Show] [Lock out 1 hour]
        ");
    })
    .await;
}
