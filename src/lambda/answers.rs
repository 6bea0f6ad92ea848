//! Parsers for the replies of the functions.
//!
//! Pure: a reply is parsed, or it is a fault. The errors of the JSON parser quote their input, so
//! they are not passed on. `fuzz/` feeds arbitrary bytes to these functions.

use std::time::Duration;

use commands::model::delivery::{BounceReason, MailState, MailStatus};
use commands::model::email::mask_email;
use commands::model::fault::Fault;
use commands::model::normalize::normalize;
use commands::model::outcome::{CodeCheck, Denied, Sent};
use commands::model::time::Timestamp;
use commands::model::words::{Purpose, Target};
use commands::ports::access::IssuedLink;
use commands::ports::function::Answer;
use functions::contract::{self, CodeResult, DeliveryReason, RefusalCode};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use super::links;
use crate::calls::Call;
use crate::config::AccessHosts;

/// Names of the calls in faults.
const SENDING: &str = Call::OtpSend.doing();
const ASKING: &str = Call::OtpStatus.doing();
const CHECKING: &str = Call::OtpVerify.doing();
const ISSUING: &str = Call::AccessIssue.doing();
const REVOKING: &str = Call::AccessRevoke.doing();

/// Parses the reply of `otp-send`: the challenge of a code that was mailed.
pub fn parse_send_reply(payload: &[u8]) -> Answer<Sent> {
    Ok(parse_reply(SENDING, payload)?.map(|reply: contract::Sent| Sent {
        challenge_id: reply.challenge_id,
        // Masked again, because the function may have failed to mask it.
        destination: mask_email(&normalize(&reply.destination)),
        expires_at: timestamp(reply.expires_at),
        resend_after: Duration::from_secs(reply.resend_after_s),
    }))
}

/// Parses the reply of `otp-send` to `status`: what became of a mail.
pub fn parse_status_reply(payload: &[u8]) -> Answer<MailStatus> {
    Ok(parse_reply(ASKING, payload)?.map(|reply: contract::DeliveryStatus| MailStatus {
        state: match reply.state {
            contract::Delivery::Accepted => MailState::Accepted,
            contract::Delivery::Delayed => MailState::Delayed,
            contract::Delivery::Delivered => MailState::Delivered,
            contract::Delivery::Complained => MailState::Complained,
            contract::Delivery::Bounced => MailState::Bounced,
        },
        at: timestamp(reply.at),
        reason: reply.reason.map(|reason| match reason {
            DeliveryReason::NoSuchMailbox => BounceReason::NoSuchMailbox,
            DeliveryReason::MailboxFull => BounceReason::MailboxFull,
            DeliveryReason::Blocked => BounceReason::Blocked,
            DeliveryReason::Other => BounceReason::Other,
        }),
    }))
}

/// Parses the reply of `otp-verify`: the result for a typed code.
pub fn parse_verify_reply(payload: &[u8], purpose: Purpose) -> Answer<CodeCheck> {
    let reply: contract::Verified = match parse_reply(CHECKING, payload)? {
        Ok(reply) => reply,
        Err(denied) => return Ok(Err(denied)),
    };
    match (reply.result, reply.proof) {
        (CodeResult::Verified, Some(proof)) => Ok(Ok(CodeCheck::Verified(proof))),
        // The proof of a link is optional, because it permits no action.
        (CodeResult::Verified, None) if purpose == Purpose::AgentLink => {
            Ok(Ok(CodeCheck::Verified(SecretString::default())))
        }
        (CodeResult::Verified, None) => {
            Err(Fault::new(CHECKING, "the function verified without a proof"))
        }
        (CodeResult::Mismatch, _) => Ok(Ok(CodeCheck::Mismatch)),
        (CodeResult::Expired, _) => Ok(Ok(CodeCheck::Expired)),
        (CodeResult::Locked, _) => Ok(Ok(CodeCheck::Locked)),
    }
}

/// Parses the reply of `access` to `issue`. A link that an agent must not get is a fault.
pub fn parse_issue_reply(
    payload: &[u8],
    target: Target,
    hosts: &AccessHosts,
    now: Timestamp,
) -> Answer<IssuedLink> {
    let reply: contract::Issued = match parse_reply(ISSUING, payload)? {
        Ok(reply) => reply,
        Err(denied) => return Ok(Err(denied)),
    };
    let link =
        IssuedLink { id: reply.link_id, url: reply.url, expires_at: timestamp(reply.expires_at) };
    let url = links::validate(&link, target, hosts, now)
        .map_err(|invalid| Fault::new(ISSUING, invalid))?;
    Ok(Ok(IssuedLink { url, ..link }))
}

/// Parses the reply of `access` to `revoke`: the number of links that were revoked.
pub fn parse_revoke_reply(payload: &[u8]) -> Answer<u32> {
    Ok(parse_reply(REVOKING, payload)?.map(|reply: contract::Revoked| reply.revoked))
}

/// Parses the reply of `message`: the masked address that the message was mailed to.
pub fn parse_message_reply(doing: &'static str, payload: &[u8]) -> Answer<String> {
    Ok(parse_reply(doing, payload)?
        .map(|reply: contract::Mailed| mask_email(&normalize(&reply.destination))))
}

/// The fields that every reply has.
#[derive(Deserialize)]
struct ReplyHead {
    ok: bool,
    error: Option<ErrorReply>,
}

#[derive(Deserialize)]
struct ErrorReply {
    code: Value,
    retry_after_s: Option<u64>,
}

/// Parses a reply: the result, or the function's error code as `Denied`.
fn parse_reply<T: DeserializeOwned>(doing: &'static str, payload: &[u8]) -> Answer<T> {
    let malformed = |_| Fault::new(doing, "the function's reply does not match the contract");
    let head: ReplyHead = serde_json::from_slice(payload).map_err(malformed)?;
    if head.ok {
        return serde_json::from_slice(payload).map(Ok).map_err(malformed);
    }
    let error = head
        .error
        .ok_or_else(|| Fault::new(doing, "the function refused without an error code"))?;
    let wait = error.retry_after_s.map(Duration::from_secs);
    let code = RefusalCode::deserialize(error.code).map_err(|_| {
        Fault::new(doing, "the function refused with an error code not in the contract")
    })?;
    match code {
        RefusalCode::RateLimited => Ok(Err(Denied::RateLimited(wait))),
        RefusalCode::NotFound => Ok(Err(Denied::NotFound)),
        RefusalCode::DeliveryFailed => Ok(Err(Denied::DeliveryFailed)),
        RefusalCode::ProofInvalid => Ok(Err(Denied::ProofInvalid)),
        RefusalCode::Unavailable => Ok(Err(Denied::Unavailable(wait))),
        RefusalCode::InProgress => {
            Err(Fault::new(doing, "the function still works on an earlier call"))
        }
        RefusalCode::BadRequest => {
            Err(Fault::new(doing, "the function rejected the request as malformed"))
        }
    }
}

fn timestamp(at: OffsetDateTime) -> Timestamp {
    // A date of the calendar has fewer milliseconds than an i64 holds.
    Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
}
