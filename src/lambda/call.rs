//! One invocation of a Lambda function: the envelope of the request, and the ways a call can fail.

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

/// A call of a function.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// Name of the call in faults and metrics.
    pub(super) doing: &'static str,
    /// Name of the function.
    pub(super) function: &'a str,
    pub(super) origin: &'a Origin,
}

impl Functions {
    /// Invokes a function with `request` in the envelope, parses the reply and counts the outcome.
    pub(super) async fn call<T>(
        &self,
        call: Call<'_>,
        request: Value,
        parse: impl FnOnce(&[u8]) -> Answer<T>,
    ) -> Answer<T> {
        let started = self.clock.now();
        let answer = match self.invoke(call, request).await {
            Ok(payload) => parse(payload.as_ref().map_or(&[], AsRef::as_ref)),
            Err(fault) => Err(fault),
        };
        let outcome = match &answer {
            Ok(Ok(_)) => "done",
            Ok(Err(_)) => "denied",
            Err(_) => "fault",
        };
        metrics::record_call("lambda", call.doing, outcome, self.clock.now().since(started));
        answer
    }

    async fn invoke(&self, call: Call<'_>, request: Value) -> Result<Option<Blob>, Fault> {
        let invocation = self
            .client
            .invoke()
            .function_name(call.function)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(envelope(call.origin, request).to_string()));
        let output = invocation.send().await.map_err(|error| fault(call.doing, &error))?;
        // Checked first, because the status is 200 even if the function failed. The payload is then
        // a stack trace, which must not be shown.
        if let Some(kind) = output.function_error() {
            let kind = if kind == "Handled" {
                "the function failed (handled)"
            } else {
                "the function failed"
            };
            return Err(Fault::new(call.doing, kind));
        }
        Ok(output.payload)
    }

    /// Checks that the function exists and may be invoked, without running it.
    pub async fn dry_run(&self, function: &str) -> Result<(), CallError> {
        let reply = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::DryRun)
            .send()
            .await;
        reply.map(drop).map_err(|error| CallError::of(&error))
    }
}

/// Adds the fields that every request carries to the fields of `request`.
fn envelope(origin: &Origin, request: Value) -> Value {
    let mut fields = match request {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.insert("v".to_owned(), json!(VERSION));
    fields.insert("request_id".to_owned(), json!(origin.request_id));
    fields.insert("session_id".to_owned(), json!(origin.session.as_str()));
    // Ids of Discord are text, because they exceed the number range of many JSON parsers.
    let actor = json!({"agent_id": origin.actor.agent_id, "discord_id": origin.actor.discord_id.to_string(), "name": origin.actor.name});
    fields.insert("actor".to_owned(), actor);
    fields.insert("locale".to_owned(), json!(origin.locale.tag()));
    Value::Object(fields)
}
