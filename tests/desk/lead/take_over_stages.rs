//! A lead takes a session over in each of its stages, beside a third agent, and after wrong codes.

use std::time::Duration;

use commands::model::time::minutes;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_GROUP, AGENT_ROLE_ID, LEAD_GROUP, LEAD_ROLE_ID};

use crate::codes::enters;
use crate::lead::take_over::{asks, takes_over};
use crate::lead::{JULIA, looks_up, opens_card};
use crate::successor::verifies_successor;
use crate::world::World;

const ATTENDED: &str = "select count(*) from sessions where attending is not null";

/// A stage of an agent's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    ChoosingEcosystem,
    AgentCode,
    Announcing,
    CustomerCode,
    Acting,
    Succession,
}

/// Brings a session of Ben to a stage. Returns one of its buttons.
async fn reach(world: &World, ben: &Person, stage: Stage) -> &'static str {
    match stage {
        Stage::ChoosingEcosystem => {
            looks_up(ben, JULIA).await;
            ben.presses("Start").await;
            ben.sees().await;
            "Cancel"
        }
        Stage::AgentCode => {
            world.chooses(ben, JULIA, "Casa Luz").await;
            "Enter code"
        }
        Stage::Announcing => {
            world.proves_agent(ben, JULIA, "Casa Luz").await;
            "Send code"
        }
        Stage::CustomerCode => {
            world.proves_agent(ben, JULIA, "Casa Luz").await;
            ben.presses("Send code").await;
            ben.sees().await;
            "Enter code"
        }
        Stage::Acting => {
            world.verifies(ben, JULIA, "Casa Luz").await;
            "Waizant Web"
        }
        Stage::Succession => {
            verifies_successor(world, ben, None).await;
            "Show QR"
        }
    }
}

#[tokio::test]
async fn session_is_taken_over_from_each_stage() {
    for stage in [
        Stage::ChoosingEcosystem,
        Stage::AgentCode,
        Stage::Announcing,
        Stage::CustomerCode,
        Stage::Acting,
        Stage::Succession,
    ] {
        World::run(async |world| {
            let (ben, leo) = (world.person("ben"), world.person("leo"));
            let label = reach(world, &ben, stage).await;
            let button = ben.keep(label);
            takes_over(&leo).await;
            let seen = leo.sees().await;
            let step = if stage == Stage::ChoosingEcosystem { "1 of 4" } else { "2 of 4" };
            assert!(seen.contains(step), "{stage:?}: {seen}");
            assert!(seen.contains("You have taken over from"), "{stage:?}: {seen}");
            assert!(ben.sees().await.contains("has taken over."), "{stage:?}");
            // The agent's old button does nothing more.
            let calls = world.sandbox.aws.calls().len();
            ben.presses_kept(&button).await;
            assert!(ben.sees().await.contains("has taken over."), "{stage:?}");
            assert_eq!(world.sandbox.aws.calls().len(), calls, "{stage:?}");
            assert_eq!(world.count(ATTENDED).await, 1, "{stage:?}");
            // What the old session may have proven is revoked.
            let may_be_proven = matches!(
                stage,
                Stage::Announcing | Stage::CustomerCode | Stage::Acting | Stage::Succession
            );
            let revokes = world.sandbox.aws.calls_of("cs-access");
            let revokes = revokes.iter().filter(|call| call.body["op"] == "revoke").count();
            assert_eq!(revokes, usize::from(may_be_proven), "{stage:?}");
            assert!(world.findings().await.is_empty(), "{stage:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn third_agent_at_the_same_instant_starts_nothing() {
    World::run(async |world| {
        let [ben, leo, ana] = ["ben", "leo", "ana"].map(|name| world.person(name));
        ana.locale("en-US");
        looks_up(&ana, JULIA).await;
        let start = ana.keep("Start");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        opens_card(world, &leo).await;
        leo.presses("Take over").await;
        leo.sees().await;
        tokio::join!(leo.presses("Take over"), ana.presses_kept(&start));
        assert!(leo.sees().await.contains("You have taken over from"));
        let seen = ana.sees().await;
        assert!(seen.contains("is helping this customer right now"), "{seen}");
        ben.sees().await;
        assert_eq!(world.count(ATTENDED).await, 1);
        let started = "select count(*) from events where kind = 'started'";
        assert_eq!(world.count(started).await, 2, "Ben and the lead");
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_of_the_customer_go_on_counting() {
    World::run(async |world| {
        let [ben, leo, eva] = ["ben", "leo", "eva"].map(|name| world.person(name));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        for _ in 0..4 {
            enters(&ben, &world.wrong_code_for(JULIA)).await;
        }
        // Ten wrong codes in an hour lock the customer out, whoever types them.
        for (lead, wrong) in [(&leo, 4), (&eva, 2)] {
            // The next mail to the customer has to wait.
            world.clock.advance(minutes(1) + Duration::from_secs(1));
            takes_over(lead).await;
            lead.sees().await;
            let own = world.code_for(&world.mailbox_of(lead));
            assert!(enters(lead, &own).await.contains("3 of 4"));
            lead.presses("Send code").await;
            lead.sees().await;
            for n in 1..=wrong {
                let seen = enters(lead, &world.wrong_code_for(JULIA)).await;
                let is_tenth = wrong == 2 && n == 2;
                assert_eq!(seen.contains("wrong too many times"), is_tenth, "{n}: {seen}");
            }
        }
        assert_eq!(world.count(ATTENDED).await, 0);
        for who in [&ben, &leo] {
            who.sees().await;
        }
    })
    .await;
}

#[tokio::test]
async fn lead_cannot_take_over_the_own_address() {
    World::run(async |world| {
        let (ana, ben) = (world.person("ana"), world.person("ben"));
        world.sandbox.aws.set_groups("ben@waizant.example", &[AGENT_GROUP, LEAD_GROUP]);
        ben.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        ana.locale("en-US");
        looks_up(&ana, "ben@waizant.example").await;
        ana.presses("Start").await;
        ana.sees().await;
        asks(&ben).await;
        ben.presses("Take over").await;
        let seen = ben.sees().await;
        assert!(seen.contains("That is your own address"), "{seen}");
        assert_eq!(world.count(ATTENDED).await, 1);
        assert_eq!(world.count("select count(*) from sessions").await, 1);
    })
    .await;
}
