//! Faults of the gateway: silence, closed connections, lost sessions and used-up budgets.
//!
//! These tests run in real time, because heartbeats do.

mod bot;
mod resumes;
mod unreadable;

use std::time::{Duration, Instant};

use sandbox::discord::{Greeting, RestFault};
use support_desk::gateway::RESERVE;

use crate::browser;
use crate::installation::Installation;

use bot::{BUDGET_USED_UP, Bot, QUICK_RESTART, TIMEOUTS};

#[tokio::test]
async fn quiet_connection_is_kept() {
    let bot = Bot::starts().await;
    let before = bot.reports("heartbeat_age_ms", serde_json::Value::is_u64).await;
    assert_eq!(
        (&before["gateway"], &before["identifies_24h"], &before["up"]),
        (&"connected".into(), &1.into(), &true.into())
    );
    // Twice as long as a silent connection lasts. This one acknowledges each heartbeat.
    let start = Instant::now();
    while start.elapsed() < 2 * (TIMEOUTS.silence + TIMEOUTS.acknowledgement) {
        bot.reports("heartbeat_age_ms", |age| age.as_u64().is_some_and(|age| age < 300)).await;
        tokio::time::sleep(TIMEOUTS.silence).await;
    }
    let after = bot.health().await;
    assert_eq!(
        (&after["gateway_since"], &after["identifies_24h"]),
        (&before["gateway_since"], &1.into()),
        "{after}"
    );
    assert_eq!(after["starts_left"], 999);
    let before = after["last_event_at"].as_i64().unwrap();
    bot.answers().await;
    assert!(bot.health().await["last_event_at"].as_i64().unwrap() > before);
    bot.stops().await;
}

#[tokio::test]
async fn silent_connection_is_replaced() {
    let bot = Bot::starts().await;
    bot.reports("heartbeat_age_ms", serde_json::Value::is_u64).await;
    let start = Instant::now();
    bot.sandbox.discord.faults().silence(true);
    let lost = bot.reports("gateway", |gateway| gateway == "reconnecting").await;
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "the watchdog is faster than serenity: {lost}"
    );
    bot.sandbox.discord.faults().silence(false);
    bot.connected(1).await;
    bot.reports("gateway", |gateway| gateway == "connected").await;
    let health = bot.reports("identifies_24h", |count| count == 2).await;
    assert_eq!(health["up"], true);
    bot.answers().await;
    let metrics = browser::looks_at(&format!("{}metrics", bot.admin)).await.body;
    for metric in [
        "support_desk_gateway_connected 1",
        r#"support_desk_gateway_reconnects_total{reason="silent"} 1"#,
        r#"support_desk_gateway_reconnects_total{reason="lost"} 0"#,
        r#"support_desk_gateway_sessions_total{how="identified"}"#,
        "support_desk_gateway_heartbeat_age_seconds",
        "support_desk_gateway_starts_left",
    ] {
        assert!(metrics.contains(metric), "{metric} in {metrics}");
    }
    bot.stops().await;
}

#[tokio::test]
async fn lost_session_is_started_again() {
    let bot = Bot::starts().await;
    let faults = bot.sandbox.discord.faults();
    // Session timed out, invalid sequence number (Discord documentation, "Gateway Close Event
    // Codes"), and an invalidated session.
    for (nth, code) in [Some(4009), Some(4007), None].into_iter().enumerate() {
        match code {
            Some(code) => {
                if code == 4007 {
                    faults.forget_sessions();
                }
                faults.close_sockets(code);
            }
            None => faults.invalidate_sessions(false),
        }
        bot.reports("identifies_24h", |count| count == nth + 2).await;
        bot.connected(1).await;
        bot.reports("gateway", |gateway| gateway == "connected").await;
        bot.answers().await;
    }
    faults.drop_sockets();
    bot.connected(0).await;
    bot.connected(1).await;
    bot.answers().await;
    assert_eq!(bot.health().await["identifies_24h"], 4, "a resume starts no session");
    bot.stops().await;
}

#[tokio::test]
async fn connection_without_session_is_replaced() {
    let bot = Bot::starts_with(TIMEOUTS, |sandbox| {
        sandbox.discord.faults().greet_with(Greeting::Nothing);
    })
    .await;
    let replaced = async |times: usize| {
        let kind = r#"support_desk_gateway_reconnects_total{reason="no_session"}"#;
        bot.counts(&format!("{kind} {times}")).await;
    };
    let faults = bot.sandbox.discord.faults();
    replaced(1).await;
    assert_eq!(bot.health().await["gateway"], "connecting");
    faults.greet_with(Greeting::Ready);
    bot.connected(1).await;
    bot.answers().await;
    // Discord acknowledges the heartbeats of the resumed connection and never sends RESUMED.
    faults.greet_with(Greeting::Nothing);
    faults.ask_to_reconnect();
    bot.reports("gateway", |gateway| gateway == "reconnecting").await;
    replaced(2).await;
    faults.greet_with(Greeting::Ready);
    bot.connected(1).await;
    bot.reports("gateway", |gateway| gateway == "connected").await;
    bot.answers().await;
    bot.stops().await;
}

#[tokio::test]
async fn gateway_that_never_answers_ends_the_process() {
    let budget = "GET /api/v10/gateway/bot";
    let bot = Bot::starts_with(QUICK_RESTART, |sandbox| {
        sandbox.discord.faults().hold_upgrades(true);
        sandbox.discord.faults().all_calls_to(budget, RestFault::Status(503));
    })
    .await;
    // While the API fails, a new process could not start, so this one keeps running the timers.
    tokio::time::sleep(2 * QUICK_RESTART.restart).await;
    assert!(!bot.running.is_finished());
    bot.sandbox.discord.faults().clear();
    let error = bot.gives_up().await;
    assert!(error.starts_with("no gateway session for "), "{error}");
    assert!(error.ends_with(" s although the API responds: restart required"), "{error}");
}

#[tokio::test]
async fn lost_connection_that_never_returns_ends_the_process() {
    let bot = Bot::starts_with(QUICK_RESTART, |_| {}).await;
    bot.connected(1).await;
    bot.sandbox.discord.faults().hold_upgrades(true);
    bot.sandbox.discord.faults().drop_sockets();
    let error = bot.gives_up().await;
    assert!(error.starts_with("no gateway session for "), "{error}");
    assert!(error.ends_with(" s although the API responds: restart required"), "{error}");
}

#[tokio::test]
async fn last_sessions_of_the_day_stay_unused() {
    let installation = Installation::new().await;
    installation.sandbox.discord.faults().starts_left(RESERVE);
    let ended = installation.start("run", &[]).ends().await;
    assert!(ended.sentence().contains(BUDGET_USED_UP), "{ended:?}");
    assert_eq!(installation.sandbox.discord.connections(), 0);
    installation.sandbox.discord.faults().starts_left(RESERVE + 1);
    let program = installation.running().await;
    program.signal("-TERM");
    let ended = program.ends().await;
    assert!(
        ended.code == Some(0) && ended.stderr.contains("few gateway sessions left today"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn sessions_started_in_vain_use_the_budget() {
    // Discord either reports the budget or answers with an error.
    for answers in [true, false] {
        let bot = Bot::starts().await;
        bot.reports("starts_left", |left| left == 999).await;
        let faults = bot.sandbox.discord.faults();
        if answers {
            faults.starts_left(RESERVE);
        } else {
            faults.starts_left(RESERVE + 3);
            faults.close_sockets(4009);
            bot.reports("identifies_24h", |count| count == 2).await;
            bot.reports("starts_left", |left| left == RESERVE + 3).await;
            faults.all_calls_to("GET /api/v10/gateway/bot", RestFault::Status(503));
        }
        faults.greet_with(Greeting::Invalid);
        faults.invalidate_sessions(false);
        let error = bot.gives_up().await;
        assert!(error.contains(BUDGET_USED_UP), "{error}");
    }
}

#[tokio::test]
async fn gateway_address_survives_a_later_error() {
    let installation = Installation::new().await;
    // The bot requests the address and the budget, then serenity requests the address again. Only
    // the last request fails, and serenity does not repeat it.
    installation.sandbox.discord.faults().one_call_to(
        "GET /api/v10/gateway",
        2,
        RestFault::Status(500),
    );
    let program = installation.running().await;
    installation.sandbox.discord.faults().all_met().await;
    program.signal("-TERM");
    assert_eq!(program.ends().await.code, Some(0));
}

#[tokio::test]
async fn missing_gateway_address_ends_the_start() {
    let installation = Installation::new().await;
    let error = "support-desk: cannot get the gateway's address: ";
    let faults = installation.sandbox.discord.faults();
    faults.all_calls_to(
        "GET /api/v10/gateway",
        RestFault::TooMany { retry_after: Duration::from_secs(61) },
    );
    let ended = installation.start("run", &[]).ends().await;
    assert!(ended.sentence().starts_with(error), "{ended:?}");
    faults.clear();
    // Another server answers at the address.
    let page = format!("{}/aws", installation.sandbox.url());
    let ended = installation.start("run", &[("DISCORD_API_URL", page.as_str())]).ends().await;
    assert!(ended.sentence().starts_with(error), "{ended:?}");
    assert_eq!(installation.sandbox.discord.connections(), 0);
}
