//! The local Cognito: one user pool with AWS's error names and semantics.
//!
//! It has the operations that Support Desk uses. `PreventUserExistenceErrors` is on, as it should
//! be in production: recovery for an unknown user looks like recovery for a known one.

mod accounts;
mod exception;
mod policy;
mod recovery;
mod reset_mail;
mod users;

use serde_json::{Value, json};

use crate::mail::Mailbox;

pub(super) use self::accounts::Pool;
pub(super) use self::exception::Exception;
pub use self::policy::PasswordPolicy;
pub use self::recovery::RESET_CODE_LIFE;

/// Returns true for an operation that needs only the client's id, not credentials.
pub(super) fn is_public(operation: &str) -> bool {
    matches!(operation, "ForgotPassword" | "ConfirmForgotPassword")
}

pub(super) fn perform(
    pool: &mut Pool,
    mail: &Mailbox,
    now: i64,
    operation: &str,
    body: &Value,
) -> Result<Value, Exception> {
    match operation {
        "DescribeUserPool" => users::describe(pool, body),
        "ListUsers" => users::list_users(pool, body),
        "AdminGetUser" => {
            let at = users::find_named_user(pool, body)?;
            Ok(pool.accounts[at].as_json("UserAttributes"))
        }
        "AdminListGroupsForUser" => users::list_groups(pool, body),
        "GetGroup" => users::get_group(pool, body),
        "DescribeUserPoolClient" => users::describe_client(pool, body),
        "AdminUserGlobalSignOut" => {
            let at = users::find_named_user(pool, body)?;
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

#[cfg(test)]
mod tests;
