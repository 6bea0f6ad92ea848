//! The client: what it lets a person do, which is only what is visible, enabled and complete.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::Notify;
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::{ButtonStyle, SelectMenu};

use super::interaction::{FIRST_ANSWER, Interaction, Kind};
use super::message::{Message, MessageId};
use super::service::Discord;
use super::state::{OpenModal, State};
use super::{command_line, ids, payload, render};

/// The reason why a client does not let a person do something.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ActionError(String);

impl ActionError {
    pub(super) fn new(why: String) -> Self {
        Self(why)
    }

    pub(super) fn unknown_person() -> Self {
        Self("the seed has no person of that name".to_owned())
    }
}

/// A button as it was on the screen. The message may have changed since.
#[derive(Clone, Debug)]
pub struct Button {
    /// The message that it was on.
    pub message: MessageId,
    pub(super) custom_id: String,
    pub label: String,
}

impl Button {
    /// Returns the custom id that the client sends. A tampered client can change it.
    pub fn custom_id(&self) -> &str {
        &self.custom_id
    }
}

/// A modal that was open once. It may still be open on another device of the person.
#[derive(Clone, Debug)]
pub struct KeptModal(pub(super) OpenModal);

/// An interaction before it is sent.
pub(super) struct NewInteraction {
    pub(super) kind: Kind,
    pub(super) channel: u64,
    pub(super) data: Value,
    /// The message that it comes from.
    pub(super) source: Option<u64>,
    /// The command, such as `/support technical`.
    pub(super) via: Option<String>,
    /// The interaction that opened the modal, if this is its submit.
    pub(super) opened_by: Option<u64>,
}

impl Discord {
    /// Sends an interaction to the connected bots. Returns its id.
    pub(super) fn send(self: &Arc<Self>, person: u64, mut new: NewInteraction) -> u64 {
        let now = self.now();
        let mut state = self.state();
        let id = state.new_id(now);
        if let Some(component) = clicked_component(&state, &new) {
            new.data["id"] = json!(component);
        }
        let mut interaction = Interaction {
            id,
            token: ids::token(),
            kind: new.kind,
            person,
            channel: new.channel,
            locale: state
                .members
                .get(&person)
                .map_or_else(String::new, |member| member.person.locale.clone()),
            created_at: now,
            data: new.data,
            source: new.source,
            opened_by: new.opened_by,
            via: new.via,
            answer: None,
            suggestions: Vec::new(),
            pending: false,
            deliveries: 0,
            delivered_at: None,
            answer_lost: false,
            lost_follow_ups: Vec::new(),
            failed: false,
            sent: Instant::now(),
            answered: Arc::new(Notify::new()),
        };
        if let Some(member) = state.members.get_mut(&person) {
            // The next click removes "This interaction failed" from the client.
            member
                .notices
                .retain(|notice| notice.message.is_none() || notice.message != new.source);
            member.last_exchange = None;
        }
        let mut payload = payload::interaction(&state, &interaction, self.base_url());
        state.environment.spoil(&mut payload);
        let oldest = state.sessions.oldest_connection();
        let to = oldest.filter(|_| self.fault_plan().delivers_to_one());
        let copies = if state.environment.delivers() { self.fault_plan().take_copies() } else { 0 };
        for _ in 0..copies {
            let received = state.sessions.dispatch(to, "INTERACTION_CREATE", &payload, Some(id));
            (0..received).for_each(|_| interaction.count_delivery(now));
        }
        state.add_interaction(interaction);
        drop(state);
        self.bump();
        self.expire_at(id, now + FIRST_ANSWER + 1);
        id
    }

    /// Marks the interaction as failed at `deadline` if it has no answer, even if no caller waits.
    fn expire_at(self: &Arc<Self>, id: u64, deadline: i64) {
        let sleep = self.clock.sleep_until(deadline);
        let discord = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep.await;
            if let Some(discord) = discord.upgrade() {
                let now = discord.now();
                let mut state = discord.state();
                if state
                    .interactions
                    .get(&id)
                    .is_none_or(|interaction| interaction.answer.is_none())
                {
                    state.expire_interactions(now);
                    drop(state);
                    discord.bump();
                }
            }
        });
    }

    /// Builds the interaction of a command line: of a typed command, or of one whose last option
    /// the person is typing.
    pub(super) fn new_typed(
        &self,
        kind: Kind,
        person: u64,
        line: &str,
    ) -> Result<NewInteraction, ActionError> {
        let state = self.state();
        let member = state.members.get(&person).ok_or_else(ActionError::unknown_person)?;
        let locale = &member.person.locale;
        let parsed = if matches!(kind, Kind::Autocomplete) {
            command_line::parse_typing(line.trim_start(), &state, locale)
        } else {
            command_line::parse(line.trim(), &state, locale)
        };
        let parsed = parsed.map_err(ActionError::new)?;
        Ok(NewInteraction {
            kind,
            channel: member.channel,
            data: parsed.data,
            source: None,
            via: Some(parsed.via),
            opened_by: None,
        })
    }

    /// Finds the newest enabled button with this label, or else with this beginning of a label.
    pub(super) fn find_button(
        &self,
        person: u64,
        on: Option<MessageId>,
        label: &str,
    ) -> Result<Button, ActionError> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(ActionError::unknown_person)?.channel;
        let buttons = || {
            state
                .visible_messages(person, channel)
                .rev()
                .filter(|message| on.is_none_or(|on| on.0 == message.id))
                .flat_map(|message| children(message).map(move |child| (message, child)))
                .filter_map(|(message, child)| match child {
                    Component::Button(button)
                        if !button.disabled && button.style != ButtonStyle::Link =>
                    {
                        Some((message, button))
                    }
                    _ => None,
                })
        };
        let exact = |text: &str, name: Option<&str>| text == label || name == Some(label);
        let found = buttons()
            .find(|(_, button)| exact(&render::button_face(button), button.label.as_deref()))
            .or_else(|| {
                buttons().find(|(_, button)| {
                    let name = button.label.as_deref().unwrap_or_default();
                    name.starts_with(label) || render::button_face(button).starts_with(label)
                })
            });
        let missing = || {
            let screen = self.describe_screen(&state, person);
            ActionError::new(format!("no enabled button {label:?}.\n{screen}"))
        };
        let (message, button) = found.ok_or_else(missing)?;
        Ok(Button {
            message: MessageId(message.id),
            custom_id: button.custom_id.clone().unwrap_or_default(),
            label: button.label.clone().unwrap_or_default(),
        })
    }

    /// Builds a click on a button. The message may have changed since the button was found.
    pub(super) fn new_click(&self, button: &Button) -> Result<NewInteraction, ActionError> {
        let state = self.state();
        let missing = || ActionError::new("the message of that button never existed".to_owned());
        let message = state.find_message(button.message).ok_or_else(missing)?;
        Ok(NewInteraction {
            kind: Kind::Component,
            channel: message.channel,
            data: json!({ "component_type": 2, "custom_id": button.custom_id }),
            source: Some(message.id),
            via: None,
            opened_by: None,
        })
    }

    pub(super) fn newest_message(&self, person: u64) -> Result<MessageId, ActionError> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(ActionError::unknown_person)?.channel;
        let newest = state
            .visible_messages(person, channel)
            .next_back()
            .map(|message| MessageId(message.id));
        newest.ok_or_else(|| ActionError::new("there is no message on the screen".to_owned()))
    }

    /// Builds a choice in the newest enabled select that has this option.
    ///
    /// `option` is the whole label, or else its beginning.
    pub(super) fn new_choice(
        &self,
        person: u64,
        option: &str,
    ) -> Result<NewInteraction, ActionError> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(ActionError::unknown_person)?.channel;
        let find = |whole: bool| {
            state.visible_messages(person, channel).rev().find_map(|message| {
                let menus = children(message).filter_map(|child| match child {
                    Component::SelectMenu(menu) if !menu.disabled => Some(menu),
                    _ => None,
                });
                menus
                    .into_iter()
                    .find_map(|menu| Some((message, menu, find_value(menu, option, whole)?)))
            })
        };
        let missing = || {
            ActionError::new(format!(
                "no select with {option:?}.\n{}",
                self.describe_screen(&state, person)
            ))
        };
        let (message, menu, value) = find(true).or_else(|| find(false)).ok_or_else(missing)?;
        if menu.min_values.unwrap_or(1) > 1 {
            return Err(ActionError::new(format!(
                "that select requires {} choices",
                menu.min_values.unwrap_or(1)
            )));
        }
        Ok(NewInteraction {
            kind: Kind::Component,
            channel: message.channel,
            data: json!({ "component_type": 3, "custom_id": menu.custom_id, "values": [value] }),
            source: Some(message.id),
            via: None,
            opened_by: None,
        })
    }

    pub(super) fn find_open_modal(&self, person: u64) -> Result<KeptModal, ActionError> {
        let state = self.state();
        let member = state.members.get(&person).ok_or_else(ActionError::unknown_person)?;
        let none = || {
            ActionError::new(format!("no form is open.\n{}", self.describe_screen(&state, person)))
        };
        member.modal.clone().map(KeptModal).ok_or_else(none)
    }

    /// Describes a person's screen, for the message of a failed action.
    pub(super) fn describe_screen(&self, state: &State, person: u64) -> String {
        let Some(member) = state.members.get(&person) else {
            return String::new();
        };
        let now = self.now();
        let mut parts: Vec<String> = state
            .visible_messages(person, member.channel)
            .map(|message| render::message(message, false, now))
            .collect();
        parts.extend(member.modal.as_ref().map(render::modal));
        format!("On {}'s screen:\n{}", member.person.name, parts.join("\n\n"))
    }
}

/// Returns the id of the clicked component. `None` for a custom id that its message does not have.
fn clicked_component(state: &State, new: &NewInteraction) -> Option<i32> {
    let clicked = new.data.get("custom_id").filter(|_| new.kind == Kind::Component)?;
    children(state.messages.get(&new.source?)?).find_map(|child| match child {
        Component::Button(button) => {
            button.id.filter(|_| button.custom_id.as_deref() == clicked.as_str())
        }
        Component::SelectMenu(menu) => {
            menu.id.filter(|_| Some(menu.custom_id.as_str()) == clicked.as_str())
        }
        _ => None,
    })
}

/// Returns the components inside a message's rows.
pub(super) fn children(message: &Message) -> impl Iterator<Item = &Component> {
    message.components.iter().flat_map(|row| match row {
        Component::ActionRow(row) => row.components.as_slice(),
        _ => &[],
    })
}

fn find_value(menu: &SelectMenu, label: &str, whole: bool) -> Option<String> {
    let fits = |text: &str| {
        if whole { text == label } else { text.starts_with(label) }
    };
    menu.options
        .iter()
        .flatten()
        .find(|option| fits(&option.label))
        .map(|option| option.value.clone())
}
