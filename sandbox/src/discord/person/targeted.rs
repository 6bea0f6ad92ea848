//! Actions on one control of one message.
//!
//! A test names what it sees ("presses Cancel") and gets the newest control that matches. A browser
//! names the very control that was clicked, even if an older panel has a button of the same label.

use serde_json::{Value, json};
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::ButtonStyle;

use super::Person;
use crate::discord::client::{self, ActionError, Button, NewInteraction};
use crate::discord::interaction::Kind;
use crate::discord::message::{Message, MessageId};

impl Person {
    /// Presses the button with this custom id, if it is visible and enabled.
    pub async fn try_presses_id(
        &self,
        message: MessageId,
        custom_id: &str,
    ) -> Result<(), ActionError> {
        let data = json!({ "component_type": 2, "custom_id": custom_id });
        let matches = |component: &Component| match component {
            Component::Button(button) => {
                button.custom_id.as_deref() == Some(custom_id)
                    && !button.disabled
                    && button.style != ButtonStyle::Link
            }
            _ => false,
        };
        let click = self.target(message, data, |shown| client::children(shown).any(matches))?;
        self.acts(click).await;
        Ok(())
    }

    /// Chooses the option with this value in the select with this custom id.
    ///
    /// Both must be visible and enabled.
    pub async fn try_selects_value(
        &self,
        message: MessageId,
        custom_id: &str,
        value: &str,
    ) -> Result<(), ActionError> {
        let data = json!({ "component_type": 3, "custom_id": custom_id, "values": [value] });
        let matches = |component: &Component| match component {
            Component::SelectMenu(menu) => {
                let has_value = menu.options.iter().flatten().any(|option| option.value == value);
                menu.custom_id == custom_id
                    && !menu.disabled
                    && menu.min_values.unwrap_or(1) <= 1
                    && has_value
            }
            _ => false,
        };
        let choice = self.target(message, data, |shown| client::children(shown).any(matches))?;
        self.acts(choice).await;
        Ok(())
    }

    /// Submits a forged modal with one field from the newest message, as a tampered client can.
    pub async fn forges_submit(&self, custom_id: &str, value: &str) -> Result<(), ActionError> {
        let field = json!({ "type": 1, "components": [{ "type": 4, "custom_id": "text", "value": value }] });
        let data = json!({ "custom_id": custom_id, "components": [field] });
        let message = self.discord.newest_message(self.id)?;
        let opened_by = self.discord.state().find_message(message).and_then(|it| it.interaction);
        let target = self.target(message, data, |_| true)?;
        let submit = NewInteraction { kind: Kind::ModalSubmit, opened_by, ..target };
        self.acts(submit).await;
        Ok(())
    }

    /// Sends a forged choice from the newest message, as a tampered client can.
    pub async fn forges_choice(&self, custom_id: &str, value: &str) -> Result<(), ActionError> {
        let data = json!({ "component_type": 3, "custom_id": custom_id, "values": [value] });
        let message = self.discord.newest_message(self.id)?;
        let choice = self.target(message, data, |_| true)?;
        self.acts(choice).await;
        Ok(())
    }

    /// Sends a custom id from this message, without checking that the message has it.
    ///
    /// Benchmarks press a button again and again this way, without a search of the whole screen.
    pub async fn forges_on(&self, message: MessageId, custom_id: &str) -> Result<(), ActionError> {
        let button = Button { message, custom_id: custom_id.to_owned(), label: String::new() };
        self.acts(self.discord.new_click(&button)?).await;
        Ok(())
    }

    /// Returns the custom id of the first button on this message.
    pub fn first_button_of(&self, message: MessageId) -> Option<String> {
        let state = self.discord.state();
        client::children(state.find_message(message)?).find_map(|child| match child {
            Component::Button(button) => button.custom_id.clone(),
            _ => None,
        })
    }

    /// Removes the notice of a failed command. `id` comes from its
    /// [`MessageView`](crate::discord::MessageView).
    pub fn dismisses_notice(&self, id: &str) {
        self.change(|member| member.notices.retain(|notice| notice.view_id() != id));
    }

    fn target(
        &self,
        id: MessageId,
        data: Value,
        matches: impl Fn(&Message) -> bool,
    ) -> Result<NewInteraction, ActionError> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).ok_or_else(ActionError::unknown_person)?.channel;
        let shown = state.visible_messages(self.id, channel).find(|message| message.id == id.0);
        let missing = || ActionError::new("that is no longer on the screen".to_owned());
        let message = shown.filter(|message| matches(message)).ok_or_else(missing)?;
        Ok(NewInteraction {
            kind: Kind::Component,
            channel: message.channel,
            data,
            source: Some(message.id),
            via: None,
            opened_by: None,
        })
    }
}
