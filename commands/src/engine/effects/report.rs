//! Reports: the links to their pages, and the mail to a customer after a visit.

use secrecy::SecretString;

use crate::engine::desk::Desk;
use crate::engine::effects::outcome::request_origin;
use crate::flows::report::REPORTERS_WINDOW;
use crate::flows::report::link::ReportLink;
use crate::model::effect::Effect;
use crate::model::outcome::{Denied, EffectError};
use crate::model::report::ReportedMail;
use crate::model::session::Session;
use crate::ports::messages::Visit;

impl Desk {
    /// Returns the address of the report page for a mail of the session. `None` if there are no
    /// pages.
    pub(crate) fn report_url(&self, session: &Session, mail: ReportedMail) -> Option<SecretString> {
        let pages = self.rules.report_pages.as_ref()?;
        let mac = self.ports.keys.mac(&ReportLink::mac_input(&session.id, mail));
        Some(ReportLink::new(session.id.clone(), mail, mac.into()).url(pages))
    }

    /// Mails a notice: of a linked account, a new password or a visit.
    pub(super) async fn send_notice(
        &self,
        session: &Session,
        effect: &Effect,
    ) -> Result<(), EffectError> {
        let report_url = self.report_url(session, ReportedMail::Notice);
        let (origin, messages) =
            (request_origin(session, effect, session.locale), &self.ports.messages);
        let answer = match effect {
            Effect::NotifyLinked { agent_id } => {
                messages.account_linked(origin, agent_id, report_url).await
            }
            Effect::NotifyUnlinked { agent_id } => {
                messages.account_unlinked(origin, agent_id).await
            }
            Effect::NotifyChanged { agent_id, .. } => {
                messages.password_changed(origin, agent_id, report_url).await
            }
            _ => return self.mail_visit(session).await,
        };
        self.read_answer(answer)
    }

    /// Mails the customer of a closed session what it opened, in the customer's language. A
    /// customer who was erased in between gets no mail.
    async fn mail_visit(&self, session: &Session) -> Result<(), EffectError> {
        let case = self.ports.sessions.closed_case(&session.id).await;
        let case = case.map_err(|fault| EffectError::Fault(self.log(&fault)))?;
        let Some(case) = case else { return Err(EffectError::Denied(Denied::NotFound)) };
        let origin = request_origin(session, &Effect::NotifyVisit, case.customer.locale);
        let report_url = self.report_url(session, ReportedMail::Visit);
        let visit = Visit { case: &case, opened: session.opened(), report_url };
        self.read_answer(self.ports.messages.support_visit(origin, visit).await)
    }

    /// Returns how many customers have reported the session's agent within the window.
    pub(super) async fn count_reporters(&self, session: &Session) -> Result<u32, EffectError> {
        let since = self.ports.clock.now() - REPORTERS_WINDOW;
        let counted = self.ports.sessions.reporters_of(&session.actor.agent_id, since).await;
        counted.map_err(|fault| EffectError::Fault(self.log(&fault)))
    }
}
