//! `cs-message`: mails the successor's QR code, and notices of a new password or account link.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{self, ProvenCase};
use super::context::{CallContext, Recipient};
use super::memory::Lambda;
use super::otp;
use super::refusal::Refusal;
use super::request::{Proofs, Request, Subject, SubjectKind};
use crate::aws::mail_templates::{self, MailContext};
use crate::aws::qr;
use crate::mail::OutgoingMail;
use crate::random;
use crate::shop::{LinkState, Target};

#[derive(Deserialize)]
#[serde(tag = "template", rename_all = "snake_case", deny_unknown_fields)]
enum Message {
    SuccessorQr(SuccessorQr),
    PasswordChanged { subject: Subject },
    AccountLinked { subject: Subject },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuccessorQr {
    subject: Subject,
    link_id: String,
    proofs: Proofs,
}

/// Returns true if the message needs both proofs. A notice needs none.
pub(super) fn needs_proofs(request: &Request) -> bool {
    matches!(request.parse_fields(), Ok(Message::SuccessorQr(_)))
}

/// Handles `cs-message`.
pub(super) async fn send_message(
    lambda: &Lambda,
    context: &CallContext<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    let (recipient, mut mail) = match request.parse_fields().map_err(Refusal::bad_request)? {
        Message::SuccessorQr(message) => successor_qr(lambda, context, request, &message).await?,
        Message::PasswordChanged { subject } => {
            let recipient = find_agent(context, &subject).await?;
            let mail = mail_templates::password_changed(&mail_context(request, &recipient, None));
            (recipient, mail)
        }
        Message::AccountLinked { subject } => {
            let recipient = find_agent(context, &subject).await?;
            let mail = mail_templates::account_linked(&mail_context(request, &recipient, None));
            (recipient, mail)
        }
    };
    mail.request_id = Some(request.request_id.clone());
    context.mail.deliver(mail).map_err(|_| Refusal::new("DELIVERY_FAILED"))?;
    Ok(
        json!({"ok": true, "destination": otp::mask(&recipient.email), "message_id": random::id("msg")}),
    )
}

async fn successor_qr(
    lambda: &Lambda,
    context: &CallContext<'_>,
    request: &Request,
    message: &SuccessorQr,
) -> Result<(Recipient, OutgoingMail), Refusal> {
    let SuccessorQr { subject, link_id, proofs } = message;
    if subject.kind != SubjectKind::Customer {
        return Err(Refusal::bad_request("a successor is a customer"));
    }
    access::require_not_revoked(lambda, request)?;
    let link = context.shop.links().into_iter().find(|link| {
        let scope = &link.scope;
        link.id == *link_id
            && scope.session_id == request.session_id
            && scope.customer_id == subject.id
            && scope.target == Target::Successor
    });
    let link = link.filter(|link| link.state == LinkState::Open).ok_or_else(Refusal::not_found)?;
    let case =
        ProvenCase { proofs, customer_id: &subject.id, ecosystem_id: &link.scope.ecosystem_id };
    access::verify_proofs(lambda, context.now, request, &case)?;
    let recipient = context.find_recipient(subject).await?.ok_or_else(Refusal::not_found)?;
    let png = qr::png(&link.url).ok_or_else(|| Refusal::new("UNAVAILABLE"))?;
    let mail = mail_templates::successor_qr(
        &mail_context(request, &recipient, Some(&link.scope.ecosystem)),
        &link.url,
        png,
    );
    Ok((recipient, mail))
}

async fn find_agent(context: &CallContext<'_>, subject: &Subject) -> Result<Recipient, Refusal> {
    if subject.kind != SubjectKind::Agent {
        return Err(Refusal::bad_request("this notice is for agents"));
    }
    context.find_recipient(subject).await?.ok_or_else(Refusal::not_found)
}

fn mail_context<'a>(
    request: &'a Request,
    recipient: &'a Recipient,
    ecosystem: Option<&'a str>,
) -> MailContext<'a> {
    MailContext {
        to: &recipient.email,
        name: &recipient.name,
        locale: recipient.locale.as_deref().unwrap_or(&request.locale),
        agent: &request.actor.name,
        discord_id: &request.actor.discord_id,
        ecosystem,
    }
}
