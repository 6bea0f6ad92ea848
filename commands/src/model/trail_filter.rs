//! Filters of the trail that a lead can choose.

use crate::model::pseudonym::Pseudonym;
use crate::model::ticket::Ticket;
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::kind;
use crate::model::words::SessionId;

/// Subject of the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrailAbout {
    Everything,
    /// A session, with what its agent was shown.
    Session(SessionId),
    /// Discord id of the person who acted.
    Agent(u64),
    Customer(Pseudonym),
    /// All sessions with this ticket number.
    Ticket(Ticket),
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailTopic {
    All,
    Codes,
    AccessLinks,
    Refusals,
    /// Views and acts of leads.
    Leads,
    Alerts,
}

/// Days of a view. A session is shown whole at any age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailDays(u16);

/// Events to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailFilter {
    pub about: TrailAbout,
    pub topic: TrailTopic,
    pub days: TrailDays,
    /// End of the span, which the events precede.
    pub end: Timestamp,
}

impl TrailTopic {
    pub const ALL: [Self; 6] =
        [Self::All, Self::Codes, Self::AccessLinks, Self::Refusals, Self::Leads, Self::Alerts];

    /// Returns the word in custom ids, in the trail and in the catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Codes => "codes",
            Self::AccessLinks => "links",
            Self::Refusals => "refusals",
            Self::Leads => "leads",
            Self::Alerts => "alerts",
        }
    }

    /// Returns true if the topic has the closes of sessions by leads too. Other closes have the
    /// same kind.
    pub const fn has_closes_by_leads(self) -> bool {
        matches!(self, Self::Leads)
    }

    /// Returns the kinds of events. Empty for all.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::All => &[],
            Self::Codes => &[
                kind::CODE_ASKED,
                kind::CODE_SENT,
                kind::CODE_NOT_SENT,
                kind::CODE_DELIVERED,
                kind::CODE_LATE,
                kind::CODE_BOUNCED,
                kind::CODE_COMPLAINED,
                kind::CODE_TYPED,
                kind::CODE_RIGHT,
                kind::CODE_WRONG,
                kind::CODE_NOT_COUNTED,
            ],
            Self::AccessLinks => &[
                kind::ACCESS_ASKED,
                kind::ACCESS_OPENED,
                kind::ACCESS_MAILED,
                kind::ACCESS_NOT_OPENED,
                kind::REVOKE_ASKED,
                kind::REVOKED,
            ],
            Self::Refusals => &[kind::REFUSED],
            Self::Leads => &[
                kind::DESK_READ,
                kind::DESK_FILE,
                kind::LOCKED_OUT,
                kind::UNLOCKED,
                kind::UNLINKED,
                kind::TAKEN_OVER,
                kind::COPY_ASKED,
                kind::ERASURE_ASKED,
                kind::LAUNCHER_POSTED,
                kind::ALERT_HANDLED,
                kind::ALERT_FALSE,
                kind::ALERT_REOPENED,
            ],
            Self::Alerts => &[
                kind::ALERTED,
                kind::REPORTED,
                kind::REPORT_CLEARED,
                kind::ALERT_OPENED,
                kind::ALERT_TOLD,
                kind::ALERT_HANDLED,
                kind::ALERT_FALSE,
                kind::ALERT_REOPENED,
            ],
        }
    }
}

impl TrailDays {
    /// The choices.
    pub const ALL: [Self; 5] = [Self(1), Self::DEFAULT, Self(30), Self(90), Self(365)];

    pub const DEFAULT: Self = Self(7);

    /// Returns the choice with this number of days.
    pub fn of(days: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.0 == days)
    }

    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TrailFilter {
    /// Returns the time that the events follow.
    pub fn start(&self) -> Timestamp {
        match self.about {
            TrailAbout::Session(_) => Timestamp(i64::MIN),
            _ => self.end - minutes(u64::from(self.days.0) * 24 * 60),
        }
    }
}
