//! One move of a session: what was decided, before anything is done about it.
//!
//! A road's `step` takes a session and an [`Event`] and answers with a [`Step`]: the session as it
//! shall be, with the effects it wants in [`Session::pending`], what to count, and a refusal to
//! say. It is synchronous and pure; `desk` saves and performs it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::account::rights::Loss;
use crate::account::{link, recover};
use crate::clocks::ASK_AGAIN;
use crate::customer::Dossier;
use crate::error::{Limit, Refusal};
pub use crate::event::{Event, NotDone};
use crate::ports::{AccountLink, Claim, Commit, Denied, Hit, Rest};
use crate::session::{Closing, Effect, Opened, Pending, Session, Work};
use crate::support;
use crate::time::{Timestamp, minutes};
use crate::trail::{Act, what};

/// How long after the close a notice, an alert or a sign-out that fails is tried again: later it is
/// no news.
const TELL_WITHIN: Duration = minutes(60);

/// What is known when a step is decided, besides the session.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The time.
    pub now: Timestamp,
    /// The customer in clear: as fresh as [`needs`](crate::support::needs) asks for.
    pub dossier: Option<Arc<Dossier>>,
}

/// A decided move.
#[derive(Clone, Debug)]
pub struct Step {
    /// The time of it.
    pub now: Timestamp,
    /// The session as it shall be.
    pub session: Session,
    /// To be counted, and refused when it is too often.
    pub hits: Vec<Hit>,
    /// To be taken back.
    pub refunds: Vec<(Limit, String)>,
    /// Subjects that must not be resting.
    pub awake: Vec<String>,
    /// Subjects that rest from now on.
    pub rests: Vec<Rest>,
    /// A link to add.
    pub link: Option<AccountLink>,
    /// For the trail.
    pub acts: Vec<Act>,
    /// What to say on the panel.
    pub refusal: Option<Refusal>,
    /// Messages that have to be replaced by "expired".
    pub expired: Vec<Opened>,
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
            hits: Vec::new(),
            refunds: Vec::new(),
            awake: Vec::new(),
            rests: Vec::new(),
            link: None,
            acts: Vec::new(),
            refusal: None,
            expired: Vec::new(),
            well_formed_code: false,
        }
    }

    /// Writes into the trail, as the session's agent.
    pub fn act(&mut self, what: &'static str, detail: Value) {
        let who = format!("discord:{}", self.session.actor.discord_id);
        self.act_of(who, what, detail);
    }

    fn act_of(&mut self, who: String, what: &'static str, detail: Value) {
        self.acts.push(Act {
            at: self.now,
            who,
            session: Some(self.session.id.clone()),
            what,
            detail,
        });
    }

    /// Wants an effect.
    pub fn effect(&mut self, effect: Effect) {
        self.session.pending.push(Pending { effect, asked_at: self.now, by: None });
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
            .for_each(|pending| pending.asked_at = now);
    }

    /// Says why not.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }

    /// Closes the session: whatever it opened is revoked and replaced.
    pub fn close(&mut self, closing: Closing, detail: &Value) {
        if self.session.closed().is_some() {
            return;
        }
        let by_clock = matches!(closing, Closing::Idle | Closing::Absolute);
        let who = if by_clock {
            "clock".to_owned()
        } else {
            format!("discord:{}", self.session.actor.discord_id)
        };
        let mut detail = detail.clone();
        detail["why"] = json!(closing.name());
        self.act_of(who, what::CLOSED, detail);
        let session = &mut self.session;
        session.clocks.closed_at = Some(self.now);
        session.clocks.stripped = false;
        session.work = match &session.work {
            Work::Support(road, _) => Work::Support(*road, support::State::Closed(closing)),
            Work::Link(_) => Work::Link(link::State::Closed(closing)),
            Work::Recover(state) => {
                Work::Recover(recover::State { closed: Some(closing), ..state.clone() })
            }
        };
        session.agent.challenge = None;
        session.customer.challenge = None;
        // A code that is being checked or sent has nobody left to act on it.
        session.pending.retain(|pending| {
            !pending.effect.is_awaited() && !matches!(pending.effect, Effect::Send { .. })
        });
        self.expired.append(&mut session.opened);
        if session.issued > 0 {
            self.effect(Effect::Revoke);
            self.act(what::REVOKE_ASKED, json!({}));
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
            hits: self.hits.clone(),
            refunds: self.refunds.clone(),
            awake: self.awake.clone(),
            rests: self.rests.clone(),
            acts: self.acts.clone(),
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
    if !event.is_awaited_in(session) {
        return refused(Refusal::AlreadyDone);
    }
    if event.asks() && session.awaits() && session.closed().is_none() {
        return refused(Refusal::Busy(None));
    }
    match (event, &session.work) {
        (Event::Tick, _) => tick(session, facts.now),
        (Event::Told(effect, outcome), _) => told(session, &effect, &outcome, facts.now),
        (Event::Revoked(outcome), _) => revoked(session, &outcome, facts.now),
        (Event::Unentitled(loss), _) => unentitled(session, loss, facts.now),
        (event, Work::Support(road, state)) => support::step(session, *road, state, event, facts),
        (event, Work::Link(state)) => link::step(session, state, event, facts),
        (event, Work::Recover(state)) => recover::step(session, state, event, facts),
    }
}

/// A clock acts: warns, strips, closes, or ends a link.
fn tick(session: &Session, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    // Whoever lets the clock act asks for these again now.
    let quiet = step.session.pending.iter_mut().filter(|pending| !pending.effect.is_awaited());
    quiet
        .filter(|pending| pending.asked_at + ASK_AGAIN <= now)
        .for_each(|pending| pending.asked_at = now);
    if session.closed().is_some() {
        return step;
    }
    let clocks = session.clocks;
    let end = clocks.end();
    if now >= end {
        let closing = if clocks.ends_absolutely() { Closing::Absolute } else { Closing::Idle };
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
        step.session.opened.drain(..).partition(|opened| opened.expires_at <= now);
    step.expired = expired;
    step.session.opened = showing;
    step
}

/// The agent is none any more: whatever the road, the session closes and tells why.
fn unentitled(session: &Session, loss: Loss, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    if let Some((closing, at)) = session.closed() {
        step.refuse(Refusal::Closed(closing, at));
    } else {
        step.close(Closing::RightsLost, &json!({ "lost": loss.name() }));
        step.refuse(Refusal::RightsLost(loss));
    }
    step
}

fn told(session: &Session, effect: &Effect, outcome: &Result<(), NotDone>, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    let since_close = now.since(session.clocks.closed_at.unwrap_or(now));
    if matches!(outcome, Err(NotDone::Fault(_))) && since_close < TELL_WITHIN {
        step.again(effect);
    } else {
        step.done(effect);
    }
    let word = match effect {
        Effect::AlertLocked { .. } => what::ALERTED,
        Effect::SignOut { .. } => what::SIGNED_OUT,
        _ => what::NOTIFIED,
    };
    let outcome = outcome.as_ref().map_or_else(NotDone::name, |()| "done");
    step.act(word, json!({ "outcome": outcome }));
    step
}

fn revoked(session: &Session, outcome: &Result<u32, NotDone>, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    match outcome {
        Ok(_) | Err(NotDone::Denied(Denied::NotFound)) => step.done(&Effect::Revoke),
        // Whatever the reason: as long as nobody says that it is revoked it may be open.
        Err(_) => step.again(&Effect::Revoke),
    }
    let detail = match outcome {
        Ok(count) => json!({ "outcome": "done", "revoked": count }),
        Err(not_done) => json!({ "outcome": not_done.name() }),
    };
    step.act(what::REVOKED, detail);
    step
}
