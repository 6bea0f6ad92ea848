//! Summary of a customer's earlier sessions at a look-up: numbers and
//! times only. No agent, ecosystem or reason, because the customer has not agreed yet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::time::{Timestamp, minutes};
use crate::model::unknown_fields::UnknownFields;

const DAY: u64 = 24 * 60;

/// Time for which earlier sessions are shown: 12 months.
pub const HISTORY: Duration = minutes(365 * DAY);

/// Time for which a look-up warns of a report of the customer.
pub const REPORT_MARK: Duration = minutes(30 * DAY);

/// Time in which attempts without a verification are counted.
pub const ATTEMPTS: Duration = minutes(DAY);

/// Attempts without a verification from which a look-up warns: this one is the third.
pub const UNVERIFIED_ATTEMPTS: u32 = 2;

/// Time for which a look-up warns of a mail that came back.
pub const BOUNCE_MARK: Duration = minutes(7 * DAY);

/// Earlier sessions of a customer, as far as a look-up shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Closed sessions of [`HISTORY`] that were started.
    #[serde(default)]
    pub sessions: u32,
    /// Those in which agent and customer were verified.
    #[serde(default)]
    pub verified: u32,
    /// Time at which the newest of them was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// Time of the newest report of the customer, within [`REPORT_MARK`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Timestamp>,
    /// Sessions of [`ATTEMPTS`] that closed without both verifications. 0 if one has both.
    #[serde(default)]
    pub unverified: u32,
    /// The last mail to the customer came back, within [`BOUNCE_MARK`].
    #[serde(default)]
    pub bounced: bool,
    /// Fields of a newer version.
    #[serde(flatten)]
    pub unknown: UnknownFields,
}

impl Past {
    /// Returns true if a look-up shows nothing of it, as with a new customer.
    pub fn is_empty(&self) -> bool {
        *self == Self { unverified: self.unverified, ..Self::default() }
            && self.unverified < UNVERIFIED_ATTEMPTS
    }
}
