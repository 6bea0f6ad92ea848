//! Acting for a verified customer: ways in are opened, and handed over to the agent or mailed to a
//! successor.

use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::flows::support::needs;
use crate::model::customer::{Case, CaseSubject, Role};
use crate::model::effect::Effect;
use crate::model::outcome::{Denied, EffectError};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::session::AccessLink;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, Target};

/// What may be opened here: the store is the owner's, the succession its successor's.
fn may_open(subject: &CaseSubject, target: Target) -> bool {
    match subject {
        CaseSubject::Membership(Role::Owner) => {
            matches!(target, Target::Store | Target::Web | Target::App)
        }
        CaseSubject::Membership(Role::Member) => matches!(target, Target::Web | Target::App),
        CaseSubject::Succession(_) => target == Target::Successor,
    }
}

/// Something shall be opened and handed over to the agent.
pub(crate) fn open(step: &mut Step, case: &Case, target: Target, facts: &Facts) {
    ask(step, case, target, facts, |nth| Effect::Issue { target, nth });
}

/// The successor's way in shall be opened and mailed to the successor.
pub(crate) fn mail(step: &mut Step, case: &Case, facts: &Facts) {
    ask(step, case, Target::Successor, facts, |nth| Effect::Mail { nth });
}

fn ask(
    step: &mut Step,
    case: &Case,
    target: Target,
    facts: &Facts,
    effect: impl FnOnce(u32) -> Effect,
) {
    if let Some(closing) = needs::lost(case, facts.record.as_deref()) {
        return step.close(closing, &json!({}));
    }
    if !step.session.clocks.may_open(facts.now) {
        return step.refuse(Refusal::TooLate);
    }
    if !may_open(&case.subject, target) {
        // Nobody whose it is not is shown this button.
        return step.refuse(Refusal::UnknownButton);
    }
    if proof::proofs(&step.session, facts.now).is_none() {
        return step.close(CloseReason::ProofInvalid, &json!({}));
    }
    let nth = step.session.links_issued.saturating_add(1);
    step.record(
        kind::ACCESS_ASKED,
        json!({ "target": target.name(), "nth": nth, "ecosystem": case.ecosystem }),
    );
    step.effect(effect(nth));
    // Counted when it is asked: after a crash it is not known whether it was opened, and the close
    // has to revoke it.
    step.session.links_issued = nth;
}

/// Reads what became of something that was to be handed over: Discord's id of its message, and when
/// it ends.
pub(crate) fn issued(
    step: &mut Step,
    target: Target,
    nth: u32,
    outcome: Result<(Option<u64>, Timestamp), EffectError>,
) {
    step.done(&Effect::Issue { target, nth });
    match outcome {
        Ok((message, expires_at)) => {
            step.record(
                kind::ACCESS_OPENED,
                json!({ "target": target.name(), "nth": nth, "until": expires_at.0 }),
            );
            step.session.access_links.push(AccessLink {
                target,
                nth,
                message,
                mailed_to: None,
                expires_at,
            });
        }
        Err(not_done) => failed(step, target, nth, not_done, Refusal::Unopened),
    }
}

/// Reads what became of something that was to be mailed: the masked address, and when it ends.
pub(crate) fn mailed(step: &mut Step, nth: u32, outcome: Result<(String, Timestamp), EffectError>) {
    step.done(&Effect::Mail { nth });
    let target = Target::Successor;
    match outcome {
        Ok((to, expires_at)) => {
            step.record(
                kind::ACCESS_MAILED,
                json!({ "target": target.name(), "nth": nth, "until": expires_at.0, "to": to }),
            );
            step.session.access_links.push(AccessLink {
                target,
                nth,
                message: None,
                mailed_to: Some(to),
                expires_at,
            });
        }
        Err(not_done) => failed(step, target, nth, not_done, Refusal::Undelivered),
    }
}

fn failed(step: &mut Step, target: Target, nth: u32, not_done: EffectError, refusal: Refusal) {
    step.record(
        kind::ACCESS_NOT_OPENED,
        json!({ "target": target.name(), "nth": nth, "why": not_done.name() }),
    );
    match not_done {
        EffectError::Denied(Denied::ProofInvalid) => {
            step.close(CloseReason::ProofInvalid, &json!({}))
        }
        EffectError::Denied(Denied::NotFound | Denied::DeliveryFailed)
        | EffectError::Interrupted
        | EffectError::NoChannel => {
            step.refuse(refusal);
        }
        other => step.refuse(other.refusal(step.now)),
    }
}
