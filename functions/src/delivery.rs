//! `delivery`: keeps what became of the mail of a code.
//!
//! The mail service's events call it, in any order and more than once. The strongest state counts.

use serde::Serialize;

use crate::contract::Refusal;
use crate::functions::{Failure, Functions};
use crate::mail_event::MailEvent;
use crate::ports::Fault;
use crate::session_state::{DeliveryRecord, SessionState};

/// Reply of `delivery`, for its log only.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Recorded {
    /// The event is about the mail of a code that is still stored.
    recorded: bool,
}

impl Functions {
    /// Keeps the state of a mail, unless a stronger one is known.
    ///
    /// Fails for a code that is not stored, because the event can be faster than the call that
    /// mails. The mail service's bus repeats it.
    pub(crate) async fn record_delivery(&self, body: &[u8]) -> Result<Recorded, Failure> {
        let Some(event) = MailEvent::parse(body)? else {
            return Ok(Recorded { recorded: false });
        };
        let MailEvent { session_id, challenge_id, state, at, reason } = event;
        let news = DeliveryRecord { state, at, reason };
        let known = self.update(&session_id, |session, _| -> Result<_, Refusal> {
            if *session == SessionState::default() {
                return Ok(Known::NoSession);
            }
            let mut challenges = session.challenges.iter_mut();
            let Some(challenge) = challenges.find(|challenge| challenge.id == challenge_id) else {
                return Ok(Known::NoCode);
            };
            if challenge.delivery.state < news.state {
                challenge.delivery = news;
            }
            Ok(Known::Code)
        });
        match known.await? {
            Known::Code => Ok(Recorded { recorded: true }),
            // Its item was deleted a day after its last change.
            Known::NoSession => Ok(Recorded { recorded: false }),
            Known::NoCode => Err(Fault("the code of a mail is not stored yet").into()),
        }
    }
}

/// What is stored about the mail of an event.
enum Known {
    NoSession,
    NoCode,
    Code,
}
