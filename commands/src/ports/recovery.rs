//! Password recovery.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::code::Code;
use crate::model::fault::Fault;
use crate::model::outcome::{ConfirmDenied, ResetDenied};

/// Password recovery of BackOffice accounts in Cognito.
///
/// Accounts are named by Cognito's `sub`. An adapter must not retry `request_code` and `confirm`,
/// because both count against the account's hourly limit.
#[async_trait]
pub trait Recovery: Send + Sync + 'static {
    /// Returns the password policy of the user pool, at most an hour old.
    async fn policy(&self) -> Result<PasswordPolicy, Fault>;
    /// Mails a code. Returns the masked address.
    async fn request_code(&self, agent_id: &str) -> Result<Result<String, ResetDenied>, Fault>;
    /// Sets the new password with the code. After a fault the password may be set or not.
    async fn confirm(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> Result<Result<(), ConfirmDenied>, Fault>;
    /// Signs the account out everywhere. Its refresh tokens are revoked at once.
    async fn sign_out(&self, agent_id: &str) -> Result<(), Fault>;
}

/// Password policy of the user pool. The default requires nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Cognito's own four switches")]
pub struct PasswordPolicy {
    /// Minimum length, in characters.
    pub minimum_length: usize,
    /// Requires a lower-case letter.
    pub lowercase: bool,
    /// Requires an upper-case letter.
    pub uppercase: bool,
    /// Requires a digit.
    pub numbers: bool,
    /// Requires one of the 32 ASCII punctuation characters.
    pub symbols: bool,
    /// Number of the account's newest passwords that cannot be reused.
    pub history: u32,
}
