//! An alert that a commit raises.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::model::alert::kind::{AlertKind, AlertLevel};
use crate::model::pseudonym::Pseudonym;
use crate::model::request::RequestId;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// Subject of an alert. While an alert is open, another one of its kind about the same
/// subject is a repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertSubject {
    Session(SessionId),
    /// Discord id of an agent.
    Agent(u64),
    Customer(Pseudonym),
    /// An agent and a customer.
    Pair(u64, Pseudonym),
    /// Id of the interaction in which a lead acted.
    Act(u64),
    /// A request for a copy or an erasure of a customer.
    Request(RequestId),
    /// The bot itself, or a service around it.
    Bot,
    /// Word of a part of the bot.
    Part(&'static str),
}

impl fmt::Display for AlertSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(session) => write!(f, "session:{session}"),
            Self::Agent(agent) => write!(f, "discord:{agent}"),
            Self::Customer(customer) => write!(f, "customer:{customer}"),
            Self::Pair(agent, customer) => write!(f, "discord:{agent}+customer:{customer}"),
            Self::Act(interaction) => write!(f, "act:{interaction}"),
            Self::Request(id) => write!(f, "request:{id}"),
            Self::Bot => f.write_str("bot"),
            Self::Part(part) => write!(f, "bot:{part}"),
        }
    }
}

/// Numbers and words that the text of a card needs. Never a name, an address, an ecosystem, a
/// ticket number or a code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertFacts(pub Map<String, Value>);

impl AlertFacts {
    /// Returns a number, or 0.
    pub fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.0.get(name)?.as_i64().map(Timestamp)
    }

    /// Returns a word, or the empty text.
    pub fn word(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the Discord ids of several agents. They are texts, because JSON readers round
    /// numbers of this size.
    pub fn agents(&self) -> impl Iterator<Item = u64> {
        let agents = self.0.get("agents").and_then(Value::as_array).into_iter().flatten();
        agents.filter_map(|agent| agent.as_str()?.parse().ok())
    }

    pub fn is(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

impl fmt::Display for AlertFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut facts = self.0.iter();
        facts.try_for_each(|(name, value)| write!(f, "{name}={value} "))
    }
}

/// An alert that a commit raises. If one of its kind about its subject is open, that one counts one
/// more.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlert {
    pub kind: AlertKind,
    pub level: AlertLevel,
    pub subject: AlertSubject,
    pub session: Option<SessionId>,
    /// Discord id of the agent whom the alert is about. That user cannot answer it.
    pub agent: Option<u64>,
    pub customer: Option<Pseudonym>,
    pub facts: AlertFacts,
    /// Time of the newest event that the alert rests on. `None`: the commit itself is the event.
    ///
    /// With a time the alert is raised only if it is newer than what the former alerts of its kind
    /// about its subject rest on. So a check that runs again raises nothing twice.
    pub evidence_at: Option<Timestamp>,
}

impl NewAlert {
    /// Returns an alert of the kind's level. The subject is its session, agent or customer too.
    pub fn new(kind: AlertKind, subject: AlertSubject) -> Self {
        let (mut session, mut agent, mut customer) = (None, None, None);
        match &subject {
            AlertSubject::Session(id) => session = Some(id.clone()),
            AlertSubject::Agent(id) => agent = Some(*id),
            AlertSubject::Customer(pseudonym) => customer = Some(pseudonym.clone()),
            AlertSubject::Pair(id, pseudonym) => {
                (agent, customer) = (Some(*id), Some(pseudonym.clone()));
            }
            AlertSubject::Act(_)
            | AlertSubject::Request(_)
            | AlertSubject::Bot
            | AlertSubject::Part(_) => {}
        }
        let (level, facts) = (kind.level(), AlertFacts::default());
        Self { kind, level, subject, session, agent, customer, facts, evidence_at: None }
    }

    pub fn with_level(self, level: AlertLevel) -> Self {
        Self { level, ..self }
    }

    pub fn with_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    pub fn with_agent(self, agent: u64) -> Self {
        Self { agent: Some(agent), ..self }
    }

    pub fn with_customer(self, customer: Option<Pseudonym>) -> Self {
        Self { customer, ..self }
    }

    /// Adds a fact for the text of the card.
    pub fn with_fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.0.insert(name.to_owned(), value.into());
        self
    }

    pub fn with_evidence(self, at: Timestamp) -> Self {
        Self { evidence_at: Some(at), ..self }
    }

    /// Adds the agents whom the alert is about. None of them can answer it.
    pub fn with_agents(self, agents: &BTreeSet<u64>) -> Self {
        let agents: Vec<_> = agents.iter().map(u64::to_string).collect();
        self.with_fact("agents", agents)
    }

    /// Returns the key that at most one open alert has.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.name(), self.subject)
    }
}
