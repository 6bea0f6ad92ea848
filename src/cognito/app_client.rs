//! Checks which attributes the app client lets agents change.
//!
//! The bot believes what the pool says about an agent. An agent who can change the own name can
//! have a mail to a customer name another person.

use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata as _;
use aws_sdk_cognitoidentityprovider::types::UserPoolClientType;

use super::{ACCESS_DENIED, Cognito};
use crate::aws::CallError;

/// Attributes that identify an agent. `oidc:profile` includes the names, `oidc:email` the address.
const IDENTITY_ATTRIBUTES: [&str; 6] =
    ["name", "given_name", "family_name", "email", "oidc:profile", "oidc:email"];

/// Attributes of an agent that the app client can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteAccess {
    /// None of those that identify an agent.
    Locked,
    /// These.
    Writable(Vec<&'static str>),
    /// All standard attributes, because the app client lists none.
    All,
    /// The policy does not allow to read the app client.
    NotPermitted,
}

impl Cognito {
    /// Returns which identifying attributes the app client of the recovery can write. Other app
    /// clients of the pool are not read.
    pub async fn check_write_access(&self) -> Result<WriteAccess, CallError> {
        let request = self.client.describe_user_pool_client();
        let request = request.user_pool_id(&self.config.user_pool_id);
        match request.client_id(&self.config.client_id).send().await {
            Ok(found) => {
                let listed = found.user_pool_client().map(UserPoolClientType::write_attributes);
                Ok(WriteAccess::of(listed.unwrap_or_default()))
            }
            Err(error) if error.code() == Some(ACCESS_DENIED) => Ok(WriteAccess::NotPermitted),
            Err(error) => Err(error.into()),
        }
    }
}

impl WriteAccess {
    fn of(listed: &[String]) -> Self {
        if listed.is_empty() {
            return Self::All;
        }
        let is_listed = |name: &&str| listed.iter().any(|attribute| attribute == *name);
        let writable: Vec<&str> = IDENTITY_ATTRIBUTES.into_iter().filter(is_listed).collect();
        if writable.is_empty() { Self::Locked } else { Self::Writable(writable) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws_stub::StubReply;
    use crate::cognito::tests::world;

    #[tokio::test]
    async fn writable_identity_attributes_are_named() {
        let all = IDENTITY_ATTRIBUTES.to_vec();
        for (client, access) in [
            (json!({}), WriteAccess::All),
            (json!({"WriteAttributes": []}), WriteAccess::All),
            (json!({"WriteAttributes": ["locale", "custom:name"]}), WriteAccess::Locked),
            (json!({"WriteAttributes": ["locale", "name"]}), WriteAccess::Writable(vec!["name"])),
            (json!({"WriteAttributes": IDENTITY_ATTRIBUTES}), WriteAccess::Writable(all)),
        ] {
            let reply = json!({"UserPoolClient": client});
            let world = world(move |_| StubReply::json(&reply)).await;
            assert_eq!(world.cognito.check_write_access().await, Ok(access), "{client}");
        }
    }

    #[tokio::test]
    async fn missing_permission_is_no_failure() {
        let denied = world(|_| StubReply::error(400, "AccessDeniedException")).await;
        assert_eq!(denied.cognito.check_write_access().await, Ok(WriteAccess::NotPermitted));
        let unknown = world(|_| StubReply::error(400, "ResourceNotFoundException")).await;
        let error = unknown.cognito.check_write_access().await.unwrap_err().to_string();
        assert!(error.contains("ResourceNotFoundException"), "{error}");
    }
}
