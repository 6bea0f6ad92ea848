//! Everything the local Discord remembers, behind one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use serde_json::Value;
use twilight_model::application::command::Command;

use super::ids;
use super::interaction::{Interaction, Kind};
use super::judge::modal::InputView;
use super::message::{Message, MessageId};
use super::refusal::Violation;
use super::session::Sessions;
use crate::Changed;
use crate::cast::{self, Cast, SUPPORT_CHANNEL_ID};

/// A modal on somebody's screen.
#[derive(Clone, Debug)]
pub(crate) struct OpenModal {
    pub(crate) custom_id: String,
    pub(crate) title: String,
    pub(crate) inputs: Vec<InputView>,
    pub(crate) channel: u64,
    /// The message whose component opened it; a command's modal has none.
    pub(crate) source: Option<u64>,
    /// The interaction that was answered with it.
    pub(crate) opened_by: u64,
    pub(crate) read: bool,
    /// Whether a submit was not answered.
    pub(crate) failed: bool,
}

/// What a client shows when the bot did not answer in time.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) interaction: u64,
    /// The message under which it stands; a command's stands by itself.
    pub(crate) message: Option<u64>,
    pub(crate) channel: u64,
    pub(crate) via: Option<String>,
    pub(crate) at: i64,
    pub(crate) read: bool,
}

impl Notice {
    /// The id in a view. No message has it.
    pub(crate) fn view_id(&self) -> String {
        format!("failed-{}", self.interaction)
    }
}

/// A member of the guild, and what this person's client shows.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) person: cast::Person,
    pub(crate) channel: u64,
    pub(crate) modal: Option<OpenModal>,
    pub(crate) notices: Vec<Notice>,
    /// The revision of each message that was read last.
    pub(crate) read: HashMap<u64, u64>,
    /// When the latest act was sent and when its first answer arrived, by the machine's clock.
    pub(crate) waited: Option<(Instant, Instant)>,
    /// Raised by whatever changes what this person sees of the bot: hundreds wait at once when a
    /// bot is measured, each for their own.
    pub(crate) told: Changed,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) members: BTreeMap<u64, Member>,
    pub(crate) messages: BTreeMap<u64, Message>,
    /// Whose messages those are, by person; `None`: everybody's. What was sent to others is not
    /// looked through at each click.
    shelves: HashMap<Option<u64>, BTreeSet<u64>>,
    pub(crate) interactions: BTreeMap<u64, Interaction>,
    /// Those among them that may still be without an answer: all that is looked at when time
    /// passes.
    owed: BTreeSet<u64>,
    pub(crate) commands: Vec<Command>,
    pub(crate) sessions: Sessions,
    pub(crate) violations: Vec<Violation>,
    pub(crate) expected: Vec<Violation>,
    /// The revision of each public message that anybody read last.
    pub(crate) read_by_anyone: HashMap<u64, u64>,
    tokens: HashMap<String, u64>,
    counter: u64,
}

impl State {
    pub(crate) fn new(cast: &Cast) -> Self {
        let member = |person: &cast::Person| Member {
            person: person.clone(),
            channel: SUPPORT_CHANNEL_ID,
            modal: None,
            notices: Vec::new(),
            read: HashMap::new(),
            waited: None,
            told: Changed::new(0),
        };
        Self {
            members: cast.people.iter().map(|person| (person.id, member(person))).collect(),
            messages: BTreeMap::new(),
            shelves: HashMap::new(),
            interactions: BTreeMap::new(),
            owed: BTreeSet::new(),
            commands: Vec::new(),
            sessions: Sessions::default(),
            violations: Vec::new(),
            expected: Vec::new(),
            read_by_anyone: HashMap::new(),
            tokens: HashMap::new(),
            counter: 0,
        }
    }

    /// A new id, of whatever kind.
    pub(crate) fn new_id(&mut self, now: i64) -> u64 {
        self.counter += 1;
        ids::snowflake(now, self.counter)
    }

    /// Keeps a message, new or changed. Who can see it is settled when it is made.
    pub(crate) fn put(&mut self, message: Message) {
        self.shelves.entry(message.only_for).or_default().insert(message.id);
        self.messages.insert(message.id, message);
    }

    /// Tells whoever waits for a change on this person's screen.
    pub(crate) fn tell(&self, person: u64) {
        if let Some(member) = self.members.get(&person) {
            member.told.send_modify(|count| *count += 1);
        }
    }

    /// Keeps an interaction so that its id and its token find it.
    pub(crate) fn keep(&mut self, interaction: Interaction) {
        self.tokens.insert(interaction.token.clone(), interaction.id);
        self.owed.insert(interaction.id);
        self.interactions.insert(interaction.id, interaction);
    }

    pub(crate) fn find_by_token(&self, token: &str) -> Option<&Interaction> {
        self.interactions.get(self.tokens.get(token)?)
    }

    /// Lets clients give up on what was not answered in time.
    pub(crate) fn expire(&mut self, now: i64) {
        let interactions = &self.interactions;
        self.owed.retain(|id| {
            interactions.get(id).is_some_and(|one| one.answer.is_none() && !one.failed)
        });
        for id in &self.owed {
            let Some(interaction) =
                self.interactions.get_mut(id).filter(|interaction| interaction.is_late(now))
            else {
                continue;
            };
            interaction.failed = true;
            let Some(member) = self.members.get_mut(&interaction.person) else {
                continue;
            };
            member.notices.push(Notice {
                interaction: interaction.id,
                message: interaction.source,
                channel: interaction.channel,
                via: interaction.via.clone(),
                at: now,
                read: false,
            });
            let form = interaction.data.get("custom_id").and_then(Value::as_str);
            if interaction.kind == Kind::ModalSubmit
                && let Some(modal) = &mut member.modal
                && Some(modal.custom_id.as_str()) == form
            {
                modal.failed = true;
                modal.read = false;
            }
        }
    }

    /// What `person` has on the screen in `channel`, the oldest first.
    pub(crate) fn visible(
        &self,
        person: u64,
        channel: u64,
    ) -> impl DoubleEndedIterator<Item = &Message> {
        let mut ids: Vec<u64> = self.shelf(None).chain(self.shelf(Some(person))).collect();
        ids.sort_unstable();
        let messages = ids.into_iter().filter_map(|id| self.messages.get(&id));
        messages.filter(move |message| message.channel == channel && message.is_visible_to(person))
    }

    /// The public messages of `channel`, the oldest first.
    pub(crate) fn public(&self, channel: u64) -> impl Iterator<Item = &Message> {
        let messages = self.shelf(None).filter_map(|id| self.messages.get(&id));
        messages.filter(move |message| message.channel == channel && !message.deleted)
    }

    fn shelf(&self, whose: Option<u64>) -> impl Iterator<Item = u64> {
        self.shelves.get(&whose).into_iter().flatten().copied()
    }

    pub(crate) fn find_message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(&id.0)
    }
}
