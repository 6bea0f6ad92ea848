//! Dispatches a call and makes it idempotent.

use serde_json::Value;

use super::context::CallContext;
use super::memory::Lambda;
use super::refusal::Refusal;
use super::request::Request;
use super::{access, message, otp};

impl Lambda {
    /// Runs a function at most once for each key.
    ///
    /// Returns its answer, and the reason if the request broke the contract.
    pub(in crate::aws) async fn run(
        &self,
        function: &str,
        context: &CallContext<'_>,
        body: Value,
    ) -> (Value, Option<String>) {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(why) => {
                let refusal = Refusal::bad_request(why);
                return (refusal.as_json(), refusal.why);
            }
        };
        let slot = self.slot(function, &request.request_id);
        let mut answer = slot.lock().await;
        if let Some(answer) = answer.as_ref().filter(|_| !self.is_ended(function, &request)) {
            return (answer.clone(), None);
        }
        let result = match function {
            "cs-otp-send" => otp::send_code(self, context, &request).await,
            "cs-otp-verify" => otp::verify_code(self, context.now, &request),
            "cs-access" => access::issue_or_revoke(self, context, &request).await,
            _ => message::send_message(self, context, &request).await,
        };
        match result {
            Ok(value) => {
                let is_revocation = function == "cs-access" && access::is_revocation(&request);
                *answer = (!is_revocation).then(|| value.clone());
                (value, None)
            }
            // A refusal had no effect, so the same key may try again.
            Err(refusal) => (refusal.as_json(), refusal.why),
        }
    }

    /// Returns true if the call needs the proofs of a session that was revoked. Then it is not
    /// answered from memory.
    fn is_ended(&self, function: &str, request: &Request) -> bool {
        let needs_proofs = match function {
            "cs-access" => true,
            "cs-message" => message::needs_proofs(request),
            _ => false,
        };
        needs_proofs && self.state().revoked_sessions.contains(&request.session_id)
    }
}
