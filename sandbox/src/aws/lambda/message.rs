//! `cs-message`: the successor's QR, and the notices after a new password or a link.

use serde::Deserialize;
use serde_json::{Value, json};

use super::request::{Proofs, Request, Subject, SubjectKind};
use super::{Lambda, Person, Refusal, Surroundings, access, otp};
use crate::aws::letters::{self, Asking};
use crate::aws::{qr, random};
use crate::mail::Letter;
use crate::shop::{LinkState, Target};

#[derive(Deserialize)]
#[serde(tag = "template", rename_all = "snake_case", deny_unknown_fields)]
enum Message {
    SuccessorQr { subject: Subject, link_id: String, proofs: Proofs },
    PasswordChanged { subject: Subject },
    AccountLinked { subject: Subject },
}

/// `cs-message`.
pub(super) async fn message(
    lambda: &Lambda,
    around: &Surroundings<'_>,
    request: &Request,
) -> Result<Value, Refusal> {
    let (person, mut letter) = match request.own().map_err(Refusal::bad)? {
        Message::SuccessorQr { subject, link_id, proofs } => {
            successor_qr(lambda, around, request, &subject, &link_id, &proofs).await?
        }
        Message::PasswordChanged { subject } => {
            let person = agent(around, &subject).await?;
            let letter = letters::password_changed(&asking(request, &person, None));
            (person, letter)
        }
        Message::AccountLinked { subject } => {
            let person = agent(around, &subject).await?;
            let letter = letters::account_linked(&asking(request, &person, None));
            (person, letter)
        }
    };
    letter.request_id = Some(request.request_id.clone());
    around.mail.deliver(letter).map_err(|_| Refusal::new("DELIVERY_FAILED"))?;
    Ok(
        json!({"ok": true, "destination": otp::mask(&person.email), "message_id": random::id("msg")}),
    )
}

async fn successor_qr(
    lambda: &Lambda,
    around: &Surroundings<'_>,
    request: &Request,
    subject: &Subject,
    link_id: &str,
    proofs: &Proofs,
) -> Result<(Person, Letter), Refusal> {
    if subject.kind != SubjectKind::Customer {
        return Err(Refusal::bad("a successor is a customer"));
    }
    let link = around.shop.links().into_iter().find(|link| {
        let visit = &link.visit;
        link.id == link_id
            && visit.session_id == request.session_id
            && visit.customer_id == subject.id
            && visit.target == Target::Successor
    });
    let link = link.filter(|link| link.state == LinkState::Open).ok_or_else(Refusal::not_found)?;
    access::check_proofs(
        lambda,
        around.now,
        request,
        proofs,
        &subject.id,
        &link.visit.ecosystem_id,
    )?;
    let person = around.find_person(subject).await?.ok_or_else(Refusal::not_found)?;
    let png = qr::png(&link.url).ok_or_else(|| Refusal::new("UNAVAILABLE"))?;
    let letter = letters::successor_qr(
        &asking(request, &person, Some(&link.visit.ecosystem)),
        &link.url,
        png,
    );
    Ok((person, letter))
}

async fn agent(around: &Surroundings<'_>, subject: &Subject) -> Result<Person, Refusal> {
    if subject.kind != SubjectKind::Agent {
        return Err(Refusal::bad("this notice is for agents"));
    }
    around.find_person(subject).await?.ok_or_else(Refusal::not_found)
}

fn asking<'a>(request: &'a Request, person: &'a Person, ecosystem: Option<&'a str>) -> Asking<'a> {
    Asking {
        to: &person.email,
        name: &person.name,
        locale: person.locale.as_deref().unwrap_or(&request.locale),
        agent: &request.actor.name,
        discord: &request.actor.discord_id,
        ecosystem,
    }
}
