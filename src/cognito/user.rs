//! A user as Cognito describes it.

use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserOutput;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType, UserType};
use commands::model::account::AccountStatus;
use commands::model::email::canonical;
use commands::model::normalize::normalize;

/// Texts in the place of a missing name, in lower case.
const NO_NAMES: [&str; 3] = ["n/a", "null", "undefined"];

/// A user of the pool, without groups.
#[derive(Debug)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) sub: String,
    pub(super) email: String,
    pub(super) email_verified: bool,
    pub(super) name: Option<String>,
    pub(super) enabled: bool,
    pub(super) status: AccountStatus,
}

impl User {
    fn new(
        username: String,
        enabled: bool,
        status: Option<&UserStatusType>,
        attributes: &[AttributeType],
    ) -> Self {
        let find = |name: &str| {
            attributes
                .iter()
                .find(|attribute| attribute.name == name)
                .and_then(|attribute| attribute.value.clone())
        };
        let full_name = [find("given_name"), find("family_name")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let sub = find("sub").unwrap_or_default();
        let names = [find("name"), Some(full_name)].into_iter().flatten();
        let name = names.map(|name| normalize(&name)).find(|name| is_name(name, &sub, &username));
        Self {
            email: canonical(&find("email").unwrap_or_default()),
            email_verified: find("email_verified").is_some_and(|verified| verified == "true"),
            name,
            sub,
            username,
            enabled,
            status: match status {
                Some(UserStatusType::Confirmed) => AccountStatus::Confirmed,
                Some(UserStatusType::ResetRequired) => AccountStatus::ResetRequired,
                Some(UserStatusType::ForceChangePassword) => AccountStatus::ForceChangePassword,
                Some(UserStatusType::Unconfirmed) => AccountStatus::Unconfirmed,
                _ => AccountStatus::Other,
            },
        }
    }
}

/// Returns true for a text that names a person. Pools fill `name` with the address or an identifier
/// of people who gave none.
pub(super) fn is_name(name: &str, sub: &str, username: &str) -> bool {
    let is_same = |identifier: &str| name.to_lowercase() == identifier.to_lowercase();
    // A user name such as `olga` can be the name.
    let is_identifier = is_same(sub) || (is_same(username) && !name.chars().all(is_in_names));
    name.contains(char::is_alphabetic)
        && !name.contains('@')
        && !NO_NAMES.contains(&name.to_lowercase().as_str())
        && !is_uuid(name)
        && !is_identifier
}

/// Returns true for a character of people's names, in contrast to those of identifiers.
fn is_in_names(c: char) -> bool {
    c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\'' | '\u{2019}')
}

/// Returns true for the form of a UUID (RFC 9562 4): 32 hexadecimal digits in five groups.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

impl From<AdminGetUserOutput> for User {
    fn from(found: AdminGetUserOutput) -> Self {
        let attributes = found.user_attributes.as_deref().unwrap_or_default();
        Self::new(found.username, found.enabled, found.user_status.as_ref(), attributes)
    }
}

impl From<UserType> for User {
    fn from(listed: UserType) -> Self {
        let attributes = listed.attributes.as_deref().unwrap_or_default();
        let username = listed.username.unwrap_or_default();
        Self::new(username, listed.enabled, listed.user_status.as_ref(), attributes)
    }
}
