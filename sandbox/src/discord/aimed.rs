//! Acts aimed at one control of one message.
//!
//! A test says what it sees ("presses Cancel"), and the newest control that fits is meant. A
//! browser knows exactly which one was clicked, also where an older panel has a button of the same
//! name.

use serde_json::json;
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::ButtonStyle;

use super::acts::{self, Act};
use super::interaction::Kind;
use super::message::{Message, MessageId};
use super::person::{Button, CannotAct, Person};

impl Person {
    /// Presses the button with this custom id, if it is on the screen and enabled.
    pub async fn try_clicks(&self, message: MessageId, custom_id: &str) -> Result<(), CannotAct> {
        let data = json!({ "component_type": 2, "custom_id": custom_id });
        let is_it = |component: &Component| match component {
            Component::Button(button) => {
                button.custom_id.as_deref() == Some(custom_id)
                    && !button.disabled
                    && button.style != ButtonStyle::Link
            }
            _ => false,
        };
        let act = self.aim(message, data, |shown| acts::children(shown).any(is_it))?;
        self.acts(act).await;
        Ok(())
    }

    /// Chooses the option with this value in the select with this custom id, if both are on the
    /// screen and enabled.
    pub async fn try_chooses(
        &self,
        message: MessageId,
        custom_id: &str,
        value: &str,
    ) -> Result<(), CannotAct> {
        let data = json!({ "component_type": 3, "custom_id": custom_id, "values": [value] });
        let is_it = |component: &Component| match component {
            Component::SelectMenu(menu) => {
                let has_it = menu.options.iter().flatten().any(|option| option.value == value);
                menu.custom_id == custom_id
                    && !menu.disabled
                    && menu.min_values.unwrap_or(1) <= 1
                    && has_it
            }
            _ => false,
        };
        let act = self.aim(message, data, |shown| acts::children(shown).any(is_it))?;
        self.acts(act).await;
        Ok(())
    }

    /// Submits a modal that was never open, with one field, from the newest message: what a
    /// tampered client could do.
    pub async fn forges_submit(&self, custom_id: &str, value: &str) -> Result<(), CannotAct> {
        let field = json!({ "type": 1, "components": [{ "type": 4, "custom_id": "text", "value": value }] });
        let data = json!({ "custom_id": custom_id, "components": [field] });
        let message = self.discord.newest(self.id)?;
        let act = Act { kind: Kind::ModalSubmit, ..self.aim(message, data, |_| true)? };
        self.acts(act).await;
        Ok(())
    }

    /// Sends a choice that no select on the screen offers, from the newest message: what a tampered
    /// client could do.
    pub async fn forges_choice(&self, custom_id: &str, value: &str) -> Result<(), CannotAct> {
        let data = json!({ "component_type": 3, "custom_id": custom_id, "values": [value] });
        let message = self.discord.newest(self.id)?;
        let act = self.aim(message, data, |_| true)?;
        self.acts(act).await;
        Ok(())
    }

    /// Likewise, with a custom id that need not be on this message: pressed again and again,
    /// without a look at the whole screen.
    pub async fn forges_on(&self, message: MessageId, custom_id: &str) -> Result<(), CannotAct> {
        let button = Button { message, custom_id: custom_id.to_owned(), label: String::new() };
        self.acts(self.discord.click(&button)?).await;
        Ok(())
    }

    /// The custom id of the first button on this message, if it has one.
    #[must_use]
    pub fn first_button_of(&self, message: MessageId) -> Option<String> {
        let state = self.discord.state();
        acts::children(state.find_message(message)?).find_map(|child| match child {
            Component::Button(button) => button.custom_id.clone(),
            _ => None,
        })
    }

    /// Takes the notice that a command failed off the screen; `id` is that of its
    /// [`MessageView`](super::MessageView).
    pub fn dismisses_notice(&self, id: &str) {
        self.change(|member| member.notices.retain(|notice| notice.view_id() != id));
    }

    fn aim(
        &self,
        id: MessageId,
        data: serde_json::Value,
        has_it: impl Fn(&Message) -> bool,
    ) -> Result<Act, CannotAct> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).ok_or_else(CannotAct::nobody)?.channel;
        let shown = state.visible(self.id, channel).find(|message| message.id == id.0);
        let gone = || CannotAct::new("that is no longer on the screen".to_owned());
        let message = shown.filter(|message| has_it(message)).ok_or_else(gone)?;
        Ok(Act {
            kind: Kind::Component,
            channel: message.channel,
            data,
            source: Some(message.id),
            via: None,
        })
    }
}
