//! `/support technical` and `/support successor`: looks a customer up and shows what the agent can
//! see before the customer has agreed.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::desk::{Desk, actor};
use crate::engine::interaction::ClickContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::support::needs::is_own_address;
use crate::handlers::lookup_limits::limit_uses;
use crate::handlers::resume::RepeatedLookup;
use crate::model::account::Account;
use crate::model::customer::{CustomerRecord, MaskedCustomer};
use crate::model::email::{Email, mailbox};
use crate::model::fault::Fault;
use crate::model::flow_state::{Attended, SupportState};
use crate::model::limit::LockedSubject;
use crate::model::pseudonym::Pseudonym;
use crate::model::refusal::Refusal;
use crate::model::scope::Scope;
use crate::model::session::{Session, Work};
use crate::model::ticket::Ticket;
use crate::model::time::Timestamp;
use crate::model::trail::{TrailEvent, kind};
use crate::model::words::SupportKind;
use crate::ports::claims::Claim;
use crate::ports::customers::KnownCustomer;
use crate::ports::directory::CustomerMatch;
use crate::ports::sessions::{Commit, SessionHandle};
use crate::screens::address_form::AddressForm;

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
        let limits = limit_uses(lookup.account);
        let is_below_limits = match self.exceeded(&limits, reply.interaction.at).await? {
            Some(refusal) => self.refuse(reply, refusal).await.map(|()| false),
            None => self.show_customer(&lookup, &email).await,
        };
        // A look-up that failed can have been counted. A fault of the alert is only logged.
        if !matches!(is_below_limits, Ok(true))
            && let Err(fault) = self.alert_reached_limits(reply.interaction, &limits).await
        {
            self.log(&fault);
        }
        is_below_limits.map(drop)
    }

    /// Returns true if the look-up has reached no limit; false if that is not known.
    async fn show_customer(&self, lookup: &Lookup<'_>, email: &Email) -> Result<bool, Fault> {
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
        let known = self.ports.customers.look_up(&record.user_id, &mailbox(&record.email)).await?;
        let customer = FoundCustomer { known, record };
        match self.own_session_with(user, &customer.known.pseudonym, kind).await? {
            Some((handle, open_kind)) => {
                self.repeat(lookup, customer, &handle, open_kind).await?;
                Ok(false)
            }
            None => self.open_session(lookup, customer).await,
        }
    }

    /// Refuses an address that no customer in Core has, or several. It counts as a look-up.
    async fn refuse_address(
        &self,
        lookup: &Lookup<'_>,
        email: &Email,
        refusal: Refusal,
    ) -> Result<bool, Fault> {
        let mut details = json!({ "kind": lookup.kind.name(), "found": false });
        if refusal == Refusal::SeveralCustomers {
            details["why"] = json!(refusal.name());
        }
        let mut event = lookup.event(details, None);
        event.about["email"] = json!(email.masked());
        let reply = lookup.reply;
        let is_below_limits = self.commit_look_up(reply, lookup.commit(event)).await?;
        if is_below_limits.is_some() {
            reply.refuse(&refusal).await;
        }
        Ok(is_below_limits.unwrap_or(false))
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
        let details = json!({
            "kind": kind.name(), "found": true, "customer": customer.known.pseudonym, "again": true
        });
        let other_kind = (open_kind != kind).then_some(Refusal::OtherKind(open_kind));
        // A started session never returns to the state *found*, so the cached state is proof.
        let (state, locked_out) = match handle.session().work {
            Work::Support(_, SupportState::Found { .. }) => (
                Some(self.found(lookup, &customer)),
                locked_out(&customer.known, reply.interaction.at),
            ),
            _ => (None, None),
        };
        let repeated = RepeatedLookup {
            state,
            ticket: lookup.ticket.cloned(),
            scope: lookup.scope(),
            past: customer.known.past,
            limit_uses: limit_uses(lookup.account),
            event: lookup.event(details, Some(customer.known.pseudonym)),
            refusal: other_kind.or(locked_out),
        };
        if open_kind == kind {
            handle.set_customer_record(Some(customer.record), reply.interaction.at);
        }
        self.redraw(&ClickContext::new(reply, handle), Some(repeated)).await
    }

    /// Opens a session in the state *found*. It does not attend the customer yet.
    async fn open_session(
        &self,
        lookup: &Lookup<'_>,
        customer: FoundCustomer,
    ) -> Result<bool, Fault> {
        let Lookup { reply, account, kind, .. } = *lookup;
        let interaction = reply.interaction;
        let found = self.found(lookup, &customer);
        let locked_out = locked_out(&customer.known, interaction.at);
        let FoundCustomer { known, record } = customer;
        let KnownCustomer { pseudonym, is_colleague, past, .. } = known;
        let (actor, work) = (actor(interaction.user, account), Work::Support(kind, found));
        let session = Session {
            ticket: lookup.ticket.cloned(),
            scope: lookup.scope(),
            past,
            ..self.new_session(interaction, actor, Some(pseudonym.clone()), work)
        };
        let details = json!({
            "kind": kind.name(), "found": true, "customer": pseudonym, "colleague": is_colleague
        });
        let mut event = lookup.event(details, Some(pseudonym));
        event.session = Some(session.id.clone());
        let commit = Commit { session: Some(session.clone()), ..lookup.commit(event) };
        let is_below_limits = self.commit_look_up(reply, commit).await?;
        if is_below_limits.is_some() {
            if let Some(handle) = self.ports.sessions.find(&session.id).await? {
                handle.set_customer_record(Some(Arc::clone(&record)), interaction.at);
            }
            let refusal = locked_out.as_ref();
            let screen = panel::render(&session, Some(&record), refusal, 0, interaction.at);
            reply.panel(&session, screen).await;
        }
        Ok(is_below_limits.unwrap_or(false))
    }

    /// Returns the state of a look-up. Only a lead, by role and group, sees which agent attends the
    /// customer.
    fn found(&self, lookup: &Lookup<'_>, customer: &FoundCustomer) -> SupportState {
        let roles = &lookup.reply.interaction.roles;
        let has_role = self.rules.lead_role.is_some_and(|role| roles.contains(&role));
        let is_lead = has_role && lookup.account.is_lead;
        let attended = match customer.known.attended_by {
            None => Attended::No,
            Some(agent) if is_lead => Attended::By(agent),
            Some(_) => Attended::ByAnotherAgent,
        };
        SupportState::Found {
            customer: MaskedCustomer::of(&customer.record, lookup.kind),
            attended,
        }
    }

    /// Returns the agent's open session with this customer.
    ///
    /// The session that attends the customer comes first, whatever its kind. Without it, the
    /// result is a session of this kind.
    pub(super) async fn own_session_with(
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
    known: KnownCustomer,
    record: Arc<CustomerRecord>,
}

/// Returns until when and why the customer cannot be verified, if they are locked out. Start checks
/// it again.
fn locked_out(customer: &KnownCustomer, now: Timestamp) -> Option<Refusal> {
    let (until, reason) = customer.lockout.filter(|(until, _)| now < *until)?;
    Some(Refusal::LockedOut(LockedSubject::Customer, until, reason))
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
            limit_uses: limit_uses(self.account),
            events: vec![event],
            ..Commit::default()
        }
    }
}
