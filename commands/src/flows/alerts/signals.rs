//! Sentences on the cards of signals: the counted events and their window.

use crate::flows::lead::parts::mention;
use crate::model::alert::{Alert, AlertFacts, AlertKind};
use crate::model::words::Locale;
use crate::say;

/// Returns the sentences of a card.
pub(super) fn sentences(alert: &Alert, locale: Locale) -> Vec<String> {
    let facts = &alert.facts;
    let count = facts.number("count");
    match alert.kind {
        AlertKind::LookupsAbandoned => {
            let total = facts.number("total");
            vec![say!(locale, "signal-lookups-abandoned", count = count, total = total)]
        }
        AlertKind::Enumeration => vec![say!(locale, "signal-enumeration", count = count)],
        AlertKind::AgentShopping => agent_shopping(facts, locale),
        AlertKind::RepeatedCodes => vec![say!(locale, "signal-repeated-codes", count = count)],
        AlertKind::SlowGuessing => {
            let (purpose, sessions) = (facts.word("purpose"), facts.number("sessions"));
            let said = say!(
                locale,
                "signal-slow-guessing",
                count = count,
                purpose = purpose,
                sessions = sessions
            );
            vec![said]
        }
        AlertKind::FastCode => vec![say!(locale, "signal-fast-code", count = count)],
        AlertKind::RepeatedAccess => {
            let today = facts.number("today");
            vec![say!(locale, "signal-repeated-access", count = count, today = today)]
        }
        AlertKind::BulkAccess if facts.is("wide") => {
            vec![say!(locale, "signal-bulk-access", customers = facts.number("customers"))]
        }
        AlertKind::BulkAccess => {
            vec![say!(locale, "signal-many-links", links = facts.number("links"))]
        }
        AlertKind::ColleagueAccess => vec![say!(locale, "signal-colleague-access")],
        AlertKind::MailDelivery => {
            let (codes, failed) = (facts.number("codes"), facts.number("failed"));
            let customers = facts.number("customers");
            vec![
                say!(locale, "signal-mail-delivery", codes = codes, failed = failed),
                say!(locale, "signal-mail-bounced", customers = customers),
                say!(locale, "signal-mail-holds-back"),
            ]
        }
        _ => Vec::new(),
    }
}

/// Names the agents, because each of them was called.
fn agent_shopping(facts: &AlertFacts, locale: Locale) -> Vec<String> {
    let agents: Vec<_> = facts.agents().map(mention).collect();
    let (count, wrong) = (facts.number("count"), facts.number("wrong"));
    let agents = agents.join(", ");
    let mut said = vec![say!(locale, "signal-agent-shopping", count = count, agents = agents)];
    if wrong > 0 {
        said.push(say!(locale, "signal-agent-shopping-wrong", wrong = wrong));
    }
    if facts.is("reported") {
        said.push(say!(locale, "signal-agent-shopping-reported"));
    }
    said
}
