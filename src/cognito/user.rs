//! A user as Cognito describes it.

use aws_sdk_cognitoidentityprovider::operation::admin_get_user::AdminGetUserOutput;
use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType, UserType};
use commands::model::account::AccountStatus;
use commands::model::email::canonical;
use commands::model::normalize::normalize;

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
        // Pools fill `name` with the address or the user name of people who gave none.
        let is_name = |name: &String| {
            !name.is_empty() && !name.contains('@') && *name != sub && *name != username
        };
        let names = [find("name"), Some(full_name)].into_iter().flatten();
        let name = names.map(|name| normalize(&name)).find(is_name);
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
