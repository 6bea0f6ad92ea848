//! Cards: each alert gets one despite faults, and it names no customer.

use std::time::Duration;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::{Lacking, RestFault};
use sandbox::seed::LEADS_CHANNEL_ID;

use super::about;
use crate::store::Engine;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const BEN: &str = "ben@waizant.example";

/// Types five wrong codes of the agent. Does something before each.
async fn locks_ben_out(world: &World, before: impl Fn()) {
    let ben = world.person("ben");
    world.chooses(&ben, JULIA, "Casa Luz").await;
    let wrong = world.wrong_code_for(BEN);
    for _ in 0..5 {
        ben.presses("Enter code").await;
        ben.sees().await;
        before();
        ben.submits([&wrong]).await;
        ben.sees().await;
    }
}

/// Returns how often each alert was told in the trail.
async fn told(world: &World) -> i64 {
    world.count("select count(*) from events where kind = 'alert_told'").await
}

#[tokio::test]
async fn five_wrong_codes_are_a_card_of_the_same_transaction() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        World::run_on(engine, &[], async |world| {
            locks_ben_out(world, || ()).await;
            let card = world.leads_see().await;
            insta::allow_duplicates! {
                assert_snapshot!(card, @"
                (everyone sees this)
                🟠 Warning · Five wrong codes
                Too many wrong codes for the **internal verification**. The session is closed.

                Agent Ben Carter <@1200000000000000101> · customer C-······ · session ······
                A-······
                [Handled] [False alarm] [Show] [Lock out 1 hour]
                ");
            }
            assert_eq!(world.pings(), 0, "a warning pings no lead");
            let events = "select count(*) from events where kind in ('alert_opened', 'alert_told')";
            assert_eq!(world.count(events).await, 2);
            world.passes(minutes(2)).await;
            assert_eq!(world.leads_see().await, "", "nothing is posted or edited again");
            assert!(world.findings().await.is_empty());
        })
        .await;
    }
}

#[tokio::test]
async fn cause_and_answer_that_are_delivered_twice_count_once() {
    World::run(async |world| {
        let twice = || world.sandbox.discord.faults().deliver_twice();
        locks_ben_out(world, twice).await;
        world.leads_see().await;
        assert_eq!((world.leads_channel().len(), told(world).await), (1, 1));
        assert_eq!(world.count("select count from alerts").await, 1);
        let leo = world.person("leo");
        leo.moves_to(LEADS_CHANNEL_ID);
        twice();
        leo.presses("Handled").await;
        assert!(world.leads_see().await.contains("✅ Handled by"));
        let handled = "select count(*) from events where kind = 'alert_handled'";
        assert_eq!(world.count(handled).await, 1);
    })
    .await;
}

#[tokio::test]
async fn card_is_in_the_language_of_the_leads() {
    World::run_with(&[("LEADS_LOCALE", "es")], async |world| {
        world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
        let card = world.leads_see().await;
        assert!(
            card.contains("Límite de búsquedas alcanzado") && card.contains("[Atendida]"),
            "{card}"
        );
    })
    .await;
}

#[tokio::test]
async fn repeat_edits_the_card_and_pings_once() {
    World::run(async |world| {
        let alert = about(AlertKind::ReportedTwice, world.person("ben").id());
        world.raises(vec![alert.clone()]).await;
        assert!(!world.leads_see().await.contains('×'));
        world.clock.advance(minutes(1));
        world.raises(vec![alert]).await;
        let card = world.leads_see().await;
        assert!(card.contains("2×, last 10:01 UTC"), "{card}");
        assert_eq!((world.leads_channel().len(), world.pings()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn process_killed_before_the_card_is_followed_by_one_that_posts_it_once() {
    for fault in [RestFault::Status(500), RestFault::ErrorAfterWork(500)] {
        World::run(async |world| {
            let faults = world.sandbox.discord.faults();
            faults.next_calls_to("/channels/", 5, fault);
            let alert = about(AlertKind::LookupLimit, world.person("ben").id());
            world.with_moving_clock(minutes(1), world.raises(vec![alert])).await;
            faults.all_met().await;
            world.restarts().await;
            world.passes(minutes(1)).await;
            assert!(world.leads_see().await.contains("Limit of look-ups reached"));
            assert_eq!((world.leads_channel().len(), told(world).await), (1, 1), "{fault:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn refused_and_limited_posts_are_repeated() {
    let limited = RestFault::TooMany { retry_after: Duration::from_secs(2) };
    for fault in [RestFault::Status(400), limited] {
        World::run(async |world| {
            let faults = world.sandbox.discord.faults();
            faults.next_calls_to("/channels/", 1, fault);
            let alert = about(AlertKind::LookupLimit, world.person("ben").id());
            world.with_moving_clock(minutes(1), world.raises(vec![alert])).await;
            faults.all_met().await;
            world.passes(minutes(2)).await;
            assert!(world.leads_see().await.contains("Limit of look-ups reached"), "{fault:?}");
            assert_eq!((world.leads_channel().len(), told(world).await), (1, 1), "{fault:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn deleted_card_is_posted_once_more_while_open() {
    World::run(async |world| {
        let discord = &world.sandbox.discord;
        let alert = about(AlertKind::ReportedTwice, world.person("ben").id());
        for cards in [1, 1, 0] {
            world.raises(vec![alert.clone()]).await;
            world.leads_see().await;
            assert_eq!(world.leads_channel().len(), cards);
            discord.delete_newest(LEADS_CHANNEL_ID);
        }
        assert_eq!(world.pings(), 1, "the second post pings no lead");
        let shown = world.count("select count from alerts").await;
        assert_eq!(shown, 3, "the row stays");
    })
    .await;
}

#[tokio::test]
async fn second_post_of_a_deleted_card_is_repeated_until_it_is_posted() {
    let limited = RestFault::TooMany { retry_after: Duration::from_secs(2) };
    let (failed, lost) = (RestFault::Status(500), RestFault::ErrorAfterWork(500));
    for (fault, calls) in [(RestFault::Status(400), 1), (limited, 1), (failed, 5), (lost, 5)] {
        World::run(async |world| {
            let discord = &world.sandbox.discord;
            let alert = about(AlertKind::ReportedTwice, world.person("ben").id());
            world.raises(vec![alert.clone()]).await;
            world.leads_see().await;
            discord.delete_newest(LEADS_CHANNEL_ID);
            let faults = discord.faults();
            faults.next_calls_to("POST /api/v10/channels/", calls, fault);
            world.with_moving_clock(minutes(1), world.raises(vec![alert.clone()])).await;
            faults.all_met().await;
            world.passes(minutes(2)).await;
            world.leads_see().await;
            assert_eq!((world.leads_channel().len(), told(world).await), (1, 2), "{fault:?}");
            assert_eq!(world.pings(), 1, "the second post pings no lead");
            discord.delete_newest(LEADS_CHANNEL_ID);
            world.raises(vec![alert]).await;
            world.passes(minutes(1)).await;
            assert_eq!(world.leads_channel().len(), 0, "it is posted twice at most");
        })
        .await;
    }
}

#[tokio::test]
async fn unreadable_link_costs_the_name_and_no_card() {
    World::run(async |world| {
        let ben = world.person("ben").id();
        let unreadable = "update account_links set mac = 'of-another-key.mac'";
        world.executes(format!("{unreadable} where discord_id = {ben}")).await;
        world.raises(vec![about(AlertKind::LookupLimit, ben)]).await;
        let card = world.leads_see().await;
        assert!(card.contains("Limit of look-ups reached"), "{card}");
        assert!(card.contains(&format!("<@{ben}>")), "{card}");
    })
    .await;
}

#[tokio::test]
async fn card_waits_for_the_permission_to_post() {
    World::run(async |world| {
        let faults = world.sandbox.discord.faults();
        for lacking in [Lacking::View, Lacking::Send] {
            faults.take_permission(LEADS_CHANNEL_ID, Some(lacking));
            world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
            world.passes(minutes(2)).await;
            assert_eq!(world.leads_see().await, "");
        }
        let leo = world.person("leo");
        leo.types("/desk alerts").await;
        assert!(leo.sees().await.contains("Limit of look-ups reached"));
        faults.take_permission(LEADS_CHANNEL_ID, None);
        world.passes(minutes(1)).await;
        assert!(world.leads_see().await.contains("2×"));
    })
    .await;
}

#[tokio::test]
async fn alert_without_a_channel_is_a_row_only() {
    World::run_with(&[("DISCORD_LEADS_CHANNEL_ID", "")], async |world| {
        world.raises(vec![about(AlertKind::LookupLimit, world.person("ben").id())]).await;
        world.passes(minutes(2)).await;
        assert_eq!((world.leads_channel().len(), told(world).await), (0, 0));
        let leo = world.person("leo");
        leo.types("/desk alerts").await;
        assert!(leo.sees().await.contains("Open alerts · 1"));
    })
    .await;
}

#[tokio::test]
async fn hour_has_twenty_cards_and_one_that_collects() {
    World::run(async |world| {
        let agents = 1_300_000_000_000_000_000..;
        let alert = |agent| NewAlert::new(AlertKind::LookupLimit, AlertSubject::Agent(agent));
        let alerts: Vec<_> = agents.map(alert).take(23).collect();
        world.raises(alerts[..20].to_vec()).await;
        assert_eq!(world.leads_channel().len(), 20);
        world.raises(alerts[20..].to_vec()).await;
        world.passes(Duration::from_secs(2)).await;
        let seen = world.leads_see().await;
        assert_eq!(world.leads_channel().len(), 21);
        assert!(seen.contains("3 more since 10:00 UTC: `/desk alerts`"), "{seen}");
        // A flood of warnings hides no urgent alert.
        let urgent = AlertSubject::Agent(1_350_000_000_000_000_000);
        world.raises(vec![NewAlert::new(AlertKind::ReportedTwice, urgent)]).await;
        assert!(world.leads_see().await.contains("Several customers say: not me"));
        assert_eq!((world.leads_channel().len(), world.pings()), (22, 1));
        // The collecting card is no alert of its own, and ends with its hour.
        assert_eq!(world.count("select count(*) from alerts where kind <> 'collected'").await, 24);
        world.passes(minutes(61)).await;
        world.leads_see().await;
        world.raises(vec![alert(1_400_000_000_000_000_000)]).await;
        assert!(world.leads_see().await.contains("Limit of look-ups reached"));
    })
    .await;
}

#[tokio::test]
async fn notice_closes_by_itself_after_seven_days() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.types("/desk agent agent:@ben").await;
        leo.sees().await;
        leo.presses("Lock out 1 hour").await;
        leo.sees().await;
        leo.submits(["the caller was rude to Ben"]).await;
        leo.sees().await;
        let card = world.leads_see().await;
        assert!(card.contains("⚪ Notice · A lead acted"), "{card}");
        assert!(card.contains(&format!("A lead locked <@{}> out.", ben.id())), "{card}");
        assert!(card.contains(&format!("Lead Leo Fischer <@{}>", leo.id())), "{card}");
        world.leaps_until(minutes(7 * 24 * 60) - Duration::from_millis(1)).await;
        assert_eq!(world.leads_see().await, "");
        world.clock.advance(Duration::from_secs(2));
        world.sweeps().await;
        world.sweeps().await;
        assert!(world.leads_see().await.contains("Closed by itself after 7 days."));
    })
    .await;
}

#[tokio::test]
async fn lost_role_with_an_open_session_is_a_notice() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.chooses(&ben, JULIA, "Casa Luz").await;
        world.sandbox.aws.set_enabled(BEN, false);
        world.passes(minutes(2)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        let card = world.leads_see().await;
        assert!(card.contains("An agent is no longer eligible"), "{card}");
    })
    .await;
}

#[tokio::test]
async fn cards_show_no_customer_and_no_code() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com ticket:ZD-4711").await;
        ben.sees().await;
        ben.presses("Start").await;
        ben.sees().await;
        ben.selects("Casa Luz").await;
        ben.sees().await;
        let code = world.code_for(BEN);
        ben.presses("Enter code").await;
        ben.sees().await;
        ben.submits([&code]).await;
        ben.sees().await;
        ben.presses("Send code").await;
        ben.sees().await;
        world.passes(Duration::from_secs(10)).await;
        let link = world.report_link(JULIA, sandbox::mail::MailKind::CustomerCode);
        world.reports(&link, "not_me").await;
        ben.sees().await;
        let card = world.leads_see().await.to_lowercase();
        assert!(card.contains("the customer says: not me"), "{card}");
        let codes = [code, world.code_for(JULIA)];
        let secrets = ["julia", "j***", "peña", "@example", "casa luz", "zd-4711"];
        for secret in secrets.into_iter().chain(codes.iter().map(String::as_str)) {
            assert!(!card.contains(secret), "{secret}: {card}");
        }
    })
    .await;
}
