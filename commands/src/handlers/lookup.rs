//! `/support technical` and `/support successor`: looks a customer up and shows what may be seen
//! before they have agreed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::desk::{Desk, actor, trail_event};
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::handlers::resume::Again;
use crate::model::account::Account;
use crate::model::customer::{CustomerRecord, MaskedCustomer};
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::flow_state::{Attended, SupportState};
use crate::model::limit::LimitUse;
use crate::model::refusal::Refusal;
use crate::model::session::{Secrets, Session, Work};
use crate::model::time::minutes;
use crate::model::timers::Clocks;
use crate::model::trail::{TrailEvent, kind};
use crate::model::verification::Verification;
use crate::model::words::{Actor, Limit, SessionId, SupportKind};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed, SessionHandle};
use crate::screens::widgets::note;

/// Look-ups of an agent in [`LOOKUPS_WINDOW`] (ASVS 2.4.1).
pub(crate) const LOOKUPS: u32 = 30;

/// A rolling hour.
pub(crate) const LOOKUPS_WINDOW: Duration = minutes(60);

impl Desk {
    pub(crate) async fn look_up(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        kind: SupportKind,
        typed: &str,
    ) -> Result<(), Fault> {
        let Some(email) = Email::parse(typed) else {
            return self.refuse(interaction, reply, Refusal::MalformedEmail).await;
        };
        let account = match self.eligibility(interaction.user).await? {
            Ok((_, account)) => account,
            Err(not_eligible) => {
                return self.refuse_ineligible(interaction, reply, not_eligible).await;
            }
        };
        if account.email == email.as_str() {
            return self.refuse(interaction, reply, Refusal::OwnAddress).await;
        }
        let record = self.ports.directory.find(&email, kind).await?.map(Arc::new);
        let Some(record) = record else {
            let detail = json!({ "kind": kind.name(), "found": false, "email": email.masked() });
            return self.nobody(interaction, reply, &account, detail).await;
        };
        if let Some((open, there)) =
            self.own_session_with(interaction.user, &record.user_id, kind).await?
        {
            let detail = json!({ "kind": kind.name(), "found": true, "customer": record.user_id, "again": true });
            let refusal = (there != kind).then_some(Refusal::OtherKind(there));
            let state = self.found(interaction, &record, kind).await?;
            let again = Again {
                state,
                limit_use: lookups(&account),
                act: looked_up(interaction, detail),
                refusal,
            };
            if there == kind {
                open.set_customer_record(Some(record));
            }
            return self.redraw(interaction, reply, &open, Some(again)).await;
        }
        self.open(interaction, reply, &account, record, kind).await
    }

    /// Opens a session in state *found*: it holds nobody yet.
    pub(crate) async fn open(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        account: &Account,
        record: Arc<CustomerRecord>,
        kind: SupportKind,
    ) -> Result<(), Fault> {
        let colleague =
            self.ports.store.is_agent_address(&self.ports.keys.mac(&record.email)).await?;
        let work = Work::Support(kind, self.found(interaction, &record, kind).await?);
        let session = self.new_session(
            interaction,
            actor(interaction.user, account),
            Some(record.user_id.clone()),
            work,
        );
        let detail = json!({ "kind": kind.name(), "found": true, "customer": record.user_id, "colleague": colleague });
        let mut looked_up = looked_up(interaction, detail);
        looked_up.session = Some(session.id.clone());
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.reply.interaction_id),
            session: Some(session.clone()),
            limit_uses: vec![lookups(account)],
            events: vec![looked_up],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Saved { .. } => {
                if let Some(handle) = self.ports.store.find(&session.id).await? {
                    handle.set_customer_record(Some(Arc::clone(&record)));
                }
                reply.panel(panel::render(&session, Some(&record), None, 0, interaction.at)).await;
                Ok(())
            }
            Committed::Limited(limit, at) => {
                self.refuse(interaction, reply, Refusal::Limited(limit, at)).await
            }
            _ => Ok(()),
        }
    }

    /// What a look-up shows of a customer now.
    pub(crate) async fn found(
        &self,
        interaction: &InteractionContext,
        record: &CustomerRecord,
        kind: SupportKind,
    ) -> Result<SupportState, Fault> {
        let attended = match self.ports.store.attending(&record.user_id).await? {
            None => Attended::No,
            Some((_, agent)) if interaction.roles.contains(&self.rules.lead_role) => {
                Attended::By(agent)
            }
            Some(_) => Attended::BySomebody,
        };
        Ok(SupportState::Found { customer: MaskedCustomer::of(record, kind), attended })
    }

    /// A session that begins with this click, not stored yet.
    pub(crate) fn new_session(
        &self,
        interaction: &InteractionContext,
        actor: Actor,
        customer_id: Option<String>,
        work: Work,
    ) -> Session {
        Session {
            id: self.ports.keys.session_id(),
            actor,
            locale: interaction.locale,
            version: 0,
            generation: 0,
            customer_id,
            work,
            clocks: Clocks::starting(interaction.at, self.rules.idle),
            agent: Verification::default(),
            customer: Verification::default(),
            pending: Vec::new(),
            access_links: Vec::new(),
            links_issued: 0,
            secrets: Secrets {
                panel: Some((interaction.reply.token.clone(), interaction.at)),
                ..Secrets::default()
            },
        }
    }

    pub(crate) async fn nobody(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        account: &Account,
        detail: Value,
    ) -> Result<(), Fault> {
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.reply.interaction_id),
            limit_uses: vec![lookups(account)],
            events: vec![looked_up(interaction, detail)],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Saved { .. } => {
                reply.note(note(&Refusal::UnknownCustomer, interaction.locale)).await
            }
            Committed::Limited(limit, at) => {
                return self.refuse(interaction, reply, Refusal::Limited(limit, at)).await;
            }
            _ => {}
        }
        Ok(())
    }

    /// The agent's open session with this customer: the one that attends them, on whichever road,
    /// or else one on this road.
    pub(crate) async fn own_session_with(
        &self,
        discord_id: u64,
        customer: &str,
        kind: SupportKind,
    ) -> Result<Option<(Arc<SessionHandle>, SupportKind)>, Fault> {
        let mut own = None;
        for handle in self.open_sessions(discord_id).await? {
            let session = handle.session();
            let Work::Support(there, _) = session.work else { continue };
            if session.attending() == Some(customer) {
                return Ok(Some((handle, there)));
            }
            if there == kind && session.customer_id.as_deref() == Some(customer) {
                own = Some((handle, there));
            }
        }
        Ok(own)
    }

    /// The session, if it is still open.
    pub(crate) async fn find_open(
        &self,
        id: &SessionId,
    ) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let now = self.ports.clock.now();
        // A row that cannot be read (of another version, say) must not keep the agent from the
        // others.
        let handle = self.ports.store.find(id).await.unwrap_or_else(|fault| {
            self.log(&fault);
            None
        });
        Ok(handle.filter(|handle| {
            let session = handle.session();
            session.closed().is_none() && now < session.clocks.end()
        }))
    }
}

fn lookups(account: &Account) -> LimitUse {
    LimitUse {
        limit: Limit::Lookups,
        subject: format!("agent:{}", account.agent_id),
        allowed: LOOKUPS,
        window: LOOKUPS_WINDOW,
    }
}

fn looked_up(interaction: &InteractionContext, detail: Value) -> TrailEvent {
    trail_event(interaction, kind::LOOKED_UP, detail)
}
