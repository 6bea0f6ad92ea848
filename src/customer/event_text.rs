//! Sentences for the events of a session, as the customer reads them.

use commands::model::scope::Scope;
use commands::model::trail::kind;
use commands::model::words::{Locale, Purpose};
use commands::say;
use serde_json::{Map, Value};

use super::copy::{EventCopy, SessionCopy};
use crate::escape::for_terminal;

/// Returns the sentence for an event. `None` for steps of the bot and typing errors of the agent,
/// which only the JSON has.
pub(super) fn describe(
    locale: Locale,
    event: &EventCopy,
    session: Option<&SessionCopy>,
) -> Option<String> {
    let detail = |name: &str| event.details.get(name).and_then(Value::as_str);
    let is_own_code = detail("purpose") == Some(Purpose::CustomerConsent.name());
    let is_of_customer = matches!(detail("purpose"), Some("customer" | "visit"));
    let is_visit = detail("template") == Some("support_visit") && detail("outcome") == Some("done");
    Some(match event.kind.as_str() {
        kind::LOOKED_UP => say!(locale, "copy-looked-up"),
        kind::STARTED if detail("scope") == Some(Scope::Verify.name()) => {
            say!(locale, "copy-started-verify")
        }
        kind::STARTED => say!(locale, "copy-started"),
        kind::CHOSEN => say!(locale, "copy-chosen", ecosystem = ecosystem(locale, event, session)),
        kind::CHANGED => say!(locale, "copy-changed"),
        kind::CODE_SENT if is_own_code => {
            say!(locale, "copy-code-sent", to = sealed(locale, event, "to"))
        }
        kind::CODE_SENT => say!(locale, "copy-agent-code-sent"),
        kind::CODE_NOT_SENT if is_own_code => say!(locale, "copy-code-not-sent"),
        kind::CODE_RIGHT if is_own_code => say!(locale, "copy-code-right"),
        kind::CODE_RIGHT => say!(locale, "copy-agent-code-right"),
        kind::CODE_WRONG if is_own_code => say!(locale, "copy-code-wrong"),
        kind::PLAN_SHOWN => say!(locale, "copy-plan-shown"),
        kind::STEP_SHOWN => say!(locale, "copy-step-shown", nth = step(&event.details)),
        kind::ACCESS_OPENED => {
            say!(locale, "copy-access-opened", target = target(locale, detail("target")))
        }
        kind::ACCESS_MAILED => {
            say!(locale, "copy-access-mailed", to = sealed(locale, event, "to"))
        }
        kind::ACCESS_NOT_OPENED => say!(locale, "copy-access-not-opened"),
        kind::REPORTED if is_of_customer => say!(locale, "copy-reported"),
        kind::REPORT_CLEARED if is_of_customer => say!(locale, "copy-report-cleared"),
        kind::NOTIFIED if is_visit => say!(locale, "copy-visit-mailed"),
        kind::REVOKED if detail("outcome") == Some("done") => say!(locale, "copy-revoked"),
        _ => return None,
    })
}

/// Returns sealed details, or that they were erased.
fn sealed(locale: Locale, event: &EventCopy, name: &str) -> String {
    let found = event.about.get(name).and_then(Value::as_str);
    found.map_or_else(|| say!(locale, "copy-erased"), for_terminal)
}

/// Returns the name of the chosen ecosystem, if the session's row has it, else its id.
fn ecosystem(locale: Locale, event: &EventCopy, session: Option<&SessionCopy>) -> String {
    let id = event.about.get("ecosystem").and_then(Value::as_str);
    let named = session.filter(|session| id.is_some() && session.ecosystem.as_deref() == id);
    match named.and_then(|session| session.ecosystem_name.as_deref()) {
        Some(name) => for_terminal(name),
        None => sealed(locale, event, "ecosystem"),
    }
}

fn target(locale: Locale, target: Option<&str>) -> String {
    match target {
        Some("store") => "Waizant Store".to_owned(),
        Some("web") => "Waizant Web".to_owned(),
        Some("app") => "Waizant App".to_owned(),
        Some("successor") => say!(locale, "copy-successor"),
        other => for_terminal(other.unwrap_or("?")),
    }
}

/// Returns the number of a step of a succession; 0 if the event has none.
fn step(details: &Map<String, Value>) -> u64 {
    details.get("step").and_then(Value::as_u64).unwrap_or_default()
}
