//! An interaction as the desk receives it: who, where and when, and what the person requests.

use std::sync::Arc;

use serde_json::Value;

use crate::engine::reply::Reply;
use crate::flows::step::Step;
use crate::model::click::ClickKind;
use crate::model::session::Session;
use crate::model::span;
use crate::model::time::Timestamp;
use crate::model::trail::TrailEvent;
use crate::model::trail_filter::{TrailDays, TrailTopic};
use crate::model::words::{Locale, SupportKind};
use crate::ports::chat::ReplyHandle;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, SessionHandle};
use crate::screens::stats_id::StatsView;

/// Who sent an interaction, where and when.
#[derive(Clone, Debug)]
pub struct InteractionContext {
    pub reply: ReplyHandle,
    /// Discord user id.
    pub user: u64,
    /// The member's roles, from the payload.
    pub roles: Vec<u64>,
    /// `None` in a direct message.
    pub guild: Option<u64>,
    /// A thread counts as the channel that it belongs to.
    pub channel: u64,
    /// Language of the person's client.
    pub locale: Locale,
    /// Largest file of an answer, in bytes.
    pub file_limit: u32,
    /// Language of the guild. English if none is named, as in a direct message.
    pub guild_locale: Locale,
    /// When the process received it.
    pub at: Timestamp,
}

impl InteractionContext {
    /// Returns Discord's id of the interaction. Claims use it.
    pub fn id(&self) -> u64 {
        self.reply.interaction_id
    }

    /// Returns a trail event outside any session, about no customer.
    pub(crate) fn event(&self, kind: &'static str, details: Value) -> TrailEvent {
        TrailEvent {
            at: self.at,
            actor: format!("discord:{}", self.user),
            session: None,
            kind,
            details,
            customer: None,
            about: Value::Null,
        }
    }

    /// Returns the transaction of a command without an effect: its claim and one trail event.
    pub(crate) fn commit(&self, kind: &'static str, details: Value) -> Commit {
        let events = vec![self.event(kind, details)];
        Commit { now: self.at, claim: Claim::Whole(self.id()), events, ..Commit::default() }
    }
}

/// Request of a person. Addresses, ticket numbers, codes and reasons are as they were typed.
#[derive(Clone, Debug)]
pub enum Request {
    /// `/support technical` or `/support successor`.
    LookUp { kind: SupportKind, email: String, ticket: Option<String> },
    /// `/support resume`
    Resume,
    /// `/account link`, with an address.
    Link(String),
    /// `/account show`
    Show,
    /// `/account recover`, with an address.
    Recover(String),
    /// A command of a lead.
    Desk(DeskCommand),
    /// A lead types a session for a command: what is typed so far. The bot suggests sessions.
    Suggest(String),
    /// A command that is unknown, or has another shape than the registered one.
    OutdatedCommand,
    /// A button or menu: its custom id and the chosen values.
    Press(String, Vec<String>),
    /// A form: its custom id and the typed texts, from top to bottom.
    Submit(String, Vec<String>),
}

impl Request {
    /// Returns the kind of click, as the metrics count it.
    pub const fn kind(&self) -> ClickKind {
        match self {
            Self::Press(..) => ClickKind::Button,
            Self::Submit(..) => ClickKind::Form,
            _ => ClickKind::Command,
        }
    }

    /// Returns the word for what is requested.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::LookUp { kind: SupportKind::Technical, .. } => "support_technical",
            Self::LookUp { kind: SupportKind::Successor, .. } => "support_successor",
            Self::Resume => "support_resume",
            Self::Link(_) => "account_link",
            Self::Show => "account_show",
            Self::Recover(_) => "account_recover",
            Self::Desk(command) => command.name(),
            Self::Suggest(_) => "suggest",
            Self::OutdatedCommand => "outdated_command",
            Self::Press(..) => "press",
            Self::Submit(..) => "submit",
        }
    }
}

/// `/desk …`. All texts are as they were typed.
#[derive(Clone, Debug)]
pub enum DeskCommand {
    Sessions {
        /// Discord id of an agent.
        agent: Option<u64>,
        /// Sessions of the last 24 hours, in place of open ones.
        is_of_last_day: bool,
    },
    Close {
        session: String,
        reason: String,
    },
    /// One agent, or all.
    Agent(Option<Mentioned>),
    Alerts {
        /// Alerts of the last 7 days, in place of open ones.
        is_of_week: bool,
        /// Reference of an alert or a report, as it was typed.
        reference: Option<String>,
    },
    Unlink {
        /// Discord id of an agent.
        agent: u64,
        reason: String,
    },
    Stats(StatsView),
    /// A customer, by the typed address.
    Customer {
        email: String,
    },
    /// Posts the launcher.
    Launcher,
    Trail(Box<TrailCommand>),
}

impl DeskCommand {
    const fn name(&self) -> &'static str {
        match self {
            Self::Sessions { .. } => "desk_sessions",
            Self::Close { .. } => "desk_close",
            Self::Agent(_) => "desk_agent",
            Self::Alerts { .. } => "desk_alerts",
            Self::Unlink { .. } => "desk_unlink",
            Self::Stats(_) => "desk_stats",
            Self::Customer { .. } => "desk_customer",
            Self::Launcher => "desk_launcher",
            Self::Trail(_) => "desk_trail",
        }
    }
}

/// `/desk trail`. At most one of the first four is meant.
#[derive(Clone, Debug)]
pub struct TrailCommand {
    /// Id of a session, or a part of it.
    pub session: Option<String>,
    /// Discord id.
    pub agent: Option<u64>,
    /// Address of a customer.
    pub customer: Option<String>,
    pub ticket: Option<String>,
    pub topic: TrailTopic,
    pub days: TrailDays,
}

/// A user whom a lead mentions in an option.
#[derive(Clone, Debug)]
pub struct Mentioned {
    /// Discord id.
    pub user: u64,
    /// The roles, from the payload. `None` if the user has left the server.
    pub roles: Option<Vec<u64>>,
}

/// Everything a click carries through the engine.
#[derive(Clone, Copy)]
pub(crate) struct ClickContext<'a> {
    pub(crate) reply: &'a Reply<'a>,
    pub(crate) handle: &'a Arc<SessionHandle>,
}

impl<'a> ClickContext<'a> {
    pub(crate) fn new(reply: &'a Reply<'a>, handle: &'a Arc<SessionHandle>) -> Self {
        reply.set_clicked(handle);
        span::record_session(&handle.session());
        Self { reply, handle }
    }

    pub(crate) fn interaction(&self) -> &'a InteractionContext {
        self.reply.interaction
    }
}

impl Step {
    /// Marks the session as moved by a click: its generation, activity, token and language, and
    /// the interaction that requested the step's effects.
    pub(crate) fn mark(&mut self, before: &Session, interaction: &InteractionContext) {
        self.advance(before);
        self.session.locale = interaction.locale;
        self.session.secrets.panel = Some((interaction.reply.token.clone(), interaction.at));
        self.set_requested_by(interaction.id());
    }

    /// Names the interaction whose claim is held while the step's effects run.
    pub(crate) fn set_requested_by(&mut self, interaction: u64) {
        let now = self.now;
        let session = self.opened.as_deref_mut().unwrap_or(&mut self.session);
        session
            .pending
            .iter_mut()
            .filter(|pending| pending.requested_by.is_none() && pending.requested_at == now)
            .for_each(|pending| pending.requested_by = Some(interaction));
    }
}
