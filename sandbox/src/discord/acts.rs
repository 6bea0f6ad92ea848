//! What a client lets a person do: only what is on the screen, enabled, and complete.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::Notify;
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::{ButtonStyle, SelectMenu};

use super::interaction::{FIRST_ANSWER, Interaction, Kind};
use super::message::{Message, MessageId};
use super::person::{Button, CannotAct, KeptModal};
use super::state::{OpenModal, State};
use super::{Discord, ids, line, payload, render};

/// What is to be sent.
pub(super) struct Act {
    pub(super) kind: Kind,
    pub(super) channel: u64,
    pub(super) data: Value,
    /// The message that it comes from.
    pub(super) source: Option<u64>,
    /// The command, for a command.
    pub(super) via: Option<String>,
}

impl Discord {
    /// Sends the interaction to everybody who listens; answers with its id.
    pub(super) fn send(self: &Arc<Self>, person: u64, act: Act) -> u64 {
        let now = self.now();
        let mut state = self.state();
        let id = state.new_id(now);
        let mut interaction = Interaction {
            id,
            token: ids::token(),
            kind: act.kind,
            person,
            channel: act.channel,
            locale: state
                .members
                .get(&person)
                .map_or_else(String::new, |member| member.person.locale.clone()),
            created_at: now,
            data: act.data,
            source: act.source,
            via: act.via,
            answer: None,
            pending: false,
            deliveries: 0,
            delivered_at: None,
            answer_lost: false,
            failed: false,
            sent: Instant::now(),
            heard_back: Arc::new(Notify::new()),
        };
        if let Some(member) = state.members.get_mut(&person) {
            // A client takes "This interaction failed" away with the next click.
            member
                .notices
                .retain(|notice| notice.message.is_none() || notice.message != act.source);
            member.waited = None;
        }
        let payload = payload::interaction(&state, &interaction, self.base());
        let to = if self.planner().delivers_to_one() { state.sessions.first() } else { None };
        for _ in 0..self.planner().copies() {
            let heard = state.sessions.dispatch(to, "INTERACTION_CREATE", &payload, Some(id));
            (0..heard).for_each(|_| interaction.went_out(now));
        }
        state.keep(interaction);
        drop(state);
        self.bump();
        self.watch(id, now + FIRST_ANSWER + 1);
        id
    }

    /// Lets clients notice at `deadline` that nothing came to this interaction, also when nobody
    /// waits.
    fn watch(self: &Arc<Self>, id: u64, deadline: i64) {
        let sleep = self.clock.sleep_until(deadline);
        let discord = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep.await;
            if let Some(discord) = discord.upgrade() {
                let now = discord.now();
                let mut state = discord.state();
                // Most were answered long ago: then there is nothing to notice.
                if state
                    .interactions
                    .get(&id)
                    .is_none_or(|interaction| interaction.answer.is_none())
                {
                    state.expire(now);
                    drop(state);
                    discord.bump();
                }
            }
        });
    }

    pub(super) fn command(&self, person: u64, line: &str) -> Result<Act, CannotAct> {
        let state = self.state();
        let member = state.members.get(&person).ok_or_else(CannotAct::nobody)?;
        let parsed =
            line::parse(line.trim(), &state, &member.person.locale).map_err(CannotAct::new)?;
        Ok(Act {
            kind: Kind::Command,
            channel: member.channel,
            data: parsed.data,
            source: None,
            via: Some(parsed.via),
        })
    }

    /// The newest enabled button with this label: the whole label, or else its beginning.
    pub(super) fn find_button(
        &self,
        person: u64,
        on: Option<MessageId>,
        label: &str,
    ) -> Result<Button, CannotAct> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(CannotAct::nobody)?.channel;
        let buttons = || {
            state
                .visible(person, channel)
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
        let exact = |face: &str, name: Option<&str>| face == label || name == Some(label);
        let found = buttons()
            .find(|(_, button)| exact(&render::face(button), button.label.as_deref()))
            .or_else(|| {
                buttons().find(|(_, button)| {
                    let name = button.label.as_deref().unwrap_or_default();
                    name.starts_with(label) || render::face(button).starts_with(label)
                })
            });
        let missing = || {
            CannotAct::new(format!("no enabled button {label:?}.\n{}", self.screen(&state, person)))
        };
        let (message, button) = found.ok_or_else(missing)?;
        Ok(Button {
            message: MessageId(message.id),
            custom_id: button.custom_id.clone().unwrap_or_default(),
            label: button.label.clone().unwrap_or_default(),
        })
    }

    /// A click on a button as it was when it was found: the message may have changed since.
    pub(super) fn click(&self, button: &Button) -> Result<Act, CannotAct> {
        let state = self.state();
        let gone = || CannotAct::new("the message of that button never existed".to_owned());
        let message = state.find_message(button.message).ok_or_else(gone)?;
        Ok(Act {
            kind: Kind::Component,
            channel: message.channel,
            data: json!({ "component_type": 2, "custom_id": button.custom_id }),
            source: Some(message.id),
            via: None,
        })
    }

    /// The newest message on the screen, whatever it is.
    pub(super) fn newest(&self, person: u64) -> Result<MessageId, CannotAct> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(CannotAct::nobody)?.channel;
        let newest =
            state.visible(person, channel).next_back().map(|message| MessageId(message.id));
        newest.ok_or_else(|| CannotAct::new("there is no message".to_owned()))
    }

    /// The newest enabled select with this option: its whole label, or else its beginning.
    pub(super) fn choice(&self, person: u64, option: &str) -> Result<Act, CannotAct> {
        let state = self.state();
        let channel = state.members.get(&person).ok_or_else(CannotAct::nobody)?.channel;
        let find = |whole: bool| {
            state.visible(person, channel).rev().find_map(|message| {
                let menus = children(message).filter_map(|child| match child {
                    Component::SelectMenu(menu) if !menu.disabled => Some(menu),
                    _ => None,
                });
                menus
                    .into_iter()
                    .find_map(|menu| Some((message, menu, value_of(menu, option, whole)?)))
            })
        };
        let missing = || {
            CannotAct::new(format!("no select with {option:?}.\n{}", self.screen(&state, person)))
        };
        let (message, menu, value) = find(true).or_else(|| find(false)).ok_or_else(missing)?;
        if menu.min_values.unwrap_or(1) > 1 {
            return Err(CannotAct::new(format!(
                "that select wants {} choices",
                menu.min_values.unwrap_or(1)
            )));
        }
        Ok(Act {
            kind: Kind::Component,
            channel: message.channel,
            data: json!({ "component_type": 3, "custom_id": menu.custom_id, "values": [value] }),
            source: Some(message.id),
            via: None,
        })
    }

    pub(super) fn open_modal(&self, person: u64) -> Result<KeptModal, CannotAct> {
        let state = self.state();
        let member = state.members.get(&person).ok_or_else(CannotAct::nobody)?;
        let none = || CannotAct::new(format!("no form is open.\n{}", self.screen(&state, person)));
        member.modal.clone().map(KeptModal).ok_or_else(none)
    }

    /// Everything on a person's screen, for the one who asks why something is not there.
    pub(super) fn screen(&self, state: &State, person: u64) -> String {
        let Some(member) = state.members.get(&person) else {
            return String::new();
        };
        let now = self.now();
        let mut parts: Vec<String> = state
            .visible(person, member.channel)
            .map(|message| render::message(message, false, now))
            .collect();
        parts.extend(member.modal.as_ref().map(render::modal));
        format!("On {}'s screen:\n{}", member.person.name, parts.join("\n\n"))
    }
}

/// A submit, if the client would let it pass.
pub(super) fn submit(modal: &OpenModal, values: &[&str]) -> Result<Act, CannotAct> {
    if modal.inputs.len() != values.len() {
        let why = format!(
            "the form {:?} has {} inputs, not {}",
            modal.title,
            modal.inputs.len(),
            values.len()
        );
        return Err(CannotAct::new(why));
    }
    let mut rows = Vec::new();
    for (input, value) in modal.inputs.iter().zip(values) {
        let length = value.chars().count();
        let (min, max) = (usize::from(input.min_length), usize::from(input.max_length));
        if value.is_empty() && input.required {
            return Err(CannotAct::new(format!("{:?} is required", input.label)));
        }
        if !value.is_empty() && !(min..=max).contains(&length) {
            return Err(CannotAct::new(format!(
                "{:?} takes {min} to {max} characters",
                input.label
            )));
        }
        if !input.paragraph && value.contains('\n') {
            return Err(CannotAct::new(format!("{:?} is one line", input.label)));
        }
        rows.push(json!({
            "type": 1, "components": [{ "type": 4, "custom_id": input.custom_id, "value": value }]
        }));
    }
    Ok(Act {
        kind: Kind::ModalSubmit,
        channel: modal.channel,
        data: json!({ "custom_id": modal.custom_id, "components": rows }),
        source: modal.source,
        via: None,
    })
}

/// The components inside a message's rows.
pub(super) fn children(message: &Message) -> impl Iterator<Item = &Component> {
    message.components.iter().flat_map(|row| match row {
        Component::ActionRow(row) => row.components.as_slice(),
        _ => &[],
    })
}

fn value_of(menu: &SelectMenu, label: &str, whole: bool) -> Option<String> {
    let fits = |text: &str| {
        if whole { text == label } else { text.starts_with(label) }
    };
    menu.options
        .iter()
        .flatten()
        .find(|option| fits(&option.label))
        .map(|option| option.value.clone())
}
