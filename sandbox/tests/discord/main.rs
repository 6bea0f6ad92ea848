//! The local Discord from the outside: a bot of a few lines over a raw websocket and raw HTTP, so
//! that no library's habits hide what the sandbox does.
#![expect(clippy::unwrap_used, reason = "a test ends where something it needs is missing")]

mod bot;
mod gateway;
mod judge;
mod people;

use std::sync::Arc;
use std::time::Duration;

use sandbox::cast::Cast;
use sandbox::clock::HandClock;
use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use self::bot::Bot;

/// 1 August 2026, noon.
const NOON: i64 = 1_785_585_600_000;

/// A sandbox whose clock stands, with a bot connected to it.
struct World {
    sandbox: Sandbox,
    clock: Arc<HandClock>,
    bot: Bot,
}

async fn world() -> World {
    let clock = HandClock::at(NOON);
    let settings = Settings {
        clock: clock.clone(),
        listen: ([127, 0, 0, 1], 0).into(),
        core_database: "sqlite::memory:".to_owned(),
        cast: Cast::demo(),
    };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let mut bot = Bot::connect(&sandbox.url(), true).await;
    bot.identify().await;
    let commands = json!([{
        "name": "support", "description": "Help", "name_localizations": { "es-ES": "soporte" },
        "options": [{ "type": 1, "name": "technical", "description": "Technical Assistance",
            "options": [{ "type": 3, "name": "email", "description": "Whom", "required": true }] }]
    }]);
    let path = Bot::guild_commands();
    assert_eq!(bot.call("PUT", &path, &commands).await.0, 200);
    World { sandbox, clock, bot }
}

impl World {
    fn passes(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets `act` happen and the bot answer the interaction that comes of it with `answer`; gives
    /// the interaction back.
    async fn exchange(&mut self, act: impl Future<Output = ()>, answer: &Value) -> Value {
        let bot = &mut self.bot;
        let reply = async {
            let interaction = bot.next("INTERACTION_CREATE").await;
            let (status, body) = bot.answer(&interaction, answer).await;
            assert_eq!(status, 204, "{body}");
            interaction
        };
        let ((), interaction) = tokio::join!(act, reply);
        interaction
    }

    /// Ana opens a panel with these components.
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

/// One row of buttons, each a label and its custom id.
fn buttons(labels: &[&str]) -> Value {
    let buttons: Vec<Value> =
        labels.iter().map(|label| json!({ "type": 2, "style": 2, "label": label, "custom_id": format!("id:{label}") })).collect();
    json!([{ "type": 1, "components": buttons }])
}
