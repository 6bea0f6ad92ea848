//! Settings of the AWS SDK. It parses most of them itself.

use secrecy::SecretString;

use super::reader::Reader;
use super::{transport, values};

/// Variables that the AWS SDK parses itself. It passes quotes on as part of the value.
const AWS_VARIABLES: [&str; 6] = [
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Variables of the AWS SDK with the endpoint of a service.
const AWS_ENDPOINTS: [&str; 3] =
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL_LAMBDA"];

/// Source of the AWS SDK's region, endpoint and credentials.
#[derive(Clone, Debug)]
pub enum AwsSource {
    /// The SDK's own lookup in environment, files and services. Region and keys from variables come
    /// first, as in the SDK; the keys can be in a file that the SDK does not know.
    Environment { region: Option<String>, keys: Option<AwsKeys> },
    /// Values of the demo and the tests, which ignore the environment.
    Fixed {
        /// Endpoint of all services, such as `http://127.0.0.1:8400/aws`.
        endpoint_url: String,
        region: String,
        access_key_id: String,
        secret_access_key: SecretString,
    },
}

/// Keys of an AWS user or of a role's session.
#[derive(Clone, Debug)]
pub struct AwsKeys {
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    pub session_token: Option<SecretString>,
}

/// The settings of the SDK.
pub(super) struct AwsSettings {
    pub(super) source: AwsSource,
    /// Region of all calls; `None` if it is not in the environment, or if a mock server answers,
    /// which has no regions.
    pub(super) region: Option<String>,
}

/// Reads the SDK's variables, and checks those that it parses itself.
pub(super) fn read(read: &mut Reader<'_>) -> AwsSettings {
    let first = read.optional("AWS_REGION", values::region);
    let region = first.or(read.optional("AWS_DEFAULT_REGION", values::region));
    let access_key_id = read.optional("AWS_ACCESS_KEY_ID", values::word);
    let secret_access_key = read.optional("AWS_SECRET_ACCESS_KEY", values::secret);
    let session_token = read.optional("AWS_SESSION_TOKEN", values::secret);
    let [has_id, has_secret] = [access_key_id.is_some(), secret_access_key.is_some()];
    refuse_half_keys(read, has_id, has_secret, session_token.is_some());
    let keys = access_key_id.zip(secret_access_key).map(|(access_key_id, secret_access_key)| {
        AwsKeys { access_key_id, secret_access_key, session_token }
    });
    let endpoints = AWS_ENDPOINTS.map(|variable| read.optional(variable, transport::endpoint_url));
    read.refuse_quotes(&AWS_VARIABLES);
    let is_mocked = endpoints.iter().any(Option::is_some);
    AwsSettings {
        source: AwsSource::Environment { region: region.clone(), keys },
        region: region.filter(|_| !is_mocked),
    }
}

/// Refuses one half of a key. The SDK would look for another identity without a word.
/// A half that is set and invalid has a fault already.
fn refuse_half_keys(read: &mut Reader<'_>, has_id: bool, has_secret: bool, has_token: bool) {
    let [id, secret, token] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    if has_id && !read.is_set(secret) {
        read.fault(secret, format!("is not set, although {id} is; set both"));
    }
    if has_secret && !read.is_set(id) {
        read.fault(id, format!("is not set, although {secret} is; set both"));
    }
    if has_token && !read.is_set(id) && !read.is_set(secret) {
        read.fault(token, format!("is set without {id} and {secret}"));
    }
}
