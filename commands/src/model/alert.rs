//! Alerts for the leads: what they are about, how urgent they are, and what became of them.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::model::pseudonym::{CROCKFORD, Pseudonym};
use crate::model::request::RequestId;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// Reference of an alert, such as `A-3KQ7MX`. Parsing rejects any other text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlertId(String);

impl AlertId {
    const PREFIX: &'static str = "A-";
    /// Letters after the prefix.
    pub const LETTERS: usize = 6;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the letters after the prefix, for custom ids.
    pub fn letters(&self) -> &str {
        &self.0[Self::PREFIX.len()..]
    }

    /// Reads the letters after the prefix.
    pub fn of_letters(letters: &str) -> Option<Self> {
        format!("{}{letters}", Self::PREFIX).parse().ok()
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a reference of an alert")]
pub struct NotAnAlertId;

impl FromStr for AlertId {
    type Err = NotAnAlertId;

    fn from_str(text: &str) -> Result<Self, NotAnAlertId> {
        let letters = text.strip_prefix(Self::PREFIX).ok_or(NotAnAlertId)?;
        let fits =
            letters.len() == Self::LETTERS && letters.bytes().all(|b| CROCKFORD.contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAnAlertId) }
    }
}

/// How soon a lead has to look, the most urgent last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertLevel {
    /// Pings no lead, and closes by itself.
    Notice,
    /// Pings no lead.
    Warning,
    /// Pings the leads, and reminds them.
    Urgent,
}

impl AlertLevel {
    const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Urgent];

    /// Returns the word in the row, in the trail and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Urgent => "urgent",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == word)
    }
}

/// Reason for an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// A customer did not ask for the support session.
    Reported,
    /// The owner of an agent's mailbox did not ask for a mail.
    ReportedAgent,
    /// Several customers have reported one agent.
    ReportedTwice,
    /// A session closed after five wrong codes.
    Locked,
    /// A subject is locked out after 20 wrong codes in a row.
    LockedConsecutive,
    /// An agent has reached a limit of look-ups.
    LookupLimit,
    /// Wrong password reset codes.
    ResetCodes,
    /// Access links of a closed session are not revoked.
    RevokeStuck,
    /// The trail or a row does not verify.
    TrailBroken,
    /// An agent lost role, link or account while sessions were open.
    EligibilityLost,
    /// A lead did something that the other leads have to know.
    LeadActed,
    /// Signal: customers looked up and not helped.
    LookupsAbandoned,
    /// Signal: look-ups that find no customer.
    Enumeration,
    /// Signal: one customer, several agents.
    AgentShopping,
    /// Signal: one customer gets codes again and again.
    RepeatedCodes,
    /// Signal: wrong codes over several sessions.
    SlowGuessing,
    /// Signal: a customer's code was typed sooner than a person reads it out.
    FastCode,
    /// Signal: one agent opens access to one customer again and again.
    RepeatedAccess,
    /// Signal: one agent opens access to many customers.
    BulkAccess,
    /// Signal: the customer is a linked agent.
    ColleagueAccess,
    /// Signal: codes do not arrive.
    MailDelivery,
    /// Further alerts of an hour that already has its cards. It is a card only: no list has it.
    Collected,
}

impl AlertKind {
    pub const ALL: [Self; 22] = [
        Self::Reported,
        Self::ReportedAgent,
        Self::ReportedTwice,
        Self::Locked,
        Self::LockedConsecutive,
        Self::LookupLimit,
        Self::ResetCodes,
        Self::RevokeStuck,
        Self::TrailBroken,
        Self::EligibilityLost,
        Self::LeadActed,
        Self::LookupsAbandoned,
        Self::Enumeration,
        Self::AgentShopping,
        Self::RepeatedCodes,
        Self::SlowGuessing,
        Self::FastCode,
        Self::RepeatedAccess,
        Self::BulkAccess,
        Self::ColleagueAccess,
        Self::MailDelivery,
        Self::Collected,
    ];

    /// Returns the word in the row, in the trail and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::ReportedAgent => "reported_agent",
            Self::ReportedTwice => "reported_twice",
            Self::Locked => "locked",
            Self::LockedConsecutive => "locked_consecutive",
            Self::LookupLimit => "lookup_limit",
            Self::ResetCodes => "reset_codes",
            Self::RevokeStuck => "revoke_stuck",
            Self::TrailBroken => "trail_broken",
            Self::EligibilityLost => "eligibility_lost",
            Self::LeadActed => "lead_acted",
            Self::LookupsAbandoned => "lookups_abandoned",
            Self::Enumeration => "enumeration",
            Self::AgentShopping => "agent_shopping",
            Self::RepeatedCodes => "repeated_codes",
            Self::SlowGuessing => "slow_guessing",
            Self::FastCode => "fast_code",
            Self::RepeatedAccess => "repeated_access",
            Self::BulkAccess => "bulk_access",
            Self::ColleagueAccess => "colleague_access",
            Self::MailDelivery => "mail_delivery",
            Self::Collected => "collected",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// Returns the level, unless the cause has another one.
    pub const fn level(self) -> AlertLevel {
        match self {
            Self::Reported
            | Self::ReportedAgent
            | Self::ReportedTwice
            | Self::LockedConsecutive
            | Self::RevokeStuck
            | Self::TrailBroken
            | Self::SlowGuessing => AlertLevel::Urgent,
            Self::Locked
            | Self::LookupLimit
            | Self::ResetCodes
            | Self::LookupsAbandoned
            | Self::Enumeration
            | Self::AgentShopping
            | Self::RepeatedCodes
            | Self::FastCode
            | Self::BulkAccess
            | Self::MailDelivery => AlertLevel::Warning,
            Self::EligibilityLost
            | Self::LeadActed
            | Self::RepeatedAccess
            | Self::ColleagueAccess
            | Self::Collected => AlertLevel::Notice,
        }
    }

    /// Returns true if the watch raises it from counted windows.
    pub const fn is_signal(self) -> bool {
        matches!(
            self,
            Self::LookupsAbandoned
                | Self::Enumeration
                | Self::AgentShopping
                | Self::RepeatedCodes
                | Self::SlowGuessing
                | Self::FastCode
                | Self::RepeatedAccess
                | Self::BulkAccess
                | Self::ColleagueAccess
                | Self::MailDelivery
        )
    }
}

/// Whom or what an alert is about. While an alert is open, another one of its kind about the same
/// subject is a repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertSubject {
    Session(SessionId),
    /// Discord id of an agent, or of a lead who acted.
    Agent(u64),
    Customer(Pseudonym),
    /// A request for a copy or an erasure of a customer.
    Request(RequestId),
    /// The bot itself, or a service around it.
    Bot,
}

impl fmt::Display for AlertSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(session) => write!(f, "session:{session}"),
            Self::Agent(agent) => write!(f, "discord:{agent}"),
            Self::Customer(customer) => write!(f, "customer:{customer}"),
            Self::Request(id) => write!(f, "request:{id}"),
            Self::Bot => f.write_str("bot"),
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
            AlertSubject::Request(_) | AlertSubject::Bot => {}
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

    /// Returns the key that at most one open alert has.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.name(), self.subject)
    }
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    Open,
    /// A lead has handled it.
    Handled(Verdict),
    /// A lead has found it to be wrong.
    FalseAlarm(Verdict),
    /// A notice that closed by itself.
    Expired,
}

/// Who answered an alert, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Discord id of the lead.
    pub by: u64,
    pub at: Timestamp,
}

impl AlertState {
    /// Returns the word in the row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Handled(_) => "handled",
            Self::FalseAlarm(_) => "false",
            Self::Expired => "expired",
        }
    }

    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Handled(verdict) | Self::FalseAlarm(verdict) => Some(verdict),
            Self::Open | Self::Expired => None,
        }
    }
}

/// An alert as its row is.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    pub id: AlertId,
    /// Rises with every repeat and every answer.
    pub version: i64,
    pub kind: AlertKind,
    pub level: AlertLevel,
    /// The stored text of an [`AlertSubject`].
    pub subject: String,
    pub session: Option<SessionId>,
    pub agent: Option<u64>,
    pub customer: Option<Pseudonym>,
    /// Facts of the newest repeat.
    pub facts: AlertFacts,
    /// Times that it was raised while open.
    pub count: u32,
    pub opened_at: Timestamp,
    pub last_at: Timestamp,
    pub state: AlertState,
    pub card: AlertCard,
}

/// What is known about the card in the leads' channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertCard {
    /// Discord's id of the message. `None` until it is posted.
    pub message: Option<u64>,
    pub posted_at: Option<Timestamp>,
    /// Times that it was posted, or that posting was begun under a new key.
    pub posts: u32,
    /// Version of the row that the message shows.
    pub drawn: i64,
    pub ping: Ping,
    /// Reminders that were sent or left out. [`NO_MORE_REMINDERS`] once a lead has pressed.
    pub reminders: u32,
    /// Messages of the reminders, which are deleted once the alert is answered.
    pub reminder_messages: Vec<u64>,
    /// Time at which the worker has to look at the row. `None`: there is nothing to do.
    pub due_at: Option<Timestamp>,
}

/// Number of reminders of a card that gets no further one.
pub const NO_MORE_REMINDERS: u32 = u32::MAX;

/// Decision if the card pings the leads. It is saved before the card is posted, so that a repeated
/// post is the same message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ping {
    #[default]
    Undecided,
    Pings,
    Silent,
}

/// Answer of a lead to an alert, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertChange {
    pub id: AlertId,
    /// Version on which the lead has decided.
    pub version: i64,
    pub state: AlertState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_unique() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.name()), Some(kind));
        }
        for level in AlertLevel::ALL {
            assert_eq!(AlertLevel::parse(level.name()), Some(level));
        }
        assert_eq!(AlertKind::parse("other"), None);
    }

    #[test]
    fn alert_id_has_six_letters_of_crockford() {
        let id: AlertId = "A-3KQ7MX".parse().unwrap();
        assert_eq!(AlertId::of_letters(id.letters()), Some(id));
        for wrong in ["A-3KQ7M", "A-3KQ7MXX", "R-3KQ7MX", "A-3kq7mx", "A-3KQ7MI", "A-3KQ7Mñ", ""] {
            assert!(wrong.parse::<AlertId>().is_err(), "{wrong}");
        }
    }
}
