//! One move of a session: what was decided, before anything is done about it.
//!
//! A road's `step` takes a session and an [`Event`] and answers with a [`Step`]: the session as it
//! shall be, with the effects it wants in [`Session::pending`], what to count, and a refusal to
//! say. It is synchronous and pure; `desk` saves and performs it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::model::account::AccountLink;
use crate::model::customer::CustomerRecord;
use crate::model::effect::{Effect, Pending};
use crate::model::flow_state::{LinkState, RecoverState, SupportState};
use crate::model::limit::{LimitUse, Lockout};
use crate::model::refusal::Refusal;
use crate::model::session::{AccessLink, Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::{CloseReason, Limit};
use crate::ports::claims::Claim;
use crate::ports::sessions::Commit;

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
            Work::Support(kind, _) => Work::Support(*kind, SupportState::Closed(closing)),
            Work::Link(_) => Work::Link(LinkState::Closed(closing)),
            Work::Recover(state) => {
                Work::Recover(RecoverState { closed: Some(closing), ..state.clone() })
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
