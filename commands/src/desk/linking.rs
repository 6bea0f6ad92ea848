//! `/account link`: answers first, alike for every address, and looks the address up afterwards.

use secrecy::ExposeSecret;

use super::{Desk, InteractionContext, reply::Reply};
use crate::account::link::{self, Found, State};
use crate::email::Email;
use crate::error::{Fault, Refusal};
use crate::face::face;
use crate::ports::{Claim, Commit, Committed, Origin, Sent, Subject};
use crate::session::{Actor, Purpose, Session, Work};
use crate::step::EffectError;
use crate::time::Timestamp;

impl Desk {
    pub(super) async fn link(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        typed: &str,
    ) -> Result<(), Fault> {
        let Some(email) = Email::parse(typed) else {
            return self.refuse(interaction, reply, Refusal::MalformedEmail).await;
        };
        if let Some(link) = self.ports.store.link_of(interaction.user).await? {
            return self.refuse(interaction, reply, Refusal::AlreadyLinked(link.email)).await;
        }
        // Nobody knows yet who it is, so the Discord account stands in for the agent: the same for
        // every address.
        let stand_in = format!("discord:{}", interaction.user);
        let actor =
            Actor { discord_id: interaction.user, agent_id: stand_in.clone(), name: stand_in };
        let state =
            State::Asked { to: email.masked(), found: None, valid_until: Timestamp::default() };
        let mut session = self.new_session(interaction, actor, None, Work::Link(state));
        session.secrets.draft = Some(email.as_str().to_owned().into());
        let mut step = link::begin(&session, interaction.at);
        match self
            .ports
            .store
            .commit(step.commit(Claim::Whole(interaction.reply.interaction_id)))
            .await?
        {
            Committed::Saved { version, .. } => step.session.version = version,
            Committed::Limited(limit, at) => {
                return self.refuse(interaction, reply, Refusal::Limited(limit, at)).await;
            }
            Committed::LockedOut(at) => {
                return self.refuse(interaction, reply, Refusal::LockedOut(at)).await;
            }
            _ => return Ok(()),
        }
        let Some(handle) = self.ports.store.find(&session.id).await? else {
            return Ok(());
        };
        reply.panel(face(&step.session, None, None, 0, interaction.at)).await;
        self.follow(&handle).await;
        Ok(())
    }

    /// Looks the typed address up and, if it has an account to link, has a code mailed to it.
    pub(super) async fn approach(
        &self,
        session: &Session,
        origin: Origin,
    ) -> Result<Option<(Found, Sent)>, EffectError> {
        let found = match self.account_to_link(session).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(fault) => return Err(EffectError::Fault(self.log(&fault))),
        };
        let subject = Subject::Agent(found.agent_id.clone());
        let actor =
            Actor { agent_id: found.agent_id.clone(), name: found.name.clone(), ..origin.actor };
        let origin = Origin { actor, ..origin };
        let sent =
            self.outcome(self.ports.codes.send(origin, Purpose::AgentLink, subject, None).await)?;
        Ok(Some((found, sent)))
    }

    async fn account_to_link(&self, session: &Session) -> Result<Option<Found>, Fault> {
        let typed =
            session.secrets.draft.as_ref().and_then(|draft| Email::parse(draft.expose_secret()));
        let Some(email) = typed else { return Ok(None) };
        let email_mac = self.ports.keys.mac(email.as_str());
        let now = self.ports.clock.now();
        let mail = Commit { now, limit_uses: link::mail(&email_mac), ..Commit::default() };
        if !matches!(self.ports.store.commit(mail).await?, Committed::Saved { .. }) {
            return Ok(None);
        }
        let account = self.ports.identity.find(&email).await?;
        let Some(found) = link::eligible(account, email_mac) else {
            return Ok(None);
        };
        let linked = self.ports.store.link_to(&found.agent_id).await?.is_some();
        Ok(Some(found).filter(|_| !linked))
    }
}
