//! Rolling limits and lockouts.

use std::time::Duration;

use crate::model::time::Timestamp;
use crate::model::words::Limit;

impl Limit {
    /// Returns the word in the store and in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lookups => "lookups",
            Self::DailyLookups => "daily_lookups",
            Self::LookupAlerts => "lookup_alerts",
            Self::AlertCards => "alert_cards",
            Self::AlertPings => "alert_pings",
            Self::SubjectPings => "subject_pings",
            Self::Sends => "sends",
            Self::AgentSends => "agent_sends",
            Self::WrongCodes => "wrong_codes",
            Self::WrongInARow => "wrong_in_a_row",
            Self::LinkRequests => "link_requests",
            Self::LinkMails => "link_mails",
            Self::RecoverRequests => "recover_requests",
            Self::RecoverConfirms => "recover_confirms",
            Self::WrongResetCodes => "wrong_reset_codes",
            Self::DeskFiles => "desk_files",
        }
    }
}

/// One use counted against a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    pub limit: Limit,
    /// Subject of the count, such as `agent:…`.
    pub subject: String,
    /// Maximum uses in `window`.
    pub allowed: u32,
    /// Rolling window.
    pub window: Duration,
    /// Time of an earlier use that this one replaces, such as that of a call that failed.
    pub replaces: Option<Timestamp>,
}

/// How far a limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitUsage {
    /// Uses in the window.
    pub count: u32,
    /// When one more use is possible; `None` if it is possible now.
    pub retry_at: Option<Timestamp>,
}

/// Codes that a subject has tried, the newest one included. Those that were not wrong are given
/// back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Wrong codes in the last hour.
    pub in_an_hour: u32,
    /// Wrong codes without a right one in between.
    pub in_a_row: u32,
}

/// End of a lockout that lasts until the subject is unlocked.
pub const UNTIL_UNLOCKED: Timestamp = Timestamp(i64::MAX);

/// Kind of a subject that is locked out, as the agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedSubject {
    /// The agent, or the Discord account while it links one.
    Own,
    Customer,
}

impl LockedSubject {
    /// Returns the kind of a [`Lockout::subject`].
    pub fn of(subject: &str) -> Self {
        if subject.starts_with("customer:") { Self::Customer } else { Self::Own }
    }

    /// Returns the word that selects the sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Customer => "customer",
        }
    }
}

/// Time in which a subject cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Subject of the lockout, such as `customer:…`.
    pub subject: String,
    /// End of the lockout, or [`UNTIL_UNLOCKED`].
    pub until: Timestamp,
    pub reason: LockoutReason,
}

/// Reason for a lockout, the stronger one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockoutReason {
    /// Too many wrong codes. The subject cannot be verified.
    WrongCodes,
    /// A report. The subject cannot be verified, and an agent is not eligible.
    Report,
    /// The lead with this Discord id. The subject cannot be verified, and an agent is not eligible.
    Lead(u64),
}

impl LockoutReason {
    /// Returns the word in the store and in the catalog.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongCodes => "wrong_codes",
            Self::Report => "report",
            Self::Lead(_) => "lead",
        }
    }
}
