//! Sentences of refusals, close reasons and problems, and names of support kinds.

use crate::model::limit::{LockedSubject, LockoutReason, UNTIL_UNLOCKED};
use crate::model::refusal::Refusal;
use crate::model::time::Timestamp;
use crate::model::words::{AccountProblem, CloseReason, Limit, Locale, NotEligible, SupportKind};
use crate::say;
use crate::screens::screen::{MAX_LABEL, clip, escape};
use crate::screens::text::{clock_time, date_time, relative};

impl Refusal {
    pub fn sentence(&self, locale: Locale) -> String {
        match self {
            Self::NotAnAgent => say!(locale, "refusal-not-an-agent"),
            Self::WrongChannel(channel) => {
                say!(locale, "refusal-wrong-channel", channel = format!("<#{channel}>"))
            }
            Self::WrongDeskChannel(support, leads) => {
                let support = format!("<#{support}>");
                if let Some(leads) = leads.map(|leads| format!("<#{leads}>")) {
                    say!(locale, "refusal-wrong-channels", support = support, leads = leads)
                } else {
                    say!(locale, "refusal-wrong-channel", channel = support)
                }
            }
            Self::NotALead
            | Self::NoLeads
            | Self::NotInLeadGroup
            | Self::UnknownSession
            | Self::OwnAccount
            | Self::OwnSession
            | Self::NotStarted
            | Self::TookOver(_)
            | Self::NoLinkOf(_)
            | Self::UnknownAlert
            | Self::AlertAboutYou
            | Self::AlertHandled(_)
            | Self::AlertFalse(_)
            | Self::AlertRepeated
            | Self::TooLateToReopen => self.lead_sentence(locale),
            Self::NotLinked => say!(locale, "refusal-not-linked"),
            Self::AccountProblem(problem) => problem.sentence(locale),
            Self::AgentIneligible(not_eligible) => not_eligible.sentence(locale),
            Self::NeverSignedIn => say!(locale, "refusal-never-signed-in"),
            Self::NotRecoverable => say!(locale, "refusal-not-recoverable"),
            Self::OtherAddress => say!(locale, "refusal-other-address"),
            Self::RecoveryNotSetUp => say!(locale, "refusal-recovery-not-set-up"),
            Self::NotYours => say!(locale, "refusal-not-yours"),
            Self::UnknownButton => say!(locale, "refusal-unknown-button"),
            Self::OutdatedCommand => say!(locale, "refusal-outdated-command"),
            Self::SessionGone => say!(locale, "refusal-session-gone"),
            Self::AlreadyDone => say!(locale, "refusal-already-done"),
            Self::Closed(CloseReason::ByLead, at) => {
                say!(locale, "refusal-closed-by-lead", at = clock_time(*at))
            }
            Self::Closed(reason, at) => {
                say!(locale, "refusal-closed", why = reason.sentence(locale), at = clock_time(*at))
            }
            Self::NothingOpen => say!(locale, "refusal-nothing-open"),
            Self::MalformedEmail => say!(locale, "refusal-malformed-email"),
            Self::SeveralEmails => say!(locale, "refusal-several-emails"),
            Self::MalformedTicket => say!(locale, "refusal-malformed-ticket"),
            Self::UnknownCustomer(typed) => {
                let typed = escape(&clip(typed, MAX_LABEL));
                say!(locale, "refusal-unknown-customer", email = typed)
            }
            Self::SeveralCustomers => say!(locale, "refusal-several-customers"),
            Self::OwnAddress => say!(locale, "refusal-own-address"),
            Self::Attended => say!(locale, "refusal-attended"),
            Self::TooManyOpen => say!(locale, "refusal-too-many-open"),
            Self::NoLinksLeft => say!(locale, "refusal-no-links-left"),
            Self::LockedOut(whose, at, reason) => locked_out(*whose, *at, *reason, locale),
            Self::Limited(limit, at) => say!(locale, limit.message_id(), at = relative(*at)),
            Self::MalformedCode => say!(locale, "refusal-malformed-code"),
            Self::WrongCode(left) => say!(locale, "refusal-wrong-code", left = *left),
            Self::ExpiredCode => say!(locale, "refusal-expired-code"),
            Self::CodeOnItsWay => say!(locale, "refusal-code-on-its-way"),
            Self::TypeAgain => say!(locale, "refusal-type-again"),
            Self::TooEarly(at) => say!(locale, "refusal-too-early", at = relative(*at)),
            Self::NoSendsLeft => say!(locale, "refusal-no-sends-left"),
            Self::NoSuchMailbox => say!(locale, "refusal-no-such-mailbox"),
            Self::Undelivered => say!(locale, "refusal-undelivered"),
            Self::NotIssued => say!(locale, "refusal-unopened"),
            Self::Busy(None) => say!(locale, "refusal-busy"),
            Self::Busy(Some(at)) => say!(locale, "refusal-busy-until", at = relative(*at)),
            Self::ReasonTooShort => say!(locale, "refusal-reason-too-short"),
            Self::ReasonTooLong => say!(locale, "refusal-reason-too-long"),
            Self::UnknownCaseSubject(SupportKind::Technical) => {
                say!(locale, "refusal-unknown-ecosystem")
            }
            Self::UnknownCaseSubject(SupportKind::Successor) => {
                say!(locale, "refusal-unknown-succession")
            }
            Self::OtherKind(kind) => say!(locale, "refusal-other-kind", kind = kind.title(locale)),
            Self::TooLate => say!(locale, "refusal-too-late"),
            Self::LinkedMeanwhile => say!(locale, "refusal-linked-meanwhile"),
            Self::AlreadyLinked(email) => {
                say!(locale, "refusal-already-linked", email = email.as_str())
            }
            Self::Failed(reference) => {
                say!(locale, "refusal-failed", reference = reference.as_str())
            }
        }
    }

    /// Explains a refusal that only `/desk` and the cards of alerts give.
    fn lead_sentence(&self, locale: Locale) -> String {
        let mention = |lead: &u64| format!("<@{lead}>");
        match self {
            Self::NotALead => say!(locale, "refusal-not-a-lead"),
            Self::NoLeads => say!(locale, "refusal-no-leads"),
            Self::NotInLeadGroup => say!(locale, "refusal-not-in-lead-group"),
            Self::UnknownSession => say!(locale, "refusal-unknown-session"),
            Self::OwnAccount => say!(locale, "refusal-own-account"),
            Self::NoLinkOf(agent) => {
                say!(locale, "desk-agent-unlinked", agent = mention(agent))
            }
            Self::OwnSession => say!(locale, "refusal-own-session"),
            Self::NotStarted => say!(locale, "refusal-not-started"),
            Self::TookOver(agent) => say!(locale, "refusal-took-over", agent = mention(agent)),
            Self::AlertAboutYou => say!(locale, "refusal-alert-about-you"),
            Self::AlertHandled(lead) => say!(locale, "refusal-alert-handled", lead = mention(lead)),
            Self::AlertFalse(lead) => say!(locale, "refusal-alert-false", lead = mention(lead)),
            Self::AlertRepeated => say!(locale, "refusal-alert-repeated"),
            Self::TooLateToReopen => say!(locale, "refusal-too-late-to-reopen"),
            _ => say!(locale, "refusal-unknown-alert"),
        }
    }
}

/// Explains a lockout that ends at a time.
fn locked_out(
    whose: LockedSubject,
    until: Timestamp,
    reason: LockoutReason,
    locale: Locale,
) -> String {
    let whose = whose.name();
    if until == UNTIL_UNLOCKED {
        return say!(locale, "refusal-locked-until-unlocked", whose = whose);
    }
    match reason {
        LockoutReason::WrongCodes => {
            say!(locale, "refusal-locked-out", whose = whose, at = relative(until))
        }
        LockoutReason::Report => {
            say!(locale, "refusal-locked-after-report", whose = whose, at = clock_time(until))
        }
        LockoutReason::Lead(_) => {
            say!(locale, "refusal-locked-by-lead", whose = whose, at = date_time(until))
        }
    }
}

impl AccountProblem {
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::Gone => say!(locale, "account-problem-gone"),
            Self::Disabled => say!(locale, "account-problem-disabled"),
            Self::NotInGroup => say!(locale, "account-problem-not-in-group"),
            Self::Unverified => say!(locale, "account-problem-unverified"),
        }
    }
}

impl NotEligible {
    /// Explains why an open session closed.
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::Role => say!(locale, "not-eligible-role"),
            Self::Link => say!(locale, "not-eligible-link"),
            Self::Account(problem) => problem.sentence(locale),
            Self::VerifyOnly => say!(locale, "not-eligible-verify-only"),
            Self::LockedOut(UNTIL_UNLOCKED) => say!(locale, "not-eligible-locked-until-unlocked"),
            Self::LockedOut(at) => say!(locale, "not-eligible-locked-out", at = date_time(at)),
        }
    }
}

impl Limit {
    const fn message_id(self) -> &'static str {
        match self {
            Self::Lookups
            | Self::LookupAlerts
            // No person's commit counts a card or a ping.
            | Self::AlertCards
            | Self::AlertPings
            | Self::SubjectPings => "refusal-limit-lookups",
            Self::DailyLookups => "refusal-limit-daily-lookups",
            Self::Sends => "refusal-limit-sends",
            Self::AgentSends => "refusal-limit-agent-sends",
            // Wrong codes in a row lock the subject out instead.
            Self::WrongCodes | Self::WrongInARow => "refusal-limit-wrong-codes",
            Self::LinkRequests | Self::LinkMails => "refusal-limit-links",
            Self::RecoverRequests | Self::RecoverConfirms | Self::WrongResetCodes => {
                "refusal-limit-recoveries"
            }
            Self::DeskFiles => "refusal-limit-files",
        }
    }
}

impl CloseReason {
    pub fn sentence(self, locale: Locale) -> String {
        match self {
            Self::Finished => say!(locale, "close-reason-finished"),
            Self::Cancelled => say!(locale, "close-reason-cancelled"),
            Self::Dismissed => say!(locale, "close-reason-dismissed"),
            Self::Idle => say!(locale, "close-reason-idle"),
            Self::Absolute => say!(locale, "close-reason-absolute"),
            Self::AgentLockedOut => say!(locale, "close-reason-agent-locked-out"),
            Self::CustomerLockedOut => say!(locale, "close-reason-customer-locked-out"),
            Self::AgentIneligible => say!(locale, "close-reason-agent-ineligible"),
            Self::CustomerInactive => say!(locale, "close-reason-customer-inactive"),
            Self::RoleChanged => say!(locale, "close-reason-role-changed"),
            Self::SuccessionOver => say!(locale, "close-reason-succession-over"),
            Self::ProofInvalid => say!(locale, "close-reason-proof-invalid"),
            Self::Replaced => say!(locale, "close-reason-replaced"),
            Self::Unreadable => say!(locale, "close-reason-unreadable"),
            Self::Tampered => say!(locale, "close-reason-tampered"),
            Self::EndedByOperator => say!(locale, "close-reason-ended-by-operator"),
            Self::Nameless => say!(locale, "close-reason-nameless"),
            Self::ByLead => say!(locale, "close-reason-by-lead"),
            Self::TakenOver => say!(locale, "close-reason-taken-over"),
            Self::ResetLockedOut => say!(locale, "close-reason-reset-locked-out"),
            Self::Reported => say!(locale, "close-reason-reported"),
        }
    }
}

impl SupportKind {
    /// Returns the name that the panels show.
    pub fn title(self, locale: Locale) -> String {
        match self {
            Self::Technical => say!(locale, "technical-title"),
            Self::Successor => say!(locale, "successor-title"),
        }
    }
}
