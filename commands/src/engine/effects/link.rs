//! Mails a link code: finds the account of the typed address, then calls the function.

use secrecy::ExposeSecret;

use crate::engine::desk::Desk;
use crate::flows::link;
use crate::model::email::{Email, mailbox};
use crate::model::fault::Fault;
use crate::model::flow_state::{FoundAccount, LinkState};
use crate::model::outcome::{EffectError, Sent};
use crate::model::report::ReportedMail;
use crate::model::session::{Session, Work};
use crate::model::words::{AccountProblem, Actor, Purpose};
use crate::ports::claims::Claim;
use crate::ports::codes::{CodeRequest, Subject};
use crate::ports::function::Origin;
use crate::ports::sessions::{Commit, Committed};

impl Desk {
    /// Finds the account of the typed address and mails a link code to it.
    ///
    /// Returns `None` if the address has no account that can be linked. The function is then called
    /// for a made-up subject, because both cases must take the same time.
    pub(crate) async fn send_link_code(
        &self,
        session: &Session,
        origin: Origin,
    ) -> Result<Option<(FoundAccount, Sent)>, EffectError> {
        let draft = session.secrets.draft.as_ref();
        let Some(email) = draft.and_then(|draft| Email::parse(draft.expose_secret()).ok()) else {
            return Ok(None);
        };
        let fault = |fault| EffectError::Fault(self.log(&fault));
        let email_mac = self.ports.keys.mac(&mailbox(email.as_str()));
        if !self.may_mail(&email_mac, &origin.request_id).await.map_err(fault)? {
            return Ok(None);
        }
        let found = self.account_to_link(&email, email_mac).await.map_err(fault)?;
        let actor = match &found {
            Some(found) => found.actor(session.actor.discord_id),
            None => Actor {
                agent_id: self.ports.keys.mac(&format!("no account:{}", session.id)),
                ..origin.actor
            },
        };
        let code = CodeRequest {
            purpose: Purpose::AgentLink,
            subject: Subject::Agent(actor.agent_id.clone()),
            ecosystem: None,
            scope: None,
            report_url: self.report_url(session, ReportedMail::Linking),
        };
        let answer = self.ports.codes.send(Origin { actor, ..origin }, code).await;
        match found {
            Some(found) => Ok(Some((found, self.read_answer(answer)?))),
            // The function refuses a subject that does not exist. A fault is logged as any other.
            None => self.read_answer(answer).map_or_else(
                |error| if matches!(error, EffectError::Denied(_)) { Ok(None) } else { Err(error) },
                |_| Ok(None),
            ),
        }
    }

    /// Counts a mail to the address with this keyed hash, whether it has an account or not. Returns
    /// false if the limit is reached. A repeated call finds its own claim and is not counted again.
    async fn may_mail(&self, email_mac: &str, key: &str) -> Result<bool, Fault> {
        let now = self.ports.clock.now();
        let limit_uses = link::mail_uses(email_mac);
        let claim = Claim::Whole(claim_number(&self.ports.keys.mac(&format!("link mail:{key}"))));
        let mail = Commit { now, claim, limit_uses, ..Commit::default() };
        let committed = self.ports.sessions.commit(mail).await?;
        Ok(matches!(committed, Committed::Saved { .. } | Committed::Claimed))
    }

    /// Returns what is wrong with the account that a link session has found. It can have changed
    /// since the code was mailed. `None` in other sessions.
    pub(super) async fn problem_of_found_account(
        &self,
        session: &Session,
    ) -> Result<Option<AccountProblem>, EffectError> {
        let Work::Link(LinkState::CodeRequested { found: Some(found), .. }) = &session.work else {
            return Ok(None);
        };
        match self.ports.identity.account(&found.agent_id).await {
            Ok(Some(account)) => Ok(account.link_problem()),
            Ok(None) => Ok(Some(AccountProblem::Gone)),
            Err(fault) => Err(EffectError::Fault(self.log(&fault))),
        }
    }

    async fn account_to_link(
        &self,
        email: &Email,
        email_mac: String,
    ) -> Result<Option<FoundAccount>, Fault> {
        let account = self.ports.identity.find(email).await?;
        let Some(found) = link::linkable_account(account, email_mac) else {
            return Ok(None);
        };
        let linked = self.ports.account_links.of_agent(&found.agent_id).await?.is_some();
        Ok(Some(found).filter(|_| !linked))
    }
}

/// Returns the number of a claim for something that is no interaction, from a keyed hash.
fn claim_number(mac: &str) -> u64 {
    mac.bytes().fold(0, |number: u64, byte| number.wrapping_mul(31).wrapping_add(byte.into()))
}
