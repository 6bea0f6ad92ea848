//! The local Discord from the outside.
//!
//! The bot is a few lines over a raw websocket and raw HTTP, so that no library hides the behaviour
//! of the sandbox.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod bot;
mod environment;
mod failures;
mod gateway;
mod limits;
mod payloads;
mod people;
mod validate;

use std::sync::Arc;
use std::time::Duration;

use sandbox::clock::ManualClock;
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use self::bot::Bot;

/// 2026-08-01 12:00 UTC.
const NOON: i64 = 1_785_585_600_000;

/// A sandbox with a manual clock and a connected bot.
struct World {
    sandbox: Sandbox,
    clock: Arc<ManualClock>,
    bot: Bot,
}

async fn world() -> World {
    let clock = ManualClock::at(NOON);
    let settings = Settings {
        clock: clock.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        core_database: "sqlite::memory:".to_owned(),
        seed: Seed::demo(),
    };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let mut bot = Bot::connect(&sandbox.url(), true).await;
    bot.identify().await;
    let commands = json!([{
        "name": "support", "description": "Help", "name_localizations": { "es-ES": "soporte" },
        "options": [{ "type": 1, "name": "technical", "description": "Technical Assistance",
            "options": [{ "type": 3, "name": "email", "description": "The customer's address", "required": true }] }]
    }]);
    let path = Bot::guild_commands();
    assert_eq!(bot.call("PUT", &path, &commands).await.0, 200);
    World { sandbox, clock, bot }
}

impl World {
    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs `action` and answers its interaction with `answer`. Returns the interaction.
    async fn exchange(&mut self, action: impl Future<Output = ()>, answer: &Value) -> Value {
        let bot = &mut self.bot;
        let reply = async {
            let interaction = bot.next("INTERACTION_CREATE").await;
            let (status, body) = bot.answer(&interaction, answer).await;
            assert_eq!(status, 204, "{body}");
            interaction
        };
        let ((), interaction) = tokio::join!(action, reply);
        interaction
    }

    /// Opens a panel with these components for Ana.
    async fn panel(&mut self, components: &Value) -> Value {
        let ana = self.sandbox.discord.person("ana");
        let answer = json!({ "type": 4, "data": { "content": "Panel", "flags": 64, "components": components } });
        self.exchange(async { ana.types("/support technical email:j@example.com").await }, &answer)
            .await
    }

    fn violations(&self) -> Vec<String> {
        self.sandbox.discord.take_violations().into_iter().map(|violation| violation.what).collect()
    }
}

/// Builds one row of buttons with these labels.
fn buttons(labels: &[&str]) -> Value {
    let buttons: Vec<Value> =
        labels.iter().map(|label| json!({ "type": 2, "style": 2, "label": label, "custom_id": format!("id:{label}") })).collect();
    json!([{ "type": 1, "components": buttons }])
}
