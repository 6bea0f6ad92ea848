//! Opens ways in as a verified customer: handed over to the agent in a message of their own, or
//! mailed to a successor.

use crate::engine::desk::Desk;
use crate::engine::effects::{Outcome, origin};
use crate::engine::interaction::InteractionContext;
use crate::engine::reply::Reply;
use crate::flows::support::access_screens as opened;
use crate::model::customer::Case;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::flow_state::SupportState;
use crate::model::outcome::{Denied, EffectError};
use crate::model::proof::{ByAgent, ByCustomer, Proof, proofs};
use crate::model::session::{Session, Work};
use crate::model::time::Timestamp;
use crate::model::words::Target;
use crate::ports::access::IssuedLink;

impl Desk {
    /// Opens something for the customer and hands it over in a message of its own.
    pub(crate) async fn issue(
        &self,
        by: Option<(&InteractionContext, &Reply<'_>)>,
        session: &Session,
        target: Target,
        nth: u32,
    ) -> Outcome {
        let not_done = |not_done| Outcome {
            event: Event::Issued { target, nth, outcome: Err(not_done) },
            message: None,
        };
        let now = self.ports.clock.now();
        let grant = match access_grant(session, now) {
            Ok(grant) => grant,
            Err(error) => return not_done(error),
        };
        // After a crash it can be too late to hand it over.
        let Some(token) = session.panel_token(now) else {
            return not_done(EffectError::Interrupted);
        };
        if let Some((_, reply)) = by {
            // A follow-up can only come after the first answer.
            reply.defer().await;
        }
        let link = match self.issue_link(session, &grant, target, nth).await {
            Ok(link) => link,
            Err(error) => return not_done(error),
        };
        let locale = session.locale;
        let screen = match target {
            Target::Store | Target::Web => {
                opened::access_link_screen(target, link.url, link.expires_at, locale)
            }
            Target::App | Target::Successor => match self.ports.pictures.qr(&link.url) {
                Ok(png) => opened::access_qr_screen(target, png, link.expires_at, locale),
                Err(fault) => return not_done(EffectError::Fault(self.log(&fault))),
            },
        };
        match self.ports.chat.follow_up(&token, screen).await {
            Ok(message) => Outcome {
                event: Event::Issued { target, nth, outcome: Ok((Some(message), link.expires_at)) },
                message: Some((nth, token)),
            },
            Err(error) => not_done(self.chat_fault(error)),
        }
    }

    /// Opens the successor's way in and has it mailed to them: the masked address, and when it
    /// ends.
    ///
    /// Both requests have keys of their own, so after a crash the same link is mailed, once.
    pub(crate) async fn mail(
        &self,
        session: &Session,
        nth: u32,
    ) -> Result<(String, Timestamp), EffectError> {
        let grant = access_grant(session, self.ports.clock.now())?;
        let link = self.issue_link(session, &grant, Target::Successor, nth).await?;
        let customer = &grant.case.customer;
        let origin = origin(session, &Effect::Mail { nth }, customer.locale);
        let mailed = self
            .ports
            .messages
            .successor_qr(origin, &customer.id, &link.id, &grant.agent, &grant.customer)
            .await;
        Ok((self.outcome(mailed)?, link.expires_at))
    }

    pub(crate) async fn issue_link(
        &self,
        session: &Session,
        grant: &AccessGrant<'_>,
        target: Target,
        nth: u32,
    ) -> Result<IssuedLink, EffectError> {
        let AccessGrant { case, agent, customer } = grant;
        let origin = origin(session, &Effect::Issue { target, nth }, session.locale);
        self.outcome(
            self.ports
                .access
                .issue(origin, target, &case.customer.id, &case.ecosystem, agent, customer)
                .await,
        )
    }
}

/// What it takes to open something.
pub(crate) struct AccessGrant<'a> {
    case: &'a Case,
    agent: Proof<ByAgent>,
    customer: Proof<ByCustomer>,
}

/// After a crash the proofs can be too old, or it can be too late to open anything.
fn access_grant(session: &Session, now: Timestamp) -> Result<AccessGrant<'_>, EffectError> {
    let (Work::Support(_, SupportState::Acting { case }), Some((agent, customer))) =
        (&session.work, proofs(session, now))
    else {
        return Err(EffectError::Denied(Denied::ProofInvalid));
    };
    if session.clocks.may_open(now) {
        Ok(AccessGrant { case, agent, customer })
    } else {
        Err(EffectError::Interrupted)
    }
}
