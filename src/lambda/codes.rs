//! Codes by mail: the functions `otp-send` and `otp-verify`.

use std::time::Duration;

use async_trait::async_trait;
use commands::code::Code;
use commands::email::mask_email;
use commands::error::Fault;
use commands::ports::{Answer, Checked, Codes, Origin, Sent, Subject};
use commands::session::Purpose;
use commands::time::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::Functions;
use super::call::rfc3339;

#[derive(Deserialize)]
struct SendAnswer {
    challenge_id: String,
    destination: String,
    #[serde(deserialize_with = "rfc3339")]
    expires_at: Timestamp,
    resend_after_s: u64,
}

#[derive(Deserialize)]
struct VerifyAnswer {
    result: VerifyResult,
    proof: Option<SecretString>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum VerifyResult {
    Verified,
    Mismatch,
    Expired,
    Locked,
}

#[async_trait]
impl Codes for Functions {
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent> {
        let (kind, id) = match subject {
            Subject::Agent(id) => ("agent", id),
            Subject::Customer(id) => ("customer", id),
        };
        let mut request = json!({"purpose": purpose.name(), "subject": {"type": kind, "id": id}});
        if let Some((id, name)) = ecosystem {
            request["ecosystem"] = json!({"id": id, "name": name});
        }
        let answer = self.call("sending a code", &self.names.otp_send, &origin, request).await?;
        Ok(answer.map(|answer: SendAnswer| Sent {
            challenge_id: answer.challenge_id,
            // Masked by the function, and again by us: a function that forgot it must not show an address.
            destination: mask_email(&answer.destination),
            expires_at: answer.expires_at,
            resend_after: Duration::from_secs(answer.resend_after_s),
        }))
    }

    async fn verify(&self, origin: Origin, purpose: Purpose, challenge_id: &str, code: &Code) -> Answer<Checked> {
        let doing = "checking a code";
        let request = json!({"purpose": purpose.name(), "challenge_id": challenge_id, "code": code.expose()});
        let answer: VerifyAnswer = match self.call(doing, &self.names.otp_verify, &origin, request).await? {
            Ok(answer) => answer,
            Err(denied) => return Ok(Err(denied)),
        };
        match (answer.result, answer.proof) {
            (VerifyResult::Verified, Some(proof)) => Ok(Ok(Checked::Verified(proof))),
            // Nothing is opened with a link's proof, so there need not be one.
            (VerifyResult::Verified, None) if purpose == Purpose::AgentLink => Ok(Ok(Checked::Verified(SecretString::default()))),
            (VerifyResult::Verified, None) => Err(Fault::new(doing, "the function verified without a proof")),
            (VerifyResult::Mismatch, _) => Ok(Ok(Checked::Mismatch)),
            (VerifyResult::Expired, _) => Ok(Ok(Checked::Expired)),
            (VerifyResult::Locked, _) => Ok(Ok(Checked::Locked)),
        }
    }
}
