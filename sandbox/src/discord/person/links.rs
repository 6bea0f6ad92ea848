//! Links and files on a person's screen.

use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::ButtonStyle;

use super::{Person, expect};
use crate::discord::client::{self, ActionError};
use crate::discord::render;

impl Person {
    /// Opens the newest link button with this label, and returns its URL. Panics if no message has
    /// one.
    pub fn opens(&self, label: &str) -> String {
        let url = self.link_of(label);
        self.counts_action();
        url
    }

    /// Returns the URL of the newest link button with this label. Panics if no message has one.
    pub fn link_of(&self, label: &str) -> String {
        let missing = || {
            ActionError::new(format!(
                "no link {label:?}.\n{}",
                self.discord.describe_screen(&self.discord.state(), self.id)
            ))
        };
        expect(self.find_link(label).ok_or_else(missing))
    }

    /// Finds the address of the newest link button with this label.
    pub fn find_link(&self, label: &str) -> Option<String> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).map_or(0, |member| member.channel);
        let mut shown = state.visible_messages(self.id, channel).rev().flat_map(client::children);
        shown.find_map(|child| match child {
            Component::Button(button) if button.style == ButtonStyle::Link && !button.disabled => {
                let matches =
                    button.label.as_deref() == Some(label) || render::button_face(button) == label;
                button.url.clone().filter(|_| matches)
            }
            _ => None,
        })
    }

    /// Returns the bytes of the newest attachment with this name. Panics if no message has one.
    pub fn file(&self, name: &str) -> Vec<u8> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).map_or(0, |member| member.channel);
        let mut files =
            state.visible_messages(self.id, channel).rev().flat_map(|message| &message.attachments);
        let missing = || {
            ActionError::new(format!(
                "no file {name:?}.\n{}",
                self.discord.describe_screen(&state, self.id)
            ))
        };
        expect(
            files
                .find(|file| file.name == name)
                .map(|file| file.bytes.to_vec())
                .ok_or_else(missing),
        )
    }
}
