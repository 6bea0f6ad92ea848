//! Agents: accounts of the user pool.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::AttributeType;

use super::failure::Failed;
use crate::ports::{Accounts, LookUpError, Recipient};

/// Error of a call about a user who does not exist.
const USER_NOT_FOUND: &str = "UserNotFoundException";

pub(super) struct UserPool {
    client: Client,
    id: String,
}

impl UserPool {
    pub(super) fn new(sdk: &SdkConfig, id: String) -> Self {
        Self { client: Client::new(sdk), id }
    }
}

#[async_trait]
impl Accounts for UserPool {
    async fn find(&self, sub: &str) -> Result<Option<Recipient>, LookUpError> {
        let request = self.client.admin_get_user().user_pool_id(&self.id).username(sub);
        let user = match request.send().await {
            Ok(user) => user,
            Err(error) => {
                use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata as _;
                if error.code() == Some(USER_NOT_FOUND) {
                    return Ok(None);
                }
                Failed::log("cognito", &error);
                return Err(LookUpError);
            }
        };
        let attributes = user.user_attributes.unwrap_or_default();
        // Another user's name can be this text. Only the `sub` identifies a person.
        let is_known = user.enabled && value(&attributes, "sub") == Some(sub);
        Ok(recipient(&attributes).filter(|_| is_known))
    }
}

/// Returns the recipient. `None` without a verified address.
fn recipient(attributes: &[AttributeType]) -> Option<Recipient> {
    if value(attributes, "email_verified") != Some("true") {
        return None;
    }
    Some(Recipient {
        address: value(attributes, "email")?.to_owned(),
        name: name(attributes),
        locale: None,
    })
}

/// Returns the name, or given name and family name.
fn name(attributes: &[AttributeType]) -> String {
    if let Some(name) = value(attributes, "name").filter(|name| !name.trim().is_empty()) {
        return name.to_owned();
    }
    let parts =
        ["given_name", "family_name"].map(|part| value(attributes, part).unwrap_or_default());
    parts.join(" ").trim().to_owned()
}

fn value<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name == name)?.value.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Vec<AttributeType> {
        let built = pairs.iter().map(|(name, value)| {
            AttributeType::builder().name(*name).value(*value).build().unwrap()
        });
        built.collect()
    }

    #[test]
    fn only_a_verified_address_gets_mail() {
        let verified = [("email", "a@example.com"), ("email_verified", "true"), ("name", "Ana")];
        let ana = recipient(&attributes(&verified)).unwrap();
        assert_eq!((ana.address.as_str(), ana.name.as_str()), ("a@example.com", "Ana"));
        let parts = [("given_name", "Ana"), ("family_name", "Ruiz"), ("name", " ")];
        assert_eq!(name(&attributes(&parts)), "Ana Ruiz");
        for bad in
            [vec![verified[0]], vec![verified[0], ("email_verified", "false")], vec![verified[1]]]
        {
            assert_eq!(recipient(&attributes(&bad)), None, "{bad:?}");
        }
    }
}
