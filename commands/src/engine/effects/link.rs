//! Mails a link code: finds the account of the typed address, then calls the function.

use secrecy::ExposeSecret;

use crate::engine::desk::Desk;
use crate::flows::link;
use crate::model::email::Email;
use crate::model::fault::Fault;
use crate::model::flow_state::FoundAccount;
use crate::model::outcome::{EffectError, Sent};
use crate::model::session::Session;
use crate::model::words::{Actor, Purpose};
use crate::ports::codes::Subject;
use crate::ports::function::Origin;
use crate::ports::sessions::{Commit, Committed};

impl Desk {
    /// Looks the typed address up and, if it has an account to link, has a code mailed to it.
    pub(crate) async fn approach(
        &self,
        session: &Session,
        origin: Origin,
    ) -> Result<Option<(FoundAccount, Sent)>, EffectError> {
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

    pub(crate) async fn account_to_link(
        &self,
        session: &Session,
    ) -> Result<Option<FoundAccount>, Fault> {
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
