//! The people, for tests and for the page.
//!
//! A [`Person`] does only what a real client lets a person do. What a test calls panics when it
//! cannot be done and shows what is on the screen; each has a `try_` twin for the page. Each waits
//! for the first answer, as a person would.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use twilight_model::channel::message::Component;
use twilight_model::channel::message::component::ButtonStyle;

use super::acts::{self, Act};
use super::message::MessageId;
use super::state::OpenModal;
use super::{Discord, render};
use crate::cast;

/// Why a client would not let a person do this.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct CannotAct(String);

impl CannotAct {
    pub(super) fn new(why: String) -> Self {
        Self(why)
    }

    pub(super) fn nobody() -> Self {
        Self("nobody of that name".to_owned())
    }
}

/// A button as it was once on the screen.
#[derive(Clone, Debug)]
pub struct Button {
    /// The message it stood on.
    pub message: MessageId,
    pub(super) custom_id: String,
    /// What stood on it.
    pub label: String,
}

impl Button {
    /// What the client sends when it is pressed: a tampered client can change it.
    #[must_use]
    pub fn custom_id(&self) -> &str {
        &self.custom_id
    }
}

/// A modal that was once open, and may still be on another of the person's devices.
#[derive(Clone, Debug)]
pub struct KeptModal(pub(super) OpenModal);

/// A member of the guild in front of a client. Cheap to clone.
#[derive(Clone)]
pub struct Person {
    pub(super) discord: Arc<Discord>,
    pub(super) id: u64,
}

impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Person").field(&self.id).finish()
    }
}

impl Discord {
    /// The member with this name; panics when the cast has nobody of that name.
    #[must_use]
    pub fn person(self: &Arc<Self>, name: &str) -> Person {
        must(self.find_person(name).ok_or_else(CannotAct::nobody))
    }

    /// The member with this name.
    #[must_use]
    pub fn find_person(self: &Arc<Self>, name: &str) -> Option<Person> {
        let state = self.state();
        let member = state.members.values().find(|member| member.person.name == name)?;
        Some(Person { discord: self.clone(), id: member.person.id })
    }
}

impl Person {
    /// The Discord user id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The person as the guild knows them by now, with roles and language.
    #[must_use]
    pub fn profile(&self) -> cast::Person {
        let state = self.discord.state();
        // A `Person` is only made for a member, and members stay.
        state.members.get(&self.id).map_or_else(
            || cast::Person {
                id: self.id,
                name: String::new(),
                display: String::new(),
                roles: Vec::new(),
                locale: String::new(),
            },
            |member| member.person.clone(),
        )
    }

    /// The channel in front of the person.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.discord.state().members.get(&self.id).map_or(0, |member| member.channel)
    }

    /// Switches the client's language, `en-US` or `es-ES`.
    pub fn locale(&self, locale: &str) {
        self.change(|member| locale.clone_into(&mut member.person.locale));
    }

    /// Goes to another channel.
    pub fn moves_to(&self, channel: u64) {
        self.change(|member| member.channel = channel);
    }

    /// Gives the person these roles and no others.
    pub fn set_roles(&self, roles: &[u64]) {
        self.change(|member| member.person.roles = roles.to_vec());
    }

    /// Types a command, "/support technical email:julia@example.com", in English or in the client's
    /// language.
    pub async fn types(&self, line: &str) {
        must(self.try_types(line).await);
    }

    /// Like [`types`](Self::types), for a line that may be wrong.
    pub async fn try_types(&self, line: &str) -> Result<(), CannotAct> {
        self.acts(self.discord.command(self.id, line)?).await;
        Ok(())
    }

    /// Presses the newest enabled button with this label, or with a label that begins so.
    pub async fn presses(&self, label: &str) {
        must(self.try_presses(None, label).await);
    }

    /// Presses a button of this message.
    pub async fn presses_on(&self, message: MessageId, label: &str) {
        must(self.try_presses(Some(message), label).await);
    }

    /// Like [`presses`](Self::presses), for a button that may not be there.
    pub async fn try_presses(
        &self,
        message: Option<MessageId>,
        label: &str,
    ) -> Result<(), CannotAct> {
        let button = self.discord.find_button(self.id, message, label)?;
        self.acts(self.discord.click(&button)?).await;
        Ok(())
    }

    /// Presses the same button twice at once: two interactions.
    pub async fn presses_twice(&self, label: &str) {
        let button = must(self.discord.find_button(self.id, None, label));
        let first = self.discord.send(self.id, must(self.discord.click(&button)));
        let second = self.discord.send(self.id, must(self.discord.click(&button)));
        self.discord.answered(first).await;
        self.discord.answered(second).await;
    }

    /// Remembers a button, to press it when the message has long changed.
    #[must_use]
    pub fn keep(&self, label: &str) -> Button {
        must(self.discord.find_button(self.id, None, label))
    }

    /// Likewise, for a button that may not be there.
    #[must_use]
    pub fn find_button(&self, label: &str) -> Option<Button> {
        self.discord.find_button(self.id, None, label).ok()
    }

    /// Presses a remembered button, as a slow client does, whether it is still there or not.
    pub async fn presses_kept(&self, button: &Button) {
        self.acts(must(self.discord.click(button))).await;
    }

    /// Sends a custom id that no button on the screen has, from the newest message: what a tampered
    /// client could do.
    pub async fn forges(&self, custom_id: &str) {
        let button = Button {
            message: must(self.discord.newest(self.id)),
            custom_id: custom_id.to_owned(),
            label: String::new(),
        };
        self.acts(must(self.discord.click(&button))).await;
    }

    /// Chooses an option in the newest select that has it, or one that begins so.
    pub async fn selects(&self, option: &str) {
        must(self.try_selects(option).await);
    }

    /// Like [`selects`](Self::selects), for an option that may not be there.
    pub async fn try_selects(&self, option: &str) -> Result<(), CannotAct> {
        self.acts(self.discord.choice(self.id, option)?).await;
        Ok(())
    }

    /// Fills the open modal and submits it, one value for each input from top to bottom.
    pub async fn submits<const N: usize>(&self, values: [&str; N]) {
        must(self.try_submits(&values).await);
    }

    /// Like [`submits`](Self::submits), for values that the client may not let pass.
    pub async fn try_submits(&self, values: &[&str]) -> Result<(), CannotAct> {
        let modal = self.discord.open_modal(self.id)?;
        self.acts(acts::submit(&modal.0, values)?).await;
        Ok(())
    }

    /// Remembers the open modal, to submit it when other things have happened meanwhile.
    #[must_use]
    pub fn keep_modal(&self) -> KeptModal {
        must(self.discord.open_modal(self.id))
    }

    /// Submits a remembered modal.
    pub async fn submits_kept<const N: usize>(&self, modal: &KeptModal, values: [&str; N]) {
        self.acts(must(acts::submit(&modal.0, &values))).await;
    }

    /// Closes the open modal. The bot is told nothing.
    pub fn dismisses(&self) {
        self.change(|member| member.modal = None);
    }

    /// Takes an ephemeral message off the screen. The bot is told nothing.
    pub fn dismisses_message(&self, message: MessageId) {
        if let Some(message) = self.discord.state().messages.get_mut(&message.0)
            && message.only_for == Some(self.id)
        {
            message.out_of_view = true;
        }
        self.discord.bump();
    }

    /// Restarts the client: ephemeral messages, an open modal and failure notices are gone from the
    /// screen.
    pub fn reloads(&self) {
        let mut state = self.discord.state();
        for message in
            state.messages.values_mut().filter(|message| message.only_for == Some(self.id))
        {
            message.out_of_view = true;
        }
        drop(state);
        self.change(|member| {
            member.modal = None;
            member.notices.clear();
        });
    }

    /// How long the bot took for the first answer to what the person did last, by the machine's
    /// clock, from the moment the interaction was sent to the moment the answer arrived; `None`
    /// when none came.
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        let (sent, arrived) = self.discord.state().members.get(&self.id)?.waited?;
        Some(arrived.duration_since(sent))
    }

    /// When the latest act was sent and when its first answer arrived; `None` when none came.
    #[must_use]
    pub fn exchange(&self) -> Option<(Instant, Instant)> {
        self.discord.state().members.get(&self.id)?.waited
    }

    /// A counter that rises whenever the bot changes something on this person's screen.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        let told = self.discord.state().members.get(&self.id).map(|member| member.told.subscribe());
        // A `Person` is only made for a member, and members stay.
        told.unwrap_or_else(|| self.discord.changed())
    }

    /// The address behind the newest link button with this label; panics when there is none.
    #[must_use]
    pub fn link_of(&self, label: &str) -> String {
        let missing = || {
            CannotAct::new(format!(
                "no link {label:?}.\n{}",
                self.discord.screen(&self.discord.state(), self.id)
            ))
        };
        must(self.find_link(label).ok_or_else(missing))
    }

    /// Likewise, for a link that may not be there.
    #[must_use]
    pub fn find_link(&self, label: &str) -> Option<String> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).map_or(0, |member| member.channel);
        state.visible(self.id, channel).rev().flat_map(acts::children).find_map(|child| match child
        {
            Component::Button(button) if button.style == ButtonStyle::Link && !button.disabled => {
                let fits = button.label.as_deref() == Some(label) || render::face(button) == label;
                button.url.clone().filter(|_| fits)
            }
            _ => None,
        })
    }

    /// The bytes of the newest attachment with this name; panics when there is none.
    #[must_use]
    pub fn file(&self, name: &str) -> Vec<u8> {
        let state = self.discord.state();
        let channel = state.members.get(&self.id).map_or(0, |member| member.channel);
        let mut files =
            state.visible(self.id, channel).rev().flat_map(|message| &message.attachments);
        let missing = || {
            CannotAct::new(format!("no file {name:?}.\n{}", self.discord.screen(&state, self.id)))
        };
        must(
            files
                .find(|file| file.name == name)
                .map(|file| file.bytes.to_vec())
                .ok_or_else(missing),
        )
    }

    pub(super) async fn acts(&self, act: Act) {
        let id = self.discord.send(self.id, act);
        self.discord.answered(id).await;
    }

    pub(super) fn change(&self, how: impl FnOnce(&mut super::state::Member)) {
        if let Some(member) = self.discord.state().members.get_mut(&self.id) {
            how(member);
            member.told.send_modify(|count| *count += 1);
        }
        self.discord.bump();
    }
}

/// For tests: what cannot be done ends the test, with what is on the screen instead.
#[track_caller]
fn must<T>(result: Result<T, CannotAct>) -> T {
    match result {
        Ok(value) => value,
        Err(why) => panic!("{why}"),
    }
}
