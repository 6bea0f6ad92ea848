//! The stored alert: its state and its card.

use crate::model::alert::id::AlertId;
use crate::model::alert::kind::{AlertKind, AlertLevel};
use crate::model::alert::raised::AlertFacts;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// State of an alert.
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

/// Answer of a lead: Discord id and time.
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

/// A stored alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    pub id: AlertId,
    /// Rises with every repeat and every answer.
    pub version: i64,
    pub kind: AlertKind,
    pub level: AlertLevel,
    /// The stored text of an [`AlertSubject`](super::AlertSubject).
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

impl Alert {
    /// Returns true for a request that no operator has performed or refused.
    pub fn awaits_operator(&self) -> bool {
        !self.facts.word("request").is_empty() && self.facts.word("outcome").is_empty()
    }
}

/// State of the card in the leads' channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertCard {
    /// Discord's id of the message. `None` until it is posted.
    pub message: Option<u64>,
    pub posted_at: Option<Timestamp>,
    /// Times that it was posted. A post that was begun does not count.
    pub posts: u32,
    /// Version of the row that the message shows. 0 until the card is posted or left out.
    pub drawn: i64,
    pub ping: Ping,
    /// Time of the limit uses that a begun post, of the card or a reminder, has counted. Another
    /// try counts in their place. `None`: no post is begun.
    pub counted_at: Option<Timestamp>,
    /// Reminders that were sent or left out. [`NO_MORE_REMINDERS`] once a lead has pressed.
    pub reminders: u32,
    /// Messages of the reminders, which are deleted once the alert is answered.
    pub reminder_messages: Vec<u64>,
    /// Time at which the worker has to look at the row. `None`: there is nothing to do.
    pub due_at: Option<Timestamp>,
}

/// Number of reminders of a card that gets no further one.
pub const NO_MORE_REMINDERS: u32 = u32::MAX;

/// Decision if the card pings the leads. Each try to post it decides anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ping {
    #[default]
    Undecided,
    /// The card pings, or the try that is begun does.
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
