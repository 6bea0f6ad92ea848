//! Which outcomes count, and which clicks have to wait for one.
//!
//! An outcome counts only while its effect is pending: one that comes twice, too late or out of
//! nowhere changes nothing. And while the panel waits for an effect no click asks for another, so
//! that no answer is ever taken for that of another question.

use crate::session::{Effect, Purpose, Session};
use crate::step::Event;

impl Effect {
    /// Whether the panel waits for its outcome. The others are performed after the panel is drawn.
    #[must_use]
    pub fn blocks_panel(&self) -> bool {
        match self {
            Self::Send { purpose, .. } => *purpose != Purpose::AgentLink,
            Self::Verify { .. }
            | Self::Issue { .. }
            | Self::Mail { .. }
            | Self::AskReset { .. }
            | Self::Confirm { .. } => true,
            Self::Revoke
            | Self::NotifyLinked { .. }
            | Self::SignOut { .. }
            | Self::NotifyChanged { .. }
            | Self::AlertLocked { .. } => false,
        }
    }
}

impl Session {
    /// Whether an effect that the panel waits for has no outcome yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.pending.iter().any(|pending| pending.effect.blocks_panel())
    }

    fn is_pending(&self, wanted: &Effect) -> bool {
        self.pending.iter().any(|pending| pending.effect == *wanted)
    }
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
