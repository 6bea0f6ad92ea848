//! Secrets that have passed over the wire, for tests that look for leaks.

use std::collections::BTreeSet;

use serde_json::Value;
use twilight_model::channel::message::Component;

use super::client;
use super::service::Discord;

impl Discord {
    /// Returns the custom ids on all messages and forms, and those that people have sent.
    pub fn custom_ids(&self) -> BTreeSet<String> {
        let state = self.state();
        let shown =
            state.messages.values().flat_map(client::children).filter_map(|child| match child {
                Component::Button(button) => button.custom_id.clone(),
                Component::SelectMenu(menu) => Some(menu.custom_id.clone()),
                _ => None,
            });
        let forms = state
            .members
            .values()
            .filter_map(|member| member.modal.as_ref())
            .map(|modal| modal.custom_id.clone());
        let pressed =
            state.interactions.values().filter_map(|interaction| interaction.data.get("custom_id"));
        let pressed = pressed.filter_map(Value::as_str).map(str::to_owned);
        shown.chain(forms).chain(pressed).collect()
    }

    /// Returns the callback path of the newest interaction, with its token.
    ///
    /// The token permits an answer, so this is for tests only.
    pub fn newest_callback(&self) -> Option<String> {
        let state = self.state();
        let newest = state.interactions.values().next_back()?;
        Some(format!("/api/v10/interactions/{}/{}/callback", newest.id, newest.token))
    }

    /// Returns the tokens of all interactions, oldest first.
    ///
    /// Each token permits an answer, so this is for tests only.
    pub fn tokens(&self) -> Vec<String> {
        self.state().interactions.values().map(|interaction| interaction.token.clone()).collect()
    }
}
