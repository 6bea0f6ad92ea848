//! Access links for a verified customer: handed over to the agent, or mailed to a successor.
//! `Step::close` revokes them.

use secrecy::SecretString;
use serde_json::json;

use crate::flows::step::{Facts, Step};
use crate::flows::support::needs;
use crate::model::customer::{Case, CaseSubject, Role};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::outcome::{Denied, EffectError};
use crate::model::proof;
use crate::model::refusal::Refusal;
use crate::model::report::Opened;
use crate::model::scope::Scope;
use crate::model::session::{AccessLink, LINKS_A_SESSION};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::unknown_fields::UnknownFields;
use crate::model::words::{CloseReason, Target};

/// Requests an access link for the agent.
pub(crate) fn request_link(step: &mut Step, case: &Case, target: Target, facts: &Facts) {
    request(step, case, target, facts, |nth| Effect::Issue { target, nth });
}

/// Requests an access link that is mailed to the successor.
pub(crate) fn request_mail(step: &mut Step, case: &Case, facts: &Facts) {
    request(step, case, Target::Successor, facts, |nth| Effect::MailLink { nth });
}

fn request(
    step: &mut Step,
    case: &Case,
    target: Target,
    facts: &Facts,
    effect: impl FnOnce(u32) -> Effect,
) {
    if let Some(reason) = needs::close_reason(case, facts.record.as_deref()) {
        return step.close(reason);
    }
    if !step.session.clocks.may_issue(facts.now) {
        return step.refuse(Refusal::TooLate);
    }
    if step.session.scope != Scope::Act || !may_issue(&case.subject, target) {
        // This session or role never gets the button, so the click is forged.
        return step.refuse(Refusal::UnknownButton);
    }
    if proof::proofs(&step.session, facts.now).is_none() {
        return step.close(CloseReason::ProofInvalid);
    }
    let counted = step.session.links_issued.saturating_sub(step.session.links_denied);
    if counted >= LINKS_A_SESSION {
        return step.refuse(Refusal::NoLinksLeft);
    }
    let nth = step.session.links_issued.saturating_add(1);
    let details = json!({ "target": target.name(), "nth": nth });
    step.record_about(kind::ACCESS_ASKED, details, json!({ "ecosystem": case.ecosystem }));
    step.request(effect(nth));
    // Counted at the request. After a crash the link may exist, and the close must revoke it.
    step.session.links_issued = nth;
}

/// Returns true if the role allows this access link.
fn may_issue(subject: &CaseSubject, target: Target) -> bool {
    match subject {
        CaseSubject::Membership(Role::Owner) => {
            matches!(target, Target::Store | Target::Web | Target::App)
        }
        CaseSubject::Membership(Role::Member) => matches!(target, Target::Web | Target::App),
        CaseSubject::Succession(_) => target == Target::Successor,
    }
}

/// Records the outcome of a link for the agent: its address and end. The panel shows the newest
/// link of each target.
pub(crate) fn link_issued(
    step: &mut Step,
    target: Target,
    nth: u32,
    outcome: Result<(SecretString, Timestamp), EffectError>,
) {
    step.finish(&Effect::Issue { target, nth });
    match outcome {
        Ok((url, expires_at)) => {
            let details = json!({ "target": target.name(), "nth": nth, "until": expires_at.0 });
            step.record(kind::ACCESS_OPENED, details);
            let session = &mut step.session;
            session.retain_access_links(|link| link.mailed_to.is_some() || link.target != target);
            session.access_links.push(AccessLink {
                target,
                nth,
                mailed_to: None,
                expires_at,
                unknown: UnknownFields::NONE,
            });
            session.secrets.access_urls.push((nth, url));
            record_opened(step, target);
        }
        Err(error) => link_failed(step, target, nth, error, Refusal::NotIssued),
    }
}

/// Records the outcome of a mailed link: the masked address, and the end of the link.
pub(crate) fn link_mailed(
    step: &mut Step,
    nth: u32,
    outcome: Result<(String, Timestamp), EffectError>,
) {
    step.finish(&Effect::MailLink { nth });
    let target = Target::Successor;
    match outcome {
        Ok((to, expires_at)) => {
            let until = expires_at.0;
            let details = json!({ "target": target.name(), "nth": nth, "until": until });
            step.record_about(kind::ACCESS_MAILED, details, json!({ "to": to }));
            let link = AccessLink {
                target,
                nth,
                mailed_to: Some(to),
                expires_at,
                unknown: UnknownFields::NONE,
            };
            step.session.access_links.push(link);
            record_opened(step, target);
        }
        Err(error) => {
            if may_be_mailed(&error) {
                record_opened(step, target);
            }
            link_failed(step, target, nth, error, Refusal::Undelivered);
        }
    }
}

/// Returns true if the mail with the link may have been sent.
const fn may_be_mailed(error: &EffectError) -> bool {
    matches!(error, EffectError::Fault(_) | EffectError::Interrupted)
}

/// Records that a link was handed over, for the visit mail and for reports.
fn record_opened(step: &mut Step, target: Target) {
    let opened = Opened { target, at: step.now, unknown: UnknownFields::NONE };
    step.session.report_record_mut().opened.push(opened);
}

/// Records an access link that came back to a closed session: it is not shown, and the session is
/// revoked again.
pub(crate) fn link_came_late(step: &mut Step, event: &Event) {
    let (target, nth, why) = match event {
        Event::Issued { target, nth, outcome } => (*target, *nth, name(outcome)),
        Event::Mailed { nth, outcome } => (Target::Successor, *nth, name(outcome)),
        _ => return,
    };
    let details = json!({ "target": target.name(), "nth": nth, "why": why, "late": true });
    step.record(kind::ACCESS_NOT_OPENED, details);
    step.revoke();
    // A link for the agent was never shown. A mailed one is in the mailbox.
    let is_mailed = match event {
        Event::Mailed { outcome: Ok(_), .. } => true,
        Event::Mailed { outcome: Err(error), .. } => may_be_mailed(error),
        _ => false,
    };
    if is_mailed {
        let is_noticed = !step.session.opened().is_empty();
        record_opened(step, target);
        if !is_noticed {
            step.request(Effect::NotifyVisit);
        }
    }
}

fn name<T>(outcome: &Result<T, EffectError>) -> &'static str {
    outcome.as_ref().err().map_or("session_closed", EffectError::name)
}

fn link_failed(step: &mut Step, target: Target, nth: u32, error: EffectError, refusal: Refusal) {
    let details = json!({ "target": target.name(), "nth": nth, "why": error.name() });
    step.record(kind::ACCESS_NOT_OPENED, details);
    if matches!(error, EffectError::Denied(_)) {
        step.session.links_denied = step.session.links_denied.saturating_add(1);
    }
    match error {
        EffectError::Denied(Denied::ProofInvalid)
        | EffectError::MailDenied(Denied::ProofInvalid) => step.close(CloseReason::ProofInvalid),
        EffectError::Denied(Denied::NotFound | Denied::DeliveryFailed)
        | EffectError::Interrupted
        | EffectError::NoChannel => step.refuse(refusal),
        other => step.refuse(other.refusal(step.now)),
    }
}
