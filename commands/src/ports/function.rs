//! Requests to Lambda functions: the parts that all of them share.

use crate::model::fault::Fault;
use crate::model::outcome::Denied;
use crate::model::words::{Actor, Locale, SessionId};

/// Head of every request to a Lambda function.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Idempotency key (`Effect::key`).
    pub request_id: String,
    pub session: SessionId,
    pub actor: Actor,
    /// Language of the mail.
    pub locale: Locale,
}

/// Reply of a function: its result or its "no". A failed call is a [`Fault`].
pub type Answer<T> = Result<Result<T, Denied>, Fault>;
