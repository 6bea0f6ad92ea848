//! Adapter for the port [`Chat`].

use std::sync::Arc;

use async_trait::async_trait;
use commands::discord::payload;
use commands::discord::payload::{Payload, PayloadError};
use commands::model::fault::Fault;
use commands::ports::chat::{Chat, ChatError, FirstAnswer, ReplyHandle};
use commands::screens::screen::Screen;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::http::{Body, Request};
use super::retry::Api;
use crate::calls::Call;

/// Answers interactions, and posts alerts.
pub(crate) struct DiscordChat {
    api: Arc<Api>,
    /// Id of the bot's application, which owns the webhooks of its interactions.
    application: String,
    /// Channel for alerts.
    leads: Option<u64>,
}

impl DiscordChat {
    pub(crate) fn new(api: Arc<Api>, application: u64, leads: Option<u64>) -> Self {
        Self { api, application: application.to_string(), leads }
    }

    async fn send(
        &self,
        call: Call,
        path: &[&str],
        payload: Result<Payload, PayloadError>,
    ) -> Result<Vec<u8>, ChatError> {
        // As if Discord had refused it: other content can succeed.
        let payload =
            payload.map_err(|error| ChatError::Refused(Fault::new(call.doing(), error)))?;
        let request = Request { call, url: self.api.url(path), body: Body::from(payload) };
        self.api.call(&request).await
    }
}

#[async_trait]
impl Chat for DiscordChat {
    async fn answer(&self, handle: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError> {
        let (id, token) = (handle.interaction_id.to_string(), handle.token.expose_secret());
        let path = ["interactions", &id, token, "callback"];
        let payload = payload::first_answer(handle.from_message, answer);
        self.send(Call::InteractionAnswer, &path, payload).await.map(drop)
    }

    async fn edit(&self, token: &SecretString, screen: Screen) -> Result<(), ChatError> {
        let token = token.expose_secret();
        let path = ["webhooks", &self.application, token, "messages", "@original"];
        self.send(Call::MessageEdit, &path, payload::edit(screen)).await.map(drop)
    }

    async fn follow_up(&self, token: &SecretString, screen: Screen) -> Result<(), ChatError> {
        let path = ["webhooks", &self.application, token.expose_secret()];
        self.send(Call::MessageSend, &path, payload::follow_up(screen)).await.map(drop)
    }

    async fn alert(&self, key: &str, screen: Screen) -> Result<bool, ChatError> {
        let Some(channel) = self.leads else {
            return Ok(false);
        };
        let channel = channel.to_string();
        let path = ["channels", &channel, "messages"];
        self.send(Call::LeadsAlert, &path, payload::alert(key, screen)).await.map(|_| true)
    }

    async fn post(&self, channel: u64, key: &str, screen: Screen) -> Result<u64, ChatError> {
        let channel = channel.to_string();
        let (call, path) = (Call::ChannelPost, ["channels", &channel, "messages"]);
        let message = self.send(call, &path, payload::alert(key, screen)).await?;
        let message: Value = serde_json::from_slice(&message).unwrap_or_default();
        let id = message.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        id.ok_or_else(|| Fault::new(call.doing(), "the answer names no message").into())
    }
}
