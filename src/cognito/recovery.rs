//! A forgotten password: a code by mail, then code and new password together, then the sign-out
//! everywhere.
//!
//! `ForgotPassword` says "sent" for accounts to which nothing is ever sent, so whether one can be
//! recovered is read from the account itself. Neither call is tried twice: the SDK takes Cognito's
//! limits for throttling, and every call counts against them.

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

use super::{Cognito, User, nobody};
use crate::aws::{CALL_TIMEOUT, CallError};

/// How long the policy is remembered. `DescribeUserPool` answers 15 times a second, for everything
/// in the AWS account.
const POLICY_LIFE: Duration = Duration::from_hours(1);
/// The least that a pool can ask for, when it does not say.
const LEAST_LENGTH: usize = 6;

#[async_trait]
impl Recovery for Cognito {
    async fn policy(&self) -> Result<PasswordPolicy, Fault> {
        let now = self.clock.now();
        let remembered = self.policy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((policy, requested_at)) = remembered
            && now >= requested_at
            && now.since(requested_at) < POLICY_LIFE
        {
            return Ok(policy);
        }
        let read = self.read_policy().await;
        if let Ok(policy) = &read {
            *self.policy.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((policy.clone(), now));
        }
        self.count("reading the password policy", now, read)
    }

    async fn request_code(&self, agent_id: &str) -> Result<Result<String, ResetDenied>, Fault> {
        let now = self.clock.now();
        let asked = self.in_time(self.forgot(agent_id)).await;
        self.count_as("asking for a reset code", now, word, asked)
    }

    async fn confirm(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> Result<Result<(), ConfirmDenied>, Fault> {
        let now = self.clock.now();
        let confirmed = self.in_time(self.confirm_forgot(agent_id, code, password)).await;
        if matches!(confirmed, Ok(Err(ConfirmDenied::WeakPassword))) {
            // We thought it good: the pool wants something else by now.
            *self.policy.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        if matches!(confirmed, Ok(Ok(()))) {
            // RESET_REQUIRED has become CONFIRMED.
            self.forget(agent_id);
        }
        self.count_as("setting a new password", now, word, confirmed)
    }

    async fn sign_out(&self, agent_id: &str) -> Result<(), Fault> {
        let now = self.clock.now();
        let signed_out = self.sign_out_everywhere(agent_id).await;
        self.count("signing an account out", now, signed_out)
    }
}

impl Cognito {
    async fn read_policy(&self) -> anyhow::Result<PasswordPolicy> {
        let pool =
            self.client.describe_user_pool().user_pool_id(&self.config.user_pool_id).send().await;
        let pool = pool
            .map_err(|error| CallError::of(&error))?
            .user_pool
            .context("the pool is not described")?;
        let policy = pool
            .policies
            .and_then(|policies| policies.password_policy)
            .context("the pool has no password policy")?;
        Ok(policy_of(&policy))
    }

    async fn forgot(&self, agent_id: &str) -> anyhow::Result<Result<String, ResetDenied>> {
        let Some(user) = self.by_sub(agent_id).await?.filter(User::recoverable) else {
            tracing::warn!(agent_id, "a password was to be recovered of an account that cannot be");
            return Ok(Err(ResetDenied::NotRecoverable));
        };
        let request = self
            .client
            .forgot_password()
            .client_id(&self.config.client_id)
            .username(&user.username)
            .set_secret_hash(self.secret_hash(&user.username));
        match request.customize().config_override(once()).send().await {
            Ok(sent) => {
                let medium =
                    sent.code_delivery_details.and_then(|delivery| delivery.delivery_medium);
                // The page and the panel say "mail", and nobody would look at a telephone.
                ensure!(
                    medium != Some(DeliveryMediumType::Sms),
                    "the user pool sends reset codes as text messages, not by mail"
                );
                Ok(Ok(mask_email(&user.email)))
            }
            Err(error) => self.why("ForgotPassword", agent_id, &error, no_reset),
        }
    }

    async fn confirm_forgot(
        &self,
        agent_id: &str,
        code: &Code,
        password: &SecretString,
    ) -> anyhow::Result<Result<(), ConfirmDenied>> {
        let Some(user) = self.by_sub(agent_id).await?.filter(User::recoverable) else {
            tracing::warn!(
                agent_id,
                "a password was to be set for an account that cannot be recovered"
            );
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
        match request.customize().config_override(once()).send().await {
            Ok(_) => Ok(Ok(())),
            Err(error) => self.why("ConfirmForgotPassword", agent_id, &error, not_confirmed),
        }
    }

    async fn sign_out_everywhere(&self, agent_id: &str) -> anyhow::Result<()> {
        let user = self.by_sub(agent_id).await?.context("there is no such account")?;
        let request = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.config.user_pool_id)
            .username(&user.username);
        request.send().await.map_err(|error| CallError::of(&error))?;
        Ok(())
    }

    /// Both calls of an act together take no longer than one may: somebody sits before the page.
    async fn in_time<T>(&self, act: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::select! {
            done = act => done,
            () = self.clock.sleep(CALL_TIMEOUT) => Err(CallError::late().into()),
        }
    }

    async fn by_sub(&self, agent_id: &str) -> anyhow::Result<Option<User>> {
        Ok(self.get(agent_id).await?.filter(|user| user.sub == agent_id))
    }

    /// `Base64(HMAC-SHA256(secret, user name + client id))`, for a client that has a secret.
    fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.config.client_secret.as_ref()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        Some(
            STANDARD.encode(hmac::sign(
                &key,
                format!("{username}{}", self.config.client_id).as_bytes(),
            )),
        )
    }

    /// Whether the app client takes our calls: a reset is asked for somebody who is not there, so
    /// nothing is mailed.
    pub async fn check_recovery(&self) -> anyhow::Result<()> {
        let nobody = nobody();
        let request =
            self.client.forgot_password().client_id(&self.config.client_id).username(&nobody);
        let asked = request
            .set_secret_hash(self.secret_hash(&nobody))
            .customize()
            .config_override(once())
            .send()
            .await;
        let Err(error) = asked else { return Ok(()) };
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            // It knows the client and not the user, which is as it should be; or it was asked
            // often, which it counts by user.
            Some(
                "UserNotFoundException" | "LimitExceededException" | "TooManyRequestsException",
            ) => Ok(()),
            _ => self.secret_fits(&error).and_then(|()| Err(CallError::of(&error).into())),
        }
    }

    /// What a service's error means to the agent, if it means something to them: logged by its
    /// name, which says nothing of what was typed. Everything else is a fault, which the desk logs.
    fn why<T, N, E, R>(
        &self,
        operation: &'static str,
        agent_id: &str,
        error: &SdkError<E, R>,
        meaning: fn(&str) -> Option<N>,
    ) -> anyhow::Result<Result<T, N>>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let Some(exception) = error.as_service_error().and_then(ProvideErrorMetadata::code) else {
            return Err(CallError::of(error).into());
        };
        self.secret_fits(error)?;
        match meaning(exception) {
            Some(meaning) => {
                tracing::warn!(operation, exception, agent_id, "Cognito refused");
                Ok(Err(meaning))
            }
            None => Err(CallError::of(error).into()),
        }
    }
}

impl Cognito {
    /// Of all that two exceptions stand for, this is the operator's: no agent can do anything about
    /// it, an administrator neither.
    fn secret_fits<E: ProvideErrorMetadata, R>(
        &self,
        error: &SdkError<E, R>,
    ) -> anyhow::Result<()> {
        let (exception, message) = error
            .as_service_error()
            .map(|error| (error.code(), error.message()))
            .unwrap_or_default();
        let may_be = exception
            .is_some_and(|exception| [NOT_AUTHORIZED, INVALID_PARAMETER].contains(&exception));
        if may_be && message.is_some_and(|message| message.to_ascii_lowercase().contains("secret"))
        {
            let has = if self.config.client_secret.is_some() { "is set" } else { "is not set" };
            anyhow::bail!("COGNITO_CLIENT_SECRET {has}, and does not fit the app client");
        }
        Ok(())
    }
}

/// The word under which a call that may be answered with a "no" is counted.
fn word<T, N>(answer: &Result<T, N>) -> &'static str {
    if answer.is_ok() { "done" } else { "denied" }
}

impl User {
    /// Whether Cognito would do anything: for the others it only says that it did.
    fn recoverable(&self) -> bool {
        self.enabled
            && self.email_verified
            && matches!(self.status, AccountStatus::Confirmed | AccountStatus::ResetRequired)
    }
}

/// No second attempt.
fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

fn policy_of(policy: &PasswordPolicyType) -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: policy
            .minimum_length
            .and_then(|least| usize::try_from(least).ok())
            .unwrap_or(LEAST_LENGTH),
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

/// The two exceptions that are looked into.
const NOT_AUTHORIZED: &str = "NotAuthorizedException";
const INVALID_PARAMETER: &str = "InvalidParameterException";

/// `None`: ours or the operator's to repair, such as a trigger that failed or a client that is not
/// there. By name, because the service has more exceptions than an SDK knows.
fn no_reset(exception: &str) -> Option<ResetDenied> {
    Some(match exception {
        "LimitExceededException" => ResetDenied::TooMany,
        // The AWS account's quota by the second, which has nothing to do with who is asked about.
        "TooManyRequestsException" => ResetDenied::Busy,
        "CodeDeliveryFailureException" => ResetDenied::Undelivered,
        NOT_AUTHORIZED
        | INVALID_PARAMETER
        | "UserNotConfirmedException"
        | "UserNotFoundException" => ResetDenied::NotRecoverable,
        _ => return None,
    })
}

/// Likewise.
fn not_confirmed(exception: &str) -> Option<ConfirmDenied> {
    Some(match exception {
        "CodeMismatchException" => ConfirmDenied::WrongCode,
        "ExpiredCodeException" => ConfirmDenied::ExpiredCode,
        "LimitExceededException" | "TooManyFailedAttemptsException" => ConfirmDenied::TooMany,
        "TooManyRequestsException" => ConfirmDenied::Busy,
        "InvalidPasswordException" => ConfirmDenied::WeakPassword,
        "PasswordHistoryPolicyViolationException" => ConfirmDenied::Reused,
        "CodeDeliveryFailureException" => ConfirmDenied::Undelivered,
        NOT_AUTHORIZED
        | INVALID_PARAMETER
        | "UserNotConfirmedException"
        | "UserNotFoundException" => ConfirmDenied::NotRecoverable,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
