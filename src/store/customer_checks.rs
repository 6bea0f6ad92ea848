//! Checks of the rows about a customer. A writer of the database can set a row's customer, so only
//! a row with an authentic MAC or signature tells whom it is about.

use commands::model::pseudonym::Pseudonym;
use serde_json::Value;
use sqlx::any::AnyRow;

use super::about::key_name_of;
use crate::trail::columns::ColumnType::{self, Text};
use crate::trail::columns::{EVENT_COLUMNS, number, text};
use crate::trail::event::Signature;
use crate::trail::keys::PublicKeys;
use crate::trail::verify::single;

/// Signature of the event before an event: in its row, or where the retention has removed it. The
/// event's own signature covers it, so a wrong one only fails the check.
const PREVIOUS_COLUMNS: [(&str, ColumnType); 2] = [
    (
        "(select max(previous.signature) from events previous
         where previous.chain = events.chain and previous.seq = events.seq - 1)",
        Text,
    ),
    (
        "(select max(pruned.last_signature) from pruned
         where pruned.chain = events.chain and pruned.seq = events.seq - 1)",
        Text,
    ),
];

/// Returns the columns that [`is_signed`] needs, those of an event first.
pub(super) fn event_columns() -> Vec<(&'static str, ColumnType)> {
    EVENT_COLUMNS.into_iter().chain(PREVIOUS_COLUMNS).collect()
}

/// Returns true if the signature of an event is valid. `row` holds [`event_columns`].
pub(super) fn is_signed(row: &AnyRow, trusted: &PublicKeys) -> bool {
    let at = EVENT_COLUMNS.len();
    let before = if number(row, 1) == Some(1) {
        Some(Signature::START)
    } else {
        let previous = text(row, at).or_else(|| text(row, at + 1));
        previous.as_deref().and_then(Signature::parse)
    };
    before.is_some_and(|before| single::is_signed(row, before, trusted))
}

/// Returns true if a sealed value is about another customer than this one.
pub(super) fn is_about_another(about: Option<&str>, pseudonym: &Pseudonym) -> bool {
    let name = about.and_then(key_name_of);
    name.is_some_and(|name| name.subject.as_ref() != Some(pseudonym))
}

/// Returns true if an event names another customer than this one. The bot keeps the customer of a
/// session whose row was edited, so only the session's events tell whose it is.
pub(super) fn names_another(row: &AnyRow, pseudonym: &Pseudonym) -> bool {
    let details: Value =
        text(row, 6).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let named = details.get("customer").and_then(Value::as_str);
    named.is_some_and(|named| named != pseudonym.as_str())
        || is_about_another(text(row, 7).as_deref(), pseudonym)
}
