//! One-time codes.

use async_trait::async_trait;

use crate::model::code::Code;
use crate::model::outcome::{CodeCheck, Sent};
use crate::model::words::Purpose;
use crate::ports::function::{Answer, Origin};

/// Recipient of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Agent, by Cognito's `sub`.
    Agent(String),
    /// Customer, by Core's id.
    Customer(String),
}

/// The Lambda functions `otp-send` and `otp-verify`. They make, mail and check codes.
#[async_trait]
pub trait Codes: Send + Sync + 'static {
    /// Mails a code. The mail to a customer names the ecosystem, given as `(id, name)`.
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent>;
    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck>;
}
