//! One invocation: the envelope around every request, and the ways in which an answer is not one.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use commands::error::Fault;
use commands::ports::{Answer, Denied, Origin};
use commands::time::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Functions;
use crate::aws::{CallError, fault};
use crate::metrics;

/// Version of the contract.
const VERSION: u32 = 1;

impl Functions {
    /// Invokes a function with the envelope and `request`, whose fields stand beside the envelope's.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        function: &str,
        origin: &Origin,
        request: Value,
    ) -> Answer<T> {
        let began = self.clock.now();
        let answer = self.invoke(doing, function, origin, request).await;
        let outcome = match &answer {
            Ok(Ok(_)) => "done",
            Ok(Err(_)) => "denied",
            Err(_) => "fault",
        };
        metrics::called("lambda", doing, outcome, self.clock.now().since(began));
        answer
    }

    async fn invoke<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        function: &str,
        origin: &Origin,
        request: Value,
    ) -> Answer<T> {
        let invocation = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(envelope(origin, request).to_string()));
        let output = invocation.send().await.map_err(|error| fault(doing, &error))?;
        // Before anything else: the status is 200 even then, and the payload is the function's stack trace, never to be shown.
        if let Some(kind) = output.function_error() {
            let kind = if kind == "Handled" { "the function failed (handled)" } else { "the function failed" };
            return Err(Fault::new(doing, kind));
        }
        read(doing, output.payload().map_or(&[], AsRef::as_ref))
    }

    /// Asks whether the function is there and may be invoked, without invoking it.
    pub async fn dry_run(&self, function: &str) -> Result<(), CallError> {
        let asked = self.client.invoke().function_name(function).invocation_type(InvocationType::DryRun).send().await;
        asked.map(drop).map_err(|error| CallError::of(&error))
    }
}

/// What every request says of itself, with the request's own fields.
fn envelope(origin: &Origin, request: Value) -> Value {
    let mut fields = match request {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert("v".to_owned(), json!(VERSION));
    fields.insert("request_id".to_owned(), json!(origin.request_id));
    fields.insert("session_id".to_owned(), json!(origin.session.as_str()));
    // A snowflake does not fit into the numbers of many JSON readers: it is text, as in Discord's own JSON.
    let actor =
        json!({"agent_id": origin.actor.agent_id, "discord_id": origin.actor.discord_id.to_string(), "name": origin.actor.name});
    fields.insert("actor".to_owned(), actor);
    fields.insert("locale".to_owned(), json!(origin.locale.tag()));
    Value::Object(fields)
}

#[derive(Deserialize)]
struct Verdict {
    ok: bool,
    error: Option<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    retry_after_s: Option<u64>,
}

/// Reads an answer. The parser's own errors quote what they read, so they are not passed on.
fn read<T: DeserializeOwned>(doing: &'static str, payload: &[u8]) -> Answer<T> {
    let malformed = |_| Fault::new(doing, "the function's answer is not what the contract says");
    let verdict: Verdict = serde_json::from_slice(payload).map_err(malformed)?;
    if verdict.ok {
        return serde_json::from_slice(payload).map(Ok).map_err(malformed);
    }
    let refused = verdict.error.ok_or_else(|| Fault::new(doing, "the function refused without saying why"))?;
    let wait = refused.retry_after_s.map(Duration::from_secs);
    match refused.code.as_str() {
        "RATE_LIMITED" => Ok(Err(Denied::RateLimited(wait))),
        "NOT_FOUND" => Ok(Err(Denied::NotFound)),
        "DELIVERY_FAILED" => Ok(Err(Denied::DeliveryFailed)),
        "PROOF_INVALID" => Ok(Err(Denied::ProofInvalid)),
        "UNAVAILABLE" => Ok(Err(Denied::Unavailable(wait))),
        "BAD_REQUEST" => Err(Fault::new(doing, "the function does not understand the request")),
        _ => Err(Fault::new(doing, "the function refused with a code that the contract does not have")),
    }
}

/// Reads an RFC 3339 time, for `deserialize_with`.
pub(super) fn rfc3339<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| D::Error::custom("not a time"))?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map(Timestamp).map_err(|_| D::Error::custom("not a time"))
}
