//! Settings of an application and its bot that people change: the developer portal, the membership
//! in the guild, the permissions.
//!
//! The bot does not cause these refusals, so the sandbox records none as a violation.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::seed::APPLICATION_ID;

/// The permission Send Messages (Discord documentation, "Permissions").
const SEND_MESSAGES: &str = "2048";

/// A permission that the bot lacks in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// View Channel: 50001.
    View,
    /// Send Messages: 50013.
    Send,
}

/// The surroundings of the bot. By default it may do everything.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// Interactions go to this address of the portal instead of the gateway.
    pub(super) endpoint_url: Option<String>,
    pub(super) bot_public: bool,
    pub(super) user_install: bool,
    pub(super) kicked: bool,
    pub(super) lacking: BTreeMap<u64, Lacking>,
    /// A change to the payload of the next interaction: a JSON pointer, and the value there, or
    /// `None` to remove it.
    pub(super) spoiled: Option<(String, Option<Value>)>,
}

impl Environment {
    /// Returns true if the bot's connections receive the guild's interactions.
    pub(crate) fn delivers(&self) -> bool {
        self.endpoint_url.is_none() && !self.kicked
    }

    /// Refuses a call about the guild to a bot that is not in it.
    pub(crate) fn check_guild(&self) -> Result<(), Refusal> {
        if self.kicked { Err(Refusal::missing_access().injected()) } else { Ok(()) }
    }

    /// Refuses a bot that cannot see the channel.
    pub(crate) fn check_view(&self, channel: u64) -> Result<(), Refusal> {
        self.check_guild()?;
        match self.lacking.get(&channel) {
            Some(Lacking::View) => Err(Refusal::missing_access().injected()),
            Some(Lacking::Send) | None => Ok(()),
        }
    }

    /// Refuses a bot that cannot write in the channel.
    pub(crate) fn check_send(&self, channel: u64) -> Result<(), Refusal> {
        self.check_view(channel)?;
        if self.lacking.contains_key(&channel) {
            let refusal = Refusal::new(StatusCode::FORBIDDEN, 50013, "Missing Permissions");
            return Err(refusal.injected());
        }
        Ok(())
    }

    /// Returns the permission overwrites of the channel: what the bot lacks and still sees.
    pub(crate) fn overwrites(&self, channel: u64) -> Value {
        match self.lacking.get(&channel) {
            Some(Lacking::Send) => json!([{
                "id": APPLICATION_ID.to_string(), "type": 1, "allow": "0", "deny": SEND_MESSAGES
            }]),
            Some(Lacking::View) | None => json!([]),
        }
    }

    /// Spoils the payload, if that is planned for the next one.
    pub(crate) fn spoil(&mut self, payload: &mut Value) {
        let Some((pointer, value)) = self.spoiled.take() else { return };
        let (parent, field) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(fields) = payload.pointer_mut(parent).and_then(Value::as_object_mut) {
            match value {
                Some(value) => fields.insert(field.to_owned(), value),
                None => fields.remove(field),
            };
        }
    }
}
