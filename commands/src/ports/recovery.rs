//! The port through which a forgotten password is replaced, and what can come of it.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::model::code::Code;
use crate::model::fault::Fault;
use crate::model::outcome::{ConfirmDenied, ResetDenied};

/// Recovering the password of a BackOffice account, at Cognito.
///
/// Accounts are named by Cognito's `sub`. Nothing here is tried twice: both calls count against the
/// account's own hourly limit.
#[async_trait]
pub trait Recovery: Send + Sync + 'static {
    /// What a new password must be; at most an hour old.
    async fn policy(&self) -> Result<PasswordPolicy, Fault>;
    /// Mails a code. Where it went, masked.
    async fn ask(&self, agent_id: &str) -> Result<Result<String, ResetDenied>, Fault>;
    /// Sets the new password with the code. After a fault it may be set all the same.
    async fn confirm(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> Result<Result<(), ConfirmDenied>, Fault>;
    /// Signs the account out everywhere: refresh tokens are revoked at once.
    async fn sign_out(&self, agent_id: &str) -> Result<(), Fault>;
}

/// What a new password must be, as the user pool has it. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Cognito's own four switches")]
pub struct PasswordPolicy {
    /// At least this many characters.
    pub minimum_length: usize,
    /// A lower-case letter.
    pub lowercase: bool,
    /// An upper-case letter.
    pub uppercase: bool,
    /// A digit.
    pub numbers: bool,
    /// One of the 32 ASCII punctuation characters.
    pub symbols: bool,
    /// It must differ from so many of the account's newest passwords; 0: from none.
    pub history: u32,
}
