//! One invocation: the envelope around every request, and the ways in which there is no answer.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use commands::model::fault::Fault;
use commands::ports::function::{Answer, Origin};
use serde_json::{Map, Value, json};

use super::Functions;
use crate::aws::{CallError, fault};
use crate::metrics;

/// Version of the contract.
const VERSION: u32 = 1;

impl Functions {
    /// Invokes a function with the envelope and `request`, whose fields stand beside the
    /// envelope's, and reads what it answers.
    pub(super) async fn call<T>(
        &self,
        doing: &'static str,
        function: &str,
        origin: &Origin,
        request: Value,
        read: impl FnOnce(&[u8]) -> Answer<T>,
    ) -> Answer<T> {
        let began = self.clock.now();
        let answer = match self.invoke(doing, function, origin, request).await {
            Ok(payload) => read(payload.as_ref().map_or(&[], AsRef::as_ref)),
            Err(fault) => Err(fault),
        };
        let outcome = match &answer {
            Ok(Ok(_)) => "done",
            Ok(Err(_)) => "denied",
            Err(_) => "fault",
        };
        metrics::record_call("lambda", doing, outcome, self.clock.now().since(began));
        answer
    }

    async fn invoke(
        &self,
        doing: &'static str,
        function: &str,
        origin: &Origin,
        request: Value,
    ) -> Result<Option<Blob>, Fault> {
        let invocation = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(envelope(origin, request).to_string()));
        let output = invocation.send().await.map_err(|error| fault(doing, &error))?;
        // Before anything else: the status is 200 even then, and the payload is the function's
        // stack trace, never to be shown.
        if let Some(kind) = output.function_error() {
            let kind = if kind == "Handled" {
                "the function failed (handled)"
            } else {
                "the function failed"
            };
            return Err(Fault::new(doing, kind));
        }
        Ok(output.payload)
    }

    /// Asks whether the function is there and may be invoked, without invoking it.
    pub async fn dry_run(&self, function: &str) -> Result<(), CallError> {
        let asked = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::DryRun)
            .send()
            .await;
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
    // A snowflake does not fit into the numbers of many JSON readers: it is text, as in Discord's
    // own JSON.
    let actor = json!({"agent_id": origin.actor.agent_id, "discord_id": origin.actor.discord_id.to_string(), "name": origin.actor.name});
    fields.insert("actor".to_owned(), actor);
    fields.insert("locale".to_owned(), json!(origin.locale.tag()));
    Value::Object(fields)
}
