//! A lead's acts on a customer.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::{LeadAct, lead_acted};
use crate::flows::lead::agent_acts::resets;
use crate::flows::lead::customer_acts::{subject, try_again, unlocked};
use crate::model::fault::Fault;
use crate::model::reason::{self, Reason};
use crate::model::refusal::Refusal;
use crate::model::trail::{TrailEvent, kind};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::customer_id::{CustomerAct, CustomerCard};

impl Desk {
    /// Ends the customer's lockout. `typed` is the reason; it is needed after wrong codes in a row.
    pub(super) async fn unlock_customer(
        &self,
        reply: &Reply<'_>,
        card: CustomerCard,
        typed: Option<&str>,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let locks = self.locks_of_customer(&card.customer, interaction.at).await?;
        if !locks.can_unlock() {
            return self.return_to_customer(reply, card).await;
        }
        let draft = subject(&card.customer);
        let reason = match typed {
            None if !locks.needs_reason() => None,
            typed => match Reason::parse(typed.unwrap_or_default()) {
                Ok(reason) => Some(reason),
                Err(refusal) => {
                    let typed = typed.unwrap_or_default();
                    self.lead_drafts.keep(interaction.user, &draft, typed, interaction.at);
                    reply.allow_duplicate();
                    let act = CustomerAct::Unlock;
                    reply.note_refusal(&refusal);
                    reply.view(try_again(act, &card, &refusal, interaction.locale)).await;
                    return Ok(());
                }
            },
        };
        self.lead_drafts.forget(&draft);
        let subject = subject(&card.customer);
        let acted = lead_acted(interaction.id(), interaction.user, LeadAct::Unlocked, None);
        let alerts = vec![acted.with_customer(Some(card.customer.clone()))];
        let commit = Commit {
            alerts: alerts.clone(),
            resets: resets(std::slice::from_ref(&subject), None),
            events: vec![unlock_event(reply, &card, &subject, reason.as_ref())],
            unlocks: vec![subject],
            ..Commit::default()
        };
        if self.save_customer_act(reply, commit).await? {
            self.note_raised(&alerts);
            reply.view(unlocked(&card, interaction.locale)).await;
        }
        Ok(())
    }

    /// Saves what a lead does about a customer, with its claim. Returns false if another process
    /// does it.
    pub(super) async fn save_customer_act(
        &self,
        reply: &Reply<'_>,
        act: Commit,
    ) -> Result<bool, Fault> {
        let interaction = reply.interaction;
        let commit = Commit { now: interaction.at, claim: Claim::Whole(interaction.id()), ..act };
        match self.ports.sessions.commit(commit).await? {
            Committed::Saved { .. } => return Ok(true),
            Committed::Claimed => reply.yield_reply().await,
            _ => self.refuse(reply, Refusal::AlreadyDone).await?,
        }
        Ok(false)
    }
}

/// Returns the event of an unlock. The reason can be about the customer, so it is sealed.
fn unlock_event(
    reply: &Reply<'_>,
    card: &CustomerCard,
    subject: &str,
    reason: Option<&Reason>,
) -> TrailEvent {
    let by = format!("discord:{}", reply.interaction.user);
    let event = reply.interaction.event(kind::UNLOCKED, json!({ "by": by, "subject": subject }));
    let about =
        reason.map_or(Value::Null, |reason| json!({ "reason": reason::mask(reason.as_str()) }));
    let customer = (!about.is_null()).then(|| card.customer.clone());
    TrailEvent { customer, about, ..event }
}
