//! The two ways in which something does not happen.
//!
//! A [`Refusal`] is a value: a sentence for the agent, foreseen and without harm. A [`Fault`] is
//! ours: it is logged once, at the boundary, and the agent is shown a reference to quote.

use crate::model::outcome::{Denied, EffectError};
use crate::model::time::Timestamp;
use crate::model::words::{AccountProblem, CloseReason, Limit, NotEligible, SupportKind};

/// Why a request is not granted, said to the agent in a sentence (see `text.rs`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The person lacks the agent role.
    NotAnAgent,
    /// Not the configured guild and channel.
    WrongChannel,
    /// No BackOffice account is linked to the Discord account.
    NotLinked,
    /// The linked account does not count, and why.
    AccountProblem(AccountProblem),
    /// The session has closed because its agent is none any more, and why not.
    AgentIneligible(NotEligible),
    /// The first password of the linked account was never replaced: no other can be set.
    NeverSignedIn,
    /// The linked account is in a state in which its password cannot be recovered.
    NotRecoverable,
    /// The typed address is not that of the linked account.
    OtherAddress,
    /// Nobody told the bot where its recovery page is reached.
    RecoveryNotSetUp,
    /// The panel is somebody else's.
    NotYours,
    /// The button was made by another version of the bot, or by nobody.
    UnknownButton,
    /// What was clicked was done already; the panel shows what is now.
    AlreadyDone,
    /// The session is closed.
    Closed(CloseReason, Timestamp),
    /// There is no open session to resume.
    NothingOpen,
    /// The text is not an e-mail address.
    MalformedEmail,
    /// Nobody in Core has that address.
    UnknownCustomer,
    /// The agent's own address: one mailbox would pass both verifications.
    OwnAddress,
    /// Somebody attends the customer already.
    Attended,
    /// Too many of something in a rolling window; again at the given time.
    Limited(Limit, Timestamp),
    /// After too many wrong codes no verification until the given time.
    LockedOut(Timestamp),
    /// The text is not six digits. No try was lost.
    MalformedCode,
    /// A wrong code; so many tries are left.
    WrongCode(u32),
    /// The code is older than its ten minutes, or there is none. No try was lost.
    ExpiredCode,
    /// The verification was interrupted: the code has to be typed again. No try was lost.
    TypeAgain,
    /// A new code can be sent at the given time.
    TooEarly(Timestamp),
    /// All codes of this verification were sent.
    NoSendsLeft,
    /// The mail could not be delivered to the address on file.
    Undelivered,
    /// What was to be opened for the customer could not be.
    Unopened,
    /// The other side asks to wait.
    Busy(Option<Timestamp>),
    /// The reason is shorter than ten characters.
    ReasonTooShort,
    /// The reason is longer than 500 characters.
    ReasonTooLong,
    /// The ecosystem or succession is not (any more) one of the customer's.
    UnknownCaseSubject(SupportKind),
    /// The agent attends the customer already, on the other road.
    OtherKind(SupportKind),
    /// Too near the absolute end to open anything.
    TooLate,
    /// The Discord account has a linked BackOffice account already (its masked address).
    AlreadyLinked(String),
    /// While the code was on its way, one of the two accounts was linked to another.
    LinkedMeanwhile,
    /// Something of ours failed; the reference stands in the log.
    Failed(String),
}

impl Refusal {
    /// The word in the trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAnAgent => "not_an_agent",
            Self::WrongChannel => "wrong_channel",
            Self::NotLinked => "not_linked",
            Self::AccountProblem(problem) => problem.name(),
            Self::AgentIneligible(not_eligible) => not_eligible.name(),
            Self::NeverSignedIn => "never_signed_in",
            Self::NotRecoverable => "not_recoverable",
            Self::OtherAddress => "other_address",
            Self::RecoveryNotSetUp => "recovery_not_set_up",
            Self::NotYours => "not_yours",
            Self::UnknownButton => "unknown_button",
            Self::AlreadyDone => "already_done",
            Self::Closed(..) => "closed",
            Self::NothingOpen => "nothing_open",
            Self::MalformedEmail => "malformed_email",
            Self::UnknownCustomer => "unknown_customer",
            Self::OwnAddress => "own_address",
            Self::Attended => "attended",
            Self::Limited(..) => "limited",
            Self::LockedOut(..) => "locked_out",
            Self::MalformedCode => "malformed_code",
            Self::WrongCode(..) => "wrong_code",
            Self::ExpiredCode => "expired_code",
            Self::TypeAgain => "type_again",
            Self::TooEarly(..) => "too_early",
            Self::NoSendsLeft => "no_sends_left",
            Self::Undelivered => "undelivered",
            Self::Unopened => "unopened",
            Self::Busy(..) => "busy",
            Self::ReasonTooShort => "reason_too_short",
            Self::ReasonTooLong => "reason_too_long",
            Self::UnknownCaseSubject(SupportKind::Technical) => "unknown_ecosystem",
            Self::UnknownCaseSubject(SupportKind::Successor) => "unknown_succession",
            Self::OtherKind(..) => "other_kind",
            Self::TooLate => "too_late",
            Self::AlreadyLinked(..) => "already_linked",
            Self::LinkedMeanwhile => "linked_meanwhile",
            Self::Failed(..) => "failed",
        }
    }
}

impl From<NotEligible> for Refusal {
    fn from(reason: NotEligible) -> Self {
        match reason {
            NotEligible::Role => Self::NotAnAgent,
            NotEligible::Link => Self::NotLinked,
            NotEligible::Account(problem) => Self::AccountProblem(problem),
        }
    }
}

impl EffectError {
    /// Returns the refusal that explains this error to the agent.
    pub fn refusal(&self, now: Timestamp) -> Refusal {
        match self {
            Self::Denied(Denied::RateLimited(wait) | Denied::Unavailable(wait)) => {
                Refusal::Busy(wait.map(|wait| now + wait))
            }
            Self::Denied(Denied::NotFound | Denied::DeliveryFailed | Denied::ProofInvalid)
            | Self::NoChannel => Refusal::Undelivered,
            Self::Fault(reference) => Refusal::Failed(reference.clone()),
            Self::Interrupted => Refusal::TypeAgain,
        }
    }
}
