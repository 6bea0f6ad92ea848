//! Mails a link code: finds the account of the typed address, then calls the function.

use secrecy::ExposeSecret;

use crate::engine::desk::Desk;
use crate::flows::link;
use crate::model::email::{Email, mailbox};
use crate::model::fault::Fault;
use crate::model::flow_state::FoundAccount;
use crate::model::outcome::{EffectError, Sent};
use crate::model::session::Session;
use crate::model::words::Purpose;
use crate::ports::codes::Subject;
use crate::ports::function::Origin;
use crate::ports::sessions::{Commit, Committed};

impl Desk {
    /// Finds the account of the typed address and mails a link code to it. Returns `None` if the
    /// address has no account that can be linked.
    pub(crate) async fn send_link_code(
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
        let origin = Origin { actor: found.actor(session.actor.discord_id), ..origin };
        let answer = self.ports.codes.send(origin, Purpose::AgentLink, subject, None).await;
        Ok(Some((found, self.read_answer(answer)?)))
    }

    async fn account_to_link(&self, session: &Session) -> Result<Option<FoundAccount>, Fault> {
        let draft = session.secrets.draft.as_ref();
        let Some(email) = draft.and_then(|draft| Email::parse(draft.expose_secret())) else {
            return Ok(None);
        };
        let email_mac = self.ports.keys.mac(&mailbox(email.as_str()));
        let now = self.ports.clock.now();
        let mail = Commit { now, limit_uses: link::mail_uses(&email_mac), ..Commit::default() };
        if !matches!(self.ports.sessions.commit(mail).await?, Committed::Saved { .. }) {
            return Ok(None);
        }
        let account = self.ports.identity.find(&email).await?;
        let Some(found) = link::linkable_account(account, email_mac) else {
            return Ok(None);
        };
        let linked = self.ports.account_links.of_agent(&found.agent_id).await?.is_some();
        Ok(Some(found).filter(|_| !linked))
    }
}
