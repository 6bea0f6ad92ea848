//! One move of a session: what was decided, before anything is done about it.
//!
//! A road's `step` takes a session and an [`Event`] and answers with a [`Step`]: the session as it
//! shall be, with the effects it wants in [`Session::pending`], what to count, and a refusal to
//! say. It is synchronous and pure; `desk` saves and performs it.

pub mod link;
pub mod recover;
pub mod show;
pub mod step;
pub mod support;
pub mod verify;

use std::time::Duration;

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::outcome::{Denied, EffectError};
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::time::{Timestamp, minutes};
use crate::model::timers::ASK_AGAIN;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, NotEligible};

/// How long after the close a notice, an alert or a sign-out that fails is tried again: later it is
/// no news.
const TELL_WITHIN: Duration = minutes(60);

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
