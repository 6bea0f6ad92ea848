//! One move of a session: what was decided, before anything is done about it.
//!
//! A road's `step` takes a session and an [`Event`] and answers with a [`Step`]: the session as it
//! shall be, with the effects it wants in [`Session::pending`], what to count, and a refusal to
//! say. It is synchronous and pure; `desk` saves and performs it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::account::rights::NotEligible;
use crate::account::{link, recover};
use crate::clocks::ASK_AGAIN;
use crate::customer::CustomerRecord;
use crate::error::{Limit, Refusal};
pub use crate::event::{EffectError, Event};
use crate::ports::{AccountLink, Claim, Commit, Denied, LimitUse, Lockout};
use crate::session::{AccessLink, CloseReason, Effect, Pending, Session, Work};
use crate::support;
use crate::time::{Timestamp, minutes};
use crate::trail::{TrailEvent, kind};

/// How long after the close a notice, an alert or a sign-out that fails is tried again: later it is
/// no news.
const TELL_WITHIN: Duration = minutes(60);

/// What is known when a step is decided, besides the session.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The time.
    pub now: Timestamp,
    /// The customer in clear: as fresh as [`needs`](crate::support::needs) asks for.
    pub record: Option<Arc<CustomerRecord>>,
}

/// A decided move.
#[derive(Clone, Debug)]
pub struct Step {
    /// The time of it.
    pub now: Timestamp,
    /// The session as it shall be.
    pub session: Session,
    /// To be counted, and refused when it is too often.
    pub limit_uses: Vec<LimitUse>,
    /// To be taken back.
    pub refunds: Vec<(Limit, String)>,
    /// Subjects that must not be resting.
    pub requires_unlocked: Vec<String>,
    /// Subjects that rest from now on.
    pub lockouts: Vec<Lockout>,
    /// A link to add.
    pub link: Option<AccountLink>,
    /// For the trail.
    pub events: Vec<TrailEvent>,
    /// What to say on the panel.
    pub refusal: Option<Refusal>,
    /// Messages that have to be replaced by "expired".
    pub expired: Vec<AccessLink>,
    /// Whether a well-formed code was typed: it renews the idle clock even while the customer's
    /// code is awaited.
    pub well_formed_code: bool,
}

impl Step {
    /// A step that changes nothing yet.
    #[must_use]
    pub fn begin(session: &Session, now: Timestamp) -> Self {
        Self {
            now,
            session: session.clone(),
            limit_uses: Vec::new(),
            refunds: Vec::new(),
            requires_unlocked: Vec::new(),
            lockouts: Vec::new(),
            link: None,
            events: Vec::new(),
            refusal: None,
            expired: Vec::new(),
            well_formed_code: false,
        }
    }

    /// Writes into the trail, as the session's agent.
    pub fn record(&mut self, kind: &'static str, details: Value) {
        let actor = format!("discord:{}", self.session.actor.discord_id);
        self.record_as(actor, kind, details);
    }

    fn record_as(&mut self, actor: String, kind: &'static str, details: Value) {
        self.events.push(TrailEvent {
            at: self.now,
            actor,
            session: Some(self.session.id.clone()),
            kind,
            details,
        });
    }

    /// Wants an effect.
    pub fn effect(&mut self, effect: Effect) {
        self.session.pending.push(Pending { effect, requested_at: self.now, requested_by: None });
    }

    /// An effect has its outcome.
    pub fn done(&mut self, effect: &Effect) {
        self.session.pending.retain(|pending| pending.effect != *effect);
    }

    /// An effect has failed, and is asked for again under the same key a while from now.
    pub fn again(&mut self, effect: &Effect) {
        let now = self.now;
        self.session
            .pending
            .iter_mut()
            .filter(|pending| pending.effect == *effect)
            .for_each(|pending| pending.requested_at = now);
    }

    /// Says why not.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }

    /// Closes the session: whatever it opened is revoked and replaced.
    pub fn close(&mut self, closing: CloseReason, detail: &Value) {
        if self.session.closed().is_some() {
            return;
        }
        let by_clock = matches!(closing, CloseReason::Idle | CloseReason::Absolute);
        let who = if by_clock {
            "clock".to_owned()
        } else {
            format!("discord:{}", self.session.actor.discord_id)
        };
        let mut detail = detail.clone();
        detail["why"] = json!(closing.name());
        self.record_as(who, kind::CLOSED, detail);
        let session = &mut self.session;
        session.clocks.closed_at = Some(self.now);
        session.clocks.stripped = false;
        session.work = match &session.work {
            Work::Support(kind, _) => Work::Support(*kind, support::State::Closed(closing)),
            Work::Link(_) => Work::Link(link::State::Closed(closing)),
            Work::Recover(state) => {
                Work::Recover(recover::State { closed: Some(closing), ..state.clone() })
            }
        };
        session.agent.challenge = None;
        session.customer.challenge = None;
        // A code that is being checked or sent has nobody left to act on it.
        session.pending.retain(|pending| {
            !pending.effect.blocks_panel() && !matches!(pending.effect, Effect::Send { .. })
        });
        self.expired.append(&mut session.access_links);
        if session.links_issued > 0 {
            self.effect(Effect::Revoke);
            self.record(kind::REVOKE_ASKED, json!({}));
        }
    }

    /// The transaction that writes this step.
    #[must_use]
    pub fn commit(&self, claim: Claim) -> Commit {
        Commit {
            now: self.now,
            claim,
            session: Some(self.session.clone()),
            link: self.link.clone(),
            limit_uses: self.limit_uses.clone(),
            refunds: self.refunds.clone(),
            requires_unlocked: self.requires_unlocked.clone(),
            lockouts: self.lockouts.clone(),
            events: self.events.clone(),
        }
    }

    /// What every click that moves does besides its own: the next generation, and activity where it
    /// counts.
    pub fn moved(&mut self, before: &Session) {
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

impl Session {
    /// Whether the customer's code is awaited: then it is the customer's silence that counts, and
    /// clicks do not renew the idle clock.
    #[must_use]
    pub fn awaits_customer(&self) -> bool {
        matches!(self.work, Work::Support(_, support::State::ProvingCustomer { .. }))
    }
}

/// Decides what an event does to a session, whatever its road.
///
/// An outcome counts only while its effect is pending, and while one is awaited no click asks for
/// another.
#[must_use]
pub fn step(session: &Session, event: Event, facts: &Facts) -> Step {
    let refused = |refusal| {
        let mut step = Step::begin(session, facts.now);
        step.refuse(refusal);
        step
    };
    if !event.is_expected_by(session) {
        return refused(Refusal::AlreadyDone);
    }
    if event.requires_idle() && session.is_busy() && session.closed().is_none() {
        return refused(Refusal::Busy(None));
    }
    match (event, &session.work) {
        (Event::TimerFired, _) => tick(session, facts.now),
        (Event::NoticeSent(effect, outcome), _) => told(session, &effect, &outcome, facts.now),
        (Event::Revoked(outcome), _) => revoked(session, &outcome, facts.now),
        (Event::AgentIneligible(not_eligible), _) => unentitled(session, not_eligible, facts.now),
        (event, Work::Support(kind, state)) => support::step(session, *kind, state, event, facts),
        (event, Work::Link(state)) => link::step(session, state, event, facts),
        (event, Work::Recover(state)) => recover::step(session, state, event, facts),
    }
}

/// A clock acts: warns, strips, closes, or ends a link.
fn tick(session: &Session, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    // Whoever lets the clock act asks for these again now.
    let quiet = step.session.pending.iter_mut().filter(|pending| !pending.effect.blocks_panel());
    quiet
        .filter(|pending| pending.requested_at + ASK_AGAIN <= now)
        .for_each(|pending| pending.requested_at = now);
    if session.closed().is_some() {
        return step;
    }
    let clocks = session.clocks;
    let end = clocks.end();
    if now >= end {
        let closing =
            if clocks.ends_absolutely() { CloseReason::Absolute } else { CloseReason::Idle };
        step.close(closing, &json!({}));
        return step;
    }
    if now >= clocks.warn_at() {
        step.session.clocks.warned_of = Some(end);
    }
    if now >= clocks.strip_at() && clocks.stripped_for != Some(end) {
        step.session.clocks.stripped_for = Some(end);
        step.session.clocks.stripped = true;
    }
    let (expired, showing) =
        step.session.access_links.drain(..).partition(|opened| opened.expires_at <= now);
    step.expired = expired;
    step.session.access_links = showing;
    step
}

/// The agent is none any more: whatever the road, the session closes and tells why.
fn unentitled(session: &Session, not_eligible: NotEligible, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    if let Some((closing, at)) = session.closed() {
        step.refuse(Refusal::Closed(closing, at));
    } else {
        step.close(CloseReason::AgentIneligible, &json!({ "lost": not_eligible.name() }));
        step.refuse(Refusal::AgentIneligible(not_eligible));
    }
    step
}

fn told(
    session: &Session,
    effect: &Effect,
    outcome: &Result<(), EffectError>,
    now: Timestamp,
) -> Step {
    let mut step = Step::begin(session, now);
    let since_close = now.since(session.clocks.closed_at.unwrap_or(now));
    if matches!(outcome, Err(EffectError::Fault(_))) && since_close < TELL_WITHIN {
        step.again(effect);
    } else {
        step.done(effect);
    }
    let word = match effect {
        Effect::AlertLocked { .. } => kind::ALERTED,
        Effect::SignOut { .. } => kind::SIGNED_OUT,
        _ => kind::NOTIFIED,
    };
    let outcome = outcome.as_ref().map_or_else(EffectError::name, |()| "done");
    step.record(word, json!({ "outcome": outcome }));
    step
}

fn revoked(session: &Session, outcome: &Result<u32, EffectError>, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    match outcome {
        Ok(_) | Err(EffectError::Denied(Denied::NotFound)) => step.done(&Effect::Revoke),
        // Whatever the reason: as long as nobody says that it is revoked it may be open.
        Err(_) => step.again(&Effect::Revoke),
    }
    let detail = match outcome {
        Ok(count) => json!({ "outcome": "done", "revoked": count }),
        Err(not_done) => json!({ "outcome": not_done.name() }),
    };
    step.record(kind::REVOKED, detail);
    step
}
