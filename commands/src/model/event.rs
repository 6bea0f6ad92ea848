//! Events of a session: clicks, outcomes of effects, timers and forced closes.

use secrecy::SecretString;

use crate::model::delivery::DeliveryReport;
use crate::model::effect::Effect;
use crate::model::flow_state::FoundAccount;
use crate::model::limit::Attempts;
use crate::model::outcome::{CodeCheck, ConfirmDenied, EffectError, ResetDenied, Sent};
use crate::model::reason::Reason;
use crate::model::report::{Answer, ReportedMail};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{CloseReason, NotEligible, Purpose, Target};

/// An event that can move a session. In an outcome, `purpose`, `target` and `nth` are those of its
/// effect.
#[derive(Clone, Debug)]
pub enum Event {
    /// The agent pressed Start.
    Start,
    /// The agent pressed Close, before Start.
    Dismiss,
    /// The agent chose the ecosystem or succession with this id of Core.
    Choose(String),
    /// The agent sends the customer's code.
    Send,
    /// The agent requests another code.
    Resend,
    /// The agent wants to choose another ecosystem or succession.
    Change,
    /// The agent submitted a code. Its keyed hash; `None` if the text is malformed.
    Typed(Option<String>),
    /// The agent requests an access link.
    Open(Target),
    /// The agent lets the successor's access link be mailed.
    MailLink,
    /// The agent pressed Finish.
    Finish,
    /// The agent cancels for this reason.
    Cancel(String),
    /// The agent submitted a code and a valid new password on the recovery page.
    Confirm,
    /// The agent pressed Stay.
    Stay,
    /// The agent lets the panel be drawn again.
    Resume,
    /// Outcome of [`Effect::Send`], except in a link session.
    Sent { purpose: Purpose, nth: u32, outcome: Result<Sent, EffectError> },
    /// Outcome of [`Effect::Verify`].
    Checked {
        purpose: Purpose,
        nth: u32,
        outcome: Result<CodeCheck, EffectError>,
        attempts: Attempts,
    },
    /// Outcome of [`Effect::Issue`].
    Issued {
        target: Target,
        nth: u32,
        /// Address and end of the link.
        outcome: Result<(SecretString, Timestamp), EffectError>,
    },
    /// Outcome of [`Effect::MailLink`].
    Mailed {
        nth: u32,
        /// Masked address, and the end of the link.
        outcome: Result<(String, Timestamp), EffectError>,
    },
    /// Outcome of [`Effect::Revoke`]: the number of revoked links.
    Revoked { nth: u32, outcome: Result<u32, EffectError> },
    /// Outcome of [`Effect::RequestReset`].
    ResetRequested {
        nth: u32,
        /// Masked address, or Cognito's "no".
        outcome: Result<Result<String, ResetDenied>, EffectError>,
    },
    /// Outcome of [`Effect::Confirm`].
    Confirmed {
        nth: u32,
        outcome: Result<Result<(), ConfirmDenied>, EffectError>,
        /// Wrong codes of the agent in a day, over all links, this one included.
        wrong_in_a_day: u32,
    },
    /// Outcome of a notice, an alert or a sign-out.
    NoticeSent(Effect, Result<(), EffectError>),
    /// Outcome of [`Effect::Send`] in a link session.
    LinkCodeSent {
        nth: u32,
        /// The account and its code. `None` if the address has no account to link.
        outcome: Result<Option<(FoundAccount, Sent)>, EffectError>,
    },
    /// The function answered a question about the mail of a code.
    Delivery(DeliveryReport),
    /// A timer is due.
    TimerFired,
    /// The session must close for a reason that no click gave.
    ForceClose(CloseReason),
    /// A report page was answered.
    Reported(Answer),
    /// Outcome of [`Effect::CountReporters`]: the number of customers.
    ReportersCounted(ReportedMail, Result<u32, EffectError>),
    /// The agent is no longer eligible.
    AgentIneligible(NotEligible),
    /// A lead closes the session: the lead's Discord id, and why.
    LeadClosed(u64, Reason),
}

impl Event {
    /// Returns true if the click requests a blocking effect, or leaves the state that waits for
    /// one. Such a click needs an idle session.
    pub const fn requires_idle(&self) -> bool {
        matches!(
            self,
            Self::Choose(_)
                | Self::Send
                | Self::Resend
                | Self::Change
                | Self::Typed(_)
                | Self::Open(_)
                | Self::MailLink
                | Self::Confirm
        )
    }

    /// Returns true if the click leaves the session: Close, Finish or Cancel.
    pub const fn leaves(&self) -> bool {
        matches!(self, Self::Dismiss | Self::Finish | Self::Cancel(_))
    }

    /// Returns true if this is the outcome of a request for an access link that may exist.
    pub const fn may_have_opened_link(&self) -> bool {
        match self {
            Self::Issued { outcome: Ok(_), .. } | Self::Mailed { outcome: Ok(_), .. } => true,
            // A refusal means that the function did nothing.
            Self::Issued { outcome: Err(error), .. } | Self::Mailed { outcome: Err(error), .. } => {
                !matches!(error, EffectError::Denied(_))
            }
            _ => false,
        }
    }

    /// Returns true if this outcome counts after the close: a link that may exist must be revoked,
    /// and a right code ends its subject's wrong codes in a row.
    pub const fn counts_after_close(&self) -> bool {
        self.may_have_opened_link()
            || matches!(self, Self::Checked { outcome: Ok(CodeCheck::Verified(_)), .. })
    }

    /// Returns true if this outcome's effect is pending. Accepts every event that is not an
    /// outcome.
    pub fn is_expected_by(&self, session: &Session) -> bool {
        let effect = match self {
            Self::Sent { purpose, nth, .. } => Effect::Send { purpose: *purpose, nth: *nth },
            Self::LinkCodeSent { nth, .. } => {
                Effect::Send { purpose: Purpose::AgentLink, nth: *nth }
            }
            // The outcome does not name the typed code. At most one is checked at a time.
            Self::Checked { purpose, nth, .. } => {
                return session.pending.iter().any(|pending| match &pending.effect {
                    Effect::Verify { purpose: p, nth: n, .. } => (p, n) == (purpose, nth),
                    _ => false,
                });
            }
            Self::Issued { target, nth, .. } => Effect::Issue { target: *target, nth: *nth },
            Self::Mailed { nth, .. } => Effect::MailLink { nth: *nth },
            Self::ResetRequested { nth, .. } => Effect::RequestReset { nth: *nth },
            Self::Confirmed { nth, .. } => Effect::Confirm { nth: *nth },
            Self::Revoked { nth, .. } => Effect::Revoke { nth: *nth },
            Self::NoticeSent(effect, _) => return session.is_pending(effect),
            Self::ReportersCounted(mail, _) => Effect::CountReporters { mail: *mail },
            _ => return true,
        };
        session.is_pending(&effect)
    }
}
