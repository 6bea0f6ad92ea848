//! The operations that read the user pool.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::accounts::Pool;
use super::exception::{Exception, required};
use crate::seed::{CLIENT_ID, USER_POOL_ID};

/// Most groups or users on one page.
const PAGE: usize = 60;

pub(super) fn describe(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    validate_pool_id(body)?;
    Ok(json!({"UserPool": {
        "Id": USER_POOL_ID,
        "Name": "backoffice",
        "Policies": {"PasswordPolicy": pool.policy.as_json()},
        "AliasAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": pool.case_sensitive},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": pool.accounts.len(),
    }}))
}

/// Returns the app client. It lets users change their language only.
pub(super) fn describe_client(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    validate_pool_id(body)?;
    match required(body, "ClientId")? {
        CLIENT_ID => Ok(json!({"UserPoolClient": {
            "UserPoolId": USER_POOL_ID,
            "ClientId": CLIENT_ID,
            "ClientSecret": pool.secret,
            "WriteAttributes": ["locale"],
        }})),
        other => Err(Exception::new(
            "ResourceNotFoundException",
            format!("User pool client {other} does not exist."),
        )),
    }
}

pub(super) fn list_users(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    validate_pool_id(body)?;
    let wanted = match body.get("Filter").and_then(Value::as_str) {
        None => None,
        Some(filter) => Some(parse_email_filter(filter).ok_or_else(|| {
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
    let matches = |email: &str| wanted.is_none_or(|wanted| pool.is_same(email, wanted));
    let users: Vec<Value> = pool
        .accounts
        .iter()
        .filter(|a| matches(&a.staff.email))
        .take(limit)
        .map(|a| a.as_json("Attributes"))
        .collect();
    Ok(json!({"Users": users}))
}

/// Parses the filter `email = "…"`, the only one that is supported.
fn parse_email_filter(filter: &str) -> Option<&str> {
    let value = filter.trim().strip_prefix("email")?.trim_start().strip_prefix('=')?.trim();
    let value = value.strip_prefix('"')?.strip_suffix('"')?;
    (!value.contains(['"', '\\'])).then_some(value)
}

pub(super) fn list_groups(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    let at = find_named_user(pool, body)?;
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
        Some(token) => parse_page_token(token).ok_or_else(|| {
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

/// Returns a group. The pool's groups are those of its accounts.
pub(super) fn get_group(pool: &Pool, body: &Value) -> Result<Value, Exception> {
    validate_pool_id(body)?;
    let name = required(body, "GroupName")?;
    let exists = pool.accounts.iter().any(|a| a.staff.groups.iter().any(|group| group == name));
    if exists {
        Ok(json!({"Group": {"GroupName": name, "UserPoolId": USER_POOL_ID}}))
    } else {
        Err(Exception::new("ResourceNotFoundException", "Group not found."))
    }
}

fn parse_page_token(token: &str) -> Option<usize> {
    String::from_utf8(STANDARD.decode(token).ok()?).ok()?.strip_prefix("from ")?.parse().ok()
}

pub(super) fn find_named_user(pool: &Pool, body: &Value) -> Result<usize, Exception> {
    validate_pool_id(body)?;
    let name = required(body, "Username")?;
    pool.position(name)
        .ok_or_else(|| Exception::new("UserNotFoundException", "User does not exist."))
}

fn validate_pool_id(body: &Value) -> Result<(), Exception> {
    match required(body, "UserPoolId")? {
        USER_POOL_ID => Ok(()),
        other => Err(Exception::new(
            "ResourceNotFoundException",
            format!("User pool {other} does not exist."),
        )),
    }
}
