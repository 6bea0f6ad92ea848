//! Issues access links: for the agent, or mailed to a successor.
//! `Effect::Revoke` is in the parent module.

use secrecy::SecretString;

use crate::engine::desk::Desk;
use crate::engine::effects::outcome::request_origin;
use crate::model::effect::Effect;
use crate::model::outcome::EffectError;
use crate::model::proof::{AccessGrant, access_grant};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::Target;
use crate::ports::access::IssuedLink;

impl Desk {
    /// Issues an access link for the agent. Returns its address and end. The panel shows it after
    /// the outcome is saved.
    pub(crate) async fn open_link(
        &self,
        session: &Session,
        target: Target,
        nth: u32,
    ) -> Result<(SecretString, Timestamp), EffectError> {
        let grant = access_grant(session, self.ports.clock.now())?;
        let link = self.issue_link(session, &grant, target, nth).await?;
        if target.is_shown_as_qr() {
            // A link that cannot be drawn is not shown as open.
            let drawn = self.ports.pictures.qr(&link.url);
            drawn.map_err(|fault| EffectError::Fault(self.log(&fault)))?;
        }
        Ok((link.url, link.expires_at))
    }

    /// Issues an access link and mails it to the successor. Returns the masked address and the end
    /// of the link.
    ///
    /// Each of the two requests has its own key, so a repetition after a crash mails the same link
    /// once.
    pub(crate) async fn mail_link(
        &self,
        session: &Session,
        nth: u32,
    ) -> Result<(String, Timestamp), EffectError> {
        let grant = access_grant(session, self.ports.clock.now())?;
        let link = self.issue_link(session, &grant, Target::Successor, nth).await?;
        if self.is_closed(session).await {
            // The link is not mailed. Its outcome revokes the session again.
            return Err(EffectError::Interrupted);
        }
        let locale = grant.case().customer.locale;
        let origin = request_origin(session, &Effect::MailLink { nth }, locale);
        let mailed = self.ports.messages.successor_qr(origin, &link.id, &grant).await;
        let to = self.read_answer(mailed).map_err(|error| match error {
            EffectError::Denied(denied) => EffectError::MailDenied(denied),
            other => other,
        })?;
        Ok((to, link.expires_at))
    }

    /// Returns true if another process has closed the session. If the store cannot tell, the link
    /// is mailed: the outcome of a closed session revokes it.
    async fn is_closed(&self, session: &Session) -> bool {
        if !self.ports.claims.is_shared() {
            // The session lock is held, so no other task of the only process can close it.
            return false;
        }
        match self.ports.sessions.reload(&session.id).await {
            Ok(newest) => newest.is_none_or(|handle| handle.session().closed().is_some()),
            Err(fault) => {
                self.log(&fault);
                false
            }
        }
    }

    async fn issue_link(
        &self,
        session: &Session,
        grant: &AccessGrant<'_>,
        target: Target,
        nth: u32,
    ) -> Result<IssuedLink, EffectError> {
        let origin = request_origin(session, &Effect::Issue { target, nth }, session.locale);
        self.read_answer(self.ports.access.issue(origin, target, grant).await)
    }
}
