//! The client against a stub that gives wrong, late and no answers.

mod answers;
mod limits;
mod stub;
mod tries;

use std::sync::Arc;

use commands::model::words::Locale;
use commands::ports::chat::{Chat as _, ChatError, FirstAnswer, ReplyHandle};
use commands::screens::screen::{Screen, Tone};

use super::{Api, Breaker, DiscordChat};
use crate::config;
use stub::{Reply, Stub, TestClock};

/// Token of every interaction in these tests. It must not be logged.
const TOKEN: &str = "hush-token";
const APPLICATION: u64 = 1_234;
const LEADS: u64 = 77;

/// The client, its clock and the stub that it calls.
struct Bench {
    chat: DiscordChat,
    stub: Stub,
    clock: Arc<TestClock>,
    breaker: Arc<Breaker>,
}

impl Bench {
    async fn new(replies: Vec<Reply>) -> Self {
        let clock = TestClock::new();
        let stub = Stub::start(replies, Arc::clone(&clock)).await;
        Self::calling(stub, clock)
    }

    fn calling(stub: Stub, clock: Arc<TestClock>) -> Self {
        let discord = config::Discord {
            token: "token".into(),
            api_url: Some(stub.url().parse().unwrap()),
            guild_id: 1,
            channel_id: 2,
            leads_channel_id: Some(LEADS),
            leads_locale: Locale::En,
            agent_role_id: 3,
            lead_role_id: None,
        };
        let breaker = Breaker::new(Arc::clone(&clock) as _);
        let api = Api::new(&discord, APPLICATION, Arc::clone(&breaker), Arc::clone(&clock) as _);
        let chat = DiscordChat::new(Arc::new(api.unwrap()), APPLICATION);
        Self { chat, stub, clock, breaker }
    }

    async fn answer(&self) -> Result<(), ChatError> {
        let handle = ReplyHandle {
            interaction_id: 5,
            token: TOKEN.into(),
            from_message: true,
            from_public: false,
        };
        self.chat.answer(&handle, FirstAnswer::Defer).await
    }

    async fn edit(&self) -> Result<(), ChatError> {
        self.edit_with(TOKEN).await
    }

    async fn edit_with(&self, token: &str) -> Result<(), ChatError> {
        self.chat.edit(&token.into(), screen()).await
    }

    async fn follow_up(&self) -> Result<(), ChatError> {
        self.chat.follow_up(&TOKEN.into(), screen()).await
    }
}

fn screen() -> Screen {
    Screen::titled(Tone::Info, "Title".to_owned())
}

/// Returns the words of a fault that the log would have.
fn words<T: std::fmt::Debug>(result: Result<T, ChatError>) -> String {
    let words = result.unwrap_err().to_string();
    assert!(!words.contains("hush"), "{words}");
    words
}
