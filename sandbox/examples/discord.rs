//! The local Discord without the bot of this project, for bots on other libraries.
//!
//! Prints one line of JSON with its address, ids and token, and runs until its input ends. The line
//! `cut` cuts the gateway's connections without a close frame, so that a bot must resume.
//! `tests/foreign/` has the bots.

use std::error::Error;
use std::io::BufRead as _;
use std::sync::Arc;

use sandbox::clock::WallClock;
use sandbox::seed::{APPLICATION_ID, BOT_TOKEN, GUILD_ID, SUPPORT_CHANNEL_ID, Seed};
use sandbox::{Sandbox, Settings};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Settings {
        clock: Arc::new(WallClock),
        listen: ([127, 0, 0, 1], 0).into(),
        core_database: "sqlite::memory:".to_owned(),
        seed: Seed::demo(),
    })
    .await?;
    let facts = json!({
        "url": sandbox.url(), "token": BOT_TOKEN, "application": APPLICATION_ID.to_string(),
        "guild": GUILD_ID.to_string(), "channel": SUPPORT_CHANNEL_ID.to_string()
    });
    println!("{facts}");
    let faults = sandbox.discord.faults();
    let commands = tokio::task::spawn_blocking(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if line == "cut" {
                faults.drop_sockets();
            }
        }
    });
    commands.await?;
    sandbox.stop().await;
    Ok(())
}
