//! Pings of the leads, and reminders.

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use sandbox::discord::{RestFault, SentBody};
use sandbox::seed::LEAD_ROLE_ID;
use serde_json::json;

use super::about;
use crate::world::World;

const TICK: std::time::Duration = std::time::Duration::from_secs(1);

#[tokio::test]
async fn urgent_alert_reminds_twice_until_it_is_answered() {
    World::run(async |world| {
        world.raises(vec![about(AlertKind::ReportedTwice, world.person("ben").id())]).await;
        let card = world.leads_see().await;
        assert!(card.contains("🔴 Urgent") && card.contains("<@&"), "{card}");
        for (at, pings) in [(15, 2), (60, 3)] {
            world.passes_until(minutes(at) - TICK).await;
            assert_eq!(world.pings(), pings - 1);
            world.passes(TICK).await;
            assert_eq!(world.pings(), pings);
            let reminder = world.leads_see().await;
            assert!(reminder.contains(&format!("is still open, after {at} min")), "{reminder}");
        }
        world.passes(minutes(120)).await;
        assert_eq!((world.pings(), world.leads_channel().len()), (3, 3));
        let leo = world.person("leo");
        leo.moves_to(sandbox::seed::LEADS_CHANNEL_ID);
        leo.presses("Handled").await;
        world.passes(TICK).await;
        assert_eq!(world.leads_channel().len(), 1, "the reminders are deleted");
        world.leads_see().await;
    })
    .await;
}

#[tokio::test]
async fn only_an_urgent_card_and_its_reminders_may_mention_a_role() {
    World::run(async |world| {
        let (ben, discord) = (world.person("ben").id(), &world.sandbox.discord);
        discord.keep_bodies();
        for kind in [AlertKind::LookupLimit, AlertKind::ReportedTwice, AlertKind::ReportedTwice] {
            world.raises(vec![about(kind, ben)]).await;
        }
        world.passes(minutes(16)).await;
        world.leads_see().await;
        let mut mentions = Vec::new();
        let is_message = |sent: &SentBody| ["message", "edit"].contains(&sent.call);
        for SentBody { call, body } in discord.take_bodies().into_iter().filter(is_message) {
            let allowed = &body["allowed_mentions"];
            assert_eq!(allowed["parse"], json!([]), "{call}");
            assert!(allowed["users"].as_array().is_none_or(Vec::is_empty), "{call}");
            let roles = allowed["roles"].as_array().cloned().unwrap_or_default();
            mentions.push((call, roles));
        }
        let lead = || vec![json!(LEAD_ROLE_ID.to_string())];
        let expected =
            [("message", vec![]), ("message", lead()), ("edit", vec![]), ("message", lead())];
        assert_eq!(mentions, expected);
    })
    .await;
}

#[tokio::test]
async fn pressed_card_reminds_no_more() {
    World::run(async |world| {
        let leo = world.person("leo");
        leo.moves_to(sandbox::seed::LEADS_CHANNEL_ID);
        world.raises(vec![about(AlertKind::ReportedTwice, world.person("ben").id())]).await;
        leo.presses("Show").await;
        assert!(leo.sees().await.contains("Several customers say: not me"));
        assert_eq!(world.leads_channel().len(), 1, "only the lead sees it");
        world.passes(minutes(61)).await;
        assert_eq!((world.pings(), world.leads_channel().len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn lead_whom_the_alert_is_about_does_not_end_the_reminders() {
    World::run(async |world| {
        let eva = world.person("eva");
        eva.moves_to(sandbox::seed::LEADS_CHANNEL_ID);
        world.raises(vec![about(AlertKind::ReportedTwice, eva.id())]).await;
        world.leads_see().await;
        eva.presses("Show").await;
        assert!(eva.sees().await.contains("This is about you."));
        world.passes(minutes(16)).await;
        world.leads_see().await;
        assert_eq!(world.pings(), 2);
    })
    .await;
}

#[tokio::test]
async fn failed_reminder_is_repeated_until_it_is_posted() {
    World::run(async |world| {
        world.raises(vec![about(AlertKind::ReportedTwice, world.person("ben").id())]).await;
        world.leads_see().await;
        world.passes_until(minutes(15) - TICK).await;
        let faults = world.sandbox.discord.faults();
        faults.all_calls_to("POST /api/v10/channels/", RestFault::Status(400));
        world.passes(minutes(5)).await;
        assert_eq!(world.pings(), 1);
        faults.clear();
        world.passes(minutes(1)).await;
        let reminder = world.leads_see().await;
        assert!(reminder.contains("is still open"), "{reminder}");
        assert_eq!(world.pings(), 2);
    })
    .await;
}

#[tokio::test]
async fn one_reminder_follows_a_long_stop() {
    World::run(async |world| {
        world.raises(vec![about(AlertKind::ReportedTwice, world.person("ben").id())]).await;
        world.leads_see().await;
        world.leaps_until(minutes(90)).await;
        world.passes(minutes(1)).await;
        world.leads_see().await;
        assert_eq!((world.pings(), world.leads_channel().len()), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn subject_pings_once_an_hour_and_all_six_times() {
    World::run(async |world| {
        let alert =
            |kind, n: u64| NewAlert::new(kind, AlertSubject::Agent(1_300_000_000_000_000_000 + n));
        world.raises(vec![alert(AlertKind::ReportedTwice, 0)]).await;
        world.raises(vec![alert(AlertKind::SlowGuessing, 0)]).await;
        assert_eq!(world.pings(), 1, "one about a subject");
        for n in 1..7 {
            world.raises(vec![alert(AlertKind::ReportedTwice, n)]).await;
        }
        assert_eq!(world.pings(), 6);
        // The reminders of the first hour count too, so none of them pings.
        world.passes(minutes(16)).await;
        assert_eq!(world.pings(), 6);
        world.leads_see().await;
        // The last reminders fill the next hour. After it the subject pings again.
        world.leaps_until(minutes(61)).await;
        world.leaps_until(minutes(130)).await;
        let before = world.pings();
        world.raises(vec![alert(AlertKind::LockedConsecutive, 0)]).await;
        assert_eq!(world.pings(), before + 1);
    })
    .await;
}
