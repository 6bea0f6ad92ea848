//! Resumes: the address that a session has for them, and new sessions after they fail.

use super::bot::{Bot, TIMEOUTS};

#[tokio::test]
async fn resumes_use_the_address_of_the_session() {
    let bot = Bot::starts().await;
    // Every second resume elsewhere would end the session.
    let resumed = r#"support_desk_gateway_sessions_total{how="resumed"}"#;
    for nth in 1..=4 {
        if nth % 2 == 0 {
            bot.sandbox.discord.faults().drop_sockets();
        } else {
            bot.sandbox.discord.faults().ask_to_reconnect();
        }
        bot.counts(&format!("{resumed} {nth}")).await;
    }
    bot.reports("gateway", |gateway| gateway == "connected").await;
    bot.answers().await;
    assert_eq!(bot.health().await["identifies_24h"], 1, "all were resumes");
    bot.stops().await;
}

#[tokio::test]
async fn failed_resumes_end_at_the_first_address() {
    let bot = Bot::starts().await;
    let faults = bot.sandbox.discord.faults();
    faults.close_resume_address(true);
    faults.drop_sockets();
    bot.connected(0).await;
    bot.connected(1).await;
    bot.reports("identifies_24h", |count| count == 2).await;
    bot.answers().await;
    // The new session has an address of its own.
    faults.close_resume_address(false);
    faults.drop_sockets();
    bot.connected(0).await;
    bot.connected(1).await;
    bot.reports("gateway", |gateway| gateway == "connected").await;
    assert_eq!(bot.health().await["identifies_24h"], 2);
    bot.stops().await;
}

#[tokio::test]
async fn new_sessions_keep_their_distance() {
    let bot = Bot::starts().await;
    let faults = bot.sandbox.discord.faults();
    for nth in 2..=3 {
        faults.invalidate_sessions(false);
        bot.connected(0).await;
        bot.connected(1).await;
        bot.reports("identifies_24h", |count| count == nth).await;
    }
    let left = bot.reports("starts_left", |left| left == 997).await;
    assert_eq!(left["identifies_24h"], 3, "no session began too early: {TIMEOUTS:?}");
    bot.stops().await;
}
