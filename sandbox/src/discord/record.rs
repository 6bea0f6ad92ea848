//! What has passed over the wire, for tests that look for leaks.

use std::collections::BTreeSet;

use serde_json::Value;
use twilight_model::channel::message::Component;

use super::{Discord, acts};

impl Discord {
    /// The custom ids that the bot has put on what is there now, and those that came back from
    /// people.
    #[must_use]
    pub fn custom_ids(&self) -> BTreeSet<String> {
        let state = self.state();
        let shown =
            state.messages.values().flat_map(acts::children).filter_map(|child| match child {
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

    /// Where the newest interaction is answered: path and token. Whoever knows it may answer, so it
    /// is for tests only.
    #[must_use]
    pub fn newest_callback(&self) -> Option<String> {
        let state = self.state();
        let newest = state.interactions.values().next_back()?;
        Some(format!("/api/v10/interactions/{}/{}/callback", newest.id, newest.token))
    }

    /// The tokens of all interactions so far, the oldest first. Each answers for its person, so
    /// they are for tests only.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.state().interactions.values().map(|interaction| interaction.token.clone()).collect()
    }
}
