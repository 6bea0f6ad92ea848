//! `/desk trail`: what leads did, and what others did about a customer without a session.

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use sandbox::seed::{LEADS_CHANNEL_ID, SUPPORT_CHANNEL_ID};

use crate::lead::take_over::asks;
use crate::lead::{REASON, looks_up, newest};
use crate::person::TestPerson;
use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Opens a view and returns the events of all its pages, each without its time.
async fn reads(lead: &TestPerson, options: &str) -> Vec<String> {
    lead.types(&format!("/desk trail {options}")).await;
    let mut events = Vec::new();
    loop {
        let seen = lead.sees().await;
        let lines = seen.lines().filter_map(|line| line.split_once(" UTC · "));
        events.extend(lines.map(|(_, event)| event.to_owned()));
        if !seen.contains("[Older]") {
            return events;
        }
        lead.presses("Older").await;
    }
}

#[tokio::test]
async fn leads_read_everything_that_leads_did() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        let (leo, lara) = (world.person("leo"), world.person("lara"));
        looks_up(&ben, "tom@example.com").await;
        leo.types(&format!("/desk close session:{} reason:{REASON}", newest(world).await)).await;
        leo.sees().await;
        ben.sees().await;
        looks_up(&ben, "tom@example.com").await;
        ben.presses("Close").await;
        ben.sees().await;
        world.proves_agent(&eva, JULIA, "Casa Luz").await;
        asks(&leo).await;
        leo.presses("Take over").await;
        leo.sees().await;
        eva.sees().await;
        leo.moves_to(LEADS_CHANNEL_ID);
        for button in ["Handled", "Open again", "False alarm"] {
            if button == "Handled" {
                let subject = AlertSubject::Agent(ben.id());
                world.raises(vec![NewAlert::new(AlertKind::LookupLimit, subject)]).await;
            }
            world.leads_see().await;
            leo.presses(button).await;
        }
        world.leads_see().await;
        for button in ["Lock out 1 hour", "Unlock", "Unlink"] {
            leo.types("/desk agent agent:@ben").await;
            leo.sees().await;
            leo.presses(button).await;
            leo.sees().await;
            if button != "Unlock" {
                leo.submits([REASON]).await;
                leo.sees().await;
            }
        }
        for button in ["Ask for a copy of the data", "Ask for erasure"] {
            lara.types(&format!("/desk customer email:{JULIA}")).await;
            lara.sees().await;
            lara.presses(button).await;
            lara.sees().await;
            lara.submits(["ZD-77"]).await;
            lara.sees().await;
        }
        lara.types("/desk launcher").await;
        lara.sees().await;
        world.sandbox.discord.channel_sees(SUPPORT_CHANNEL_ID).await;
        lara.types("/desk trail").await;
        lara.sees().await;
        lara.presses("As a file").await;
        lara.sees().await;
        world.leads_see().await;
        world.clock.advance(minutes(1));

        let acts = reads(&lara, "what:leads").await;
        for (act, count) in [
            ("closed: by a lead", 1),
            ("closed: taken over", 1),
            ("· taken over", 1),
            ("alert handled", 1),
            ("alert reopened", 1),
            ("alert marked as a false alarm", 1),
            // The linked account and the Discord account.
            ("locked out until", 2),
            (" unlocked", 2),
            (" unlinked", 1),
            ("copy of a customer's data requested", 1),
            ("erasure of a customer requested", 1),
            ("launcher posted", 1),
            ("took a file: trail", 1),
            // The views of agent, customer, sessions and session, and of the trail itself.
            ("read: agent", 3),
            ("read: customer", 2),
            ("read: session", 2),
            ("read: trail", 2),
        ] {
            let found = acts.iter().filter(|event| event.contains(act)).count();
            assert_eq!(found, count, "{act}: {acts:#?}");
        }
        assert!(!acts.iter().any(|event| event.contains("dismissed")), "{acts:#?}");
        let of_leo = reads(&lara, "agent:@leo").await;
        assert!(of_leo.iter().any(|event| event.contains("closed: by a lead")), "{of_leo:#?}");
    })
    .await;
}

#[tokio::test]
async fn trail_of_an_erased_customer_has_request_and_erasure() {
    World::run(async |world| {
        let (ben, lara) = (world.person("ben"), world.person("lara"));
        looks_up(&ben, JULIA).await;
        ben.presses("Close").await;
        ben.sees().await;
        lara.types(&format!("/desk customer email:{JULIA}")).await;
        lara.sees().await;
        let trail = lara.keep("Trail");
        lara.presses("Ask for erasure").await;
        lara.sees().await;
        lara.submits(["ZD-77"]).await;
        lara.sees().await;
        world.leads_see().await;
        world.clock.advance(minutes(1));
        world.erases("usr-julia").await;
        lara.presses_kept(&trail).await;
        let seen = lara.sees().await;
        assert!(seen.contains("(erased)"), "{seen}");
        for event in [
            "looked up, found",
            "closed: dismissed",
            "read: customer",
            "erasure of a customer requested",
            "operator · customer erased",
        ] {
            assert!(seen.contains(event), "{event}: {seen}");
        }
        assert!(world.findings().await.is_empty());
    })
    .await;
}
