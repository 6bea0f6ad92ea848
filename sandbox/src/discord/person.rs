//! The people, for tests and the page.
//!
//! A [`Person`] can do only what a real client allows. A method for tests panics on failure and
//! shows the screen. Its `try_` twin returns an error, for the page. Both wait for the bot's first
//! answer.

mod links;
mod targeted;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::client::{ActionError, Button, KeptModal, NewInteraction};
use super::form::new_submit;
use super::interaction::{Kind, Suggestion};
use super::message::{Message, MessageId};
use super::service::Discord;
use super::state::Member;
use crate::seed;

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
    /// Returns the member with this name. Panics if the seed has no such person.
    pub fn person(self: &Arc<Self>, name: &str) -> Person {
        expect(self.find_person(name).ok_or_else(ActionError::unknown_person))
    }

    /// Finds the member with this name.
    pub fn find_person(self: &Arc<Self>, name: &str) -> Option<Person> {
        let state = self.state();
        let member = state.members.values().find(|member| member.person.name == name)?;
        Some(Person { discord: self.clone(), id: member.person.id })
    }
}

impl Person {
    /// Returns the Discord user id.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns the person with their present roles and language.
    pub fn profile(&self) -> seed::Person {
        let state = self.discord.state();
        // Every `Person` has an entry, which stays when the person leaves.
        state.members.get(&self.id).map_or_else(
            || seed::Person {
                id: self.id,
                name: String::new(),
                display: String::new(),
                roles: Vec::new(),
                locale: String::new(),
            },
            |member| member.person.clone(),
        )
    }

    /// Returns the id of the channel that the person looks at.
    pub fn channel_id(&self) -> u64 {
        self.discord.state().members.get(&self.id).map_or(0, |member| member.channel)
    }

    /// Switches the client's language to `en-US`, `es-ES` or `es-419`.
    pub fn locale(&self, locale: &str) {
        self.change(|member| locale.clone_into(&mut member.person.locale));
    }

    pub fn moves_to(&self, channel: u64) {
        self.change(|member| member.channel = channel);
    }

    /// Replaces the person's roles.
    pub fn set_roles(&self, roles: &[u64]) {
        self.change(|member| member.person.roles = roles.to_vec());
    }

    /// Leaves the guild. The client still shows the messages of before.
    pub fn leaves_guild(&self) {
        self.change(|member| member.has_left = true);
    }

    /// Types a command, such as `/support technical email:julia@example.com`.
    ///
    /// Names of commands and options are in English or in the client's language.
    pub async fn types(&self, line: &str) {
        expect(self.try_types(line).await);
    }

    /// Types a command that may be invalid.
    pub async fn try_types(&self, line: &str) -> Result<(), ActionError> {
        self.acts(self.discord.new_typed(Kind::Command, self.id, line)?).await;
        Ok(())
    }

    /// Returns what the client suggests while the person types the last option of this line, such
    /// as `/desk close session:ry`. `None` if the bot does not answer.
    pub async fn suggestions(&self, line: &str) -> Option<Vec<Suggestion>> {
        expect(self.try_suggestions(line).await)
    }

    /// Returns what the client suggests for a line that may be invalid.
    pub async fn try_suggestions(
        &self,
        line: &str,
    ) -> Result<Option<Vec<Suggestion>>, ActionError> {
        let id =
            self.discord.send(self.id, self.discord.new_typed(Kind::Autocomplete, self.id, line)?);
        self.discord.wait_for_answer(id).await;
        let state = self.discord.state();
        let interaction = state.interactions.get(&id).filter(|one| one.answer.is_some());
        Ok(interaction.map(|interaction| interaction.suggestions.clone()))
    }

    /// Presses the newest enabled button with this label, or else with this beginning of a label.
    pub async fn presses(&self, label: &str) {
        expect(self.try_presses(None, label).await);
    }

    /// Presses a button of this message.
    pub async fn presses_on(&self, message: MessageId, label: &str) {
        expect(self.try_presses(Some(message), label).await);
    }

    /// Presses a button that may be missing.
    pub async fn try_presses(
        &self,
        message: Option<MessageId>,
        label: &str,
    ) -> Result<(), ActionError> {
        let button = self.discord.find_button(self.id, message, label)?;
        self.acts(self.discord.new_click(&button)?).await;
        Ok(())
    }

    /// Presses the same button twice at once: two interactions.
    pub async fn presses_twice(&self, label: &str) {
        let button = expect(self.discord.find_button(self.id, None, label));
        let first = self.discord.send(self.id, expect(self.discord.new_click(&button)));
        let second = self.discord.send(self.id, expect(self.discord.new_click(&button)));
        self.discord.wait_for_answer(first).await;
        self.discord.wait_for_answer(second).await;
    }

    /// Keeps a button, to press it after the message has changed.
    pub fn keep(&self, label: &str) -> Button {
        expect(self.discord.find_button(self.id, None, label))
    }

    /// Finds a button that may be missing.
    pub fn find_button(&self, label: &str) -> Option<Button> {
        self.discord.find_button(self.id, None, label).ok()
    }

    /// Presses a kept button, present or not, as a slow client does.
    pub async fn presses_kept(&self, button: &Button) {
        self.acts(expect(self.discord.new_click(button))).await;
    }

    /// Sends a forged custom id from the newest message, as a tampered client can.
    pub async fn forges(&self, custom_id: &str) {
        let button = Button {
            message: expect(self.discord.newest_message(self.id)),
            custom_id: custom_id.to_owned(),
            label: String::new(),
        };
        self.acts(expect(self.discord.new_click(&button))).await;
    }

    /// Chooses an option in the newest select that has it, by label or beginning of a label.
    pub async fn selects(&self, option: &str) {
        expect(self.try_selects(option).await);
    }

    /// Chooses an option that may be missing.
    pub async fn try_selects(&self, option: &str) -> Result<(), ActionError> {
        self.acts(self.discord.new_choice(self.id, option)?).await;
        Ok(())
    }

    /// Fills the open modal and submits it, with one value for each input from top to bottom.
    pub async fn submits<const N: usize>(&self, values: [&str; N]) {
        expect(self.try_submits(&values).await);
    }

    /// Submits values that the client may refuse.
    pub async fn try_submits(&self, values: &[&str]) -> Result<(), ActionError> {
        let modal = self.discord.find_open_modal(self.id)?;
        self.acts(new_submit(&modal.0, values)?).await;
        Ok(())
    }

    /// Keeps the open modal, to submit it later.
    pub fn keep_modal(&self) -> KeptModal {
        expect(self.discord.find_open_modal(self.id))
    }

    /// Submits a kept modal.
    pub async fn submits_kept<const N: usize>(&self, modal: &KeptModal, values: [&str; N]) {
        self.acts(expect(new_submit(&modal.0, &values))).await;
    }

    /// Closes the open modal. Discord does not notify the bot.
    pub fn dismisses(&self) {
        self.change(|member| member.modal = None);
    }

    /// Removes an ephemeral message from the screen. Discord does not notify the bot.
    pub fn dismisses_message(&self, message: MessageId) {
        if let Some(message) = self.discord.state().messages.get_mut(&message.0)
            && message.only_for == Some(self.id)
        {
            message.out_of_view = true;
        }
        self.discord.bump();
    }

    /// Restarts the client, as after a phone has closed the app.
    ///
    /// Ephemeral messages, an open modal and failure notices disappear.
    pub fn reloads(&self) {
        self.forgets_messages(|_| true);
        self.change(|member| {
            member.modal = None;
            member.notices.clear();
        });
    }

    /// Loads the channel again ("Jump to present").
    ///
    /// Its ephemeral messages and failure notices disappear. An open modal stays.
    pub fn jumps_to_present(&self) {
        let channel = self.channel_id();
        self.forgets_messages(|message| message.channel == channel);
        self.change(|member| member.notices.retain(|notice| notice.channel != channel));
    }

    fn forgets_messages(&self, which: impl Fn(&Message) -> bool) {
        for message in self.discord.state().messages.values_mut() {
            if message.only_for == Some(self.id) && which(message) {
                message.out_of_view = true;
            }
        }
    }

    /// Returns the bot's response time to the latest action, or `None` without an answer.
    ///
    /// Real time, from the sending of the interaction to the arrival of its first answer.
    pub fn response_time(&self) -> Option<Duration> {
        let (sent, arrived) = self.last_exchange()?;
        Some(arrived.duration_since(sent))
    }

    /// Returns when the latest action was sent and when its first answer arrived.
    ///
    /// `None` without an answer.
    pub fn last_exchange(&self) -> Option<(Instant, Instant)> {
        self.discord.state().members.get(&self.id)?.last_exchange
    }

    /// Subscribes to the counter of changes that the bot makes on this person's screen.
    pub fn changed(&self) -> watch::Receiver<u64> {
        let state = self.discord.state();
        let changed = state.members.get(&self.id).map(|member| member.screen_changed.subscribe());
        // Every `Person` has an entry, which stays when the person leaves.
        changed.unwrap_or_else(|| self.discord.changed())
    }

    /// Returns how many presses, choices and submitted modals the bot got from this person, and how
    /// many links the person opened.
    pub fn actions(&self) -> u32 {
        self.discord.state().members.get(&self.id).map_or(0, |member| member.actions)
    }

    async fn acts(&self, new: NewInteraction) {
        if new.kind != Kind::Command {
            self.counts_action();
        }
        let id = self.discord.send(self.id, new);
        self.discord.wait_for_answer(id).await;
    }

    fn counts_action(&self) {
        if let Some(member) = self.discord.state().members.get_mut(&self.id) {
            member.actions += 1;
        }
    }

    fn change(&self, how: impl FnOnce(&mut Member)) {
        if let Some(member) = self.discord.state().members.get_mut(&self.id) {
            how(member);
            member.screen_changed.send_modify(|count| *count += 1);
        }
        self.discord.bump();
    }
}

/// Returns the value, or ends the test with the reason and the screen.
#[track_caller]
fn expect<T>(result: Result<T, ActionError>) -> T {
    match result {
        Ok(value) => value,
        Err(why) => panic!("{why}"),
    }
}
