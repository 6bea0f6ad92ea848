//! A request to a function, read strictly: what the contract does not name is refused.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields that every request carries.
const ENVELOPE: [&str; 5] = ["v", "request_id", "session_id", "actor", "locale"];
/// The contract's version.
const VERSION: u64 = 1;

/// A request whose envelope is in order.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the contract's own name")]
pub(super) struct Request {
    /// The idempotency key.
    pub(super) request_id: String,
    /// The support session, or the id of a linking or notice.
    pub(super) session_id: String,
    /// Who acts.
    pub(super) actor: Actor,
    /// The language of what is sent to an agent.
    pub(super) locale: String,
    fields: Map<String, Value>,
}

/// Who acts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actor {
    /// The agent's id: subject or user name in Cognito.
    pub(super) agent_id: String,
    /// The Discord account's id, in digits.
    pub(super) discord_id: String,
    /// The agent's name.
    pub(super) name: String,
}

/// Whom something is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subject {
    /// Agent or customer.
    #[serde(rename = "type")]
    pub(super) kind: SubjectKind,
    /// Cognito's or Core's id.
    pub(super) id: String,
}

/// The two kinds of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SubjectKind {
    /// A member of the staff, in Cognito.
    Agent,
    /// A user of the company, in Core.
    Customer,
}

/// The two proofs that acting needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proofs {
    /// From `otp-verify` with purpose `agent_mfa`.
    pub(super) agent: String,
    /// From `otp-verify` with purpose `customer_consent`.
    pub(super) customer: String,
}

impl Request {
    /// Reads the envelope, or says what breaks the contract.
    pub(super) fn read(body: Value) -> Result<Self, String> {
        let Value::Object(mut fields) = body else {
            return Err("the request is no JSON object".to_owned());
        };
        if fields.get("v").and_then(Value::as_u64) != Some(VERSION) {
            return Err("v is not 1".to_owned());
        }
        let text = |name: &str| {
            let value = fields.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| format!("{name} is missing or no text"))
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
            return Err("actor: a field is empty or no id".to_owned());
        }
        fields.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
        Ok(Self { request_id, session_id, actor, locale, fields })
    }

    /// The function's own part; a field that it does not know is an error.
    pub(super) fn own<T: DeserializeOwned>(&self) -> Result<T, String> {
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
    fn a_good_request_is_read() {
        let request = Request::read(body()).unwrap();
        let own: Own = request.own().unwrap();
        assert_eq!((request.request_id.as_str(), own.subject.kind), ("r", SubjectKind::Agent));
    }

    #[test]
    fn what_the_contract_does_not_name_is_refused() {
        for (pointer, value) in [
            ("/v", json!(2)),
            ("/request_id", json!("")),
            ("/actor/discord_id", json!("x")),
            ("/actor/extra", json!(1)),
        ] {
            let mut bad = body();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            bad.pointer_mut(parent).unwrap()[name] = value;
            assert!(Request::read(bad).is_err(), "{pointer}");
        }
        let mut extra = body();
        extra["extra"] = json!(1);
        assert!(Request::read(extra).unwrap().own::<Own>().is_err());
    }
}
