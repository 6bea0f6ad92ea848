//! What the functions answer, read from its bytes.
//!
//! Nothing here asks anybody: an answer is read, or it is a fault. The parser's own errors quote
//! what they read, so they are not passed on. `fuzz/` feeds these functions bytes of every kind.

use std::time::Duration;

use commands::model::email::mask_email;
use commands::model::fault::Fault;
use commands::model::outcome::{CodeCheck, Denied, Sent};
use commands::model::time::Timestamp;
use commands::model::words::{Purpose, Target};
use commands::ports::access::IssuedLink;
use commands::ports::function::Answer;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::links;
use crate::config::AccessHosts;

/// What is being done when each answer is read, for faults and metrics.
pub(super) const SENDING: &str = "sending a code";
pub(super) const CHECKING: &str = "checking a code";
pub(super) const OPENING: &str = "opening a way in";
pub(super) const REVOKING: &str = "revoking what a session opened";

#[derive(Deserialize)]
struct SendAnswer {
    challenge_id: String,
    destination: String,
    #[serde(deserialize_with = "rfc3339")]
    expires_at: Timestamp,
    resend_after_s: u64,
}

/// A code that was mailed, by `otp-send`.
pub fn sent(payload: &[u8]) -> Answer<Sent> {
    Ok(read(SENDING, payload)?.map(|answer: SendAnswer| Sent {
        challenge_id: answer.challenge_id,
        // Masked by the function, and again by us: a function that forgot it must not show an
        // address.
        destination: mask_email(&answer.destination),
        expires_at: answer.expires_at,
        resend_after: Duration::from_secs(answer.resend_after_s),
    }))
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

/// What a typed code was, by `otp-verify`.
pub fn checked(payload: &[u8], purpose: Purpose) -> Answer<CodeCheck> {
    let answer: VerifyAnswer = match read(CHECKING, payload)? {
        Ok(answer) => answer,
        Err(denied) => return Ok(Err(denied)),
    };
    match (answer.result, answer.proof) {
        (VerifyResult::Verified, Some(proof)) => Ok(Ok(CodeCheck::Verified(proof))),
        // Nothing is opened with a link's proof, so there need not be one.
        (VerifyResult::Verified, None) if purpose == Purpose::AgentLink => {
            Ok(Ok(CodeCheck::Verified(SecretString::default())))
        }
        (VerifyResult::Verified, None) => {
            Err(Fault::new(CHECKING, "the function verified without a proof"))
        }
        (VerifyResult::Mismatch, _) => Ok(Ok(CodeCheck::Mismatch)),
        (VerifyResult::Expired, _) => Ok(Ok(CodeCheck::Expired)),
        (VerifyResult::Locked, _) => Ok(Ok(CodeCheck::Locked)),
    }
}

#[derive(Deserialize)]
struct IssueAnswer {
    url: SecretString,
    link_id: String,
    #[serde(deserialize_with = "rfc3339")]
    expires_at: Timestamp,
}

/// A way in, by `access`. One that may not be handed to an agent is a fault.
pub fn issued(
    payload: &[u8],
    target: Target,
    hosts: &AccessHosts,
    now: Timestamp,
) -> Answer<IssuedLink> {
    let answer: IssueAnswer = match read(OPENING, payload)? {
        Ok(answer) => answer,
        Err(denied) => return Ok(Err(denied)),
    };
    let link = IssuedLink { id: answer.link_id, url: answer.url, expires_at: answer.expires_at };
    links::check(&link, target, hosts, now).map_err(|wrong| Fault::new(OPENING, wrong))?;
    Ok(Ok(link))
}

#[derive(Deserialize)]
struct RevokeAnswer {
    revoked: u32,
}

/// How many ways in were revoked, by `access`.
pub fn revoked(payload: &[u8]) -> Answer<u32> {
    Ok(read(REVOKING, payload)?.map(|answer: RevokeAnswer| answer.revoked))
}

/// Under which id it went is not needed here, but an answer without one is none.
#[derive(Deserialize)]
struct MessageAnswer {
    destination: String,
    #[serde(rename = "message_id")]
    _message_id: String,
}

/// The masked address that a message went to, by `message`.
pub fn mailed(doing: &'static str, payload: &[u8]) -> Answer<String> {
    Ok(read(doing, payload)?.map(|answer: MessageAnswer| mask_email(&answer.destination)))
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

/// Reads an answer: what was asked for, or the function's "no".
fn read<T: DeserializeOwned>(doing: &'static str, payload: &[u8]) -> Answer<T> {
    let malformed = |_| Fault::new(doing, "the function's answer is not what the contract says");
    let verdict: Verdict = serde_json::from_slice(payload).map_err(malformed)?;
    if verdict.ok {
        return serde_json::from_slice(payload).map(Ok).map_err(malformed);
    }
    let refused = verdict
        .error
        .ok_or_else(|| Fault::new(doing, "the function refused without saying why"))?;
    let wait = refused.retry_after_s.map(Duration::from_secs);
    match refused.code.as_str() {
        "RATE_LIMITED" => Ok(Err(Denied::RateLimited(wait))),
        "NOT_FOUND" => Ok(Err(Denied::NotFound)),
        "DELIVERY_FAILED" => Ok(Err(Denied::DeliveryFailed)),
        "PROOF_INVALID" => Ok(Err(Denied::ProofInvalid)),
        "UNAVAILABLE" => Ok(Err(Denied::Unavailable(wait))),
        "BAD_REQUEST" => Err(Fault::new(doing, "the function does not understand the request")),
        _ => Err(Fault::new(
            doing,
            "the function refused with a code that the contract does not have",
        )),
    }
}

/// Reads an RFC 3339 time, for `deserialize_with`.
fn rfc3339<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| D::Error::custom("not a time"))?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000)
        .map(Timestamp)
        .map_err(|_| D::Error::custom("not a time"))
}
