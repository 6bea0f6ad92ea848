//! Opens ways in as a verified customer: handed over to the agent in a message of their own, or
//! mailed to a successor.

use super::effects::{Outcome, origin};
use super::{Click, Desk, reply::Reply};
use crate::customer::Case;
use crate::ports::{Denied, Link};
use crate::session::{Effect, Session, Target, Work};
use crate::step::{Event, NotDone};
use crate::support::{State, opened};
use crate::time::Timestamp;
use crate::verify::{ByAgent, ByCustomer, Proof, proofs};

impl Desk {
    /// Opens something for the customer and hands it over in a message of its own.
    pub(super) async fn issue(
        &self,
        by: Option<(&Click, &Reply<'_>)>,
        session: &Session,
        target: Target,
        nth: u32,
    ) -> Outcome {
        let not_done = |not_done| Outcome {
            event: Event::Issued { target, nth, outcome: Err(not_done) },
            message: None,
        };
        let now = self.ports.clock.now();
        let leave = match leave(session, now) {
            Ok(leave) => leave,
            Err(error) => return not_done(error),
        };
        // After a crash it can be too late to hand it over.
        let Some(token) = session.panel_token(now) else {
            return not_done(NotDone::Interrupted);
        };
        if let Some((_, reply)) = by {
            // A follow-up can only come after the first answer.
            reply.defer().await;
        }
        let link = match self.way_in(session, &leave, target, nth).await {
            Ok(link) => link,
            Err(error) => return not_done(error),
        };
        let locale = session.locale;
        let screen = match target {
            Target::Store | Target::Web => {
                opened::opened_link(target, link.url, link.expires_at, locale)
            }
            Target::App | Target::Successor => match self.ports.pictures.qr(&link.url) {
                Ok(png) => opened::opened_qr(target, png, link.expires_at, locale),
                Err(fault) => return not_done(NotDone::Fault(self.log(&fault))),
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
    pub(super) async fn mail(
        &self,
        session: &Session,
        nth: u32,
    ) -> Result<(String, Timestamp), NotDone> {
        let leave = leave(session, self.ports.clock.now())?;
        let link = self.way_in(session, &leave, Target::Successor, nth).await?;
        let customer = &leave.case.customer;
        let origin = origin(session, &Effect::Mail { nth }, customer.locale);
        let mailed = self
            .ports
            .messages
            .successor_qr(origin, &customer.id, &link.id, &leave.agent, &leave.customer)
            .await;
        Ok((self.outcome(mailed)?, link.expires_at))
    }

    async fn way_in(
        &self,
        session: &Session,
        leave: &Leave<'_>,
        target: Target,
        nth: u32,
    ) -> Result<Link, NotDone> {
        let Leave { case, agent, customer } = leave;
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
struct Leave<'a> {
    case: &'a Case,
    agent: Proof<ByAgent>,
    customer: Proof<ByCustomer>,
}

/// After a crash the proofs can be too old, or it can be too late to open anything.
fn leave(session: &Session, now: Timestamp) -> Result<Leave<'_>, NotDone> {
    let (Work::Support(_, State::Acting { case }), Some((agent, customer))) =
        (&session.work, proofs(session, now))
    else {
        return Err(NotDone::Denied(Denied::ProofInvalid));
    };
    if session.clocks.may_open(now) {
        Ok(Leave { case, agent, customer })
    } else {
        Err(NotDone::Interrupted)
    }
}
