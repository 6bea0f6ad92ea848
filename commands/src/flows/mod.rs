//! Pure decisions: no `await`, and no call of a port.
//!
//! [`step()`] dispatches an event to the session's flow. Timers, notices, revocations and lost
//! eligibility are the same in every flow and are decided here. The engine saves and performs the
//! resulting [`Step`].

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
use crate::model::timers::RETRY_AFTER;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, NotEligible};

/// Time after the close in which a failed notice, alert or sign-out is retried.
const NOTICE_RETRY_WINDOW: Duration = minutes(60);

/// Decides one move of a session.
///
/// An outcome counts only while its effect is pending. A click that requests another blocking
/// effect is refused while one is pending.
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
        (Event::TimerFired, _) => fire_timers(session, facts.now),
        (Event::NoticeSent(effect, outcome), _) => {
            record_notice(session, &effect, &outcome, facts.now)
        }
        (Event::Revoked(outcome), _) => record_revocation(session, &outcome, facts.now),
        (Event::AgentIneligible(not_eligible), _) => {
            close_ineligible(session, not_eligible, facts.now)
        }
        (event, Work::Support(kind, state)) => support::step(session, *kind, state, event, facts),
        (event, Work::Link(state)) => link::step(session, state, event, facts),
        (event, Work::Recover(state)) => recover::step(session, state, event, facts),
    }
}

/// Fires every due timer: warns, strips or closes the session, ends its access links.
fn fire_timers(session: &Session, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    // The sweep that fired this timer also performs these effects again.
    let background =
        step.session.pending.iter_mut().filter(|pending| !pending.effect.blocks_panel());
    background
        .filter(|pending| pending.requested_at + RETRY_AFTER <= now)
        .for_each(|pending| pending.requested_at = now);
    if session.closed().is_some() {
        return step;
    }
    let clocks = session.clocks;
    let end = clocks.end();
    if now >= end {
        let reason =
            if clocks.ends_absolutely() { CloseReason::Absolute } else { CloseReason::Idle };
        step.close(reason);
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
        step.session.access_links.drain(..).partition(|link| link.expires_at <= now);
    step.expired = expired;
    step.session.access_links = showing;
    step
}

/// Closes the session because the agent is no longer eligible.
fn close_ineligible(session: &Session, not_eligible: NotEligible, now: Timestamp) -> Step {
    let mut step = Step::begin(session, now);
    if let Some((reason, at)) = session.closed() {
        step.refuse(Refusal::Closed(reason, at));
    } else {
        step.close_with(CloseReason::AgentIneligible, json!({ "lost": not_eligible.name() }));
        step.refuse(Refusal::AgentIneligible(not_eligible));
    }
    step
}

/// Records the outcome of a notice, an alert or a sign-out. A failed one is retried for a while.
fn record_notice(
    session: &Session,
    effect: &Effect,
    outcome: &Result<(), EffectError>,
    now: Timestamp,
) -> Step {
    let mut step = Step::begin(session, now);
    let since_close = now.since(session.clocks.closed_at.unwrap_or(now));
    if matches!(outcome, Err(EffectError::Fault(_))) && since_close < NOTICE_RETRY_WINDOW {
        step.retry_later(effect);
    } else {
        step.finish(effect);
    }
    let kind = match effect {
        Effect::AlertLocked { .. } => kind::ALERTED,
        Effect::SignOut { .. } => kind::SIGNED_OUT,
        _ => kind::NOTIFIED,
    };
    let outcome = outcome.as_ref().map_or_else(EffectError::name, |()| "done");
    step.record(kind, json!({ "outcome": outcome }));
    step
}

fn record_revocation(
    session: &Session,
    outcome: &Result<u32, EffectError>,
    now: Timestamp,
) -> Step {
    let mut step = Step::begin(session, now);
    match outcome {
        Ok(_) | Err(EffectError::Denied(Denied::NotFound)) => step.finish(&Effect::Revoke),
        // The links can still work until a revocation is confirmed.
        Err(_) => step.retry_later(&Effect::Revoke),
    }
    let details = match outcome {
        Ok(count) => json!({ "outcome": "done", "revoked": count }),
        Err(error) => json!({ "outcome": error.name() }),
    };
    step.record(kind::REVOKED, details);
    step
}
