//! Refusals: expected reasons for not granting a request.
//!
//! A refusal is a value, shown as a sentence. A [`Fault`](crate::model::fault::Fault) is an
//! internal error: it is logged once, and the agent sees its reference.

use crate::model::limit::{LockedSubject, LockoutReason};
use crate::model::outcome::{Denied, EffectError};
use crate::model::time::Timestamp;
use crate::model::words::{AccountProblem, CloseReason, Limit, NotEligible, SupportKind};

/// Expected "no" to a request. [`Refusal::sentence`] explains it to the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The user lacks the agent role.
    NotAnAgent,
    /// The interaction comes from another guild or channel. Discord's id of the right channel.
    WrongChannel(u64),
    /// A lead's request comes from another guild or channel. Discord's ids of the support channel
    /// and of the leads' channel.
    WrongDeskChannel(u64, Option<u64>),
    /// The user lacks the lead role.
    NotALead,
    /// The settings name no lead role, or no group of leads.
    NoLeads,
    /// The linked account is in no group of leads.
    NotInLeadGroup,
    /// No session with a customer has this id, or none of the last 24 hours begins like it.
    UnknownSession,
    /// A lead acts on the own account.
    OwnAccount,
    /// A lead takes the own session over.
    OwnSession,
    /// A lead takes over a session before Start.
    NotStarted,
    /// A lead took a session over from the agent with this Discord id. A hint on the new panel.
    TookOver(u64),
    /// The Discord account with this id, on which a lead acts, is not linked.
    NoLinkOf(u64),
    /// No alert has this reference, because the retention removed it or it never existed.
    UnknownAlert,
    /// The alert is about the lead who answers it.
    AlertAboutYou,
    /// The lead with this Discord id has marked the alert as handled.
    AlertHandled(u64),
    /// The lead with this Discord id has marked the alert as a false alarm.
    AlertFalse(u64),
    /// The alert was repeated while the lead answered it.
    AlertRepeated,
    /// The alert was answered too long ago to open it again.
    TooLateToReopen,
    /// No BackOffice account is linked to the Discord account.
    NotLinked,
    /// The linked account cannot be used.
    AccountProblem(AccountProblem),
    /// The session closed because its agent is no longer eligible.
    AgentIneligible(NotEligible),
    /// The first password of the account was never replaced, so Cognito sets no other one.
    NeverSignedIn,
    /// Cognito cannot recover the password in the account's state.
    NotRecoverable,
    /// The typed address is not the linked account's.
    OtherAddress,
    /// The address of the recovery page is not configured.
    RecoveryNotSetUp,
    /// The panel belongs to another agent.
    NotYours,
    /// The button is forged, or from another version of the bot.
    UnknownButton,
    /// The command is unknown, or has another shape than the registered one.
    OutdatedCommand,
    /// The session has no readable row, because an operator deleted it or another version wrote it.
    SessionGone,
    /// The click was done before. The panel shows the current state.
    AlreadyDone,
    Closed(CloseReason, Timestamp),
    /// The agent has no open session to resume.
    NothingOpen,
    MalformedEmail,
    /// The text contains different addresses.
    SeveralEmails,
    MalformedTicket,
    /// Core has no customer with this address. The value is the address as the agent typed it.
    UnknownCustomer(String),
    /// Core has several customers with this address.
    SeveralCustomers,
    /// The address has the agent's own mailbox, so one mailbox would pass both verifications.
    OwnAddress,
    /// Another session attends the customer.
    Attended,
    /// The agent has the maximum number of open sessions.
    TooManyOpen,
    /// The session has opened its maximum number of access links.
    NoLinksLeft,
    /// A limit is exceeded until the given time.
    Limited(Limit, Timestamp),
    /// The subject is locked out until the given time.
    LockedOut(LockedSubject, Timestamp, LockoutReason),
    /// The text is not six digits. It costs no attempt.
    MalformedCode,
    /// The code is wrong. Number of attempts left.
    WrongCode(u32),
    /// The code has expired, or none was sent. It costs no attempt.
    ExpiredCode,
    /// A code is being mailed, so a typed one cannot be checked yet. It costs no attempt.
    CodeOnItsWay,
    /// The check was interrupted, so the code must be typed again. It costs no attempt.
    TypeAgain,
    /// The next code can be sent at the given time.
    TooEarly(Timestamp),
    /// The session has sent all codes of this verification.
    NoSendsLeft,
    /// The newest code was mailed to a mailbox that does not exist.
    NoSuchMailbox,
    /// The mail could not be delivered.
    Undelivered,
    /// The access link could not be issued.
    NotIssued,
    /// The service is busy, until the given time if it names one.
    Busy(Option<Timestamp>),
    ReasonTooShort,
    ReasonTooLong,
    /// The ecosystem or succession is not, or no longer, the customer's.
    UnknownCaseSubject(SupportKind),
    /// The agent attends the customer in a session of this other kind.
    OtherKind(SupportKind),
    /// The absolute end is too near to issue an access link.
    TooLate,
    /// The Discord account is linked already, to the account with this masked address.
    AlreadyLinked(String),
    /// One of the two accounts was linked by another session in between.
    LinkedMeanwhile,
    /// A fault. The log has it under this reference.
    Failed(String),
}

/// Every word of [`Refusal::name`] but that of a fault. A metric of each exists from the start.
pub const REFUSAL_WORDS: [&str; 65] = [
    "account_disabled",
    "account_gone",
    "address_unverified",
    "alert_about_you",
    "alert_answered",
    "alert_repeated",
    "already_done",
    "already_linked",
    "attended",
    "busy",
    "closed",
    "code_on_its_way",
    "expired_code",
    "limited",
    "linked_meanwhile",
    "locked_out",
    "malformed_code",
    "malformed_email",
    "malformed_ticket",
    "never_signed_in",
    "no_leads",
    "no_link",
    "no_link_of",
    "no_links_left",
    "no_role",
    "no_sends_left",
    "no_such_mailbox",
    "not_a_lead",
    "not_an_agent",
    "not_in_group",
    "not_in_lead_group",
    "not_linked",
    "not_recoverable",
    "not_started",
    "not_yours",
    "nothing_open",
    "other_address",
    "other_kind",
    "outdated_command",
    "own_account",
    "own_address",
    "own_session",
    "reason_too_long",
    "reason_too_short",
    "recovery_not_set_up",
    "session_gone",
    "several_customers",
    "several_emails",
    "too_early",
    "too_late",
    "too_late_to_reopen",
    "too_many_open",
    "took_over",
    "type_again",
    "undelivered",
    "unknown_alert",
    "unknown_button",
    "unknown_customer",
    "unknown_ecosystem",
    "unknown_session",
    "unknown_succession",
    "unopened",
    "verify_only",
    "wrong_channel",
    "wrong_code",
];

impl Refusal {
    /// Returns true if another address or ticket number may be accepted.
    pub const fn is_of_form(&self) -> bool {
        matches!(
            self,
            Self::MalformedEmail
                | Self::SeveralEmails
                | Self::MalformedTicket
                | Self::UnknownCustomer(_)
                | Self::SeveralCustomers
                | Self::OwnAddress
        )
    }

    /// Returns the word in the trail and in the metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAnAgent => "not_an_agent",
            Self::WrongChannel(_) | Self::WrongDeskChannel(..) => "wrong_channel",
            Self::NotALead => "not_a_lead",
            Self::NoLeads => "no_leads",
            Self::NotInLeadGroup => "not_in_lead_group",
            Self::UnknownSession => "unknown_session",
            Self::UnknownAlert => "unknown_alert",
            Self::AlertAboutYou => "alert_about_you",
            Self::AlertHandled(_) | Self::AlertFalse(_) => "alert_answered",
            Self::AlertRepeated => "alert_repeated",
            Self::TooLateToReopen => "too_late_to_reopen",
            Self::OwnAccount => "own_account",
            Self::OwnSession => "own_session",
            Self::NotStarted => "not_started",
            Self::TookOver(_) => "took_over",
            Self::NoLinkOf(_) => "no_link_of",
            Self::NotLinked => "not_linked",
            Self::AccountProblem(problem) => problem.name(),
            Self::AgentIneligible(not_eligible) => not_eligible.name(),
            Self::NeverSignedIn => "never_signed_in",
            Self::NotRecoverable => "not_recoverable",
            Self::OtherAddress => "other_address",
            Self::RecoveryNotSetUp => "recovery_not_set_up",
            Self::NotYours => "not_yours",
            Self::UnknownButton => "unknown_button",
            Self::OutdatedCommand => "outdated_command",
            Self::SessionGone => "session_gone",
            Self::AlreadyDone => "already_done",
            Self::Closed(..) => "closed",
            Self::NothingOpen => "nothing_open",
            Self::MalformedEmail => "malformed_email",
            Self::SeveralEmails => "several_emails",
            Self::MalformedTicket => "malformed_ticket",
            Self::UnknownCustomer(_) => "unknown_customer",
            Self::SeveralCustomers => "several_customers",
            Self::OwnAddress => "own_address",
            Self::Attended => "attended",
            Self::TooManyOpen => "too_many_open",
            Self::NoLinksLeft => "no_links_left",
            Self::Limited(..) => "limited",
            Self::LockedOut(..) => "locked_out",
            Self::MalformedCode => "malformed_code",
            Self::WrongCode(..) => "wrong_code",
            Self::ExpiredCode => "expired_code",
            Self::CodeOnItsWay => "code_on_its_way",
            Self::TypeAgain => "type_again",
            Self::TooEarly(..) => "too_early",
            Self::NoSendsLeft => "no_sends_left",
            Self::NoSuchMailbox => "no_such_mailbox",
            Self::Undelivered => "undelivered",
            Self::NotIssued => "unopened",
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
            NotEligible::VerifyOnly | NotEligible::LockedOut(_) => Self::AgentIneligible(reason),
        }
    }
}

impl EffectError {
    /// Returns the refusal that explains this error to the agent.
    pub fn refusal(&self, now: Timestamp) -> Refusal {
        match self {
            Self::Denied(denied) | Self::MailDenied(denied) => match denied {
                Denied::RateLimited(wait) | Denied::Unavailable(wait) => {
                    Refusal::Busy(wait.map(|wait| now + wait))
                }
                Denied::NotFound | Denied::DeliveryFailed | Denied::ProofInvalid => {
                    Refusal::Undelivered
                }
            },
            Self::NoChannel => Refusal::Undelivered,
            Self::Fault(reference) => Refusal::Failed(reference.clone()),
            Self::Interrupted => Refusal::TypeAgain,
        }
    }
}
