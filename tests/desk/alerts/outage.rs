//! Outages of Discord: no more cards and pings follow in an hour than its limits allow.

use std::time::Duration;

use commands::flows::alerts::timing::{CARDS, PINGS};
use commands::model::alert::{AlertKind, AlertLevel};
use commands::model::time::minutes;
use sandbox::clock::Clock as _;
use sandbox::discord::RestFault;

use super::about;
use crate::world::{MORNING, World};

const POSTS: &str = "POST /api/v10/channels/";
const AGENTS: u64 = 1_300_000_000_000_000_000;

/// Raises an urgent alert about an agent of its own, at a time after the start of the test. Until
/// then the worker tries to post the cards every ten minutes.
async fn raises_at(world: &World, agent: u64, at: u64) {
    tries_until(world, at).await;
    let alert = about(AlertKind::ReportedTwice, AGENTS + agent);
    world.with_moving_clock(minutes(1), world.raises(vec![alert])).await;
}

async fn tries_until(world: &World, at: u64) {
    let left = || {
        let passed = Duration::from_millis((world.clock.now() - MORNING).unsigned_abs());
        minutes(at).saturating_sub(passed)
    };
    while left() > minutes(10) {
        world.clock.advance(minutes(10));
        world.with_moving_clock(minutes(1), world.sweeps()).await;
    }
    world.clock.advance(left());
}

/// Returns the number of pings after each minute of this many hours.
async fn pings_of_minutes(world: &World, hours: u32) -> Vec<usize> {
    let mut pings = Vec::new();
    for _ in 0..60 * hours {
        world.passes(minutes(1)).await;
        world.leads_see().await;
        pings.push(world.pings());
    }
    pings
}

#[tokio::test]
async fn urgent_alerts_of_an_outage_ping_six_times_an_hour() {
    World::run(async |world| {
        world.raises(vec![about(AlertKind::ReportedTwice, AGENTS)]).await;
        world.leads_see().await;
        let faults = world.sandbox.discord.faults();
        faults.all_calls_to(POSTS, RestFault::Status(503));
        // Three of the first hour, which are too old in the end, and seven of the last one.
        for (agent, at) in [15, 30, 45, 145, 150, 155, 160, 165, 170, 175].into_iter().enumerate() {
            raises_at(world, 1 + agent as u64, at).await;
        }
        tries_until(world, 190).await;
        assert_eq!((world.leads_channel().len(), world.pings()), (1, 1));
        faults.clear();
        world.passes(minutes(1)).await;
        let seen = world.leads_see().await;
        assert_eq!(world.leads_channel().len(), 11, "no card is lost: {seen}");
        assert!(!seen.contains("is still open"), "the reminders are too late: {seen}");
        let at_once = world.pings() - 1;
        assert_eq!(at_once, PINGS as usize);
        let mut pings = vec![1, world.pings()];
        pings.extend(pings_of_minutes(world, 2).await);
        for (minute, after) in pings.iter().enumerate().skip(60) {
            let in_an_hour = after - pings[minute - 60];
            assert!(in_an_hour <= PINGS as usize, "{minute}: {pings:?}");
        }
        assert!(*pings.last().unwrap() > 1 + at_once, "the reminders follow: {pings:?}");
    })
    .await;
}

#[tokio::test]
async fn cards_of_an_outage_are_twenty_and_one_that_collects() {
    World::run(async |world| {
        let faults = world.sandbox.discord.faults();
        faults.all_calls_to(POSTS, RestFault::Status(400));
        for hour in 0..3 {
            let alert = |n| about(AlertKind::LookupLimit, AGENTS + 100 * hour + n);
            world.raises((0..12).map(alert).collect()).await;
            world.leaps_until(minutes(60 * (hour + 1))).await;
            world.passes(minutes(1)).await;
        }
        assert_eq!(world.leads_channel().len(), 0);
        faults.clear();
        world.passes(minutes(2)).await;
        let seen = world.leads_see().await;
        assert_eq!(world.leads_channel().len(), CARDS as usize + 1, "{seen}");
        assert!(seen.contains("16 more since 11:01 UTC: `/desk alerts`"), "{seen}");
        // The next one is collected too, until an hour after the cards were posted.
        world.raises(vec![about(AlertKind::LookupLimit, AGENTS + 900)]).await;
        world.passes(minutes(1)).await;
        assert!(world.leads_see().await.contains("17 more since 11:01 UTC"));
        world.passes(minutes(61)).await;
        world.leads_see().await;
        world.raises(vec![about(AlertKind::LookupLimit, AGENTS + 901)]).await;
        assert!(world.leads_see().await.contains("Limit of look-ups reached"));
    })
    .await;
}

#[tokio::test]
async fn alert_that_becomes_urgent_in_an_outage_pings() {
    World::run(async |world| {
        let faults = world.sandbox.discord.faults();
        faults.all_calls_to(POSTS, RestFault::Status(400));
        let alert = about(AlertKind::AgentShopping, AGENTS);
        world.raises(vec![alert.clone()]).await;
        world.clock.advance(minutes(1));
        let urgent = alert.with_level(AlertLevel::Urgent);
        world.raises(vec![urgent]).await;
        assert_eq!(world.pings(), 0);
        faults.clear();
        world.passes(minutes(1)).await;
        assert!(world.leads_see().await.contains("🔴 Urgent"));
        assert_eq!((world.leads_channel().len(), world.pings()), (1, 1));
    })
    .await;
}
