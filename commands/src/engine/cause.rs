//! The cause of a transition: who or what moves a session, and the claim that belongs to it.

use crate::engine::interaction::InteractionContext;
use crate::flows::step::Step;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::ports::claims::Claim;

/// Cause of a transition.
#[derive(Clone, Copy)]
pub(crate) enum Cause<'a> {
    /// A click or command. The transition claims the interaction.
    Interaction(&'a InteractionContext),
    /// A click on Close, Finish or Cancel, on a panel of this generation. It may close the session
    /// even if the agent's eligibility cannot be read, so that a session can always be left.
    Leaving(&'a InteractionContext, u32),
    /// A click whose claim this process has taken over from a dead one.
    TakenOver(&'a InteractionContext),
    /// A lead's click that closes the session, or takes it over. The agent's eligibility does not
    /// matter for it.
    Lead(&'a InteractionContext),
    /// As [`Cause::Lead`], with a claim that this process has taken over from a dead one.
    LeadTakenOver(&'a InteractionContext),
    /// A request of the recovery page, claimed under this random number if an effect follows.
    Page(u64),
    /// A timer or a forced close. It claims nothing and does not wait for a pending effect.
    Timer,
    /// The outcome of an effect, with the claim of the interaction that requested it.
    Outcome(Claim),
}

impl<'a> Cause<'a> {
    pub(super) fn interaction(self) -> Option<&'a InteractionContext> {
        match self {
            Self::Interaction(interaction)
            | Self::Leaving(interaction, _)
            | Self::TakenOver(interaction)
            | Self::Lead(interaction)
            | Self::LeadTakenOver(interaction) => Some(interaction),
            Self::Page(_) | Self::Timer | Self::Outcome(_) => None,
        }
    }

    /// Returns the agent's interaction, whose eligibility counts.
    pub(super) fn of_agent(self) -> Option<&'a InteractionContext> {
        self.interaction().filter(|_| !matches!(self, Self::Lead(_) | Self::LeadTakenOver(_)))
    }

    /// Returns the interaction if this process has still to claim it.
    pub(super) fn unclaimed(self) -> Option<&'a InteractionContext> {
        self.interaction().filter(|_| !self.is_taken_over())
    }

    /// Returns true if this process has taken the claim over from a dead one.
    pub(super) const fn is_taken_over(self) -> bool {
        matches!(self, Self::TakenOver(_) | Self::LeadTakenOver(_))
    }

    /// Returns true if the click leaves the session. A click on an older panel only draws.
    pub(super) fn leaves(self, session: &Session) -> bool {
        matches!(self, Self::Leaving(_, generation) if generation == session.generation)
    }

    /// Returns true if another process has already saved this click and works on its effect.
    pub(super) fn requested_pending(self, session: &Session) -> bool {
        let Some(interaction) = self.unclaimed() else { return false };
        session.pending.iter().any(|pending| pending.requested_by == Some(interaction.id()))
    }

    /// Returns true if a pending effect must be finished first. A session whose end has passed is
    /// closed instead.
    pub(super) fn waits_for(self, session: &Session, now: Timestamp) -> bool {
        let now = match self {
            Self::Interaction(interaction)
            | Self::Leaving(interaction, _)
            | Self::TakenOver(interaction)
            | Self::Lead(interaction)
            | Self::LeadTakenOver(interaction) => interaction.at,
            Self::Page(_) => now,
            Self::Timer | Self::Outcome(_) => return false,
        };
        session.is_busy() && session.closed().is_none() && now < session.clocks.end()
    }

    pub(super) fn claim(self, step: &Step, claimed: bool) -> Claim {
        match self {
            Self::Interaction(interaction)
            | Self::Leaving(interaction, _)
            | Self::TakenOver(interaction)
            | Self::Lead(interaction)
            | Self::LeadTakenOver(interaction) => {
                let id = interaction.id();
                let blocking = step.blocking_effect();
                match (blocking.is_some_and(|effect| effect.requested_by == Some(id)), claimed) {
                    (true, false) => Claim::Begin(id),
                    (true, true) => Claim::None,
                    (false, false) => Claim::Whole(id),
                    (false, true) => Claim::Done(id),
                }
            }
            Self::Page(number) if step.session.is_busy() => Claim::Begin(number),
            Self::Page(_) | Self::Timer => Claim::None,
            Self::Outcome(claim) => claim,
        }
    }
}
