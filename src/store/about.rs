//! What a session or an event is about: who the customer is, the chosen ecosystem, the ticket.
//!
//! It is sealed under the customer's key of the quarter, and bound to its place: the number of an
//! event in its chain, or the id of a session. A sealed value names its key:
//! `{pseudonym or nobody}.{quarter}.{base64}`.

use commands::model::session::{Session, Work};
use commands::model::trail::TrailEvent;
use serde_json::{Map, Value};

use super::quarter::quarter_of;
use super::store_keys::NoRandomness;
use super::subject_keys::{KeyName, SubjectKey};

/// Fields of a state that are about the customer.
const STATE_FIELDS: [&str; 2] = ["customer", "case"];
/// Ticket number of the session.
const TICKET: &str = "ticket";
/// Masked address that the customer's newest code was mailed to.
const CODE_TO: &str = "code_to";
const CODE_TO_PLACE: &str = "/customer/challenge/destination";
/// Masked address of each mailed access link, by its number in the session.
const LINKS_TO: &str = "links_to";
const LINK_TO: &str = "mailed_to";
/// Field of a session's JSON for what a newer version has sealed. It never reaches the row.
const UNKNOWN: &str = "about";

/// A sealed value as its column holds it.
struct SealedText<'a> {
    key: KeyName,
    sealed: &'a str,
}

impl<'a> SealedText<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (subject, rest) = text.split_once('.')?;
        let (quarter, sealed) = rest.split_once('.')?;
        Some(Self { key: KeyName::parse(subject, quarter)?, sealed })
    }
}

/// Returns the key that a sealed value names; `None` if it is no sealed value.
pub fn key_name_of(text: &str) -> Option<KeyName> {
    SealedText::parse(text).map(|text| text.key)
}

/// Returns the place of an event, which its sealed details are bound to.
pub fn event_binding(chain: &str, seq: i64) -> String {
    format!("{chain}:{seq}")
}

/// Returns the key of a session: the row and the chain keep the quarter of the opening.
pub(super) fn session_key_name(session: &Session) -> KeyName {
    KeyName { subject: session.pseudonym.clone(), quarter: quarter_of(session.clocks.opened_at) }
}

/// Returns the key of an event in an actor's chain.
pub(super) fn event_key_name(event: &TrailEvent) -> KeyName {
    KeyName { subject: event.customer.clone(), quarter: quarter_of(event.at) }
}

/// Returns true if the session has a customer.
pub(super) const fn is_about_customer(session: &Session) -> bool {
    matches!(session.work, Work::Support(..))
}

/// Returns true if the session's row has something to seal. A closed one keeps what it had.
pub(super) fn has_about(session: &Session) -> bool {
    is_about_customer(session) && session.closed().is_none()
}

/// Seals what a row or an event is about.
pub(super) fn seal_about(
    key: &SubjectKey,
    binding: &str,
    about: &Value,
) -> Result<String, NoRandomness> {
    key.seal(binding, about.to_string().into_bytes())
}

/// Opens a sealed value with the key that it names, which `key` returns if it still exists.
///
/// `None` if there is no key, or if the value was tampered with or moved here.
pub(crate) fn open_about<'k>(
    key: impl FnOnce(&KeyName) -> Option<&'k SubjectKey>,
    binding: &str,
    text: &str,
) -> Option<Value> {
    let text = SealedText::parse(text)?;
    let plain = key(&text.key)?.open(binding, text.sealed)?;
    serde_json::from_slice(&plain).ok()
}

/// Moves what is about the customer out of a session's JSON. Returns an object.
pub(super) fn take_about(state: &mut Value) -> Value {
    let mut take = |name: &str| state.as_object_mut().and_then(|state| state.remove(name));
    let mut about = match take(UNKNOWN) {
        Some(Value::Object(unknown)) => unknown,
        _ => Map::new(),
    };
    about.extend(take(TICKET).map(|ticket| (TICKET.to_owned(), ticket)));
    if let Some(fields) = support_fields(state) {
        for name in STATE_FIELDS {
            about.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
        }
    }
    if let Some(to) = state.pointer_mut(CODE_TO_PLACE) {
        about.insert(CODE_TO.to_owned(), to.take());
    }
    let mut links = Map::new();
    for link in access_links(state) {
        let nth = link["nth"].to_string();
        let to = link.get_mut(LINK_TO).map(Value::take).filter(|to| !to.is_null());
        links.extend(to.map(|to| (nth, to)));
    }
    if !links.is_empty() {
        about.insert(LINKS_TO.to_owned(), Value::Object(links));
    }
    Value::Object(about)
}

/// Puts back what [`take_about`] has moved out of a session's JSON. What a newer version has sealed
/// becomes an unknown field of the session, so that it is kept.
pub(super) fn put_back(state: &mut Value, about: Value) {
    let Value::Object(mut about) = about else { return };
    let mut take = |name: &str| about.remove(name);
    if let (Some(state), Some(ticket)) = (state.as_object_mut(), take(TICKET)) {
        state.insert(TICKET.to_owned(), ticket);
    }
    if let Some(fields) = support_fields(state) {
        for name in STATE_FIELDS {
            fields.extend(take(name).map(|value| (name.to_owned(), value)));
        }
    }
    if let (Some(place), Some(to)) = (state.pointer_mut(CODE_TO_PLACE), take(CODE_TO)) {
        *place = to;
    }
    let mut links = take(LINKS_TO).unwrap_or_default();
    for link in access_links(state) {
        if let Some(to) = links.get_mut(link["nth"].to_string()) {
            link[LINK_TO] = to.take();
        }
    }
    if let (Some(state), false) = (state.as_object_mut(), about.is_empty()) {
        state.insert(UNKNOWN.to_owned(), Value::Object(about));
    }
}

/// Returns the fields of a support session's state. `None` for another session, and after the
/// close.
fn support_fields(state: &mut Value) -> Option<&mut Map<String, Value>> {
    let state = state.pointer_mut("/work/support/1")?.as_object_mut()?;
    state.values_mut().next()?.as_object_mut()
}

fn access_links(state: &mut Value) -> impl Iterator<Item = &mut Value> {
    state.get_mut("access_links").and_then(Value::as_array_mut).into_iter().flatten()
}

#[cfg(test)]
#[path = "about_tests.rs"]
mod tests;
