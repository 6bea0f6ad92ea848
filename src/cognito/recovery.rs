//! Password recovery: a code by mail, then code and new password together, then a global sign-out.
//!
//! `ForgotPassword` reports success even for accounts that get no mail. So the account itself shows
//! if it can be recovered. Retries are off, because the SDK would retry when Cognito's own limits
//! are reached, and each call counts against them.

use std::sync::PoisonError;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_sdk_cognitoidentityprovider::config::Builder;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{DeliveryMediumType, PasswordPolicyType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use commands::model::account::AccountStatus;
use commands::model::code::Code;
use commands::model::email::mask_email;
use commands::model::fault::Fault;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::ports::recovery::{PasswordPolicy, Recovery};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use super::user::User;
use super::{Cognito, USER_NOT_FOUND, unknown_username};
use crate::aws::{CALL_TIMEOUT, CallError};
use crate::calls::Call;
use crate::metrics;

/// Time for which the password policy is cached. `DescribeUserPool` allows 15 calls a second for
/// the whole AWS account.
const POLICY_LIFE: Duration = Duration::from_hours(1);
/// Minimum password length of a pool that sets none: the lowest that Cognito accepts.
const DEFAULT_MIN_LENGTH: usize = 6;

#[async_trait]
impl Recovery for Cognito {
    async fn policy(&self) -> Result<PasswordPolicy, Fault> {
        let now = self.clock.now();
        let cached = self.policy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((policy, requested_at)) = cached
            && now >= requested_at
            && now.since(requested_at) < POLICY_LIFE
        {
            return Ok(policy);
        }
        let reading = Box::pin(self.read_policy());
        let read = self.measure(Call::PolicyRead, |_| "done", reading).await;
        if let Ok(policy) = &read {
            *self.policy.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((policy.clone(), now));
        }
        read
    }

    async fn request_code(&self, agent_id: &str) -> Result<Result<String, ResetDenied>, Fault> {
        let sending = Box::pin(self.with_timeout(self.send_code(agent_id)));
        self.measure(Call::ResetRequest, metrics::answer_word, sending).await
    }

    async fn confirm(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> Result<Result<(), ConfirmDenied>, Fault> {
        let setting = Box::pin(self.with_timeout(self.set_password(agent_id, code, password)));
        let confirmed = self.measure(Call::ResetConfirm, metrics::answer_word, setting).await;
        if matches!(confirmed, Ok(Err(ConfirmDenied::WeakPassword))) {
            // The password met the cached policy, so the pool has changed its policy.
            *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        if matches!(confirmed, Ok(Ok(()))) {
            // RESET_REQUIRED has become CONFIRMED.
            self.forget(agent_id);
        }
        confirmed
    }

    async fn sign_out(&self, agent_id: &str) -> Result<(), Fault> {
        let signing_out = Box::pin(self.sign_out_everywhere(agent_id));
        self.measure(Call::SignOut, |()| "done", signing_out).await
    }
}

impl Cognito {
    async fn read_policy(&self) -> anyhow::Result<PasswordPolicy> {
        let request = self.client.describe_user_pool().user_pool_id(&self.config.user_pool_id);
        let described = request.send().await.map_err(CallError::from)?;
        let policy = described
            .user_pool
            .context("DescribeUserPool returned no pool")?
            .policies
            .and_then(|policies| policies.password_policy)
            .context("the pool has no password policy")?;
        Ok(parse_policy(&policy))
    }

    async fn send_code(&self, agent_id: &str) -> anyhow::Result<Result<String, ResetDenied>> {
        let Some(user) = self.get_by_sub(agent_id).await?.filter(is_recoverable) else {
            tracing::warn!(agent_id, "account cannot be recovered: no reset code requested");
            return Ok(Err(ResetDenied::NotRecoverable));
        };
        let request = self
            .client
            .forgot_password()
            .client_id(&self.config.client_id)
            .username(&user.username)
            .set_secret_hash(self.secret_hash(&user.username));
        match request.customize().config_override(without_retries()).send().await {
            Ok(sent) => {
                let medium =
                    sent.code_delivery_details.and_then(|delivery| delivery.delivery_medium);
                // Page and panel tell the agent to look for a mail.
                ensure!(
                    medium != Some(DeliveryMediumType::Sms),
                    "the user pool sends reset codes as text messages, not by mail"
                );
                Ok(Ok(mask_email(&user.email)))
            }
            Err(error) => self.denied("ForgotPassword", agent_id, error, reset_denied),
        }
    }

    async fn set_password(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> anyhow::Result<Result<(), ConfirmDenied>> {
        let Some(user) = self.get_by_sub(agent_id).await?.filter(is_recoverable) else {
            tracing::warn!(agent_id, "account cannot be recovered: no password set");
            return Ok(Err(ConfirmDenied::NotRecoverable));
        };
        let request = self
            .client
            .confirm_forgot_password()
            .client_id(&self.config.client_id)
            .username(&user.username)
            .confirmation_code(code.expose())
            .password(password.expose_secret())
            .set_secret_hash(self.secret_hash(&user.username));
        match request.customize().config_override(without_retries()).send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => self.denied("ConfirmForgotPassword", agent_id, error, confirm_denied),
        }
    }

    async fn sign_out_everywhere(&self, agent_id: &str) -> anyhow::Result<()> {
        let user = self.get_by_sub(agent_id).await?.context("no such account")?;
        let request = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.config.user_pool_id)
            .username(&user.username);
        request.send().await.map_err(CallError::from)?;
        Ok(())
    }

    /// Limits two calls together to `CALL_TIMEOUT`, because the agent waits for the page.
    async fn with_timeout<T>(
        &self,
        calls: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            done = calls => done,
            () = self.clock.sleep(CALL_TIMEOUT) => Err(CallError::timed_out().into()),
        }
    }

    /// Returns `Base64(HMAC-SHA256(secret, user name + client id))` if the app client has a secret.
    fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.config.client_secret.as_ref()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let message = format!("{username}{}", self.config.client_id);
        Some(STANDARD.encode(hmac::sign(&key, message.as_bytes())))
    }

    /// Checks that the app client accepts the calls of a recovery. Requests a reset for an unknown
    /// user, so nothing is mailed.
    pub async fn check_recovery(&self) -> anyhow::Result<()> {
        let unknown = unknown_username();
        let request =
            self.client.forgot_password().client_id(&self.config.client_id).username(&unknown);
        let reply = request
            .set_secret_hash(self.secret_hash(&unknown))
            .customize()
            .config_override(without_retries())
            .send()
            .await;
        let Err(error) = reply else { return Ok(()) };
        match error.code() {
            // The client is accepted: the user is unknown, or its requests are limited.
            Some(USER_NOT_FOUND | "LimitExceededException" | "TooManyRequestsException") => Ok(()),
            _ => self.check_secret(&error).and_then(|()| Err(CallError::from(error).into())),
        }
    }

    /// Turns a service error into the denial that `meaning` returns for its name, or into a fault.
    ///
    /// Logs a denial by the error's name, because the message can quote what was typed. The desk
    /// logs faults.
    fn denied<T, N, E>(
        &self,
        operation: &'static str,
        agent_id: &str,
        error: SdkError<E>,
        meaning: fn(&str) -> Option<N>,
    ) -> anyhow::Result<Result<T, N>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.check_secret(&error)?;
        let exception = error.code();
        match exception.and_then(meaning) {
            Some(meaning) => {
                tracing::warn!(operation, exception, agent_id, "recovery denied by Cognito");
                Ok(Err(meaning))
            }
            None => Err(CallError::from(error).into()),
        }
    }

    /// Fails if the error says that the client secret is wrong, because only the operator can
    /// repair that.
    fn check_secret(&self, error: &impl ProvideErrorMetadata) -> anyhow::Result<()> {
        let message = error.message().unwrap_or_default().to_ascii_lowercase();
        if matches!(error.code(), Some(NOT_AUTHORIZED | INVALID_PARAMETER))
            && message.contains("secret")
        {
            let state = if self.config.client_secret.is_some() { "is set" } else { "is not set" };
            anyhow::bail!("COGNITO_CLIENT_SECRET {state}, which does not match the app client");
        }
        Ok(())
    }
}

/// Returns true if Cognito can recover the account. For others it only claims to have sent a code.
fn is_recoverable(user: &User) -> bool {
    user.enabled
        && user.email_verified
        && matches!(user.status, AccountStatus::Confirmed | AccountStatus::ResetRequired)
}

fn without_retries() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

fn parse_policy(policy: &PasswordPolicyType) -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: policy
            .minimum_length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(DEFAULT_MIN_LENGTH),
        lowercase: policy.require_lowercase,
        uppercase: policy.require_uppercase,
        numbers: policy.require_numbers,
        symbols: policy.require_symbols,
        history: policy
            .password_history_size
            .and_then(|size| u32::try_from(size).ok())
            .unwrap_or(0),
    }
}

/// Exceptions whose message is read, because they can mean a wrong client secret.
const NOT_AUTHORIZED: &str = "NotAuthorizedException";
const INVALID_PARAMETER: &str = "InvalidParameterException";

/// Maps an exception of `ForgotPassword`. Returns `None` for a fault, such as a failed trigger.
///
/// Exceptions are compared by name, because the service has more of them than the SDK knows.
fn reset_denied(exception: &str) -> Option<ResetDenied> {
    Some(match exception {
        "LimitExceededException" => ResetDenied::TooMany,
        // The quota of the AWS account per second, which does not depend on the user.
        "TooManyRequestsException" => ResetDenied::Busy,
        "CodeDeliveryFailureException" => ResetDenied::Undelivered,
        NOT_AUTHORIZED | INVALID_PARAMETER | "UserNotConfirmedException" | USER_NOT_FOUND => {
            ResetDenied::NotRecoverable
        }
        _ => return None,
    })
}

/// Maps an exception of `ConfirmForgotPassword`. Returns `None` for a fault.
fn confirm_denied(exception: &str) -> Option<ConfirmDenied> {
    Some(match exception {
        "CodeMismatchException" => ConfirmDenied::WrongCode,
        "ExpiredCodeException" => ConfirmDenied::ExpiredCode,
        "LimitExceededException" | "TooManyFailedAttemptsException" => ConfirmDenied::TooMany,
        "TooManyRequestsException" => ConfirmDenied::Busy,
        "InvalidPasswordException" => ConfirmDenied::WeakPassword,
        "PasswordHistoryPolicyViolationException" => ConfirmDenied::Reused,
        "CodeDeliveryFailureException" => ConfirmDenied::Undelivered,
        NOT_AUTHORIZED | INVALID_PARAMETER | "UserNotConfirmedException" | USER_NOT_FOUND => {
            ConfirmDenied::NotRecoverable
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
