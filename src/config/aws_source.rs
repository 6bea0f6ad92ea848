//! Settings of the AWS SDK. It parses most of them itself.

use secrecy::SecretString;

use super::reader::Reader;
use super::{transport, values};

/// Variables that the AWS SDK parses itself. It passes quotes on as part of the value.
const AWS_VARIABLES: [&str; 7] = [
    "AWS_DEFAULT_REGION",
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
    /// The SDK's own lookup in environment, files and services. Keys from variables come first, as
    /// in the SDK; they can be in a file that the SDK does not know.
    Environment(Option<AwsKeys>),
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
    let region = read.optional("AWS_REGION", values::region);
    let access_key_id = read.optional("AWS_ACCESS_KEY_ID", values::word);
    let secret_access_key = read.optional("AWS_SECRET_ACCESS_KEY", values::secret);
    let session_token = read.optional("AWS_SESSION_TOKEN", values::secret);
    let keys = access_key_id.zip(secret_access_key).map(|(access_key_id, secret_access_key)| {
        AwsKeys { access_key_id, secret_access_key, session_token }
    });
    let endpoints = AWS_ENDPOINTS.map(|variable| read.optional(variable, transport::endpoint_url));
    read.refuse_quotes(&AWS_VARIABLES);
    let is_mocked = endpoints.iter().any(Option::is_some);
    AwsSettings { source: AwsSource::Environment(keys), region: region.filter(|_| !is_mocked) }
}
