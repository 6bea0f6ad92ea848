//! Look-ups of a customer by a lead, with `/desk customer` and `/desk trail`. They count with those
//! that the lead makes as an agent.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::handlers::lookup_limits::limit_uses;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::limit::LimitUse;
use crate::model::past::HISTORY;
use crate::model::pseudonym::Pseudonym;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::SupportKind;
use crate::ports::claims::Claim;
use crate::ports::directory::CustomerMatch;
use crate::ports::sessions::Commit;

/// A look-up that is in the trail.
pub(super) struct LookUp {
    /// The customer, if there was a session in 12 months.
    pub(super) shown: Option<Pseudonym>,
    pub(super) counted: Counted,
}

/// Limits that a look-up counted against.
pub(super) struct Counted {
    uses: Vec<LimitUse>,
    is_below_limits: bool,
}

impl Desk {
    /// Looks up an address for a lead and records the view. `details` returns those of the view of
    /// a customer. Returns `None` if the look-up was refused.
    ///
    /// An address that led to no customer leaves its masked form and its keyed hash, as a look-up
    /// of an agent does.
    pub(super) async fn look_up_for_lead(
        &self,
        reply: &Reply<'_>,
        email: &str,
        details: impl FnOnce(Option<&Pseudonym>) -> Value,
    ) -> Result<Option<LookUp>, Fault> {
        let email = match Email::parse(email) {
            Ok(email) => email,
            Err(refusal) => {
                self.refuse(reply, refusal).await?;
                return Ok(None);
            }
        };
        // Checked before Core is read. The commit counts the look-up.
        let uses = self.look_up_uses(reply).await?;
        if let Some(refusal) = self.exceeded(&uses, reply.interaction.at).await? {
            self.refuse(reply, refusal).await?;
            return Ok(None);
        }
        let customer = self.find_on_record(&email).await?;
        let about = match &customer {
            Some(_) => Value::Null,
            None => json!({
                "email_mac": self.ports.keys.mac(email.as_str()), "email": email.masked()
            }),
        };
        let event = reply.interaction.event(kind::DESK_READ, details(customer.as_ref()));
        let event = TrailEvent { about, ..event };
        let Some(counted) = self.count_look_up(reply, event, uses).await? else {
            return Ok(None);
        };
        let shown = match customer {
            Some(customer) => {
                let after = reply.interaction.at - HISTORY;
                let summary = self.ports.history.summary(&customer, after).await?;
                summary.filter(|summary| summary.sessions > 0).map(|_| customer)
            }
            None => None,
        };
        Ok(Some(LookUp { shown, counted }))
    }

    /// Records the view of a customer whom a button names, and counts it as a look-up. Returns
    /// `None` if it was refused.
    pub(super) async fn view_customer(
        &self,
        reply: &Reply<'_>,
        details: Value,
    ) -> Result<Option<Counted>, Fault> {
        let uses = self.look_up_uses(reply).await?;
        let event = reply.interaction.event(kind::DESK_READ, details);
        self.count_look_up(reply, event, uses).await
    }

    async fn count_look_up(
        &self,
        reply: &Reply<'_>,
        event: TrailEvent,
        uses: Vec<LimitUse>,
    ) -> Result<Option<Counted>, Fault> {
        let commit = Commit {
            now: reply.interaction.at,
            claim: Claim::Whole(reply.interaction.id()),
            limit_uses: uses.clone(),
            events: vec![event],
            ..Commit::default()
        };
        let is_below_limits = self.commit_look_up(reply, commit).await?;
        Ok(is_below_limits.map(|is_below_limits| Counted { uses, is_below_limits }))
    }

    /// Alerts the leads if the look-up has reached a limit. A fault is only logged.
    pub(super) async fn alert_counted(&self, reply: &Reply<'_>, counted: Counted) {
        let Counted { uses, is_below_limits } = counted;
        if uses.is_empty() || is_below_limits {
            return;
        }
        if let Err(fault) = self.alert_reached_limits(reply.interaction, &uses).await {
            self.log(&fault);
        }
    }

    /// Returns the pseudonym of the only customer with an address. `None` if no look-up of an agent
    /// has found the customer, or if the customer was erased.
    async fn find_on_record(&self, email: &Email) -> Result<Option<Pseudonym>, Fault> {
        match self.ports.directory.find(email, SupportKind::Technical).await? {
            CustomerMatch::One(record) => {
                self.ports.customers.find_pseudonym(&record.user_id).await
            }
            CustomerMatch::None | CustomerMatch::Several => Ok(None),
        }
    }

    /// Returns the limits of the look-ups of a lead, together with those as an agent.
    async fn look_up_uses(&self, reply: &Reply<'_>) -> Result<Vec<LimitUse>, Fault> {
        let lead = self.agent_account(reply.interaction.user).await?;
        Ok(lead.account.as_ref().map(limit_uses).unwrap_or_default())
    }
}
