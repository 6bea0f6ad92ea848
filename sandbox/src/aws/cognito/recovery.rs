//! Password recovery: mails a reset code, then takes the code with a new password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use super::accounts::{Pool, ResetCode};
use super::exception::{Exception, required};
use super::policy::is_well_formed;
use super::reset_mail::reset_mail;
use crate::mail::Mailbox;
use crate::random;
use crate::seed::{CLIENT_ID, StaffAccount, UserStatus};

/// Lifetime of a reset code, in milliseconds: one hour.
pub const RESET_CODE_LIFE: i64 = 60 * 60 * 1000;
/// Wrong codes that invalidate a reset code.
const WRONG_CODES: u32 = 10;

/// Performs `ForgotPassword`.
pub(super) fn forgot(
    pool: &mut Pool,
    mail: &Mailbox,
    now: i64,
    body: &Value,
) -> Result<Value, Exception> {
    let name = validate_client(pool, body)?;
    let at = pool.position(name);
    let counted = at.map_or_else(|| name.to_owned(), |at| pool.accounts[at].staff.username.clone());
    if !pool.count_recovery(&counted, now) {
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
    if mail.deliver(reset_mail(&account.staff, &code)).is_err() {
        return Err(Exception::new(
            "CodeDeliveryFailureException",
            "The verification code could not be delivered.",
        ));
    }
    // A new code replaces the older one. AWS does not document this.
    account.reset = Some(ResetCode { code, expires_at: now + RESET_CODE_LIFE, wrong_codes: 0 });
    Ok(delivery(&account.staff.email))
}

/// Performs `ConfirmForgotPassword`.
pub(super) fn confirm(pool: &mut Pool, now: i64, body: &Value) -> Result<Value, Exception> {
    let name = validate_client(pool, body)?;
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
    if !pool.count_recovery(&counted, now) {
        return Err(Exception::new(
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        ));
    }
    // Check the policy before the code, so that a weak password does not use up an attempt.
    if let Some(violation) = pool.policy.find_violation(password) {
        return Err(Exception::new(
            "InvalidPasswordException",
            format!("Password did not conform with policy: {violation}"),
        ));
    }
    let history = pool.policy.history;
    let Some(account) = at.map(|at| &mut pool.accounts[at]).filter(|account| account.staff.enabled)
    else {
        return Err(mismatch());
    };
    require_recoverable(&account.staff)?;
    let Some(reset) = account.reset.as_mut().filter(|reset| now < reset.expires_at) else {
        return Err(Exception::new(
            "ExpiredCodeException",
            "Invalid code provided, please request a code again.",
        ));
    };
    if reset.wrong_codes >= WRONG_CODES {
        return Err(Exception::new("TooManyFailedAttemptsException", "Too many failed attempts."));
    }
    if reset.code != code {
        reset.wrong_codes += 1;
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

fn require_recoverable(staff: &StaffAccount) -> Result<(), Exception> {
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

/// Validates the client and its secret hash. Returns the user name of the request.
fn validate_client<'a>(pool: &Pool, body: &'a Value) -> Result<&'a str, Exception> {
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

/// Describes the destination of a code. An unknown user gets an answer of the same form.
fn delivery(address: &str) -> Value {
    let (local, domain) = address.split_once('@').unwrap_or((address, "w"));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    json!({"CodeDeliveryDetails": {
        "Destination": format!("{}***@{}***", first(local), first(domain)),
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }})
}
