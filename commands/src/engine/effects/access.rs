//! Issues access links: handed over to the agent in a message, or mailed to a successor.
//! `Effect::Revoke` is in the parent module.

use crate::engine::desk::Desk;
use crate::engine::effects::outcome::{Outcome, request_origin};
use crate::engine::interaction::ClickContext;
use crate::flows::support::access_screens;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::outcome::EffectError;
use crate::model::proof::{AccessGrant, access_grant};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::words::Target;
use crate::ports::access::IssuedLink;

impl Desk {
    /// Issues an access link and hands it over in a message.
    pub(crate) async fn hand_over_link(
        &self,
        session: &Session,
        target: Target,
        nth: u32,
        click: Option<&ClickContext<'_>>,
    ) -> Outcome {
        let failed = |error| Event::Issued { target, nth, outcome: Err(error) }.into();
        let now = self.ports.clock.now();
        let grant = match access_grant(session, now) {
            Ok(grant) => grant,
            Err(error) => return failed(error),
        };
        // After a crash Discord can have stopped accepting the token.
        let Some(token) = session.panel_token(now) else {
            return failed(EffectError::Interrupted);
        };
        if let Some(click) = click {
            // Discord accepts a follow-up only after the first answer.
            click.reply.defer().await;
        }
        let link = match self.issue_link(session, &grant, target, nth).await {
            Ok(link) => link,
            Err(error) => return failed(error),
        };
        let IssuedLink { url, expires_at, .. } = link;
        if self.is_closed(session).await {
            // The link is not shown. Its outcome revokes the session again.
            return Event::Issued { target, nth, outcome: Ok((None, expires_at)) }.into();
        }
        let locale = session.locale;
        let screen = match target {
            Target::Store | Target::Web => {
                access_screens::access_link(target, url, expires_at, locale)
            }
            Target::App | Target::Successor => match self.ports.pictures.qr(&url) {
                Ok(png) => access_screens::access_qr(target, png, expires_at, locale),
                Err(fault) => return failed(EffectError::Fault(self.log(&fault))),
            },
        };
        match self.ports.chat.follow_up(&token, screen).await {
            Ok(message) => Outcome {
                event: Event::Issued { target, nth, outcome: Ok((Some(message), expires_at)) },
                message: Some((nth, token)),
                is_final: false,
            },
            Err(error) => failed(self.chat_fault(error)),
        }
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
    /// is shown: the outcome of a closed session revokes it.
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
