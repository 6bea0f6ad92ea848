//! One invocation of a Lambda function: the envelope of the request, and the ways a call can fail.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use commands::model::fault::Fault;
use commands::model::span::FAULT;
use commands::model::time::Timestamp;
use commands::model::words;
use commands::ports::function::{Answer, Origin};
use functions::contract::{Actor, Envelope, Locale};
use ring::digest;
use serde::Serialize;
use serde_json::Value;

use super::Functions;
use crate::aws::CallError;
use crate::calls::Call;
use crate::measured_call::measure;
use crate::metrics;

/// Header by which AWS relates the logs and traces of a call (AWS X-Ray).
const TRACE_HEADER: &str = "x-amzn-trace-id";
/// Random part of a trace id, in bytes.
const TRACE_BYTES: usize = 12;

impl Functions {
    /// Invokes a function, parses the reply and counts the outcome.
    ///
    /// `request` is in its [`envelope`].
    pub(super) async fn call<T>(
        &self,
        call: Call,
        function: &str,
        request: &Value,
        parse: impl FnOnce(&[u8]) -> Answer<T> + Send,
    ) -> Answer<T> {
        let work = async {
            let reply = self.invoke(call.doing(), function, request).await;
            reply.and_then(|payload| parse(payload.as_ref().map_or(&[], AsRef::as_ref)))
        };
        let outcome = |answer: &Answer<T>| answer.as_ref().map_or(FAULT, metrics::answer_word);
        measure(call, &**self.clocks.clock(), Box::pin(work), outcome).await
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
        let trace = trace_id(request, self.clocks.aws_now());
        let traced = invocation.customize().mutate_request(move |http| {
            http.headers_mut().insert(TRACE_HEADER, trace.clone());
        });
        let sent = traced.send().await;
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

/// Returns the trace id of a call. Its second part is the same for each call under one key.
fn trace_id(request: &Value, now: Timestamp) -> String {
    let key = request["request_id"].as_str().unwrap_or_default();
    let hash = digest::digest(&digest::SHA256, key.as_bytes());
    let mut bytes = [0; size_of::<u128>()];
    let start = bytes.len() - TRACE_BYTES;
    bytes[start..].copy_from_slice(&hash.as_ref()[..TRACE_BYTES]);
    format!("Root=1-{:08x}-{:024x}", now.0 / 1_000, u128::from_be_bytes(bytes))
}

/// Returns a request with the fields that every request has.
pub(super) fn envelope(origin: &Origin, own: impl Serialize) -> Value {
    let envelope = Envelope {
        request_id: origin.request_id.clone(),
        session_id: origin.session.as_str().to_owned(),
        actor: Actor {
            agent_id: origin.actor.agent_id.clone(),
            discord_id: origin.actor.discord_id.to_string(),
            name: super::shortened(&origin.actor.name),
        },
        locale: match origin.locale {
            words::Locale::En => Locale::En,
            words::Locale::Es => Locale::Es,
        },
    };
    envelope.request(own)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn trace_id_has_the_format_of_x_ray() {
        let of = |key: &str| trace_id(&json!({"request_id": key}), Timestamp(1_700_000_000_999));
        let id = of("s:send:agent_mfa:1");
        let (time, unique) = id.strip_prefix("Root=1-").unwrap().split_once('-').unwrap();
        assert_eq!((time, unique.len()), ("6553f100", 24));
        assert!(unique.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert_eq!(of("s:send:agent_mfa:1"), id);
        assert_ne!(of("s:send:agent_mfa:2"), id);
    }
}
