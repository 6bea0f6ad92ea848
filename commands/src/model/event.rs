//! Everything that can happen to a session: clicks, clocks, and what became of the effects that it
//! wanted.

use crate::model::effect::Effect;
use crate::model::flow_state::FoundAccount;
use crate::model::outcome::{CodeCheck, ConfirmDenied, EffectError, ResetDenied, Sent};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::{CloseReason, NotEligible, Purpose, Target};

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
        outcome: Result<CodeCheck, EffectError>,
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
        outcome: Result<Option<(FoundAccount, Sent)>, EffectError>,
    },
    /// A clock acts.
    TimerFired,
    /// It has to close, for a reason that no click has given.
    ForceClose(CloseReason),
    /// Its agent is none any more.
    AgentIneligible(NotEligible),
}

impl Event {
    /// Whether a click of this kind may ask for an effect that its panel waits for, or leave the
    /// state that waits for one.
    #[must_use]
    pub const fn requires_idle(&self) -> bool {
        matches!(
            self,
            Self::Choose(_)
                | Self::Send
                | Self::Resend
                | Self::Change
                | Self::Typed(_)
                | Self::Open(_)
                | Self::Mail
                | Self::Confirm
        )
    }

    /// Whether the effect whose outcome this is has none yet. What is no outcome is always welcome.
    #[must_use]
    pub fn is_expected_by(&self, session: &Session) -> bool {
        match self {
            Self::Sent { purpose, nth, .. } => session.is_pending(&Effect::Send { purpose: *purpose, nth: *nth }),
            Self::LinkCodeSent { nth, .. } => session.is_pending(&Effect::Send { purpose: Purpose::AgentLink, nth: *nth }),
            // Which code it was is not in the outcome; at most one is checked at a time.
            Self::Checked { purpose, nth, .. } => session
                .pending
                .iter()
                .any(|pending| matches!(&pending.effect, Effect::Verify { purpose: p, nth: n, .. } if (p, n) == (purpose, nth))),
            Self::Issued { target, nth, .. } => session.is_pending(&Effect::Issue { target: *target, nth: *nth }),
            Self::Mailed { nth, .. } => session.is_pending(&Effect::Mail { nth: *nth }),
            Self::ResetAsked { nth, .. } => session.is_pending(&Effect::AskReset { nth: *nth }),
            Self::Confirmed { nth, .. } => session.is_pending(&Effect::Confirm { nth: *nth }),
            Self::Revoked(_) => session.is_pending(&Effect::Revoke),
            Self::NoticeSent(told, _) => session.is_pending(told),
            _ => true,
        }
    }
}
