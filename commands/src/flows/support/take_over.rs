//! Take over: a lead closes an agent's session and starts again about the same customer and case.
//!
//! Neither proofs nor codes nor access links pass over, so agent and customer are verified again.

use std::num::NonZeroU64;

use serde_json::{Value, json};

use crate::flows::step::{Facts, Step};
use crate::flows::support::{attend, choose_case, needs};
use crate::model::customer::Case;
use crate::model::flow_state::SupportState;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Work};
use crate::model::trail::kind;
use crate::model::words::CloseReason;

/// Closes an open session, and opens `new` in its place. `new` is the lead's session, as a look-up
/// makes it. Refuses before Start. A customer or case that has changed closes the session instead.
pub fn take_over(before: &Session, new: Session, facts: &Facts) -> Step {
    let mut step = Step::begin(before, facts.now);
    let (record, lead) = (facts.record.as_deref(), new.actor.discord_id);
    let Work::Support(kind, state) = &before.work else {
        step.refuse(Refusal::AlreadyDone);
        return step;
    };
    let (customer, case) = match state {
        SupportState::Choosing { customer } => (customer, None),
        SupportState::ProvingAgent { case }
        | SupportState::Announcing { case }
        | SupportState::ProvingCustomer { case }
        | SupportState::Acting { case } => (&case.customer, Some(case)),
        SupportState::Found { .. } => {
            step.refuse(Refusal::NotStarted);
            return step;
        }
        SupportState::Closed(reason) => {
            step.refuse(Refusal::Closed(*reason, before.closed_at()));
            return step;
        }
    };
    let changed = case.and_then(|case| needs::close_reason(case, record));
    let Some(record) = needs::active(record).filter(|_| changed.is_none()) else {
        let reason = changed.unwrap_or(CloseReason::CustomerInactive);
        step.close_as(format!("discord:{lead}"), reason, json!({}), Value::Null);
        return step;
    };
    let customer = customer.refreshed(record, *kind);
    let work = Work::Support(*kind, SupportState::Choosing { customer: customer.clone() });
    let mut opening = Step::begin(&Session { work, ..new }, facts.now);
    attend(&mut opening);
    opening.record(kind::TAKEN_OVER, json!({ "from": before.id, "to": opening.session.id }));
    if let Some(case) = case {
        choose_case(&mut opening, Case { customer, ..case.clone() });
    }
    let details = json!({ "to": opening.session.id });
    step.close_as(format!("discord:{lead}"), CloseReason::TakenOver, details, Value::Null);
    step.session.taken_over_by = NonZeroU64::new(lead);
    step.limit_uses.append(&mut opening.limit_uses);
    step.open_sessions = opening.open_sessions;
    step.requires_unlocked = opening.requires_unlocked;
    step.events.append(&mut opening.events);
    step.opened = Some(Box::new(opening.session));
    step
}
