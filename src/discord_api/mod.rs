//! The bot's own client of Discord's HTTP API, for the calls that agents wait for.
//!
//! These are answers to interactions, edits, messages, alerts, and the roles of a member.
//! Registration and the gateway use serenity's client.
//!
//! `chat` and `members` name the calls, `retry` repeats them, `http` makes one try, and `failure`
//! reads its answer. `pauses` and `breaker` know when Discord wants no call.

mod breaker;
mod chat;
mod failure;
mod http;
mod members;
mod pauses;
mod retry;

pub use breaker::Breaker;
pub(crate) use chat::DiscordChat;
pub(crate) use http::client_builder;
pub(crate) use members::DiscordMembers;
pub(crate) use retry::Api;

#[cfg(test)]
mod tests;
