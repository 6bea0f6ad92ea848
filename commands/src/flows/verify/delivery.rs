//! Delivery of the mail of a code: when the bot asks for it, and what an answer changes.

use serde_json::{Value, json};

use crate::flows::step::Step;
use crate::model::delivery::{
    BounceReason, Delivery, DeliveryReport, DeliveryState, LATE_AFTER, MailState, MailStatus,
};
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::unknown_fields::UnknownFields;
use crate::model::verification::Challenge;
use crate::model::words::Purpose;

/// Returns the code whose mail the bot asks about: the newest one of the purpose, while it can be
/// typed and its panel can be edited. `None` if a question has no use.
pub fn asked_code(
    session: &Session,
    purpose: Purpose,
    nth: u32,
    now: Timestamp,
) -> Option<&Challenge> {
    let is_live = is_askable(session, purpose)
        && session.closed().is_none()
        && now < session.clocks.end()
        && !session.clocks.stripped
        && session.panel_token(now).is_some();
    let code = session.verification(purpose).valid_challenge(now)?;
    let is_final = code.delivery_state() == Some(DeliveryState::Bounced);
    (is_live && code.nth == nth && !is_final).then_some(code)
}

/// Returns false for a link code. Its state would reveal whether the account exists.
fn is_askable(session: &Session, purpose: Purpose) -> bool {
    matches!(session.work, Work::Support(..)) && purpose.gives_proof()
}

/// Returns what a report adds to the known state of a mail. `None`: nothing.
pub fn news(
    known: Option<DeliveryState>,
    report: &DeliveryReport,
    now: Timestamp,
) -> Option<Delivery> {
    let DeliveryReport { mailed_at, status, .. } = *report;
    let MailStatus { state, at, reason } = status;
    // The clock of another service can be wrong.
    let at = at.clamp(mailed_at, now.max(mailed_at));
    let (state, at, reason) = match state {
        MailState::Accepted | MailState::Delayed if now.since(mailed_at) < LATE_AFTER => {
            return None;
        }
        MailState::Accepted | MailState::Delayed => (DeliveryState::Late, now, None),
        MailState::Delivered => (DeliveryState::Delivered, at, None),
        MailState::Complained => (DeliveryState::Complained, at, None),
        MailState::Bounced => (DeliveryState::Bounced, at, reason),
    };
    let seconds = at.since(mailed_at).as_secs();
    // The order of the states decides: a bounce overrules a delivery, and not the reverse.
    let is_news = known < Some(state);
    is_news.then_some(Delivery { state, at, seconds, reason, unknown: UnknownFields::NONE })
}

/// Records what a report adds. It moves no clock. Only the trail learns about a code that was
/// typed, or whose session was closed, during the question.
pub(crate) fn record(step: &mut Step, report: &DeliveryReport) {
    let DeliveryReport { purpose, nth, known, .. } = *report;
    if !is_askable(&step.session, purpose) {
        return;
    }
    let now = step.now;
    let challenge = step.session.verification_mut(purpose).challenge.as_deref_mut();
    let code = challenge.filter(|code| code.nth == nth);
    let known = code.as_deref().map_or(known, Challenge::delivery_state);
    let Some(delivery) = news(known, report, now) else { return };
    if let Some(code) = code {
        code.delivery = Some(delivery.clone());
    }
    if purpose == Purpose::CustomerConsent {
        let bounced_at = &mut step.session.report_record_mut().customer_bounced_at;
        match delivery.state {
            DeliveryState::Bounced => *bounced_at = Some(delivery.at),
            DeliveryState::Delivered => *bounced_at = None,
            DeliveryState::Late | DeliveryState::Complained => {}
        }
    }
    record_event(step, report, &delivery);
}

fn record_event(step: &mut Step, report: &DeliveryReport, delivery: &Delivery) {
    let why = match delivery.state {
        DeliveryState::Late if report.status.state == MailState::Delayed => Some("delayed"),
        DeliveryState::Late => Some("no_news"),
        _ => delivery.reason.map(BounceReason::name),
    };
    let kind = match delivery.state {
        DeliveryState::Late => kind::CODE_LATE,
        DeliveryState::Delivered => kind::CODE_DELIVERED,
        DeliveryState::Complained => kind::CODE_COMPLAINED,
        DeliveryState::Bounced => kind::CODE_BOUNCED,
    };
    let mut details = json!({
        "purpose": report.purpose.name(), "nth": report.nth, "seconds": delivery.seconds,
    });
    if let Some(why) = why {
        details["kind"] = Value::from(why);
    }
    step.record_by_clock(kind, details);
}
