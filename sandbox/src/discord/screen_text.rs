//! The text of a person's screen: everything new, once.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::message::Message;
use super::payload::CHANNELS;
use super::person::Person;
use super::render;
use super::service::Discord;
use super::state::{Member, State};
use super::view::{MessageView, ModalView};

/// Real time that a person waits for an expected text.
const TEXT_TIMEOUT: Duration = Duration::from_secs(10);

impl Person {
    /// Waits until the bot is idle, then reads what is new.
    ///
    /// New are public and own ephemeral messages of the channel that arrived or changed since the
    /// last read, and failed commands. The open modal is read every time.
    pub async fn sees(&self) -> String {
        self.discord.wait_until_idle().await;
        self.reads()
    }

    /// Waits until something new contains `words`, then reads what is new.
    ///
    /// For changes without an action, such as a warning on a panel.
    ///
    /// # Panics
    /// After ten seconds of real time.
    pub async fn sees_at_last(&self, words: &str) -> String {
        let mut changed = self.discord.changed();
        let mut timeout = pin!(tokio::time::sleep(TEXT_TIMEOUT));
        loop {
            changed.mark_unchanged();
            if self.new_texts().iter().any(|text| text.contains(words)) {
                return self.sees().await;
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = &mut timeout => {
                    let screen = self.discord.describe_screen(&self.discord.state(), self.id);
                    panic!("{words:?} did not appear.\n{screen}");
                }
            }
        }
    }

    /// Reads what is new, without waiting.
    pub fn reads(&self) -> String {
        let text = self.new_texts().join("\n\n");
        let mut state = self.discord.state();
        let Some(channel) = state.members.get(&self.id).map(|member| member.channel) else {
            return text;
        };
        let seen: Vec<(u64, u64, bool)> = state
            .visible_messages(self.id, channel)
            .map(|message| (message.id, message.revision, message.is_ephemeral()))
            .collect();
        for (id, revision, ephemeral) in &seen {
            if !ephemeral {
                state.read_by_anyone.insert(*id, *revision);
            }
        }
        if let Some(member) = state.members.get_mut(&self.id) {
            member.read.extend(seen.into_iter().map(|(id, revision, _)| (id, revision)));
            member.notices.iter_mut().for_each(|notice| notice.read = true);
            if let Some(modal) = &mut member.modal {
                modal.read = true;
            }
        }
        drop(state);
        self.discord.bump();
        text
    }

    /// Returns the person's unread messages in all channels, with failures and an unread modal.
    ///
    /// A test asserts at its end that there are none.
    pub fn unread(&self) -> Vec<String> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire_interactions(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let own = state.messages.values().filter(|message| message.only_for == Some(self.id));
        let own = own.filter(|message| message.is_visible_to(self.id));
        let mut texts = unread_of(own, member, now);
        texts.extend(member.modal.as_ref().filter(|modal| !modal.read).map(render::modal));
        texts
    }

    /// Returns the messages on the person's screen, oldest first.
    pub fn messages(&self) -> Vec<MessageView> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire_interactions(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let shown = state.visible_messages(self.id, member.channel);
        let mut views: Vec<MessageView> =
            shown.map(|message| self.discord.view(message, Some(member), &state)).collect();
        let standalone = member
            .notices
            .iter()
            .filter(|notice| notice.message.is_none() && notice.channel == member.channel);
        views.extend(standalone.map(Discord::failure_view));
        views.sort_by_key(|view| view.created_at);
        views
    }

    /// Returns the modal on the person's screen.
    pub fn modal(&self) -> Option<ModalView> {
        let state = self.discord.state();
        let modal = state.members.get(&self.id)?.modal.as_ref()?;
        Some(ModalView {
            title: modal.title.clone(),
            inputs: modal.inputs.clone(),
            failed: modal.failed,
            id: modal.opened_by.to_string(),
        })
    }

    /// Returns what is new in the person's channel.
    fn new_texts(&self) -> Vec<String> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire_interactions(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let mut texts = unread_of(state.visible_messages(self.id, member.channel), member, now);
        texts.extend(member.modal.as_ref().map(render::modal));
        texts
    }
}

impl Discord {
    /// Returns the unread public messages of a channel.
    pub fn channel_unread(&self, id: u64) -> Vec<String> {
        let state = self.state();
        let unread = state.public_messages(id).filter(|message| is_unread(&state, message));
        unread.map(|message| render::message(message, false, self.now())).collect()
    }

    /// Returns how many messages in channels have pinged a role.
    pub fn role_pings(&self, role: u64) -> usize {
        self.state().role_pings.iter().filter(|pinged| **pinged == role).count()
    }

    /// Deletes the newest public message of a channel, as a moderator does.
    pub fn delete_newest(&self, channel: u64) {
        let mut state = self.state();
        let newest = state.public_messages(channel).map(|message| message.id).max();
        if let Some(message) = newest.and_then(|id| state.messages.get_mut(&id)) {
            message.deleted = true;
            message.revision += 1;
        }
        drop(state);
        self.bump();
    }

    /// Returns everything unread: each person's own messages with the name in front, and the public
    /// messages of every channel.
    ///
    /// A test asserts at its end that there is nothing.
    pub fn unread(self: &Arc<Self>) -> Vec<String> {
        let people: Vec<(u64, String)> = self
            .state()
            .members
            .values()
            .map(|member| (member.person.id, member.person.name.clone()))
            .collect();
        let mut texts = Vec::new();
        for (id, name) in people {
            let person = Person { discord: self.clone(), id };
            texts.extend(person.unread().into_iter().map(|text| format!("{name}: {text}")));
        }
        for (id, name) in CHANNELS {
            texts
                .extend(self.channel_unread(id).into_iter().map(|text| format!("#{name}: {text}")));
        }
        texts
    }

    /// Waits until the bot is idle, then reads what is new in a public channel.
    pub async fn channel_sees(self: &Arc<Self>, id: u64) -> String {
        self.wait_until_idle().await;
        let text = self.channel_unread(id).join("\n\n");
        let mut state = self.state();
        let read: Vec<(u64, u64)> =
            state.public_messages(id).map(|message| (message.id, message.revision)).collect();
        state.read_by_anyone.extend(read);
        text
    }
}

fn is_unread(state: &State, message: &Message) -> bool {
    state.read_by_anyone.get(&message.id) != Some(&message.revision)
}

/// Returns the unread among `messages`, each with its failure, and the failed commands.
fn unread_of<'a>(
    messages: impl Iterator<Item = &'a Message>,
    member: &Member,
    now: i64,
) -> Vec<String> {
    let mut texts = Vec::new();
    for message in messages {
        let failure = member.notices.iter().find(|notice| notice.message == Some(message.id));
        let changed = member.read.get(&message.id) != Some(&message.revision);
        if changed || failure.is_some_and(|notice| !notice.read) {
            texts.push(render::message(message, failure.is_some(), now));
        }
    }
    let standalone =
        member.notices.iter().filter(|notice| notice.message.is_none() && !notice.read);
    texts.extend(standalone.map(render::notice));
    texts
}
