//! Delivery of the mail of a code: what the function reports, and what a session keeps of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::time::Timestamp;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{Purpose, SessionId};

/// Ages of a code at which the bot asks the function for the delivery of its mail. Amazon SES
/// delivers most mails within seconds, and reports most bounces within minutes.
pub const STATUS_AT: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(3),
];

/// Age of a code from which its mail is late, if no mail server has taken it.
pub const LATE_AFTER: Duration = Duration::from_mins(1);

/// Reply of `otp-send` to a question about the mail of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailStatus {
    pub state: MailState,
    /// Time of the state.
    pub at: Timestamp,
    /// Reason of a bounce.
    pub reason: Option<BounceReason>,
}

/// State of a mail, as the function knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// The mail service accepted it. Nothing else is known.
    Accepted,
    /// The mail service could not deliver it yet, and tries again.
    Delayed,
    /// The recipient's mail server took it.
    Delivered,
    /// The recipient's mail server refused it, at once or after it had taken it.
    Bounced,
    /// The recipient reported it as spam.
    Complained,
}

/// Answer to a question about the mail of the newest code of a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    pub purpose: Purpose,
    /// Number of the attempt that mailed the code.
    pub nth: u32,
    /// Time at which the function had accepted the code.
    pub mailed_at: Timestamp,
    /// State that the session knew at the question. It counts if the code is gone since.
    pub known: Option<DeliveryState>,
    pub status: MailStatus,
}

/// What is known about the mail of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub state: DeliveryState,
    /// Time of the state.
    pub at: Timestamp,
    /// Whole seconds from the mail to the state.
    pub seconds: u64,
    /// Reason of a bounce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<BounceReason>,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

/// State of the mail of a code, from the weakest to the strongest. A stronger one replaces a weaker
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// No mail server has taken it within [`LATE_AFTER`].
    Late,
    Delivered,
    Complained,
    /// Final: a mail server can refuse a mail after it has taken it.
    Bounced,
}

/// Reason of a bounce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BounceReason {
    NoSuchMailbox,
    MailboxFull,
    /// The recipient's mail server, or the mail service itself, does not accept the mail.
    Blocked,
    Other,
}

impl BounceReason {
    /// Returns the word in the trail and in the texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoSuchMailbox => "no_such_mailbox",
            Self::MailboxFull => "mailbox_full",
            Self::Blocked => "blocked",
            Self::Other => "other",
        }
    }
}

/// Returns the key of the `k`-th question about the mail of a code. The call only reads, so the key
/// only names it.
pub fn status_key(session: &SessionId, purpose: Purpose, nth: u32, k: usize) -> String {
    format!("{session}:status:{}:{nth}:{k}", purpose.name())
}
