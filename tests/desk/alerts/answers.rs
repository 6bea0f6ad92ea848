//! Answers of the leads on a card, and who may give them.

use std::time::Duration;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use sandbox::mail::MailKind;
use sandbox::seed::{AGENT_ROLE_ID, LEAD_ROLE_ID, LEADS_CHANNEL_ID};

use super::{about, states};
use crate::world::World;

const JULIA: &str = "julia@example.com";
const REASON: &str = "the caller was rude to Ben";

/// Reports the customer's mail of a session that waits for the customer's code.
async fn reports_julia(world: &World) {
    let ben = world.person("ben");
    world.proves_agent(&ben, JULIA, "Casa Luz").await;
    ben.presses("Send code").await;
    ben.sees().await;
    world.passes(Duration::from_secs(10)).await;
    world.reports(&world.report_link(JULIA, MailKind::CustomerCode), "not_me").await;
    ben.sees().await;
}

#[tokio::test]
async fn handled_is_shown_to_all_and_opens_again_for_a_day() {
    World::run(async |world| {
        let (eva, leo) = (world.person("eva"), world.person("leo"));
        for lead in [&eva, &leo] {
            lead.moves_to(LEADS_CHANNEL_ID);
        }
        world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
        world.leads_see().await;
        world.clock.advance(minutes(9));
        leo.presses("Handled").await;
        let card = eva.sees().await;
        let handled = format!("✅ Handled by <@{}>, 10:09 UTC · after 9 min", leo.id());
        assert!(card.contains(&handled) && card.contains("[Show] [Open again]"), "{card}");
        world.sweeps().await;
        world.leads_see().await;
        let reopen = eva.keep("Open again");
        eva.presses("Open again").await;
        let card = world.leads_see().await;
        assert!(card.contains("[Handled]") && !card.contains('✅'), "{card}");
        eva.presses("False alarm").await;
        assert!(world.leads_see().await.contains("❎ False alarm"));
        assert_eq!(states(world).await, ["false"]);
        world.clock.advance(minutes(24 * 60));
        world.sweeps().await;
        let card = world.leads_see().await;
        assert!(card.contains("[Show]") && !card.contains("Open again"), "{card}");
        leo.presses_kept(&reopen).await;
        assert!(leo.sees().await.contains("more than 24 hours ago"));
        let kinds =
            ["alert_opened", "alert_told", "alert_handled", "alert_reopened", "alert_false"];
        let mut events = world.alert_events().await;
        events.sort_by_key(|event| kinds.iter().position(|kind| kind == event));
        assert_eq!(events, kinds);
        world.leads_see().await;
    })
    .await;
}

#[tokio::test]
async fn second_of_two_leads_is_told_of_the_first() {
    World::run(async |world| {
        let (eva, leo) = (world.person("eva"), world.person("leo"));
        for lead in [&eva, &leo] {
            lead.moves_to(LEADS_CHANNEL_ID);
        }
        for (label, told) in [("Handled", "as handled"), ("False alarm", "as a false alarm")] {
            world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
            world.leads_see().await;
            let handled = eva.keep("Handled");
            leo.presses(label).await;
            world.leads_see().await;
            eva.presses_kept(&handled).await;
            let seen = eva.sees().await;
            assert!(
                seen.contains(&format!("<@{}> marked it {told} a moment ago.", leo.id())),
                "{seen}"
            );
            world.passes(Duration::from_secs(2)).await;
            world.leads_see().await;
        }
        assert_eq!(states(world).await, ["handled", "false"]);
    })
    .await;
}

#[tokio::test]
async fn subject_and_strangers_cannot_answer() {
    World::run(async |world| {
        let (ben, eva, sam) = (world.person("ben"), world.person("eva"), world.person("sam"));
        for who in [&ben, &eva, &sam] {
            who.moves_to(LEADS_CHANNEL_ID);
        }
        world.raises(vec![about(AlertKind::LookupLimit, eva.id())]).await;
        world.leads_see().await;
        for label in ["Handled", "False alarm", "Show"] {
            eva.presses(label).await;
            assert!(
                eva.sees().await.contains("This is about you. Another lead has to look at it.")
            );
            for who in [&ben, &sam] {
                who.presses(label).await;
                assert!(who.sees().await.contains("Only leads can use this."));
            }
        }
        // An agent of several is involved too.
        let agents = [ben.id(), eva.id()].into();
        let several = NewAlert::new(AlertKind::RepeatedCodes, AlertSubject::Bot);
        world.raises(vec![several.with_agents(&agents)]).await;
        world.leads_see().await;
        eva.presses("Handled").await;
        assert!(eva.sees().await.contains("This is about you."));
        // The role alone makes no lead.
        ben.set_roles(&[AGENT_ROLE_ID, LEAD_ROLE_ID]);
        ben.presses("Handled").await;
        assert!(ben.sees().await.contains("no group of leads"));
        assert_eq!(states(world).await, ["open", "open"]);
        let refused = world.count("select count(*) from events where kind = 'refused'").await;
        assert!(refused >= 4, "{refused}");
    })
    .await;
}

#[tokio::test]
async fn false_alarm_on_a_report_ends_the_customers_lockout() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        reports_julia(world).await;
        let card = world.leads_see().await;
        assert!(card.contains("🔴 Urgent · The customer says: not me"), "{card}");
        assert_eq!(world.pings(), 1);
        leo.presses("False alarm").await;
        world.leads_see().await;
        assert!(world.trail().await.iter().any(|event| event.starts_with("unlocked ")));
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn handled_report_keeps_the_lockout() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        reports_julia(world).await;
        world.leads_see().await;
        leo.presses("Handled").await;
        world.leads_see().await;
        ben.types("/support technical email:julia@example.com").await;
        ben.sees().await;
        ben.presses("Start").await;
        assert!(!ben.sees().await.contains("Choose the ecosystem"));
    })
    .await;
}

#[tokio::test]
async fn lock_out_on_a_card_answers_the_lead_alone() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        world.raises(vec![about(AlertKind::ReportedTwice, ben.id())]).await;
        world.raises(vec![about(AlertKind::LookupLimit, ben.id())]).await;
        world.leads_see().await;
        leo.presses("Lock out 1 hour").await;
        leo.sees().await;
        leo.submits([REASON]).await;
        let seen = leo.sees().await;
        assert!(seen.contains("is locked out until 2026-01-05 11:00 UTC"), "{seen}");
        let titles: Vec<_> =
            world.leads_channel().iter().map(|card| card.embeds[0]["title"].to_string()).collect();
        assert_eq!(titles.len(), 3, "the answer is beside the card: {titles:?}");
        assert!(titles[2].contains("A lead acted"), "{titles:?}");
        // A lead has pressed, so no alert about Ben reminds.
        world.passes(minutes(16)).await;
        assert_eq!(world.pings(), 1);
        leo.presses("Unlock").await;
        assert!(leo.sees().await.contains("is unlocked"));
        world.leads_see().await;
    })
    .await;
}

#[tokio::test]
async fn close_session_is_offered_while_it_is_open() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        world.chooses(&ben, JULIA, "Casa Luz").await;
        let id = world.select("select id from sessions").await.remove(0).unwrap();
        let alert = about(AlertKind::RepeatedCodes, ben.id()).with_session(id.parse().unwrap());
        world.raises(vec![alert]).await;
        let card = world.leads_see().await;
        assert!(card.contains("[Close session] [Handled]"), "{card}");
        let close = leo.keep("Close session");
        leo.presses("Close session").await;
        leo.sees().await;
        leo.submits([REASON]).await;
        assert!(leo.sees().await.contains("is closed"));
        assert!(ben.sees().await.contains("by a lead. Ask your lead."));
        world.passes(Duration::from_secs(1)).await;
        let card = world.leads_see().await;
        assert!(card.contains("[Handled]") && !card.contains("[Close session]"), "{card}");
        leo.presses_kept(&close).await;
        leo.sees().await;
        leo.submits([REASON]).await;
        assert!(leo.sees().await.contains("is closed"));
        world.leads_see().await;
    })
    .await;
}
