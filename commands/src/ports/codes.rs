//! What the flows need of the outside, and the words in which they ask for it. Implemented by the
//! root crate.

use async_trait::async_trait;

use crate::model::code::Code;
use crate::model::outcome::{CodeCheck, Sent};
use crate::model::words::Purpose;
use crate::ports::function::{Answer, Origin};

/// Whom a code is mailed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An agent, by Cognito's `sub`.
    Agent(String),
    /// A customer, by Core's id.
    Customer(String),
}

/// Codes: made, mailed and checked by the Lambda functions `otp-send` and `otp-verify`. The channel
/// behind it can be another.
#[async_trait]
pub trait Codes: Send + Sync + 'static {
    /// Mails a code. `ecosystem` is `(id, name)`, told to the customer in the mail.
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent>;
    /// Checks a code.
    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck>;
}
