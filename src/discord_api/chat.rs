//! Adapter for the port [`Chat`].

use std::sync::Arc;

use async_trait::async_trait;
use commands::discord::payload;
use commands::discord::payload::{Payload, PayloadError};
use commands::model::fault::Fault;
use commands::ports::chat::{Chat, ChatError, FirstAnswer, Post, ReplyHandle};
use commands::screens::screen::Screen;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serenity::all::MessageId;

use super::http::{Body, Request};
use super::retry::Api;
use crate::calls::Call;

/// Answers interactions, and posts in channels.
pub(crate) struct DiscordChat {
    api: Arc<Api>,
    /// Id of the bot's application, which owns the webhooks of its interactions.
    application: String,
}

impl DiscordChat {
    pub(crate) fn new(api: Arc<Api>, application: u64) -> Self {
        Self { api, application: application.to_string() }
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

    async fn post(&self, channel: u64, key: &str, post: Post) -> Result<u64, ChatError> {
        let channel = channel.to_string();
        let path = ["channels", &channel, "messages"];
        let posted = self.send(Call::ChannelPost, &path, payload::post(key, post)).await?;
        let posted: Posted = serde_json::from_slice(&posted)
            .map_err(|error| Fault::new(Call::ChannelPost.doing(), error))?;
        Ok(posted.id.get())
    }

    async fn edit_post(&self, channel: u64, message: u64, screen: Screen) -> Result<(), ChatError> {
        let (channel, message) = (channel.to_string(), message.to_string());
        let path = ["channels", &channel, "messages", &message];
        self.send(Call::ChannelEdit, &path, payload::edit(screen)).await.map(drop)
    }

    async fn delete_post(&self, channel: u64, message: u64) -> Result<(), ChatError> {
        let (channel, message) = (channel.to_string(), message.to_string());
        let url = self.api.url(&["channels", &channel, "messages", &message]);
        let request = Request { call: Call::ChannelDelete, url, body: Body::default() };
        self.api.call(&request).await.map(drop)
    }
}

/// A posted message, as far as it is read.
#[derive(Deserialize)]
struct Posted {
    id: MessageId,
}
