//! A lead asks for a copy or an erasure of a customer. An operator performs it.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::customer_acts::{subject, try_again, unknown};
use crate::flows::lead::requests::asked;
use crate::model::fault::Fault;
use crate::model::past::HISTORY;
use crate::model::request::{CustomerRequest, RequestKind};
use crate::model::ticket::Ticket;
use crate::model::trail::{TrailEvent, kind};
use crate::ports::sessions::Commit;
use crate::screens::customer_id::{CustomerAct, CustomerCard};

impl Desk {
    /// Saves a request and raises its card. `typed` is the reference of the person's request.
    pub(super) async fn request_for_customer(
        &self,
        reply: &Reply<'_>,
        what: RequestKind,
        card: CustomerCard,
        typed: &str,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let (now, locale) = (interaction.at, interaction.locale);
        let act = match what {
            RequestKind::Copy => CustomerAct::Copy,
            RequestKind::Erasure => CustomerAct::Erasure,
        };
        let draft = request_draft(act, &card);
        let reference = match Ticket::parse(typed) {
            Ok(reference) => reference,
            Err(refusal) => {
                self.lead_drafts.keep(interaction.user, &draft, typed, now);
                reply.allow_duplicate();
                reply.note_refusal(&refusal);
                reply.view(try_again(act, &card, &refusal, locale)).await;
                return Ok(());
            }
        };
        self.lead_drafts.forget(&draft);
        if self.ports.history.summary(&card.customer, now - HISTORY).await?.is_none() {
            reply.view(unknown(locale)).await;
            return Ok(());
        }
        let request = CustomerRequest {
            id: self.ports.keys.request_id(),
            kind: what,
            customer: card.customer.clone(),
            asked_by: Some(interaction.user),
            asked_at: now,
            is_done: false,
        };
        let word = match what {
            RequestKind::Copy => kind::COPY_ASKED,
            RequestKind::Erasure => kind::ERASURE_ASKED,
        };
        let details = json!({ "subject": subject(&card.customer), "request": request.id.as_str() });
        // The reference leads back to the person, so it is sealed with the customer.
        let event = TrailEvent {
            customer: Some(card.customer.clone()),
            about: json!({ "ticket": reference }),
            ..interaction.event(word, details)
        };
        let (id, alerts) = (request.id.clone(), vec![request.notice(None)]);
        let commit = Commit {
            request: Some(Box::new(request)),
            alerts: alerts.clone(),
            events: vec![event],
            ..Commit::default()
        };
        if self.save_customer_act(reply, commit).await? {
            self.note_raised(&alerts);
            reply.view(asked(act, &card, &id, locale)).await;
        }
        Ok(())
    }
}

/// Returns the key of a lead's draft of a reference.
pub(super) fn request_draft(act: CustomerAct, card: &CustomerCard) -> String {
    format!("{}:{}", act.name(), card.customer)
}
