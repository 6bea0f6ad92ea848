//! When a card needs work: reminders, the end of a notice, and of the offer to open an alert again.

use std::time::Duration;

use crate::model::alert::{Alert, AlertCard, AlertKind, AlertLevel, AlertState};
use crate::model::limit::LimitUse;
use crate::model::request::REQUEST_LIFE;
use crate::model::time::{Timestamp, minutes};
use crate::model::words::Limit;

/// Times after the card at which an urgent alert reminds the leads. Ours: uptimepage 122 shows that
/// reminders without an end become a storm.
pub const REMINDERS: [Duration; 2] = [minutes(15), minutes(60)];

/// Pings of the leads in [`PINGS_WINDOW`], reminders included. Ours.
pub const PINGS: u32 = 6;
/// Pings about one subject in [`PINGS_WINDOW`], without reminders. Ours.
pub const SUBJECT_PINGS: u32 = 1;
pub const PINGS_WINDOW: Duration = minutes(60);

/// Age from which a ping is left out: of the newest event that a card rests on, and of the time at
/// which a reminder was due.
///
/// Ours: without a failure the last ping follows the card by this time. A lockout after a report
/// has ended by then too.
pub const PING_LIFE: Duration = minutes(60);

/// Longest time from the count of a post to the post: twice the 15 s for which a call to Discord is
/// repeated.
pub const POST_TIME: Duration = Duration::from_secs(30);

/// New cards in [`CARDS_WINDOW`], urgent ones not counted. Ours: more than a channel of people
/// reads.
pub const CARDS: u32 = 20;
pub const CARDS_WINDOW: Duration = minutes(60);

/// Age at which a notice closes by itself. Ours.
pub const NOTICE_LIFE: Duration = minutes(7 * 24 * 60);

/// Time for which a lead can open an answered alert again. Ours.
pub const REOPEN: Duration = minutes(24 * 60);

/// Returns the use of a ping, of all pings.
pub fn ping_use() -> LimitUse {
    limit_use(Limit::AlertPings, "leads", PINGS, PINGS_WINDOW)
}

/// Returns the use of a ping about the alert's subject.
pub fn subject_ping_use(alert: &Alert) -> LimitUse {
    limit_use(Limit::SubjectPings, &alert.subject, SUBJECT_PINGS, PINGS_WINDOW)
}

/// Returns the use of a new card.
pub fn card_use() -> LimitUse {
    limit_use(Limit::AlertCards, "leads", CARDS, CARDS_WINDOW)
}

/// Returns true if the alert counts against the cards of an hour. An urgent one always gets a card,
/// so that a flood of warnings hides none. The pings have a limit of their own.
pub fn may_be_collected(alert: &Alert) -> bool {
    alert.kind != AlertKind::Collected && alert.level != AlertLevel::Urgent
}

/// Returns a use that lasts its window, from the post on that it counts.
fn limit_use(limit: Limit, subject: &str, allowed: u32, window: Duration) -> LimitUse {
    let (subject, window) = (subject.to_owned(), window + POST_TIME);
    LimitUse { limit, subject, allowed, window, replaces: None }
}

/// Returns true if the leads are pinged by the card when it is posted now, within the limits.
pub fn may_ping(alert: &Alert, now: Timestamp) -> bool {
    alert.level == AlertLevel::Urgent && now <= newest_event(alert) + PING_LIFE
}

/// Returns true if a reminder that is due comes too late to be sent.
pub fn is_late(alert: &Alert, card: &AlertCard, now: Timestamp) -> bool {
    let due_at = reminder(alert, card).map(|at| at.max(newest_event(alert)));
    due_at.is_some_and(|at| at + PING_LIFE < now)
}

/// Returns the time of the newest event or repeat. An alert can rest on events from long before it.
fn newest_event(alert: &Alert) -> Timestamp {
    alert.opened_at.max(alert.last_at)
}

/// Returns true if the alert closes by itself now.
pub fn expires(alert: &Alert, now: Timestamp) -> bool {
    let is_open = alert.state == AlertState::Open;
    is_open && end(alert, &alert.card).is_some_and(|end| end <= now)
}

/// Returns the time at which an open alert closes by itself. A card that collects counts until it
/// was posted for an hour.
fn end(alert: &Alert, card: &AlertCard) -> Option<Timestamp> {
    match (alert.kind, alert.level) {
        (AlertKind::Collected, _) => Some(card.posted_at? + CARDS_WINDOW),
        (AlertKind::LeadActed, _) if alert.awaits_operator() => {
            Some(alert.opened_at + REQUEST_LIFE)
        }
        (_, AlertLevel::Notice) => Some(alert.opened_at + NOTICE_LIFE),
        _ => None,
    }
}

/// Returns the time of the next reminder of a card that is posted.
fn reminder(alert: &Alert, card: &AlertCard) -> Option<Timestamp> {
    let is_urgent = alert.level == AlertLevel::Urgent && alert.state == AlertState::Open;
    let nth = usize::try_from(card.reminders).ok()?;
    let after = REMINDERS.get(nth).filter(|_| is_urgent && card.message.is_some())?;
    Some(card.posted_at? + *after)
}

/// Returns true if a reminder is due now.
pub fn reminds(alert: &Alert, card: &AlertCard, now: Timestamp) -> bool {
    reminder(alert, card).is_some_and(|at| at <= now)
}

/// Returns the reminders that were sent or left out, with those whose successor is due too. After a
/// stop of the program, the leads get one reminder.
pub fn skip_reminders(alert: &Alert, card: &AlertCard, now: Timestamp) -> u32 {
    let mut card = card.clone();
    loop {
        let next = AlertCard { reminders: card.reminders.saturating_add(1), ..card.clone() };
        if !reminds(alert, &next, now) {
            return card.reminders;
        }
        card = next;
    }
}

/// Returns true if a lead can open the alert again.
pub fn can_reopen(alert: &Alert, now: Timestamp) -> bool {
    alert.state.verdict().is_some_and(|verdict| now < verdict.at + REOPEN)
}

/// Returns the time at which the card needs work again. `None`: never, unless the alert changes.
pub fn next_look(alert: &Alert, card: &AlertCard, now: Timestamp) -> Option<Timestamp> {
    match alert.state.verdict() {
        Some(verdict) => {
            let request_end = alert.awaits_operator().then(|| alert.opened_at + REQUEST_LIFE);
            let ends = request_end.into_iter().chain([verdict.at + REOPEN]);
            ends.filter(|end| now < *end && card.message.is_some()).min()
        }
        None if alert.state == AlertState::Open => {
            end(alert, card).into_iter().chain(reminder(alert, card)).min()
        }
        None => None,
    }
}
