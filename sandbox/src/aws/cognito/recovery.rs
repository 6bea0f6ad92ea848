//! A forgotten password: a code by mail, then code and new password together.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use super::accounts::{Pool, ResetCode};
use super::policy::is_well_formed;
use super::{Exception, required};
use crate::aws::{letters, random};
use crate::cast::{CLIENT_ID, StaffAccount, UserStatus};
use crate::mail::Mailbox;

/// How long a code is good, in milliseconds: an hour.
pub const RESET_CODE_LIFE: i64 = 60 * 60 * 1000;
/// Wrong codes before one code is dead.
const WRONG_CODES: u32 = 10;

/// `ForgotPassword`.
pub(super) fn forgot(
    pool: &mut Pool,
    mail: &Mailbox,
    now: i64,
    body: &Value,
) -> Result<Value, Exception> {
    let name = known_client(pool, body)?;
    let at = pool.position(name);
    let counted = at.map_or_else(|| name.to_owned(), |at| pool.accounts[at].staff.username.clone());
    if !pool.may_recover(&counted, now) {
        return Err(Exception::new(
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        ));
    }
    let Some(account) = at.map(|at| &mut pool.accounts[at]).filter(|account| account.staff.enabled)
    else {
        return Ok(delivery(name));
    };
    if account.staff.status == UserStatus::ForceChangePassword {
        return Err(Exception::new(
            "NotAuthorizedException",
            "User password cannot be reset in the current state.",
        ));
    }
    if !account.staff.email_verified || account.staff.status == UserStatus::Unconfirmed {
        return Ok(delivery(name));
    }
    let code = random::code();
    if mail.deliver(letters::password_reset(&account.staff, &code)).is_err() {
        return Err(Exception::new(
            "CodeDeliveryFailureException",
            "The verification code could not be delivered.",
        ));
    }
    // A new code is the only good one. AWS does not say so, and does not say otherwise.
    account.reset = Some(ResetCode { code, expires_at: now + RESET_CODE_LIFE, wrong: 0 });
    Ok(delivery(&account.staff.email))
}

/// `ConfirmForgotPassword`.
pub(super) fn confirm(pool: &mut Pool, now: i64, body: &Value) -> Result<Value, Exception> {
    let name = known_client(pool, body)?;
    let code = required(body, "ConfirmationCode")?;
    let password = required(body, "Password")?;
    if !is_well_formed(password) || code.chars().any(char::is_whitespace) {
        return Err(Exception::new(
            "InvalidParameterException",
            "1 validation error detected: a value does not match its pattern",
        ));
    }
    let at = pool.position(name);
    let counted = at.map_or_else(|| name.to_owned(), |at| pool.accounts[at].staff.username.clone());
    if !pool.may_recover(&counted, now) {
        return Err(Exception::new(
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        ));
    }
    // The policy comes before the code: a password that is too weak does not cost a try.
    if let Some(fault) = pool.policy.find_fault(password) {
        return Err(Exception::new(
            "InvalidPasswordException",
            format!("Password did not conform with policy: {fault}"),
        ));
    }
    let history = pool.policy.history;
    let Some(account) = at.map(|at| &mut pool.accounts[at]).filter(|account| account.staff.enabled)
    else {
        return Err(mismatch());
    };
    may_confirm(&account.staff)?;
    let Some(reset) = account.reset.as_mut().filter(|reset| now < reset.expires_at) else {
        return Err(Exception::new(
            "ExpiredCodeException",
            "Invalid code provided, please request a code again.",
        ));
    };
    if reset.wrong >= WRONG_CODES {
        return Err(Exception::new("TooManyFailedAttemptsException", "Too many failed attempts."));
    }
    if reset.code != code {
        reset.wrong += 1;
        return Err(mismatch());
    }
    if account.had_password(password, history) {
        return Err(Exception::new(
            "PasswordHistoryPolicyViolationException",
            "Password has previously been used.",
        ));
    }
    account.reset = None;
    account.set_password(password);
    account.staff.status = UserStatus::Confirmed;
    Ok(json!({}))
}

fn may_confirm(staff: &StaffAccount) -> Result<(), Exception> {
    match staff.status {
        UserStatus::Confirmed | UserStatus::ResetRequired => Ok(()),
        UserStatus::ForceChangePassword => Err(Exception::new(
            "NotAuthorizedException",
            "User password cannot be reset in the current state.",
        )),
        UserStatus::Unconfirmed => {
            Err(Exception::new("UserNotConfirmedException", "User is not confirmed."))
        }
    }
}

fn mismatch() -> Exception {
    Exception::new("CodeMismatchException", "Invalid verification code provided, please try again.")
}

/// Checks client and secret hash; answers the user name as it was given.
fn known_client<'a>(pool: &Pool, body: &'a Value) -> Result<&'a str, Exception> {
    let client = required(body, "ClientId")?;
    if client != CLIENT_ID {
        return Err(Exception::new(
            "ResourceNotFoundException",
            format!("User pool client {client} does not exist."),
        ));
    }
    let name = required(body, "Username")?;
    let given = body.get("SecretHash").and_then(Value::as_str);
    match (&pool.secret, given) {
        (None, None) => Ok(name),
        (Some(_), None) => Err(Exception::new(
            "NotAuthorizedException",
            format!("Client {client} is configured with secret but SECRET_HASH was not received"),
        )),
        (None, Some(_)) => Err(Exception::new(
            "NotAuthorizedException",
            format!("Unable to verify secret hash for client {client}"),
        )),
        (Some(secret), Some(given)) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            let expected = hmac::sign(&key, format!("{name}{client}").as_bytes());
            if STANDARD.encode(expected) == given {
                Ok(name)
            } else {
                Err(Exception::new(
                    "NotAuthorizedException",
                    format!("Unable to verify secret hash for client {client}"),
                ))
            }
        }
    }
}

/// Where the code went, as far as a stranger may know: the same shape for somebody who is not
/// there.
fn delivery(address: &str) -> Value {
    let (local, domain) = address.split_once('@').unwrap_or((address, "w"));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    json!({"CodeDeliveryDetails": {
        "Destination": format!("{}***@{}***", first(local), first(domain)),
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }})
}
