//! What people read: everything that is new on their screen, once.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::message::Message;
use super::payload::CHANNELS;
use super::person::Person;
use super::state::{Member, State};
use super::view::{MessageView, ModalView};
use super::{Discord, render};

/// How long a person looks at the screen, in real time, for something that has to come.
const LOOKS_FOR: Duration = Duration::from_secs(10);

impl Person {
    /// Waits until the bot owes nothing, then reads what is new.
    ///
    /// New are the messages of the channel (public ones and the person's own ephemeral ones) that
    /// came or changed since they were read last, commands that failed, and the open modal, which
    /// is read every time.
    pub async fn sees(&self) -> String {
        self.discord.settled().await;
        self.reads()
    }

    /// Waits until something new contains `words`, then reads what is new; panics after ten seconds
    /// of real time.
    ///
    /// For what comes by itself: a panel that warns, a follow-up after the answer.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn sees_at_last(&self, words: &str) -> String {
        let mut changed = self.discord.changed();
        let mut patience = pin!(tokio::time::sleep(LOOKS_FOR));
        loop {
            changed.mark_unchanged();
            if self.news().iter().any(|text| text.contains(words)) {
                return self.sees().await;
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = &mut patience => {
                    let screen = self.discord.screen(&self.discord.state(), self.id);
                    panic!("{words:?} never came.\n{screen}");
                }
            }
        }
    }

    /// Reads what is new right now, without waiting for anything.
    #[must_use]
    pub fn reads(&self) -> String {
        let text = self.news().join("\n\n");
        let mut state = self.discord.state();
        let Some(channel) = state.members.get(&self.id).map(|member| member.channel) else {
            return text;
        };
        let seen: Vec<(u64, u64, bool)> = state
            .visible(self.id, channel)
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

    /// The person's own messages that nobody read, in whatever channel, failures and an unread
    /// modal included.
    ///
    /// A test ends by asserting that there are none.
    #[must_use]
    pub fn unread(&self) -> Vec<String> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let own = state.messages.values().filter(|message| message.only_for == Some(self.id));
        let own = own.filter(|message| message.is_visible_to(self.id));
        let mut texts = unread_of(own, member, now);
        texts.extend(member.modal.as_ref().filter(|modal| !modal.read).map(render::modal));
        texts
    }

    /// The messages in front of the person, the oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<MessageView> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let shown = state.visible(self.id, member.channel);
        let mut views: Vec<MessageView> =
            shown.map(|message| self.discord.view(message, Some(member), &state)).collect();
        let alone = member
            .notices
            .iter()
            .filter(|notice| notice.message.is_none() && notice.channel == member.channel);
        views.extend(alone.map(Discord::failure));
        views.sort_by_key(|view| view.created_at);
        views
    }

    /// The modal in front of the person.
    #[must_use]
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

    /// What is new in the channel in front of the person.
    fn news(&self) -> Vec<String> {
        let now = self.discord.now();
        let mut state = self.discord.state();
        state.expire(now);
        let Some(member) = state.members.get(&self.id) else {
            return Vec::new();
        };
        let mut texts = unread_of(state.visible(self.id, member.channel), member, now);
        texts.extend(member.modal.as_ref().map(render::modal));
        texts
    }
}

impl Discord {
    /// The public messages of a channel that nobody read.
    #[must_use]
    pub fn channel_unread(&self, id: u64) -> Vec<String> {
        let state = self.state();
        let unread = state.public(id).filter(|message| is_unread(&state, message));
        unread.map(|message| render::message(message, false, self.now())).collect()
    }

    /// Everything that nobody read: each person's own messages with the name in front, and the
    /// public ones of every channel.
    ///
    /// A test ends by asserting that there is nothing.
    #[must_use]
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

    /// Reads what is new in a channel that everybody sees, when the bot owes nothing.
    pub async fn channel_sees(self: &Arc<Self>, id: u64) -> String {
        self.settled().await;
        let text = self.channel_unread(id).join("\n\n");
        let mut state = self.state();
        let read: Vec<(u64, u64)> =
            state.public(id).map(|message| (message.id, message.revision)).collect();
        state.read_by_anyone.extend(read);
        text
    }
}

fn is_unread(state: &State, message: &Message) -> bool {
    state.read_by_anyone.get(&message.id) != Some(&message.revision)
}

/// The unread among `messages`, each with the failure that stands under it, and the commands that
/// failed.
fn unread_of<'a>(
    messages: impl Iterator<Item = &'a Message>,
    member: &Member,
    now: i64,
) -> Vec<String> {
    let mut texts = Vec::new();
    for message in messages {
        let failure = member.notices.iter().find(|notice| notice.message == Some(message.id));
        let news = member.read.get(&message.id) != Some(&message.revision);
        if news || failure.is_some_and(|notice| !notice.read) {
            texts.push(render::message(message, failure.is_some(), now));
        }
    }
    let alone = member.notices.iter().filter(|notice| notice.message.is_none() && !notice.read);
    texts.extend(alone.map(render::notice));
    texts
}
