//! Events of Amazon SES about the mails of codes, which call the function `delivery`.

use functions::Function;
use functions::contract::DeliveryReason;
use serde_json::{Value, json};

use super::service::Aws;
use super::wire;
use crate::mail::Mail;
use crate::mail_outcome::MailOutcome;

impl Aws {
    /// Reports now what became of a mail. The bot learns it with its next question.
    ///
    /// # Panics
    /// If the mail carries no code of the functions, or its code is not stored.
    pub async fn report(&self, mail: &Mail, outcome: MailOutcome) {
        assert!(self.try_report(mail, outcome).await, "no code of this mail is stored");
    }

    /// Reports what became of a mail. Returns false for a mail without a code of the functions, and
    /// if its code is not stored.
    pub async fn try_report(&self, mail: &Mail, outcome: MailOutcome) -> bool {
        let Some(event) = event(mail, outcome, self.clock.now()) else { return false };
        let reply = self.functions.call(Function::Delivery, event.to_string().as_bytes()).await;
        let recorded = reply.is_ok_and(|reply| reply.body["recorded"] == true);
        if recorded {
            self.mail.record_outcome(mail.id, outcome);
        }
        recorded
    }

    /// Reports the outcome of the mails that a call has sent.
    pub(super) async fn report_mails_of(&self, request_id: &str) {
        for mail in self.mail.for_request(request_id) {
            if let Some(outcome) = self.mail.outcome_of(&mail.to) {
                self.try_report(&mail, outcome).await;
            }
        }
    }
}

/// Returns the event about the mail of a code. It has the fields that the function reads, and the
/// address, which must not be stored.
fn event(mail: &Mail, outcome: MailOutcome, now: i64) -> Option<Value> {
    let tags = mail.tags.as_ref()?;
    let at = wire::rfc3339(now);
    let (kind, field, mut part) = match outcome {
        MailOutcome::Delayed => ("DeliveryDelay", "deliveryDelay", json!({"delayType": "General"})),
        MailOutcome::Delivered => ("Delivery", "delivery", json!({"recipients": [mail.to]})),
        MailOutcome::Complained => ("Complaint", "complaint", json!({"complaintSubType": null})),
        MailOutcome::Bounced(reason) => ("Bounce", "bounce", bounce(mail, reason)),
    };
    part["timestamp"] = json!(at);
    Some(json!({
        "source": "aws.ses",
        "detail": {
            "eventType": kind,
            field: part,
            "mail": {
                "destination": [mail.to],
                "tags": {"session": [tags.session_id], "challenge": [tags.challenge_id]},
            },
        },
    }))
}

fn bounce(mail: &Mail, reason: DeliveryReason) -> Value {
    let (kind, subkind, status) = match reason {
        DeliveryReason::NoSuchMailbox => ("Permanent", "General", "5.1.1"),
        DeliveryReason::MailboxFull => ("Transient", "MailboxFull", "5.2.2"),
        DeliveryReason::Blocked => ("Permanent", "General", "5.7.1"),
        DeliveryReason::Other => ("Undetermined", "Undetermined", "5.0.0"),
    };
    json!({
        "bounceType": kind,
        "bounceSubType": subkind,
        "bouncedRecipients": [{"emailAddress": mail.to, "action": "failed", "status": status}],
    })
}
