//! An event of the trail in a line.

use serde_json::Value;

use crate::flows::lead::parts::{mention, target_name};
use crate::flows::lead::trail::TrailList;
use crate::model::limit::UNTIL_UNLOCKED;
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::trail_filter::TrailAbout;
use crate::model::words::Locale;
use crate::ports::trail_search::TrailLine;
use crate::say;
use crate::screens::screen::{clip, escape};
use crate::screens::text::{date_time, exact_time, short_day};

/// Longest text of an event in a line, in characters. Ours: ten lines fit Discord's 4,096, although
/// each character can need a backslash.
const MAX_TEXT: usize = 40;
/// Longest reason in a line, in characters.
const MAX_REASON: usize = 80;

/// Sign in place of a detail that was erased or never existed.
const NOTHING: &str = "–";

/// Returns the line of an event.
pub(super) fn line(event: &TrailLine, list: &TrailList<'_>) -> String {
    let locale = list.locale;
    let is_session = matches!(list.view.about, TrailAbout::Session(_));
    let mut parts = Vec::new();
    parts.push(if is_session {
        exact_time(event.at)
    } else {
        format!("{} {}", short_day(event.at, locale), exact_time(event.at))
    });
    parts.push(actor(&event.actor, locale));
    if let Some(session) = event.session.as_ref().filter(|_| !is_session) {
        parts.push(format!("`{}`", session.short()));
    }
    parts.push(what(event, locale));
    let is_headed = is_session || matches!(list.view.about, TrailAbout::Customer(_));
    if let Some(pseudonym) = event.customer.as_ref().filter(|_| !is_headed) {
        parts.push(customer(pseudonym, event.is_erased, locale));
    }
    parts.join(" · ")
}

/// Returns the pseudonym of a customer, and whether they were erased.
pub(super) fn customer(pseudonym: &Pseudonym, is_erased: bool, locale: Locale) -> String {
    if is_erased {
        say!(locale, "desk-trail-erased", customer = pseudonym.short())
    } else {
        say!(locale, "desk-card-customer", customer = pseudonym.short())
    }
}

/// Returns who acted.
fn actor(actor: &str, locale: Locale) -> String {
    let word = || say!(locale, "desk-trail-actor", actor = shown(actor));
    discord_id(actor).map_or_else(word, mention)
}

fn discord_id(subject: &str) -> Option<u64> {
    subject.strip_prefix("discord:")?.parse().ok()
}

/// Returns what happened. A kind without a sentence of its own is shown by its name.
fn what(event: &TrailLine, locale: Locale) -> String {
    let text = |name: &str| event.details[name].as_str().unwrap_or_default();
    let number = |name: &str| event.details[name].as_u64().unwrap_or_default();
    let sealed = |name: &str| match &event.about[name] {
        Value::String(text) => shown(text),
        _ => NOTHING.to_owned(),
    };
    let why = text("why");
    let closed = event.kind == kind::CLOSED;
    let why = match why {
        why if closed => say!(locale, "desk-close-word", why = why),
        why => shown(why),
    };
    let ecosystem = match &event.ecosystem {
        Some(name) => shown(name),
        None => sealed("ecosystem"),
    };
    let found = match &event.details["found"] {
        Value::Bool(true) => "yes",
        Value::Bool(false) => "no",
        _ => "unknown",
    };
    let sentence = say!(
        locale,
        "desk-trail-what",
        kind = event.kind.as_str(),
        name = shown(&event.kind),
        found = found,
        ecosystem = ecosystem,
        code = say!(locale, "desk-trail-code", purpose = text("purpose")),
        seconds = number("seconds"),
        step = number("step"),
        place = target_name(text("target"), locale),
        why = why,
        outcome = shown(text("outcome")),
        template = shown(text("template")),
        view = shown(text("view")),
        subject = subject(event, locale),
        until = until(event),
    );
    let reason = match (&event.about["reason"], text("reason")) {
        (Value::String(sealed), _) => Some(escape(&clip(sealed, MAX_REASON))),
        (_, "") if closed && event.is_erased => Some(NOTHING.to_owned()),
        (_, "") => None,
        (_, open) => Some(escape(&clip(open, MAX_REASON))),
    };
    match reason {
        Some(reason) => say!(locale, "desk-trail-reason", what = sentence, reason = reason),
        None => sentence,
    }
}

/// Returns whom an event is about: a mention, or a kind of subject.
fn subject(event: &TrailLine, locale: Locale) -> String {
    let named = ["subject", "agent", "customer"];
    let subject = named.iter().find_map(|name| event.details[*name].as_str()).unwrap_or_default();
    let kind = subject.split_once(':').map_or("", |(kind, _)| kind);
    let word = || say!(locale, "desk-trail-subject", subject = kind);
    discord_id(subject).map_or_else(word, mention)
}

fn until(event: &TrailLine) -> String {
    match event.details["until"].as_i64().map(Timestamp) {
        Some(until) if until != UNTIL_UNLOCKED => date_time(until),
        _ => NOTHING.to_owned(),
    }
}

/// Returns a text of the database for a line.
fn shown(text: &str) -> String {
    if text.is_empty() { NOTHING.to_owned() } else { escape(&clip(text, MAX_TEXT)) }
}
