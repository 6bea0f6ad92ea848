//! One move of a session: decide on the newest row, save, and retry if another process was faster.
//!
//! This is the only compare-and-swap loop of the desk. Clicks, timers, the recovery page and the
//! outcomes of effects differ in their [`Cause`] and in what they decide.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::json;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::flows;
use crate::flows::alerts::raise::ENDLESS;
use crate::flows::step::{Facts, Step};
use crate::flows::verify;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::{Attended, SupportState};
use crate::model::limit::{Attempts, Lockout, UNTIL_UNLOCKED};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::verification::LEADLESS_LOCKOUT;
use crate::model::words::{Limit, Purpose};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed, SessionHandle};

/// Maximum decisions in one transition. Each retry follows a row that another process changed.
const ATTEMPTS: u32 = 3;

/// Decision on the newest row.
pub(crate) enum Decision {
    Save(Box<Step>),
    /// The row needs no change: it is closed, or the outcome is already saved.
    Unchanged,
}

/// Result of a transition.
pub(crate) enum Transition {
    Saved(Saved),
    /// The store refused the step. The saved step explains that on the panel and in the trail.
    Refused {
        before: Arc<Session>,
        step: Box<Step>,
    },
    Unchanged(Arc<Session>),
    /// Another process claimed the interaction.
    ClaimedElsewhere,
    /// The agent's eligibility could not be read, and the click does not leave the session.
    Unchecked(Fault),
    /// The session has no readable row.
    Gone,
}

/// A saved step with its circumstances.
pub(crate) struct Saved {
    pub(crate) before: Arc<Session>,
    pub(crate) step: Box<Step>,
    /// Codes that the subject has tried, if the step checks a code.
    pub(crate) attempts: Attempts,
    /// Refusal of an effect that was left pending and finished first.
    pub(crate) leftover: Option<Refusal>,
}

impl Desk {
    /// Moves a session: finishes pending work, decides on the newest row and saves. Retries if
    /// another process was faster.
    ///
    /// The caller holds `handle.lock`. `decide` runs up to [`ATTEMPTS`] times. It can read through
    /// ports and must not write. Fails after the last attempt.
    pub(crate) async fn transition<'a, D>(
        &self,
        handle: &Arc<SessionHandle>,
        mut cause: Cause<'_>,
        mut decide: D,
    ) -> Result<Transition, Fault>
    where
        D: FnMut(Arc<Session>) -> BoxFuture<'a, Result<Decision, Fault>> + Send,
    {
        let (mut claimed, mut leftover) = (cause.is_taken_over(), None);
        for _ in 0..ATTEMPTS {
            let before = handle.session();
            if cause.requested_pending(&before) {
                return Ok(Transition::ClaimedElsewhere);
            }
            let (ineligible, unreadable) = match self.close_if_ineligible(&before, cause).await {
                Ok(closing) => (closing, None),
                // The click may close the session, and nothing else. It finishes no pending effect.
                Err(fault) if cause.leaves(&before) => (None, Some(fault)),
                Err(fault) => {
                    self.release(cause, claimed).await?;
                    return Ok(Transition::Unchecked(fault));
                }
            };
            leftover = leftover.filter(|_| ineligible.is_none());
            if ineligible.is_none()
                && unreadable.is_none()
                && cause.waits_for(&before, self.ports.clock.now())
            {
                // The click is claimed before the wait, because the process that is waited for
                // can be the one that already answers this click.
                if !claimed && !self.claim_alone(cause).await? {
                    return Ok(Transition::ClaimedElsewhere);
                }
                claimed = true;
                leftover = self.finish_pending(handle, cause).await?.or(leftover);
                continue;
            }
            let decision = match ineligible {
                Some(step) => Decision::Save(step),
                None => decide(Arc::clone(&before)).await?,
            };
            let mut step = match decision {
                Decision::Save(step) => step,
                Decision::Unchanged => {
                    self.release(cause, claimed).await?;
                    return Ok(Transition::Unchanged(before));
                }
            };
            if let Some(fault) = unreadable {
                if step.session.closed().is_none() {
                    self.release(cause, claimed).await?;
                    return Err(fault);
                }
                self.log(&fault);
            }
            let mut committed = self.save(handle, &mut step, cause, claimed).await?;
            let refusal = committed.refusal();
            if let Some(refusal) = &refusal {
                if matches!(cause, Cause::Outcome(_)) && *refusal != Refusal::LinkedMeanwhile {
                    return Err(Fault::new("saving an outcome", refusal.name()));
                }
                *step = refused(&before, refusal, cause, self.ports.clock.now());
                committed = self.save(handle, &mut step, cause, claimed).await?;
            }
            match committed {
                Committed::Saved { .. } if refusal.is_some() => {
                    return Ok(Transition::Refused { before, step });
                }
                Committed::Saved { counts, .. } => {
                    let attempts = self.attempts(&before, &step, &counts).await?;
                    return Ok(Transition::Saved(Saved { before, step, attempts, leftover }));
                }
                // Another process finished the effect, and with it the claim. The newest row
                // decides whether this outcome still counts.
                Committed::Claimed if matches!(cause, Cause::Outcome(_)) => {
                    cause = Cause::Outcome(Claim::None);
                }
                Committed::Claimed => return Ok(Transition::ClaimedElsewhere),
                _ => {}
            }
            if self.ports.sessions.reload(&before.id).await?.is_none() {
                return Ok(Transition::Gone);
            }
        }
        Err(Fault::new("moving a session", "session row changed on every attempt"))
    }

    /// Reads the eligibility of the session's agent again, and returns the step that closes the
    /// session if the agent has lost it.
    ///
    /// Every click that decides or draws on a row passes here, before it waits for a pending
    /// effect. A click whose read fails does nothing, unless it closes the session.
    async fn close_if_ineligible(
        &self,
        before: &Session,
        cause: Cause<'_>,
    ) -> Result<Option<Box<Step>>, Fault> {
        let Some(interaction) = cause.of_agent() else { return Ok(None) };
        if before.closed().is_some() || interaction.at >= before.clocks.end() {
            return Ok(None);
        }
        let reason = self.why_not_eligible(before).await?;
        Ok(reason.map(|reason| {
            let facts = Facts::at(interaction.at);
            let mut step = flows::step(before, Event::AgentIneligible(reason), &facts);
            step.mark(before, interaction);
            Box::new(step)
        }))
    }

    /// Commits a step and sets the session's new version.
    ///
    /// A commit whose result is unknown, such as after a broken connection, is read back. It
    /// counts as saved if the row has a newer version and holds the step's session.
    async fn save(
        &self,
        handle: &SessionHandle,
        step: &mut Step,
        cause: Cause<'_>,
        claimed: bool,
    ) -> Result<Committed, Fault> {
        let mut commit = step.commit(cause.claim(step, claimed));
        if self.rules.lead_role.is_none() {
            // No lead can request an unlock, so the lockout ends by itself.
            let endless = |lockout: &&mut Lockout| lockout.until == UNTIL_UNLOCKED;
            let until = step.now + LEADLESS_LOCKOUT;
            commit.lockouts.iter_mut().filter(endless).for_each(|lockout| lockout.until = until);
            for alert in &mut commit.alerts {
                alert.facts.0.remove(ENDLESS);
            }
        }
        let committed = match self.ports.sessions.commit(commit).await {
            Ok(committed) => committed,
            Err(fault) => {
                let read = self.ports.sessions.reload(&step.session.id).await;
                if !matches!(read, Ok(Some(_))) || !holds(&handle.session(), step) {
                    return Err(fault);
                }
                self.log(&fault);
                let version = handle.session().version;
                Committed::Saved { counts: Vec::new(), version }
            }
        };
        if let Committed::Saved { version, .. } = committed {
            step.session.version = version;
            self.note_raised(&step.alerts);
        }
        Ok(committed)
    }

    /// Claims the interaction without moving the session. `false`: another process has claimed it.
    async fn claim_alone(&self, cause: Cause<'_>) -> Result<bool, Fault> {
        let Some(interaction) = cause.unclaimed() else {
            return Ok(true);
        };
        let claim = Claim::Begin(interaction.id());
        let commit = Commit { now: interaction.at, claim, ..Commit::default() };
        Ok(self.ports.sessions.commit(commit).await? != Committed::Claimed)
    }

    /// Finishes a claim that was made alone, because no step follows.
    async fn release(&self, cause: Cause<'_>, claimed: bool) -> Result<(), Fault> {
        if let (Some(interaction), true) = (cause.unclaimed(), claimed) {
            let claim = Claim::Done(interaction.id());
            let commit = Commit { now: interaction.at, claim, ..Commit::default() };
            self.ports.sessions.commit(commit).await?;
        }
        Ok(())
    }

    /// Waits until no other process works on the blocking effect. If that process is dead, finishes
    /// the effect under its own key and returns the refusal to show, if any.
    async fn finish_pending(
        &self,
        handle: &Arc<SessionHandle>,
        cause: Cause<'_>,
    ) -> Result<Option<Refusal>, Fault> {
        let interaction = cause.interaction().map(InteractionContext::id);
        let work = async {
            if !self.acquire_or_wait(handle).await? {
                return Ok(None);
            }
            Ok(self.finish_blocking(handle).await?.refusal)
        };
        self.with_lease(interaction, work).await
    }

    /// Returns how many codes the subject has tried, if the step checks a code.
    async fn attempts(
        &self,
        before: &Session,
        step: &Step,
        counts: &[u32],
    ) -> Result<Attempts, Fault> {
        let checks = step.session.pending.iter().find_map(|pending| match &pending.effect {
            Effect::Verify { purpose, .. } if pending.requested_at == step.now => Some(*purpose),
            _ => None,
        });
        let Some(purpose) = checks else { return Ok(Attempts::default()) };
        let count = |limit| {
            let mut uses = step.limit_uses.iter().zip(counts);
            uses.find(|(counted, _)| counted.limit == limit).map(|(_, count)| *count)
        };
        match (count(Limit::WrongCodes), count(Limit::WrongInARow)) {
            (Some(in_an_hour), Some(in_a_row)) => Ok(Attempts { in_an_hour, in_a_row }),
            // The commit was read back, so its counts are unknown.
            _ => self.count_attempts(before, purpose, step.now).await,
        }
    }

    /// Reads how many codes the subject has tried.
    pub(crate) async fn count_attempts(
        &self,
        session: &Session,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Attempts, Fault> {
        let attempt = verify::code_attempt(session, purpose);
        let usage = self.ports.limits.usage(&attempt, now).await?;
        let count = |nth: usize| usage.get(nth).map_or(0, |usage| usage.count);
        Ok(Attempts { in_an_hour: count(0), in_a_row: count(1) })
    }
}

/// Builds the step that replaces one that the store refused.
fn refused(before: &Session, refusal: &Refusal, cause: Cause<'_>, now: Timestamp) -> Step {
    let mut step = match cause {
        Cause::Interaction(interaction)
        | Cause::Leaving(interaction, _)
        | Cause::TakenOver(interaction) => {
            let mut step = Step::begin(before, interaction.at);
            if let (Refusal::Attended, Work::Support(_, SupportState::Found { attended, .. })) =
                (refusal, &mut step.session.work)
            {
                *attended = Attended::ByAnotherAgent;
            }
            step.mark(before, interaction);
            step
        }
        // Only an account link is refused here: another session linked one of the accounts.
        Cause::Outcome(_) => flows::step(before, Event::Dismiss, &Facts::at(now)),
        Cause::Page(_) | Cause::Timer | Cause::Lead(_) | Cause::LeadTakenOver(_) => {
            Step::begin(before, now)
        }
    };
    let details = json!({ "why": refusal.name() });
    match cause {
        Cause::Lead(lead) | Cause::LeadTakenOver(lead) => {
            step.record_by(&format!("discord:{}", lead.user), kind::REFUSED, details);
        }
        _ => step.record(kind::REFUSED, details),
    }
    step.refuse(refusal.clone());
    step
}

/// Returns true if the step's commit wrote the row. The row must be one version newer than the
/// session that was read, because a step can leave the session as it was. Secrets are not compared.
fn holds(row: &Session, step: &Step) -> bool {
    let json = |session| serde_json::to_value(session).ok();
    row.version == step.session.version + 1
        && json(row).is_some_and(|row| Some(row) == json(&step.session))
}
