//! Parses requests strictly: a field that the contract does not name is an error.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Fields of every request.
const ENVELOPE: [&str; 5] = ["v", "request_id", "session_id", "actor", "locale"];
/// The contract's version.
const VERSION: u64 = 1;

/// A request with a valid envelope.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the contract's own name")]
pub(super) struct Request {
    /// The idempotency key.
    pub(super) request_id: String,
    /// The id of the support session, account link or notice.
    pub(super) session_id: String,
    /// The agent who acts.
    pub(super) actor: Actor,
    /// The language of mails to the agent.
    pub(super) locale: String,
    fields: Map<String, Value>,
}

/// The agent who acts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actor {
    /// The agent's subject or user name in Cognito.
    pub(super) agent_id: String,
    /// The id of the Discord account, in digits.
    pub(super) discord_id: String,
    pub(super) name: String,
}

/// The agent or customer that a request is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    #[serde(rename = "type")]
    pub(super) kind: SubjectKind,
    /// The id in Cognito or Core.
    pub(super) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubjectKind {
    /// A staff member, in Cognito.
    Agent,
    /// A user, in Core.
    Customer,
}

/// The two proofs that an action requires.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proofs {
    /// From `cs-otp-verify` with purpose `agent_mfa`.
    pub(super) agent: String,
    /// From `cs-otp-verify` with purpose `customer_consent`.
    pub(super) customer: String,
}

impl Request {
    /// Parses the envelope. An error states the violation of the contract.
    pub(super) fn parse(body: Value) -> Result<Self, String> {
        let Value::Object(mut fields) = body else {
            return Err("the request is not a JSON object".to_owned());
        };
        if fields.get("v").and_then(Value::as_u64) != Some(VERSION) {
            return Err("v is not 1".to_owned());
        }
        let text = |name: &str| {
            let value = fields.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| format!("{name} is missing or not a text"))
        };
        let (request_id, session_id, locale) =
            (text("request_id")?, text("session_id")?, text("locale")?);
        let actor = fields.get("actor").cloned().unwrap_or_default();
        let actor: Actor =
            serde_json::from_value(actor).map_err(|error| format!("actor: {error}"))?;
        if actor.discord_id.parse::<u64>().is_err()
            || actor.agent_id.is_empty()
            || actor.name.is_empty()
        {
            return Err("actor: a field is empty or not an id".to_owned());
        }
        fields.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
        Ok(Self { request_id, session_id, actor, locale, fields })
    }

    /// Parses the function's own fields. An unknown field is an error.
    pub(super) fn parse_fields<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(Value::Object(self.fields.clone()))
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Own {
        subject: Subject,
    }

    fn body() -> Value {
        json!({
            "v": 1, "request_id": "r", "session_id": "s", "locale": "en",
            "actor": {"agent_id": "a", "discord_id": "12", "name": "Ana"},
            "subject": {"type": "agent", "id": "a"},
        })
    }

    #[test]
    fn valid_request_is_parsed() {
        let request = Request::parse(body()).unwrap();
        let own: Own = request.parse_fields().unwrap();
        assert_eq!((request.request_id.as_str(), own.subject.kind), ("r", SubjectKind::Agent));
    }

    #[test]
    fn invalid_or_unknown_fields_are_refused() {
        for (pointer, value) in [
            ("/v", json!(2)),
            ("/request_id", json!("")),
            ("/actor/discord_id", json!("x")),
            ("/actor/extra", json!(1)),
        ] {
            let mut bad = body();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            bad.pointer_mut(parent).unwrap()[name] = value;
            assert!(Request::parse(bad).is_err(), "{pointer}");
        }
        let mut extra = body();
        extra["extra"] = json!(1);
        assert!(Request::parse(extra).unwrap().parse_fields::<Own>().is_err());
    }
}
