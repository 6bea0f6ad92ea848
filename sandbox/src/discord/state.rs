//! The state of the local Discord, behind one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use serde_json::Value;
use twilight_model::application::command::Command;

use super::body::SentBody;
use super::command_limit::CommandLimit;
use super::environment::Environment;
use super::ids;
use super::interaction::{Interaction, Kind, LostFollowUps};
use super::message::{Message, MessageId};
use super::refusal::Violation;
use super::session::Sessions;
use super::validate::attachments::FILE_MAX;
use super::validate::modal::InputView;
use crate::changed::Changed;
use crate::seed::{self, SUPPORT_CHANNEL_ID, Seed};

/// A modal on a person's screen.
#[derive(Clone, Debug)]
pub(crate) struct OpenModal {
    pub(crate) custom_id: String,
    pub(crate) title: String,
    pub(crate) inputs: Vec<InputView>,
    pub(crate) channel: u64,
    /// The message whose component opened it. `None` if a command did.
    pub(crate) source: Option<u64>,
    /// The interaction that it answered.
    pub(crate) opened_by: u64,
    pub(crate) read: bool,
    /// True after a submit without an answer.
    pub(crate) failed: bool,
}

/// A client's notice that an interaction failed.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) interaction: u64,
    /// The message that it is shown under. `None` for a command, whose notice stands alone.
    pub(crate) message: Option<u64>,
    pub(crate) channel: u64,
    pub(crate) via: Option<String>,
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) read: bool,
}

impl Notice {
    /// Returns the id in a view. No message has such an id.
    pub(crate) fn view_id(&self) -> String {
        format!("failed-{}", self.interaction)
    }
}

/// A member of the guild, and the state of this person's client.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) person: seed::Person,
    /// The person is no longer in the guild.
    pub(crate) has_left: bool,
    pub(crate) channel: u64,
    pub(crate) modal: Option<OpenModal>,
    pub(crate) notices: Vec<Notice>,
    /// The last read revision of each message.
    pub(crate) read: HashMap<u64, u64>,
    /// When the latest action was sent and when its first answer arrived, in real time.
    pub(crate) last_exchange: Option<(Instant, Instant)>,
    /// Presses, choices, submitted modals and opened links.
    pub(crate) actions: u32,
    /// Counts changes of this person's screen. One counter a person, because hundreds wait at once
    /// in a benchmark.
    pub(crate) screen_changed: Changed,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) members: BTreeMap<u64, Member>,
    pub(crate) messages: BTreeMap<u64, Message>,
    /// Ids of messages by the one person who sees them, or `None` for public ones. A click does
    /// not search the messages of other people.
    messages_by_audience: HashMap<Option<u64>, BTreeSet<u64>>,
    pub(crate) interactions: BTreeMap<u64, Interaction>,
    /// Ids of interactions that may lack an answer. Expiry looks at these only.
    unanswered: BTreeSet<u64>,
    pub(crate) commands: Vec<Command>,
    pub(crate) command_limit: CommandLimit,
    pub(crate) environment: Environment,
    pub(crate) sessions: Sessions,
    pub(crate) violations: Vec<Violation>,
    pub(crate) excused_violations: Vec<Violation>,
    pub(crate) unknown_keys: BTreeSet<String>,
    /// `None`: no test has asked to keep them.
    pub(crate) kept_bodies: Option<Vec<SentBody>>,
    /// Largest file in bytes, as the interactions tell.
    pub(crate) file_limit: usize,
    pub(crate) lost_follow_ups: LostFollowUps,
    /// The revision of each public message that any person has read.
    pub(crate) read_by_anyone: HashMap<u64, u64>,
    /// Roles that messages in channels have pinged, once for each message.
    pub(crate) role_pings: Vec<u64>,
    tokens: HashMap<String, u64>,
    counter: u64,
}

impl State {
    pub(crate) fn new(seed: &Seed) -> Self {
        let member = |person: &seed::Person| Member {
            person: person.clone(),
            has_left: false,
            channel: SUPPORT_CHANNEL_ID,
            modal: None,
            notices: Vec::new(),
            read: HashMap::new(),
            last_exchange: None,
            actions: 0,
            screen_changed: Changed::new(0),
        };
        Self {
            members: seed.people.iter().map(|person| (person.id, member(person))).collect(),
            messages: BTreeMap::new(),
            messages_by_audience: HashMap::new(),
            interactions: BTreeMap::new(),
            unanswered: BTreeSet::new(),
            commands: Vec::new(),
            command_limit: CommandLimit::default(),
            environment: Environment::default(),
            sessions: Sessions::default(),
            violations: Vec::new(),
            excused_violations: Vec::new(),
            unknown_keys: BTreeSet::new(),
            kept_bodies: None,
            file_limit: FILE_MAX,
            lost_follow_ups: LostFollowUps::default(),
            read_by_anyone: HashMap::new(),
            role_pings: Vec::new(),
            tokens: HashMap::new(),
            counter: 0,
        }
    }

    /// Returns a new id, unique among all kinds of objects.
    pub(crate) fn new_id(&mut self, now: i64) -> u64 {
        self.counter += 1;
        ids::snowflake(now, self.counter)
    }

    /// Stores a new or changed message. Its audience never changes.
    pub(crate) fn put_message(&mut self, message: Message) {
        self.messages_by_audience.entry(message.only_for).or_default().insert(message.id);
        self.messages.insert(message.id, message);
    }

    /// Raises the counter of this person's screen.
    pub(crate) fn notify_person(&self, person: u64) {
        if let Some(member) = self.members.get(&person) {
            member.screen_changed.send_modify(|count| *count += 1);
        }
    }

    /// Stores a new interaction under its id and its token.
    pub(crate) fn add_interaction(&mut self, interaction: Interaction) {
        self.tokens.insert(interaction.token.clone(), interaction.id);
        self.unanswered.insert(interaction.id);
        self.interactions.insert(interaction.id, interaction);
    }

    pub(crate) fn find_by_token(&self, token: &str) -> Option<&Interaction> {
        self.interactions.get(self.tokens.get(token)?)
    }

    /// Fails the interactions without an answer in time, as clients do.
    pub(crate) fn expire_interactions(&mut self, now: i64) {
        let interactions = &self.interactions;
        self.unanswered.retain(|id| {
            interactions.get(id).is_some_and(|one| one.answer.is_none() && !one.failed)
        });
        for id in &self.unanswered {
            let Some(interaction) =
                self.interactions.get_mut(id).filter(|interaction| interaction.is_late(now))
            else {
                continue;
            };
            interaction.failed = true;
            // The client shows a failed autocomplete in the list of suggestions only.
            if interaction.kind == Kind::Autocomplete {
                continue;
            }
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

    /// Returns the messages that `person` sees in `channel`, oldest first.
    pub(crate) fn visible_messages(
        &self,
        person: u64,
        channel: u64,
    ) -> impl DoubleEndedIterator<Item = &Message> {
        let mut ids: Vec<u64> =
            self.message_ids(None).chain(self.message_ids(Some(person))).collect();
        ids.sort_unstable();
        let messages = ids.into_iter().filter_map(|id| self.messages.get(&id));
        messages.filter(move |message| message.channel == channel && message.is_visible_to(person))
    }

    /// Returns the public messages of `channel`, oldest first.
    pub(crate) fn public_messages(&self, channel: u64) -> impl Iterator<Item = &Message> {
        let messages = self.message_ids(None).filter_map(|id| self.messages.get(&id));
        messages.filter(move |message| message.channel == channel && !message.deleted)
    }

    fn message_ids(&self, audience: Option<u64>) -> impl Iterator<Item = u64> {
        self.messages_by_audience.get(&audience).into_iter().flatten().copied()
    }

    pub(crate) fn find_message(&self, id: MessageId) -> Option<&Message> {
        self.messages.get(&id.0)
    }
}
