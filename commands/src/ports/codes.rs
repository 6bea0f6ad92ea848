//! One-time codes.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::code::Code;
use crate::model::delivery::MailStatus;
use crate::model::outcome::{CodeCheck, Sent};
use crate::model::scope::Scope;
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

/// A code to mail.
#[derive(Clone, Debug)]
pub struct CodeRequest {
    pub purpose: Purpose,
    pub subject: Subject,
    /// Ecosystem that the mail names, as `(id, name)`.
    pub ecosystem: Option<(String, String)>,
    /// What the proof of the code permits. `None` for a link code, which gives no proof.
    pub scope: Option<Scope>,
    /// Address of the report page. `None` if there are no pages.
    pub report_url: Option<SecretString>,
}

/// The Lambda functions `otp-send` and `otp-verify`. They make, mail and check codes.
#[async_trait]
pub trait Codes: Send + Sync + 'static {
    /// Mails a code.
    async fn send(&self, origin: Origin, code: CodeRequest) -> Answer<Sent>;
    /// Returns what became of the mail of a code.
    async fn status(&self, origin: Origin, challenge_id: &str) -> Answer<MailStatus>;
    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck>;
}
