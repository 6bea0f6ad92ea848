//! What the cards of the signals say.

use crate::model::alert::Alert;
use crate::model::words::Locale;
use crate::say;

/// Returns the sentences of a card.
pub(super) fn sentences(alert: &Alert, locale: Locale) -> Vec<String> {
    vec![say!(locale, "alert-signal", count = alert.facts.number("count"))]
}
