//! One invocation of a Lambda function: the envelope of the request, and the ways a call can fail.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use commands::model::fault::Fault;
use commands::ports::function::{Answer, Origin};
use serde_json::{Value, json};

use super::Functions;
use crate::aws::CallError;
use crate::calls::Call;
use crate::metrics;

/// Version of the contract.
const VERSION: u32 = 1;

impl Functions {
    /// Invokes a function, parses the reply and counts the outcome.
    ///
    /// `request` is in its [`envelope`].
    pub(super) async fn call<T>(
        &self,
        call: Call,
        function: &str,
        request: &Value,
        parse: impl FnOnce(&[u8]) -> Answer<T>,
    ) -> Answer<T> {
        let started = self.clocks.clock().now();
        let reply = self.invoke(call.doing(), function, request).await;
        let answer = reply.and_then(|payload| parse(payload.as_ref().map_or(&[], AsRef::as_ref)));
        let outcome = answer.as_ref().map_or("fault", metrics::answer_word);
        metrics::record_call(call, outcome, self.clocks.clock().now().since(started));
        answer
    }

    async fn invoke(
        &self,
        doing: &'static str,
        function: &str,
        request: &Value,
    ) -> Result<Option<Blob>, Fault> {
        let invocation = self
            .client
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::RequestResponse)
            .payload(Blob::new(request.to_string()));
        let sent = invocation.send().await;
        let output = sent.map_err(|error| Fault::new(doing, CallError::from(error)))?;
        // Checked first, because the status is 200 even if the function failed. The payload is then
        // a stack trace, which must not be shown.
        match output.function_error() {
            None => Ok(output.payload),
            Some("Handled") => Err(Fault::new(doing, "the function failed (handled)")),
            Some(_) => Err(Fault::new(doing, "the function failed")),
        }
    }

    /// Checks that the function exists and may be invoked, without running it.
    pub async fn dry_run(&self, function: &str) -> Result<(), CallError> {
        let invocation = self.client.invoke().function_name(function);
        invocation.invocation_type(InvocationType::DryRun).send().await?;
        Ok(())
    }
}

/// Adds the fields that every request carries to the fields of `request`, an object.
pub(super) fn envelope(origin: &Origin, mut request: Value) -> Value {
    request["v"] = json!(VERSION);
    request["request_id"] = json!(origin.request_id);
    request["session_id"] = json!(origin.session.as_str());
    // Ids of Discord are text, because they exceed the number range of many JSON parsers.
    request["actor"] = json!({"agent_id": origin.actor.agent_id, "discord_id": origin.actor.discord_id.to_string(), "name": origin.actor.name});
    request["locale"] = json!(origin.locale.tag());
    request
}
