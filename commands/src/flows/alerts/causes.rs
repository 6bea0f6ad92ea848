//! Sentences on the cards of alerts that are raised in the transaction of their cause.

use serde_json::Value;

use crate::flows::alerts::raise::ENDLESS;
use crate::flows::lead::parts::{mention, target_name};
use crate::flows::lead::requests;
use crate::model::alert::{Alert, AlertFacts, AlertKind};
use crate::model::pseudonym::Pseudonym;
use crate::model::time::Timestamp;
use crate::model::words::{Locale, Purpose};
use crate::say;
use crate::screens::text::clock_time;

/// Returns the sentences of a card.
pub(super) fn sentences(alert: &Alert, now: Timestamp, locale: Locale) -> Vec<String> {
    let facts = &alert.facts;
    match alert.kind {
        AlertKind::Reported | AlertKind::ReportedAgent => reported(facts, locale),
        AlertKind::ReportedTwice => {
            let until = until(facts);
            vec![say!(locale, "alert-reporters", count = facts.number("count"), until = until)]
        }
        AlertKind::Locked => vec![locked(facts, locale)],
        AlertKind::LockedConsecutive => {
            let lasting = if !facts.is(ENDLESS) {
                say!(locale, "alert-locked-for-a-day")
            } else if is_of_agent(alert) {
                say!(locale, "alert-locked-agent-until-unlocked")
            } else {
                say!(locale, "alert-locked-customer-until-unlocked")
            };
            vec![locked(facts, locale), lasting]
        }
        AlertKind::LookupLimit => {
            vec![say!(locale, "alert-lookups", window = facts.word("window"))]
        }
        AlertKind::ResetCodes if facts.is("closed") => vec![say!(locale, "alert-locked-reset")],
        AlertKind::ResetCodes => {
            vec![say!(locale, "alert-wrong-reset-codes", count = facts.number("count"))]
        }
        AlertKind::RevokeStuck => vec![say!(locale, "alert-revoke-stuck")],
        AlertKind::TrailBroken => {
            let (what, findings) = (facts.word("what"), facts.number("findings"));
            vec![say!(locale, "alert-trail", what = what, findings = findings)]
        }
        AlertKind::EligibilityLost => {
            vec![say!(locale, "alert-eligibility-lost", why = facts.word("why"))]
        }
        AlertKind::LeadActed => {
            let of_request = requests::sentences(alert, now, locale);
            of_request.unwrap_or_else(|| vec![lead_acted(alert, locale)])
        }
        _ => Vec::new(),
    }
}

/// Returns true if the locked out subject is the agent, and not the customer.
pub(super) fn is_of_agent(alert: &Alert) -> bool {
    alert.facts.word("purpose") != Purpose::CustomerConsent.name()
}

fn locked(facts: &AlertFacts, locale: Locale) -> String {
    say!(locale, "alert-locked", purpose = facts.word("purpose"))
}

fn reported(facts: &AlertFacts, locale: Locale) -> Vec<String> {
    let at = clock_time(facts.time("mailed_at").unwrap_or_default());
    let whose = match facts.word("mail") {
        "visit" => "customer",
        mail => mail,
    };
    let choice = facts.word("choice");
    let mut said = vec![say!(locale, "alert-reported", whose = whose, at = at, choice = choice)];
    let opened = opened(facts, locale);
    said.push(match (facts.is("late"), opened.is_empty()) {
        (false, _) if facts.is("revokes") => say!(locale, "alert-reported-closed-revokes"),
        (false, _) => say!(locale, "alert-reported-closed"),
        (true, false) => say!(locale, "alert-reported-closed-before"),
        (true, true) => say!(locale, "alert-reported-nothing-opened"),
    });
    if facts.time("until").is_some() {
        said.push(say!(locale, "alert-reported-until", whose = whose, until = until(facts)));
    }
    if facts.is("quick") {
        said.push(say!(locale, "alert-reported-quick"));
    }
    if !opened.is_empty() {
        said.push(say!(locale, "alert-opened", opened = opened.join(", ")));
    }
    said
}

fn opened(facts: &AlertFacts, locale: Locale) -> Vec<String> {
    let opened = facts.0.get("opened").and_then(Value::as_array).into_iter().flatten();
    let place = |opened: &Value| {
        let at = opened.get("at").and_then(Value::as_i64).map(Timestamp)?;
        let target = opened.get("target").and_then(Value::as_str)?;
        Some(format!("{} {}", target_name(target, locale), clock_time(at)))
    };
    opened.filter_map(place).collect()
}

fn until(facts: &AlertFacts) -> String {
    clock_time(facts.time("until").unwrap_or_default())
}

fn lead_acted(alert: &Alert, locale: Locale) -> String {
    let agent = alert.facts.word("target").parse().ok().map(mention);
    let customer = || alert.customer.as_ref().map(Pseudonym::short);
    let target = agent.or_else(customer).unwrap_or_else(|| "–".to_owned());
    say!(locale, "alert-lead-acted", act = alert.facts.word("act"), target = target)
}
