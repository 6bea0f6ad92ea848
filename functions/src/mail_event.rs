//! Events of Amazon SES about one mail, as EventBridge delivers them.
//!
//! Only the fields that decide are read. An event holds the address and the subject of the mail,
//! which are neither kept nor logged.

use std::collections::HashMap;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::contract::{Delivery, DeliveryReason, Refusal, is_session_id};

/// The message tag by which an event finds the challenge of its mail.
pub(crate) const CHALLENGE_TAG: &str = "challenge";
/// The message tag by which an event finds the session of its mail.
pub(crate) const SESSION_TAG: &str = "session";

/// Subtype of a mail that SES did not try to deliver, because an earlier one bounced or was
/// reported as spam.
const SUPPRESSED: &str = "OnAccountSuppressionList";

/// What became of the mail of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailEvent {
    pub(crate) session_id: String,
    pub(crate) challenge_id: String,
    pub(crate) state: Delivery,
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    /// Reason of a bounce.
    pub(crate) reason: Option<DeliveryReason>,
}

#[derive(Deserialize)]
struct Envelope {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    delivery: Option<Occurrence>,
    delivery_delay: Option<Occurrence>,
    complaint: Option<Complaint>,
    bounce: Option<Bounce>,
}

#[derive(Deserialize)]
struct Mail {
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Occurrence {
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    complaint_sub_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(rename = "bounceSubType")]
    subkind: String,
    #[serde(default)]
    bounced_recipients: Vec<BouncedRecipient>,
}

#[derive(Deserialize)]
struct BouncedRecipient {
    /// Status code of the refusal (RFC 3463), such as `5.1.1`. SES leaves it out if the mail server
    /// sent no delivery report.
    status: Option<String>,
}

impl MailEvent {
    /// Parses an event. `None` if it is not about the mail of a code, or tells nothing about its
    /// delivery.
    pub(crate) fn parse(body: &[u8]) -> Result<Option<Self>, Refusal> {
        let malformed = |error: serde_json::Error| Refusal::bad_field("detail", error.to_string());
        let Envelope { detail } = serde_json::from_slice(body).map_err(malformed)?;
        let tag = |name| detail.mail.tags.get(name).and_then(|values| values.first()).cloned();
        let session_id = tag(SESSION_TAG).filter(|id| is_session_id(id));
        let (Some(session_id), Some(challenge_id)) = (session_id, tag(CHALLENGE_TAG)) else {
            return Ok(None);
        };
        Ok(detail.outcome().map(|(state, at, reason)| Self {
            session_id,
            challenge_id,
            state,
            at: at.unix_timestamp() * 1_000 + i64::from(at.millisecond()),
            reason,
        }))
    }
}

impl Detail {
    fn outcome(&self) -> Option<(Delivery, OffsetDateTime, Option<DeliveryReason>)> {
        match self.event_type.as_str() {
            "Delivery" => Some((Delivery::Delivered, self.delivery.as_ref()?.timestamp, None)),
            "DeliveryDelay" => {
                Some((Delivery::Delayed, self.delivery_delay.as_ref()?.timestamp, None))
            }
            "Complaint" => {
                let Complaint { timestamp, complaint_sub_type } = self.complaint.as_ref()?;
                if complaint_sub_type.as_deref() == Some(SUPPRESSED) {
                    return Some((Delivery::Bounced, *timestamp, Some(DeliveryReason::Blocked)));
                }
                Some((Delivery::Complained, *timestamp, None))
            }
            "Bounce" => {
                let bounce = self.bounce.as_ref()?;
                Some((Delivery::Bounced, bounce.timestamp, Some(bounce.reason()?)))
            }
            _ => None,
        }
    }
}

impl Bounce {
    /// Returns the reason. `None` for an automatic reply, such as "out of office": SES reports it
    /// as a transient bounce without a status code, although the mail arrived.
    fn reason(&self) -> Option<DeliveryReason> {
        match self.subkind.as_str() {
            "NoEmail" => return Some(DeliveryReason::NoSuchMailbox),
            "MailboxFull" => return Some(DeliveryReason::MailboxFull),
            SUPPRESSED | "Suppressed" | "ContentRejected" | "UnsubscribedRecipient" => {
                return Some(DeliveryReason::Blocked);
            }
            _ => {}
        }
        let status = self.bounced_recipients.iter().find_map(|to| to.status.as_deref());
        let Some(status) = status else {
            return (self.kind != "Transient").then_some(DeliveryReason::Other);
        };
        Some(match status {
            // The mailbox, its host or the mail exchange of its domain does not exist.
            "5.1.1" | "5.1.2" | "5.1.10" => DeliveryReason::NoSuchMailbox,
            "4.2.2" | "5.2.2" => DeliveryReason::MailboxFull,
            _ if status.starts_with("5.7.") => DeliveryReason::Blocked,
            _ => DeliveryReason::Other,
        })
    }
}
