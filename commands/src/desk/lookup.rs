//! `/support technical` and `/support successor`: looks a customer up and shows what may be seen
//! before they have agreed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::resume::Again;
use super::{Click, Desk, act, actor, reply::Reply};
use crate::customer::{Customer, Dossier};
use crate::email::Email;
use crate::error::{Fault, Limit, Refusal};
use crate::face::{face, note};
use crate::ports::{Account, Claim, Commit, Committed, Hit, Live};
use crate::session::{Actor, Clocks, Secrets, Session, SessionId, Work};
use crate::support::{Attended, Road, State};
use crate::time::minutes;
use crate::trail::{Act, what};
use crate::verify::Verification;

/// Look-ups of an agent in [`LOOKUPS_WINDOW`] (ASVS 2.4.1).
pub(super) const LOOKUPS: u32 = 30;
/// A rolling hour.
pub(super) const LOOKUPS_WINDOW: Duration = minutes(60);

impl Desk {
    pub(super) async fn look_up(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        road: Road,
        typed: &str,
    ) -> Result<(), Fault> {
        let Some(email) = Email::parse(typed) else {
            return self.say_no(click, reply, Refusal::MalformedEmail).await;
        };
        let account = match self.rights(click.user).await? {
            Ok((_, account)) => account,
            Err(loss) => return self.no_agent(click, reply, loss).await,
        };
        if account.email == email.as_str() {
            return self.say_no(click, reply, Refusal::OwnAddress).await;
        }
        let dossier = self.ports.directory.find(&email, road).await?.map(Arc::new);
        let Some(dossier) = dossier else {
            let detail = json!({ "road": road.name(), "found": false, "email": email.masked() });
            return self.nobody(click, reply, &account, detail).await;
        };
        if let Some((open, there)) =
            self.own_session_with(click.user, &dossier.user_id, road).await?
        {
            let detail = json!({ "road": road.name(), "found": true, "customer": dossier.user_id, "again": true });
            let refusal = (there != road).then_some(Refusal::OtherRoad(there));
            let state = self.found(click, &dossier, road).await?;
            let again =
                Again { state, hit: lookups(&account), act: looked_up(click, detail), refusal };
            if there == road {
                open.know(Some(dossier));
            }
            return self.redraw(click, reply, &open, Some(again)).await;
        }
        self.open(click, reply, &account, dossier, road).await
    }

    /// Opens a session in state *found*: it holds nobody yet.
    async fn open(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        account: &Account,
        dossier: Arc<Dossier>,
        road: Road,
    ) -> Result<(), Fault> {
        let colleague =
            self.ports.store.is_agent_address(&self.ports.keys.mac(&dossier.email)).await?;
        let work = Work::Support(road, self.found(click, &dossier, road).await?);
        let session = self.new_session(
            click,
            actor(click.user, account),
            Some(dossier.user_id.clone()),
            work,
        );
        let detail = json!({ "road": road.name(), "found": true, "customer": dossier.user_id, "colleague": colleague });
        let mut looked_up = looked_up(click, detail);
        looked_up.session = Some(session.id.clone());
        let commit = Commit {
            now: click.at,
            claim: Claim::Whole(click.ticket.interaction),
            session: Some(session.clone()),
            hits: vec![lookups(account)],
            acts: vec![looked_up],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Saved { .. } => {
                if let Some(live) = self.ports.store.find(&session.id).await? {
                    live.know(Some(Arc::clone(&dossier)));
                }
                reply.panel(face(&session, Some(&dossier), None, 0, click.at)).await;
                Ok(())
            }
            Committed::Limited(limit, at) => {
                self.say_no(click, reply, Refusal::Limited(limit, at)).await
            }
            _ => Ok(()),
        }
    }

    /// What a look-up shows of a customer now.
    async fn found(&self, click: &Click, dossier: &Dossier, road: Road) -> Result<State, Fault> {
        let attended = match self.ports.store.attending(&dossier.user_id).await? {
            None => Attended::No,
            Some((_, agent)) if click.roles.contains(&self.rules.lead_role) => Attended::By(agent),
            Some(_) => Attended::BySomebody,
        };
        Ok(State::Found { customer: Customer::of(dossier, road), attended })
    }

    /// A session that begins with this click, not stored yet.
    pub(super) fn new_session(
        &self,
        click: &Click,
        actor: Actor,
        customer_id: Option<String>,
        work: Work,
    ) -> Session {
        Session {
            id: self.ports.keys.session_id(),
            actor,
            locale: click.locale,
            version: 0,
            generation: 0,
            customer_id,
            work,
            clocks: Clocks::starting(click.at, self.rules.idle),
            agent: Verification::default(),
            customer: Verification::default(),
            pending: Vec::new(),
            opened: Vec::new(),
            issued: 0,
            secrets: Secrets {
                panel: Some((click.ticket.token.clone(), click.at)),
                ..Secrets::default()
            },
        }
    }

    async fn nobody(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        account: &Account,
        detail: Value,
    ) -> Result<(), Fault> {
        let commit = Commit {
            now: click.at,
            claim: Claim::Whole(click.ticket.interaction),
            hits: vec![lookups(account)],
            acts: vec![looked_up(click, detail)],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Saved { .. } => {
                reply.note(note(&Refusal::UnknownCustomer, click.locale)).await
            }
            Committed::Limited(limit, at) => {
                return self.say_no(click, reply, Refusal::Limited(limit, at)).await;
            }
            _ => {}
        }
        Ok(())
    }

    /// The agent's open session with this customer: the one that attends them, on whichever road,
    /// or else one on this road.
    async fn own_session_with(
        &self,
        discord_id: u64,
        customer: &str,
        road: Road,
    ) -> Result<Option<(Arc<Live>, Road)>, Fault> {
        let mut own = None;
        for live in self.open_sessions(discord_id).await? {
            let session = live.session();
            let Work::Support(there, _) = session.work else { continue };
            if session.attending() == Some(customer) {
                return Ok(Some((live, there)));
            }
            if there == road && session.customer_id.as_deref() == Some(customer) {
                own = Some((live, there));
            }
        }
        Ok(own)
    }

    /// The session, if it is still open.
    pub(super) async fn find_open(&self, id: &SessionId) -> Result<Option<Arc<Live>>, Fault> {
        let now = self.ports.clock.now();
        // A row that cannot be read (of another version, say) must not keep the agent from the
        // others.
        let live = self.ports.store.find(id).await.unwrap_or_else(|fault| {
            self.log(&fault);
            None
        });
        Ok(live.filter(|live| {
            let session = live.session();
            session.closed().is_none() && now < session.clocks.end()
        }))
    }
}

fn lookups(account: &Account) -> Hit {
    Hit {
        limit: Limit::Lookups,
        subject: format!("agent:{}", account.agent_id),
        allowed: LOOKUPS,
        window: LOOKUPS_WINDOW,
    }
}

fn looked_up(click: &Click, detail: Value) -> Act {
    act(click, what::LOOKED_UP, detail)
}
