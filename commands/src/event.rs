//! Everything that can happen to a session: clicks, clocks, and what became of the effects that it
//! wanted.

use crate::account::link;
use crate::account::rights::NotEligible;
use crate::error::Refusal;
use crate::ports::{Checked, ConfirmDenied, Denied, ResetDenied, Sent};
use crate::session::{CloseReason, Effect, Purpose, Target};
use crate::time::Timestamp;

/// Everything that can happen to a session.
#[derive(Clone, Debug)]
pub enum Event {
    /// Start was pressed.
    Start,
    /// Close was pressed, before Start.
    Dismiss,
    /// An ecosystem or a succession was chosen, by Core's id.
    Choose(String),
    /// The customer's code shall be sent.
    Send,
    /// Another code shall be sent.
    Resend,
    /// Another ecosystem or succession shall be chosen.
    Change,
    /// A code was typed: its keyed hash, or `None` when it was malformed.
    Typed(Option<String>),
    /// Something shall be opened for the customer.
    Open(Target),
    /// The successor's way in shall be mailed to them.
    Mail,
    /// The work is done.
    Finish,
    /// A reason for cancelling was given.
    Cancel(String),
    /// Code and new password were typed into the recovery page, and can be sent.
    Confirm,
    /// Stay was pressed.
    Stay,
    /// The panel shall be drawn again.
    Resume,
    /// A code was mailed, or not.
    Sent {
        /// Whose.
        purpose: Purpose,
        /// As in the effect.
        nth: u32,
        /// What became of it.
        outcome: Result<Sent, EffectError>,
    },
    /// A code was checked, or not.
    Checked {
        /// Whose.
        purpose: Purpose,
        /// As in the effect.
        nth: u32,
        /// What became of it.
        outcome: Result<Checked, EffectError>,
        /// How many tries the subject has had in the window, this one included.
        count: u32,
    },
    /// Something was opened, or not.
    Issued {
        /// As in the effect.
        target: Target,
        /// As in the effect.
        nth: u32,
        /// Discord's id of the message that holds it, and when it ends.
        outcome: Result<(Option<u64>, Timestamp), EffectError>,
    },
    /// The successor's way in was mailed, or not.
    Mailed {
        /// As in the effect.
        nth: u32,
        /// The masked address, and when it ends.
        outcome: Result<(String, Timestamp), EffectError>,
    },
    /// What was opened is revoked, or not.
    Revoked(Result<u32, EffectError>),
    /// Cognito mailed a code for a new password, or not.
    ResetAsked {
        /// As in the effect.
        nth: u32,
        /// Where it went, masked, or Cognito's "no".
        outcome: Result<Result<String, ResetDenied>, EffectError>,
    },
    /// The new password was set, or not.
    Confirmed {
        /// As in the effect.
        nth: u32,
        /// What became of it, or Cognito's "no".
        outcome: Result<Result<(), ConfirmDenied>, EffectError>,
    },
    /// A notice was mailed, the leads were told, or an account was signed out; or not.
    NoticeSent(Effect, Result<(), EffectError>),
    /// The typed address was looked up and, if it has an account to link, a code was mailed there.
    /// Only while linking.
    LinkCodeSent {
        /// As in the effect.
        nth: u32,
        /// The account and the code; `None` when there is none to link.
        outcome: Result<Option<(link::Found, Sent)>, EffectError>,
    },
    /// A clock acts.
    TimerFired,
    /// It has to close, for a reason that no click has given.
    ForceClose(CloseReason),
    /// Its agent is none any more.
    AgentIneligible(NotEligible),
}

/// Why an effect has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectError {
    /// The other side said no.
    Denied(Denied),
    /// It failed, or nobody knows; the reference stands in the log.
    Fault(String),
    /// The process stopped in the middle, and what was typed is gone with it.
    Interrupted,
    /// There is no channel in which the leads could be told: the log alone was.
    NoChannel,
}

impl EffectError {
    /// The word in the trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Denied(Denied::RateLimited(_)) => "rate_limited",
            Self::Denied(Denied::NotFound) => "not_found",
            Self::Denied(Denied::DeliveryFailed) => "delivery_failed",
            Self::Denied(Denied::ProofInvalid) => "proof_invalid",
            Self::Denied(Denied::Unavailable(_)) => "unavailable",
            Self::Fault(_) => "fault",
            Self::Interrupted => "interrupted",
            Self::NoChannel => "no_channel",
        }
    }

    /// The sentence for the agent.
    #[must_use]
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
