//! Acting for a verified customer: ways in are opened, and handed over to the agent or mailed to a
//! successor.

use serde_json::json;

use super::needs::lost;
use crate::customer::{Case, Matter, Role};
use crate::error::Refusal;
use crate::ports::Denied;
use crate::session::{Closing, Effect, Opened, Target};
use crate::step::{Facts, NotDone, Step};
use crate::time::Timestamp;
use crate::trail::what;
use crate::verify;

/// What may be opened here: the store is the owner's, the succession its successor's.
fn may_open(matter: &Matter, target: Target) -> bool {
    match matter {
        Matter::Membership(Role::Owner) => {
            matches!(target, Target::Store | Target::Web | Target::App)
        }
        Matter::Membership(Role::Member) => matches!(target, Target::Web | Target::App),
        Matter::Succession(_) => target == Target::Successor,
    }
}

/// Something shall be opened and handed over to the agent.
pub(super) fn open(step: &mut Step, case: &Case, target: Target, facts: &Facts) {
    ask(step, case, target, facts, |nth| Effect::Issue { target, nth });
}

/// The successor's way in shall be opened and mailed to the successor.
pub(super) fn mail(step: &mut Step, case: &Case, facts: &Facts) {
    ask(step, case, Target::Successor, facts, |nth| Effect::Mail { nth });
}

fn ask(
    step: &mut Step,
    case: &Case,
    target: Target,
    facts: &Facts,
    effect: impl FnOnce(u32) -> Effect,
) {
    if let Some(closing) = lost(case, facts.dossier.as_deref()) {
        return step.close(closing, &json!({}));
    }
    if !step.session.clocks.may_open(facts.now) {
        return step.refuse(Refusal::TooLate);
    }
    if !may_open(&case.matter, target) {
        // Nobody whose it is not is shown this button.
        return step.refuse(Refusal::UnknownButton);
    }
    if verify::proofs(&step.session, facts.now).is_none() {
        return step.close(Closing::ProofInvalid, &json!({}));
    }
    let nth = step.session.issued.saturating_add(1);
    step.act(
        what::ACCESS_ASKED,
        json!({ "target": target.name(), "nth": nth, "ecosystem": case.ecosystem }),
    );
    step.effect(effect(nth));
    // Counted when it is asked: after a crash it is not known whether it was opened, and the close
    // has to revoke it.
    step.session.issued = nth;
}

/// Reads what became of something that was to be handed over: Discord's id of its message, and when
/// it ends.
pub(super) fn issued(
    step: &mut Step,
    target: Target,
    nth: u32,
    outcome: Result<(Option<u64>, Timestamp), NotDone>,
) {
    step.done(&Effect::Issue { target, nth });
    match outcome {
        Ok((message, expires_at)) => {
            step.act(
                what::ACCESS_OPENED,
                json!({ "target": target.name(), "nth": nth, "until": expires_at.0 }),
            );
            step.session.opened.push(Opened { target, nth, message, mailed_to: None, expires_at });
        }
        Err(not_done) => failed(step, target, nth, not_done, Refusal::Unopened),
    }
}

/// Reads what became of something that was to be mailed: the masked address, and when it ends.
pub(super) fn mailed(step: &mut Step, nth: u32, outcome: Result<(String, Timestamp), NotDone>) {
    step.done(&Effect::Mail { nth });
    let target = Target::Successor;
    match outcome {
        Ok((to, expires_at)) => {
            step.act(
                what::ACCESS_MAILED,
                json!({ "target": target.name(), "nth": nth, "until": expires_at.0, "to": to }),
            );
            step.session.opened.push(Opened {
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

fn failed(step: &mut Step, target: Target, nth: u32, not_done: NotDone, refusal: Refusal) {
    step.act(
        what::ACCESS_NOT_OPENED,
        json!({ "target": target.name(), "nth": nth, "why": not_done.name() }),
    );
    match not_done {
        NotDone::Denied(Denied::ProofInvalid) => step.close(Closing::ProofInvalid, &json!({})),
        NotDone::Denied(Denied::NotFound | Denied::DeliveryFailed)
        | NotDone::Interrupted
        | NotDone::NoChannel => {
            step.refuse(refusal);
        }
        other => step.refuse(other.refusal(step.now)),
    }
}
