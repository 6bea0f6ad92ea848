//! The fields of every request, and the strict parser.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::texts::{is_key, is_name, is_session_id};
use super::{Locale, MAX_REQUEST, MAX_TEXT, Refusal, VERSION};

/// Fields that every request has.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The idempotency key.
    pub request_id: String,
    pub session_id: String,
    /// The agent who acts.
    pub actor: Actor,
    /// The language of a mail to an agent.
    pub locale: Locale,
}

/// The agent who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The `sub` in Cognito.
    pub agent_id: String,
    /// The id of the Discord account, as text, because it exceeds the number range of many JSON
    /// parsers.
    pub discord_id: String,
    pub name: String,
}

/// A request with a valid envelope, and the function's own fields.
#[derive(Clone)]
pub struct Request {
    pub envelope: Envelope,
    fields: Map<String, Value>,
}

impl Envelope {
    /// Returns a request with these fields and `own`, the fields of one function.
    pub fn request(&self, own: impl Serialize) -> Value {
        let mut request = json!(own);
        request["v"] = json!(VERSION);
        request["request_id"] = json!(self.request_id);
        request["session_id"] = json!(self.session_id);
        request["actor"] = json!(self.actor);
        request["locale"] = json!(self.locale);
        request
    }
}

impl Request {
    /// Parses the envelope.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let mut fields = parse_object(body)?;
        let request_id = take_text(&mut fields, "request_id", is_key)?;
        let session_id = take_text(&mut fields, "session_id", is_session_id)?;
        let actor: Actor = take(&mut fields, "actor")?;
        let has_ids = actor.discord_id.parse::<u64>().is_ok() && !actor.agent_id.is_empty();
        if !has_ids || !is_name(&actor.name) {
            return Err(Refusal::bad_request("actor is not an agent"));
        }
        let locale = take(&mut fields, "locale")?;
        Ok(Self { envelope: Envelope { request_id, session_id, actor, locale }, fields })
    }

    /// Returns true if the request has this field of its function.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Parses the function's own fields. An unknown field is a violation.
    pub(crate) fn own<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        parse_fields(self.fields.clone())
    }
}

/// Parses an object of version 2, whose texts have lengths within the limits.
pub(super) fn parse_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.len() > MAX_REQUEST {
        return Err(Refusal::bad_request("the request is too large"));
    }
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
        return Err(Refusal::bad_request("the request is not a JSON object"));
    };
    if fields.remove("v").as_ref().and_then(Value::as_u64) != Some(VERSION) {
        return Err(Refusal::bad_request("v is not 2"));
    }
    if fields.values().any(has_long_text) {
        return Err(Refusal::bad_request("a text is too long"));
    }
    Ok(fields)
}

pub(super) fn parse_fields<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| Refusal::bad_field("fields of the function", error.to_string()))
}

fn has_long_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() > MAX_TEXT,
        Value::Array(values) => values.iter().any(has_long_text),
        Value::Object(fields) => fields.values().any(has_long_text),
        _ => false,
    }
}

fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &'static str,
) -> Result<T, Refusal> {
    let value = fields.remove(name).unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Refusal::bad_field(name, error.to_string()))
}

/// Takes a text that keeps a rule.
fn take_text(
    fields: &mut Map<String, Value>,
    name: &'static str,
    is_valid: fn(&str) -> bool,
) -> Result<String, Refusal> {
    let text: String = take(fields, name)?;
    if !is_valid(&text) {
        return Err(Refusal::bad_field(name, "not an id"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_ID, MAX_NAME, Subject, SubjectKind};
    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Own {
        subject: Subject,
    }

    fn body() -> Value {
        json!({
            "v": 2, "request_id": "r", "session_id": "s", "locale": "en",
            "actor": {"agent_id": "a", "discord_id": "12", "name": "Ana"},
            "subject": {"type": "agent", "id": "a"},
        })
    }

    fn parse(body: &Value) -> Result<Request, Refusal> {
        Request::parse(body.to_string().as_bytes())
    }

    #[test]
    fn envelope_and_own_fields_are_parsed() {
        let request = parse(&body()).unwrap();
        let own: Own = request.own().unwrap();
        assert_eq!(
            (request.envelope.request_id.as_str(), own.subject.kind),
            ("r", SubjectKind::Agent)
        );
        let again = request.envelope.request(json!({"subject": own.subject}));
        assert_eq!(again, body());
    }

    #[test]
    fn every_violation_is_refused() {
        let long_id = "x".repeat(MAX_ID + 1);
        for (pointer, value) in [
            ("/v", json!(1)),
            ("/v", json!("2")),
            ("/request_id", json!("")),
            ("/request_id", json!(7)),
            ("/request_id", json!("a b")),
            ("/session_id", json!(long_id)),
            ("/session_id", json!("a.b")),
            ("/actor/name", json!("Ana\nRuiz")),
            ("/actor/name", json!("x".repeat(MAX_NAME + 1))),
            ("/actor/discord_id", json!("x")),
            ("/actor/agent_id", json!("")),
            ("/actor/extra", json!(1)),
            ("/actor", json!(null)),
            ("/locale", json!("fr")),
            ("/subject/id", json!("x".repeat(MAX_TEXT + 1))),
        ] {
            let mut bad = body();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            bad.pointer_mut(parent).unwrap()[name] = value;
            assert!(parse(&bad).is_err(), "{pointer}");
        }
        let mut extra = body();
        extra["extra"] = json!(1);
        assert!(parse(&extra).unwrap().own::<Own>().is_err());
        for text in ["", "null", "[]", "{", "{\"v\":2}"] {
            assert!(Request::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        let mut longest = body();
        longest["request_id"] = json!("x".repeat(MAX_ID));
        longest["session_id"] = json!("x".repeat(MAX_ID));
        longest["actor"]["name"] = json!("ñ".repeat(MAX_NAME));
        longest["subject"]["id"] = json!("ñ".repeat(MAX_TEXT));
        assert!(parse(&longest).unwrap().own::<Own>().is_ok());
        let padded = |size: usize| {
            let text = body().to_string();
            format!("{text}{}", " ".repeat(size - text.len()))
        };
        assert!(Request::parse(padded(MAX_REQUEST).as_bytes()).is_ok());
        assert!(Request::parse(padded(MAX_REQUEST + 1).as_bytes()).is_err());
    }
}
