//! The local Cognito: one user pool, the operations that Support Desk uses, AWS's error names and
//! semantics.
//!
//! `PreventUserExistenceErrors` is on, as it should be in production: recovery for somebody who is
//! not there looks like recovery for somebody who is.

mod accounts;
mod policy;
mod recovery;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::cast::USER_POOL_ID;
use crate::mail::Mailbox;

pub(super) use accounts::Pool;
pub use policy::PasswordPolicy;
pub use recovery::RESET_CODE_LIFE;

/// The most groups that one page lists.
const PAGE: usize = 60;

/// An exception of the service.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) status: StatusCode,
    pub(super) name: &'static str,
    pub(super) message: String,
}

impl Exception {
    fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, name, message: message.into() }
    }
}

/// Whether an operation is called without credentials, by anybody who knows the client's id.
pub(super) fn is_public(operation: &str) -> bool {
    matches!(operation, "ForgotPassword" | "ConfirmForgotPassword")
}

/// Does one operation.
pub(super) fn perform(
    pool: &mut Pool,
    mail: &Mailbox,
    now: i64,
    operation: &str,
    body: &Value,
) -> Result<Value, Exception> {
    match operation {
        "DescribeUserPool" => describe(pool, body),
        "ListUsers" => list_users(pool, body),
        "AdminGetUser" => {
            let at = named_user(pool, body)?;
            Ok(pool.accounts[at].as_json("UserAttributes"))
        }
        "AdminListGroupsForUser" => list_groups(pool, body),
        "AdminUserGlobalSignOut" => {
            let at = named_user(pool, body)?;
            pool.accounts[at].sign_outs += 1;
            Ok(json!({}))
        }
        "ForgotPassword" => recovery::forgot(pool, mail, now, body),
        "ConfirmForgotPassword" => recovery::confirm(pool, now, body),
        other => Err(Exception::new(
            "UnknownOperationException",
            format!("{other} is not an operation of the sandbox"),
        )),
    }
}

/// How often an account was signed out everywhere.
pub(super) fn sign_outs(pool: &Pool, name: &str) -> usize {
    pool.position(name).map_or(0, |at| pool.accounts[at].sign_outs)
}

/// Gives the app client a secret, or takes it away.
pub(super) fn set_client_secret(pool: &mut Pool, secret: Option<&str>) {
    pool.secret = secret.map(str::to_owned);
}

/// Changes the pool's password policy.
pub(super) fn set_policy(pool: &mut Pool, policy: PasswordPolicy) {
    pool.policy = policy;
}

/// Changes how many recovery calls a user may make in an hour.
pub(super) fn set_hourly_limit(pool: &mut Pool, calls: usize) {
    pool.hourly_limit = calls;
}

fn describe(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    right_pool(body)?;
    Ok(json!({"UserPool": {
        "Id": USER_POOL_ID,
        "Name": "backoffice",
        "Policies": {"PasswordPolicy": pool.policy.as_json()},
        "AliasAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": false},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": pool.accounts.len(),
    }}))
}

fn list_users(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    right_pool(body)?;
    let wanted = match body.get("Filter").and_then(Value::as_str) {
        None => None,
        Some(filter) => Some(email_of(filter).ok_or_else(|| {
            Exception::new("InvalidParameterException", "Error while parsing filter")
        })?),
    };
    let limit = body
        .get("Limit")
        .and_then(Value::as_u64)
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(PAGE);
    if limit > PAGE {
        return Err(Exception::new("InvalidParameterException", "Limit must be at most 60"));
    }
    let matches = |email: &str| wanted.is_none_or(|wanted| email.eq_ignore_ascii_case(wanted));
    let users: Vec<Value> = pool
        .accounts
        .iter()
        .filter(|a| matches(&a.staff.email))
        .take(limit)
        .map(|a| a.as_json("Attributes"))
        .collect();
    Ok(json!({"Users": users}))
}

/// The address in `email = "…"`, the one filter that is understood.
fn email_of(filter: &str) -> Option<&str> {
    let value = filter.trim().strip_prefix("email")?.trim_start().strip_prefix('=')?.trim();
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    (!value.contains(['"', '\\'])).then_some(value)
}

fn list_groups(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    let at = named_user(pool, body)?;
    let limit = body
        .get("Limit")
        .and_then(Value::as_u64)
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(PAGE);
    if limit == 0 || limit > PAGE {
        return Err(Exception::new("InvalidParameterException", "Limit must be from 1 to 60"));
    }
    let from = match body.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => read_token(token).ok_or_else(|| {
            Exception::new("InvalidParameterException", "Invalid pagination token")
        })?,
    };
    let groups = &pool.accounts[at].staff.groups;
    let page: Vec<Value> = groups
        .iter()
        .skip(from)
        .take(limit)
        .map(|name| json!({"GroupName": name, "UserPoolId": USER_POOL_ID}))
        .collect();
    let mut answer = json!({"Groups": page});
    if from + limit < groups.len() {
        answer["NextToken"] = json!(STANDARD.encode(format!("from {}", from + limit)));
    }
    Ok(answer)
}

fn read_token(token: &str) -> Option<usize> {
    String::from_utf8(STANDARD.decode(token).ok()?).ok()?.strip_prefix("from ")?.parse().ok()
}

fn named_user(pool: &Pool, body: &Value) -> Result<usize, Exception> {
    right_pool(body)?;
    let name = required(body, "Username")?;
    pool.position(name)
        .ok_or_else(|| Exception::new("UserNotFoundException", "User does not exist."))
}

fn right_pool(body: &Value) -> Result<(), Exception> {
    match required(body, "UserPoolId")? {
        USER_POOL_ID => Ok(()),
        other => Err(Exception::new(
            "ResourceNotFoundException",
            format!("User pool {other} does not exist."),
        )),
    }
}

fn required<'a>(body: &'a Value, name: &str) -> Result<&'a str, Exception> {
    let value = body.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        Exception::new(
            "InvalidParameterException",
            format!("1 validation error detected: {name} must not be empty"),
        )
    })
}

#[cfg(test)]
mod tests;
