//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use crate::model::fault::Fault;
use crate::model::outcome::Denied;
use crate::model::words::{Actor, Locale, SessionId};

/// What every request to a Lambda function says of itself.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Idempotency key (`Effect::key`).
    pub request_id: String,
    /// The session.
    pub session: SessionId,
    /// Who asks.
    pub actor: Actor,
    /// The language of what is mailed.
    pub locale: Locale,
}

/// A function's answer: what was asked for, or its "no". A function that failed is a [`Fault`].
pub type Answer<T> = Result<Result<T, Denied>, Fault>;
