//! An interaction: what a person did, and how the bot answered.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::sync::Notify;

/// How long the bot has for its first answer, in milliseconds (Discord documentation, "Interaction
/// Callback").
pub(crate) const FIRST_ANSWER: i64 = 3_000;

/// How long a token lives, in milliseconds (Discord documentation, "Followup Messages").
pub(crate) const TOKEN_LIFE: i64 = 15 * 60 * 1_000;

/// What the person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Component,
    ModalSubmit,
}

impl Kind {
    /// The number on the wire.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Command => 2,
            Self::Component => 3,
            Self::ModalSubmit => 5,
        }
    }
}

/// The bot's first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Types 4 and 5: a new message, which is `@original`.
    Message(u64),
    /// Types 6 and 7: `@original` is the message that was clicked.
    Update(u64),
    /// Type 9: there is no `@original`.
    Modal,
}

#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: u64,
    pub(crate) token: String,
    pub(crate) kind: Kind,
    pub(crate) person: u64,
    pub(crate) channel: u64,
    pub(crate) locale: String,
    /// Milliseconds since the epoch.
    pub(crate) created_at: i64,
    /// `data` of the payload.
    pub(crate) data: Value,
    /// The message it came from: of a component, or of a modal that a component opened.
    pub(crate) source: Option<u64>,
    /// "/support technical", for a command.
    pub(crate) via: Option<String>,
    pub(crate) answer: Option<Answer>,
    /// Deferred, and neither edited nor followed up yet.
    pub(crate) pending: bool,
    /// Times it went out over a gateway connection.
    pub(crate) deliveries: u32,
    /// When it went out for the first time, in milliseconds since the epoch.
    pub(crate) delivered_at: Option<i64>,
    /// Whether an answer to it was processed and then lost on request.
    pub(crate) answer_lost: bool,
    /// Whether the client has given up on it.
    pub(crate) failed: bool,
    /// When it was sent by the machine's clock, as milliseconds are too coarse for how fast a bot
    /// answers.
    pub(crate) sent: Instant,
    /// Told when the first answer is there.
    pub(crate) heard_back: Arc<Notify>,
}

impl Interaction {
    pub(crate) fn is_late(&self, now: i64) -> bool {
        now - self.created_at > FIRST_ANSWER
    }

    pub(crate) fn is_dead(&self, now: i64) -> bool {
        now - self.created_at >= TOKEN_LIFE
    }

    /// Whether its time to answer was over before the bot heard of it.
    pub(crate) fn was_delivered_late(&self) -> bool {
        self.delivered_at.is_some_and(|at| self.is_late(at))
    }

    /// Whether nothing more is owed to the person who did it.
    pub(crate) fn is_settled(&self, now: i64) -> bool {
        self.failed
            || self.deliveries == 0
            || match self.answer {
                None => self.is_late(now),
                Some(_) => !self.pending || self.is_dead(now),
            }
    }

    /// The message that `@original` means.
    pub(crate) fn original(&self) -> Option<u64> {
        match self.answer {
            Some(Answer::Message(id) | Answer::Update(id)) => Some(id),
            Some(Answer::Modal) | None => None,
        }
    }

    /// Whether a second answer can come from a bot that does nothing wrong.
    pub(crate) fn may_be_answered_twice(&self) -> bool {
        self.deliveries > 1 || self.answer_lost
    }

    /// Counts one more delivery.
    pub(crate) fn went_out(&mut self, now: i64) {
        self.delivered_at.get_or_insert(now);
        self.deliveries += 1;
    }
}
