//! A decided move of a session, before it is saved and performed.
//!
//! A flow builds a [`Step`]: the new session with the requested effects, the limits to count, the
//! trail events, and the refusal to show.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::model::account::AccountLink;
use crate::model::alert::NewAlert;
use crate::model::customer::CustomerRecord;
use crate::model::effect::{Effect, Failure, Pending};
use crate::model::flow_state::{LinkState, RecoverState, SupportState};
use crate::model::limit::{LimitUse, Lockout};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::{TrailEvent, kind};
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{CloseReason, Limit, Purpose};
use crate::ports::claims::Claim;
use crate::ports::sessions::Commit;

/// Input of a decision, besides session and event.
#[derive(Clone, Debug)]
pub struct Facts {
    pub now: Timestamp,
    /// The customer in clear. `None` unless the event starts or chooses, or
    /// [`needs`](crate::flows::support::needs::needs_customer) the customer.
    pub record: Option<Arc<CustomerRecord>>,
    /// What the agent's groups allow. `None` unless the event starts.
    pub scope: Option<Scope>,
}

impl Facts {
    /// Returns the facts of an event that needs none but the time.
    pub const fn at(now: Timestamp) -> Self {
        Self { now, record: None, scope: None }
    }
}

/// Decided move of a session.
#[must_use]
#[derive(Clone, Debug)]
pub struct Step {
    pub now: Timestamp,
    /// The new session. Its pending effects include the requested ones.
    pub session: Session,
    /// A new session that takes the place of this one. It is saved in the same transaction.
    pub opened: Option<Box<Session>>,
    /// Uses to count. The store refuses the step if one exceeds its limit.
    pub limit_uses: Vec<LimitUse>,
    /// Limits and subjects whose newest use is given back.
    pub refunds: Vec<(Limit, String)>,
    /// Limits and subjects whose uses all end, because a right code was typed.
    pub resets: Vec<(Limit, String)>,
    /// Maximum open sessions of the agent that attend a customer, if the session starts to.
    pub open_sessions: Option<u32>,
    /// Subjects that must not be locked out.
    pub requires_unlocked: Vec<String>,
    /// Lockouts that start with this step.
    pub lockouts: Vec<Lockout>,
    /// Account link to add.
    pub account_link: Option<AccountLink>,
    /// Alerts that this step raises.
    pub alerts: Vec<NewAlert>,
    /// Events for the trail.
    pub events: Vec<TrailEvent>,
    /// Refusal that the panel shows.
    pub refusal: Option<Refusal>,
    /// A well-formed code was typed. It restarts the idle timeout even while the session waits for
    /// the customer's code.
    pub well_formed_code: bool,
}

impl Step {
    /// Starts a step that changes nothing yet.
    pub fn begin(session: &Session, now: Timestamp) -> Self {
        Self {
            now,
            session: session.clone(),
            opened: None,
            limit_uses: Vec::new(),
            refunds: Vec::new(),
            resets: Vec::new(),
            open_sessions: None,
            requires_unlocked: Vec::new(),
            lockouts: Vec::new(),
            account_link: None,
            alerts: Vec::new(),
            events: Vec::new(),
            refusal: None,
            well_formed_code: false,
        }
    }

    /// Records a trail event of the session's agent.
    pub fn record(&mut self, kind: &'static str, details: Value) {
        self.record_about(kind, details, Value::Null);
    }

    /// Records a trail event of the session's agent. `about`: what tells who or what it is about,
    /// which the store seals.
    pub fn record_about(&mut self, kind: &'static str, details: Value, about: Value) {
        let actor = format!("discord:{}", self.session.actor.discord_id);
        self.record_as(actor, kind, details, about);
    }

    /// Records a trail event that no person caused.
    pub fn record_by_clock(&mut self, kind: &'static str, details: Value) {
        self.record_as("clock".to_owned(), kind, details, Value::Null);
    }

    /// Records a trail event of an actor other than the session's agent.
    pub fn record_by(&mut self, actor: &str, kind: &'static str, details: Value) {
        self.record_as(actor.to_owned(), kind, details, Value::Null);
    }

    fn record_as(&mut self, actor: String, kind: &'static str, details: Value, about: Value) {
        self.events.push(TrailEvent {
            at: self.now,
            actor,
            session: Some(self.session.id.clone()),
            kind,
            details,
            customer: self.session.pseudonym.clone(),
            about,
        });
    }

    /// Raises an alert for the leads, in the transaction of this step.
    pub fn raise(&mut self, alert: NewAlert) {
        self.alerts.push(alert);
    }

    /// Returns the effect that a panel waits for: of the opened session, if there is one.
    pub fn blocking_effect(&self) -> Option<&Pending> {
        self.opened.as_deref().unwrap_or(&self.session).blocking_effect()
    }

    /// Requests an effect.
    pub fn request(&mut self, effect: Effect) {
        self.session.pending.push(Pending::new(effect, self.now));
    }

    /// Removes a pending effect, because it has its outcome.
    pub fn finish(&mut self, effect: &Effect) {
        self.session.pending.retain(|pending| pending.effect != *effect);
    }

    /// Keeps a failed effect pending. It is retried later under the same key.
    pub fn retry_later(&mut self, effect: &Effect) {
        let now = self.now;
        self.session
            .pending
            .iter_mut()
            .filter(|pending| pending.effect == *effect)
            .for_each(|pending| pending.requested_at = now);
    }

    /// Keeps a failed effect pending, and puts its next call off. Returns true if it failed for
    /// another reason before, or for the first time.
    pub fn put_off(
        &mut self,
        effect: &Effect,
        why: &str,
        wait: impl FnOnce(u32) -> Duration,
    ) -> bool {
        let now = self.now;
        let mut pending = self.session.pending.iter_mut();
        let Some(pending) = pending.find(|pending| pending.effect == *effect) else {
            return false;
        };
        let before = pending.failure.take();
        let calls = before.as_ref().map_or(0, |before| before.calls).saturating_add(1);
        let retry_at = now + wait(calls);
        pending.requested_at = now;
        pending.failure =
            Some(Failure { why: why.to_owned(), calls, retry_at, unknown: UnknownFields::NONE });
        before.is_none_or(|before| before.why != why)
    }

    /// Gives a typed code back, because it was not wrong.
    pub fn refund_attempt(&mut self, purpose: Purpose) {
        let subject = proof::subject(&self.session, purpose);
        for limit in [Limit::WrongCodes, Limit::WrongInARow] {
            self.refunds.push((limit, subject.clone()));
        }
    }

    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }

    /// Closes the session, and ends its proofs and access links.
    pub fn close(&mut self, reason: CloseReason) {
        self.close_with(reason, json!({}), Value::Null);
    }

    /// Closes the session, with further details and sealed details for the trail.
    pub fn close_with(&mut self, reason: CloseReason, details: Value, about: Value) {
        let by_clock = matches!(reason, CloseReason::Idle | CloseReason::Absolute);
        let actor = if by_clock {
            "clock".to_owned()
        } else {
            format!("discord:{}", self.session.actor.discord_id)
        };
        self.close_as(actor, reason, details, about);
    }

    /// Closes the session as [`close_with`](Self::close_with) does. `actor` is whom the trail
    /// names.
    pub fn close_as(
        &mut self,
        actor: String,
        reason: CloseReason,
        mut details: Value,
        about: Value,
    ) {
        if self.session.closed().is_some() {
            return;
        }
        details["why"] = json!(reason.name());
        self.record_as(actor, kind::CLOSED, details, about);
        let session = &mut self.session;
        session.clocks.closed_at = Some(self.now);
        session.clocks.stripped = false;
        session.past = None;
        session.work = match &session.work {
            Work::Support(kind, _) => Work::Support(*kind, SupportState::Closed(reason)),
            Work::Link(_) => Work::Link(LinkState::Closed(reason)),
            Work::Recover(state) => {
                Work::Recover(RecoverState { closed: Some(reason), ..state.clone() })
            }
        };
        session.agent.challenge = None;
        session.customer.challenge = None;
        let checks = session.pending.iter().filter_map(|pending| match pending.effect {
            Effect::Verify { purpose, .. } => Some(purpose),
            _ => None,
        });
        let checks: Vec<Purpose> = checks.collect();
        // A check that is dropped here can still give a proof.
        session.may_be_proven |= checks.iter().any(|purpose| purpose.gives_proof());
        // A closed session has no use for a code.
        session.pending.retain(|pending| {
            !pending.effect.blocks_panel() && !matches!(pending.effect, Effect::Send { .. })
        });
        session.retain_access_links(|_| false);
        let may_be_proven = session.may_be_proven;
        // A dropped check counts no attempt, because its result is not shown.
        for purpose in checks {
            self.refund_attempt(purpose);
        }
        if may_be_proven {
            self.revoke();
        }
        if !self.session.opened().is_empty() {
            self.request(Effect::NotifyVisit);
        }
    }

    /// Requests that the function ends all access links and proofs of the session. Replaces a
    /// pending request, because the call for it can be over before the newest link exists.
    pub fn revoke(&mut self) {
        self.session.pending.retain(|pending| !matches!(pending.effect, Effect::Revoke { .. }));
        self.session.revocations = self.session.revocations.saturating_add(1);
        self.request(Effect::Revoke { nth: self.session.revocations.into() });
        self.record(kind::REVOKE_ASKED, json!({}));
    }

    /// Returns the transaction that saves this step.
    pub fn commit(&self, claim: Claim) -> Commit {
        Commit {
            now: self.now,
            claim,
            session: Some(self.session.clone()),
            opened: self.opened.clone(),
            account_link: self.account_link.clone().map(Box::new),
            limit_uses: self.limit_uses.clone(),
            refunds: self.refunds.clone(),
            resets: self.resets.clone(),
            open_sessions: self.open_sessions,
            requires_unlocked: self.requires_unlocked.clone(),
            lockouts: self.lockouts.clone(),
            alerts: self.alerts.clone(),
            events: self.events.clone(),
            ..Commit::default()
        }
    }

    /// Raises the generation after a moving click, and restarts the idle timeout if the click
    /// counts as activity.
    pub fn advance(&mut self, before: &Session) {
        self.session.generation = before.generation.saturating_add(1);
        if self.session.closed().is_some() {
            return;
        }
        let sends = self
            .session
            .pending
            .iter()
            .any(|pending| matches!(pending.effect, Effect::Send { .. }));
        if !before.awaits_customer() || self.well_formed_code || sends {
            self.session.clocks.renew(self.now);
        } else {
            self.session.clocks.stripped = false;
        }
    }
}
