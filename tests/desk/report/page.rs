//! The page itself: what acts and what does not, links that do not work, and a store that is away.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::mail::MailKind;

use super::visitor::text_of;
use crate::browser;
use crate::store::Engine;
use crate::world::World;

const JULIA: &str = "julia@example.com";
const SECOND: Duration = Duration::from_secs(1);

/// Brings a session to the step in which the customer's code is mailed. Returns the link.
async fn mailed(world: &World) -> String {
    let ben = world.person("ben");
    world.proves_agent(&ben, JULIA, "Casa Luz").await;
    ben.presses("Send code").await;
    ben.sees().await;
    world.passes(10 * SECOND).await;
    world.report_link(JULIA, MailKind::CustomerCode)
}

async fn is_untouched(world: &World) -> bool {
    let events = "select count(*) from events where kind like 'report%'";
    world.count(events).await == 0
        && world.count("select count(*) from sessions where closed_at is not null").await == 0
        && world.count("select count(*) from lockouts").await == 0
}

#[tokio::test]
async fn nothing_but_a_chosen_report_acts() {
    World::run(async |world| {
        let link = mailed(world).await;
        let url = world.report_url(&link);
        let page = browser::looks_at(&url).await;
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        assert!(!page.body.contains("checked") && !page.body.contains("<script"));
        for part in ["Julia", "Casa Luz", "Ben"] {
            assert!(!page.body.contains(part), "{part}");
        }
        let csp = page.header("content-security-policy");
        assert!(csp.contains("default-src 'none'") && !csp.contains("script-src"), "{csp}");
        // A scanner that submits without a choice, without the token, from elsewhere.
        let form = world.report_form(&link, "").await;
        let asked = world.sends_report(&link, &form).await;
        assert_eq!(asked.status, 422);
        assert!(text_of(&asked).contains("Choose one of the answers."));
        assert_eq!(world.sends_report(&link, "choice=not_me").await.status, 403);
        let form = world.report_form(&link, "not_me").await;
        let elsewhere = browser::request("POST", &url, "Sec-Fetch-Site: cross-site", &form).await;
        assert_eq!(elsewhere.status, 403);
        let prefetched = browser::request("GET", &url, "Sec-Purpose: prefetch", "").await;
        assert_eq!((prefetched.status, prefetched.header("cache-control")), (200, "no-store"));
        assert_eq!(browser::request("HEAD", &url, "", "").await.status, 200);
        assert!(is_untouched(world).await);
        // The first choice is harmless, and a report still counts afterwards.
        world.reports(&link, "me").await;
        world.reports(&link, "me").await;
        let cleared = "select count(*) from events where kind = 'report_cleared'";
        assert_eq!(world.count(cleared).await, 1);
        assert_eq!(
            world.count("select count(*) from sessions where closed_at is not null").await,
            0
        );
        world.reports(&link, "not_sure").await;
        assert_eq!(
            world.count("select count(*) from sessions where closed_why = 'reported'").await,
            1
        );
        world.person("ben").sees().await;
        let leads = sandbox::seed::LEADS_CHANNEL_ID;
        world.sandbox.discord.channel_sees(leads).await;
    })
    .await;
}

#[tokio::test]
async fn link_that_does_not_work_has_one_answer() {
    World::run(async |world| {
        let link = mailed(world).await;
        let last = if link.ends_with('A') { "B" } else { "A" };
        let (session, rest) = link.split_once('.').unwrap();
        let unknown = browser::looks_at(&world.report_url("unknown")).await;
        assert_eq!(unknown.status, 404);
        assert_snapshot!(text_of(&unknown), @"
        Waizant
        This link does not work
        Este enlace no funciona
        This link is not known, or too old.
        Este enlace no se conoce o es demasiado antiguo.
        ");
        for wrong in [
            format!("{}{last}", &link[..link.len() - 1]),
            link.replace(".c.", ".v."),
            format!("{}.{rest}", session.chars().rev().collect::<String>()),
            format!("{link}x"),
        ] {
            let answer = browser::looks_at(&world.report_url(&wrong)).await;
            assert_eq!((answer.status, &answer.body), (404, &unknown.body), "{wrong}");
        }
        // Seven days after the start of the session.
        world.clock.advance(minutes(7 * 24 * 60) - 11 * SECOND);
        assert_eq!(browser::looks_at(&world.report_url(&link)).await.status, 200);
        let form = world.report_form(&link, "not_me").await;
        world.clock.advance(2 * SECOND);
        let expired = browser::looks_at(&world.report_url(&link)).await;
        assert_eq!((expired.status, &expired.body), (404, &unknown.body));
        assert_eq!(world.sends_report(&link, &form).await.status, 404);
        world.person("ben").sees().await;
    })
    .await;
}

#[tokio::test]
async fn store_that_is_away_saves_nothing() {
    World::run_on(Engine::Postgres, &[], async |world| {
        let link = mailed(world).await;
        let form = world.report_form(&link, "not_me").await;
        let away = world.store.goes().await;
        let answer = world.sends_report(&link, &form).await;
        assert_eq!(answer.status, 503);
        assert!(text_of(&answer).contains("Nothing was saved. Please call us."));
        away.comes_back().await;
        assert!(is_untouched(world).await);
        assert_eq!(world.sends_report(&link, &form).await.status, 200);
        world.person("ben").sees().await;
        world.sandbox.discord.channel_sees(sandbox::seed::LEADS_CHANNEL_ID).await;
    })
    .await;
}
