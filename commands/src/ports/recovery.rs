//! The port through which a forgotten password is replaced, and what can come of it.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::error::Fault;

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

/// Why no code was mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetDenied {
    /// Cognito's own limit for this account: wait up to an hour.
    TooMany,
    /// Cognito's limit for all that the company asks of it, by the second: wait a minute.
    Busy,
    /// Only an administrator can help: disabled, never signed in, without a verified address, or
    /// gone.
    NotRecoverable,
    /// The mail could not be delivered.
    Undelivered,
}

/// Why the new password was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmDenied {
    /// The code is wrong.
    WrongCode,
    /// The code is too old, was never asked for, or is plainly wrong: Cognito does not say which.
    ExpiredCode,
    /// Cognito's own limit for this account: wait up to an hour.
    TooMany,
    /// Cognito's limit for all that the company asks of it, by the second: wait a minute.
    Busy,
    /// The password does not meet the pool's policy, which may have changed since it was read.
    WeakPassword,
    /// The password is one of the newest few.
    Reused,
    /// Only an administrator can help.
    NotRecoverable,
    /// Cognito could not deliver a message that belongs to it.
    Undelivered,
}
