//! An interaction: a person's action and the bot's answer.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

/// Time for the first answer, in milliseconds (Discord documentation, "Interaction Callback").
pub(crate) const FIRST_ANSWER: i64 = 3_000;

/// Lifetime of a token, in milliseconds (Discord documentation, "Followup Messages").
pub(crate) const TOKEN_LIFE: i64 = 15 * 60 * 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Component,
    /// A person types the value of an option with suggestions.
    Autocomplete,
    ModalSubmit,
}

impl Kind {
    /// Returns the number in the protocol.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Command => 2,
            Self::Component => 3,
            Self::Autocomplete => 4,
            Self::ModalSubmit => 5,
        }
    }
}

/// The bot's first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Types 4 and 5: a new message. It is `@original`.
    Message(u64),
    /// Types 6 and 7: an update of the clicked message. It is `@original`.
    Update(u64),
    /// Type 9: a modal, without an `@original`.
    Modal,
    /// Type 8: suggestions, without an `@original`.
    Suggestions,
}

/// A suggestion for the value of an option, as the client shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// Text that the person sees.
    pub name: String,
    /// Value that the command sends if the person chooses it.
    pub value: String,
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
    /// The message of the component, or of the component that opened the modal.
    pub(crate) source: Option<u64>,
    /// The interaction that opened the modal, if this is its submit.
    pub(crate) opened_by: Option<u64>,
    /// The command, such as `/support technical`.
    pub(crate) via: Option<String>,
    pub(crate) answer: Option<Answer>,
    /// Suggestions of the answer to an autocomplete.
    pub(crate) suggestions: Vec<Suggestion>,
    /// Deferred, without an edit or a follow-up yet.
    pub(crate) pending: bool,
    /// Number of deliveries over gateway connections.
    pub(crate) deliveries: u32,
    /// Time of the first delivery, in milliseconds since the epoch.
    pub(crate) delivered_at: Option<i64>,
    /// True if fault injection lost an answer after processing it.
    pub(crate) answer_lost: bool,
    /// Messages of follow-ups whose answers fault injection lost after processing them.
    pub(crate) lost_follow_ups: Vec<u64>,
    /// True once the client has given up.
    pub(crate) failed: bool,
    /// Real time of sending. Milliseconds are too coarse for response times.
    pub(crate) sent: Instant,
    /// Notified by the first answer.
    pub(crate) answered: Arc<Notify>,
}

impl Interaction {
    pub(crate) fn is_late(&self, now: i64) -> bool {
        now - self.created_at > FIRST_ANSWER
    }

    /// Returns true if its token has expired.
    pub(crate) fn is_expired(&self, now: i64) -> bool {
        now - self.created_at >= TOKEN_LIFE
    }

    /// Returns true if the time to answer had passed before the first delivery.
    pub(crate) fn was_delivered_late(&self) -> bool {
        self.delivered_at.is_some_and(|at| self.is_late(at))
    }

    /// Returns true if the person waits for no further answer or content.
    pub(crate) fn is_complete(&self, now: i64) -> bool {
        self.failed
            || self.deliveries == 0
            || match self.answer {
                None => self.is_late(now),
                Some(_) => !self.pending || self.is_expired(now),
            }
    }

    /// Returns the id of `@original`.
    pub(crate) fn original(&self) -> Option<u64> {
        match self.answer {
            Some(Answer::Message(id) | Answer::Update(id)) => Some(id),
            Some(Answer::Modal | Answer::Suggestions) | None => None,
        }
    }

    /// Returns true if a correct bot can answer twice.
    pub(crate) fn may_be_answered_twice(&self) -> bool {
        self.deliveries > 1 || self.answer_lost
    }

    pub(crate) fn count_delivery(&mut self, now: i64) {
        self.delivered_at.get_or_insert(now);
        self.deliveries += 1;
    }
}

/// Follow-ups that fault injection has lost. A bot cannot tell one kind from the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LostFollowUps {
    /// Calls that were not processed: the message does not exist.
    pub before_work: u32,
    /// Calls whose answer was lost: the message exists.
    pub after_work: u32,
}
