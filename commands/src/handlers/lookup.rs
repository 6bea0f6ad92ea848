//! `/support technical` and `/support successor`: looks a customer up and shows what the agent can
//! see before the customer has agreed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::alerts;
use crate::engine::desk::{Desk, actor};
use crate::engine::interaction::{ClickContext, InteractionContext};
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::support::needs::is_own_address;
use crate::handlers::resume::RepeatedLookup;
use crate::model::account::Account;
use crate::model::customer::{CustomerRecord, MaskedCustomer};
use crate::model::email::{Email, mailbox};
use crate::model::fault::{ALERTS, Fault};
use crate::model::flow_state::{Attended, SupportState};
use crate::model::limit::LimitUse;
use crate::model::outcome::EffectError;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::ticket::Ticket;
use crate::model::time::minutes;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::{Limit, SupportKind};
use crate::ports::claims::Claim;
use crate::ports::directory::CustomerMatch;
use crate::ports::sessions::{Commit, Committed, SessionHandle};
use crate::screens::address_form::AddressForm;

/// Look-ups of an agent in [`LOOKUPS_WINDOW`] (ASVS 2.4.1).
const LOOKUPS: u32 = 30;
const LOOKUPS_WINDOW: Duration = minutes(60);

/// Look-ups of an agent in [`DAILY_LOOKUPS_WINDOW`] (ASVS 2.4.1): above the customers of a working
/// day, and far below a list of addresses.
const DAILY_LOOKUPS: u32 = 120;
const DAILY_LOOKUPS_WINDOW: Duration = minutes(24 * 60);

/// Time after a failed alert in which the look-ups of the agent do not send another one.
const ALERT_RETRY: Duration = minutes(1);

impl Desk {
    pub(crate) async fn look_up(
        &self,
        reply: &Reply<'_>,
        kind: SupportKind,
        email: &str,
        ticket: Option<&str>,
    ) -> Result<(), Fault> {
        reply.set_address_form(AddressForm::LookUp(kind));
        let parsed = Email::parse(email)
            .and_then(|email| Ok((email, ticket.map(Ticket::parse).transpose()?)));
        let (email, ticket) = match parsed {
            Ok(parsed) => parsed,
            Err(refusal) => return self.refuse(reply, refusal).await,
        };
        let account = match self.eligibility(reply.interaction.user).await? {
            Ok((_, account)) => account,
            Err(reason) => return self.refuse_ineligible(reply, reason).await,
        };
        if is_own_address(&account.email, email.as_str()) {
            return self.refuse(reply, Refusal::OwnAddress).await;
        }
        let email_mac = self.ports.keys.mac(email.as_str());
        let ticket = ticket.as_ref();
        let lookup = Lookup { reply, account: &account, kind, ticket, email_mac: &email_mac };
        // Checked before Core is read. The commit counts the look-up.
        let limits = lookup.limit_uses();
        match self.ports.limits.exceeded(&limits, reply.interaction.at).await? {
            Some((limit, at)) => self.refuse(reply, Refusal::Limited(limit, at)).await?,
            None => self.show_customer(&lookup, &email).await?,
        }
        // The agent has the answer, so a fault is only logged.
        if let Err(fault) = self.alert_reached_limits(&lookup).await {
            self.log(&fault);
        }
        Ok(())
    }

    async fn show_customer(&self, lookup: &Lookup<'_>, email: &Email) -> Result<(), Fault> {
        let (user, kind) = (lookup.reply.interaction.user, lookup.kind);
        let record: Arc<CustomerRecord> = match self.ports.directory.find(email, kind).await? {
            CustomerMatch::One(record) => Arc::from(record),
            CustomerMatch::None => {
                let refusal = Refusal::UnknownCustomer(email.typed().to_owned());
                return self.refuse_address(lookup, email, refusal).await;
            }
            CustomerMatch::Several => {
                return self.refuse_address(lookup, email, Refusal::SeveralCustomers).await;
            }
        };
        let pseudonym = self.ports.customers.pseudonym_of(&record.user_id).await?;
        let customer = FoundCustomer { pseudonym, record };
        match self.own_session_with(user, &customer.pseudonym, kind).await? {
            Some((handle, open_kind)) => self.repeat(lookup, customer, &handle, open_kind).await,
            None => self.open_session(lookup, customer).await,
        }
    }

    /// Alerts the leads if the agent has reached a limit of look-ups, once in its window.
    async fn alert_reached_limits(&self, lookup: &Lookup<'_>) -> Result<(), Fault> {
        let interaction = lookup.reply.interaction;
        for limit_use in lookup.limit_uses() {
            let count = self.ports.limits.count(&limit_use, interaction.at).await?;
            if count < limit_use.allowed {
                continue;
            }
            let is_daily = limit_use.limit == Limit::DailyLookups;
            let window = if is_daily { "day" } else { "hour" };
            let alert_use = |step: &str, window| LimitUse {
                limit: Limit::LookupAlerts,
                subject: format!("{step}:{}", limit_use.subject),
                allowed: 1,
                window,
            };
            let now = interaction.at;
            let alert = alert_use(window, limit_use.window);
            if self.ports.limits.count(&alert, now).await? > 0 {
                continue;
            }
            // One look-up sends the alert. If that fails or its process dies, a later one does.
            let call = alert_use(&format!("sending:{window}"), ALERT_RETRY);
            let begun = Commit { now, limit_uses: vec![call], ..Commit::default() };
            if !matches!(self.ports.sessions.commit(begun).await?, Committed::Saved { .. }) {
                continue;
            }
            let screen = alerts::lookups(interaction.user, is_daily, interaction.locale);
            let key = format!("lookups:{window}:{}", interaction.id());
            let alerted = self.alert_leads(&key, screen).await;
            let outcome = alerted.as_ref().map_or_else(EffectError::name, |()| "done");
            let subject = &limit_use.subject;
            tracing::warn!(
                target: ALERTS,
                subject,
                window,
                count,
                outcome,
                "look-up limit reached"
            );
            let is_fault = matches!(alerted, Err(EffectError::Fault(_)));
            let details = json!({ "outcome": outcome, "limit": "lookups", "window": window });
            let events = vec![interaction.event(kind::ALERTED, details)];
            let limit_uses = if is_fault { Vec::new() } else { vec![alert] };
            let done = Commit { now, limit_uses, events, ..Commit::default() };
            self.ports.sessions.commit(done).await?;
        }
        Ok(())
    }

    /// Refuses an address that no customer in Core has, or several. It counts as a look-up.
    async fn refuse_address(
        &self,
        lookup: &Lookup<'_>,
        email: &Email,
        refusal: Refusal,
    ) -> Result<(), Fault> {
        let mut details = json!({ "kind": lookup.kind.name(), "found": false });
        if refusal == Refusal::SeveralCustomers {
            details["why"] = json!(refusal.name());
        }
        let mut event = lookup.event(details, None);
        event.about["email"] = json!(email.masked());
        let reply = lookup.reply;
        if self.commit_or_refuse(reply, lookup.commit(event)).await?.is_some() {
            reply.refuse(&refusal).await;
        }
        Ok(())
    }

    /// Draws the agent's open session with this customer instead of opening another one.
    async fn repeat(
        &self,
        lookup: &Lookup<'_>,
        customer: FoundCustomer,
        handle: &Arc<SessionHandle>,
        open_kind: SupportKind,
    ) -> Result<(), Fault> {
        let Lookup { reply, kind, .. } = *lookup;
        let FoundCustomer { pseudonym, record } = customer;
        let details = json!({
            "kind": kind.name(), "found": true, "customer": pseudonym, "again": true
        });
        // A started session never returns to the state *found*, so the cached state is proof.
        let state = match handle.session().work {
            Work::Support(_, SupportState::Found { .. }) => {
                Some(self.found(reply.interaction, &pseudonym, &record, kind).await?)
            }
            _ => None,
        };
        let repeated = RepeatedLookup {
            state,
            ticket: lookup.ticket.cloned(),
            scope: lookup.scope(),
            limit_uses: lookup.limit_uses(),
            event: lookup.event(details, Some(pseudonym)),
            refusal: (open_kind != kind).then_some(Refusal::OtherKind(open_kind)),
        };
        if open_kind == kind {
            handle.set_customer_record(Some(record), reply.interaction.at);
        }
        self.redraw(&ClickContext::new(reply, handle), Some(repeated)).await
    }

    /// Opens a session in the state *found*. It does not attend the customer yet.
    async fn open_session(
        &self,
        lookup: &Lookup<'_>,
        customer: FoundCustomer,
    ) -> Result<(), Fault> {
        let Lookup { reply, account, kind, .. } = *lookup;
        let FoundCustomer { pseudonym, record } = customer;
        let interaction = reply.interaction;
        let is_colleague = self.ports.account_links.has_mailbox(&mailbox(&record.email)).await?;
        let found = self.found(interaction, &pseudonym, &record, kind).await?;
        let (actor, work) = (actor(interaction.user, account), Work::Support(kind, found));
        let session = Session {
            ticket: lookup.ticket.cloned(),
            scope: lookup.scope(),
            ..self.new_session(interaction, actor, Some(pseudonym.clone()), work)
        };
        let details = json!({
            "kind": kind.name(), "found": true, "customer": pseudonym, "colleague": is_colleague
        });
        let mut event = lookup.event(details, Some(pseudonym));
        event.session = Some(session.id.clone());
        let commit = Commit { session: Some(session.clone()), ..lookup.commit(event) };
        if self.commit_or_refuse(reply, commit).await?.is_some() {
            if let Some(handle) = self.ports.sessions.find(&session.id).await? {
                handle.set_customer_record(Some(Arc::clone(&record)), interaction.at);
            }
            let screen = panel::render(&session, Some(&record), None, 0, interaction.at);
            reply.panel(&session, screen).await;
        }
        Ok(())
    }

    /// Returns the state of a look-up. Only a lead sees which agent attends the customer.
    async fn found(
        &self,
        interaction: &InteractionContext,
        pseudonym: &Pseudonym,
        record: &CustomerRecord,
        kind: SupportKind,
    ) -> Result<SupportState, Fault> {
        let is_lead = self.rules.lead_role.is_some_and(|role| interaction.roles.contains(&role));
        let attended = match self.ports.sessions.attending(pseudonym).await? {
            None => Attended::No,
            Some((_, agent)) if is_lead => Attended::By(agent),
            Some(_) => Attended::ByAnotherAgent,
        };
        Ok(SupportState::Found { customer: MaskedCustomer::of(record, kind), attended })
    }

    /// Returns the agent's open session with this customer.
    ///
    /// The session that attends the customer comes first, whatever its kind. Without it, the
    /// result is a session of this kind.
    async fn own_session_with(
        &self,
        discord_id: u64,
        customer: &Pseudonym,
        kind: SupportKind,
    ) -> Result<Option<(Arc<SessionHandle>, SupportKind)>, Fault> {
        let mut own = None;
        for handle in self.open_sessions(discord_id).await? {
            let session = handle.session();
            let Work::Support(open_kind, _) = session.work else { continue };
            if session.attending() == Some(customer) {
                return Ok(Some((handle, open_kind)));
            }
            if open_kind == kind && session.pseudonym.as_ref() == Some(customer) {
                own = Some((handle, open_kind));
            }
        }
        Ok(own)
    }
}

/// One look-up by an eligible agent.
#[derive(Clone, Copy)]
struct Lookup<'a> {
    reply: &'a Reply<'a>,
    account: &'a Account,
    kind: SupportKind,
    ticket: Option<&'a Ticket>,
    /// Keyed hash of the typed address. Look-ups of one address have equal hashes in the trail.
    email_mac: &'a str,
}

/// A customer whom a look-up has found.
struct FoundCustomer {
    pseudonym: Pseudonym,
    record: Arc<CustomerRecord>,
}

impl Lookup<'_> {
    /// Returns what the agent's groups allow.
    fn scope(&self) -> Scope {
        self.account.scope.unwrap_or(Scope::Verify)
    }

    /// Returns the event of the look-up. The keyed hash of the address and the ticket number are
    /// sealed.
    ///
    /// Without a customer the number is left out, because no erasure would reach it.
    fn event(&self, details: Value, customer: Option<Pseudonym>) -> TrailEvent {
        let mut about = json!({ "email_mac": self.email_mac });
        if let (Some(ticket), Some(_)) = (self.ticket, &customer) {
            about["ticket"] = json!(ticket);
        }
        let event = self.reply.interaction.event(kind::LOOKED_UP, details);
        TrailEvent { customer, about, ..event }
    }

    /// Returns the transaction that counts the look-up and records it.
    fn commit(&self, event: TrailEvent) -> Commit {
        let interaction = self.reply.interaction;
        Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.id()),
            limit_uses: self.limit_uses(),
            events: vec![event],
            ..Commit::default()
        }
    }

    fn limit_uses(&self) -> Vec<LimitUse> {
        let limit_use = |limit, allowed, window| LimitUse {
            limit,
            subject: format!("agent:{}", self.account.agent_id),
            allowed,
            window,
        };
        vec![
            limit_use(Limit::Lookups, LOOKUPS, LOOKUPS_WINDOW),
            limit_use(Limit::DailyLookups, DAILY_LOOKUPS, DAILY_LOOKUPS_WINDOW),
        ]
    }
}
