//! What the operator decides: every setting, read once from the environment, typed.
//!
//! All faults are found in one go, and each names its variable and what to write. The variables of
//! the AWS SDK (region, endpoints, credentials) are left to the SDK; see `aws.rs`. `.env.example`
//! documents all of them for people.

mod hosts;
mod reader;
mod values;

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use commands::model::timers::IDLE_CLOSE;
use secrecy::SecretString;
use url::Url;

pub use hosts::AccessHosts;
pub use values::GroupNames;
pub(crate) use values::is_loopback;

use crate::store::StoreKey;
use reader::Reader;

/// `IDLE_CLOSE_SECONDS` may be set within this, for trials only: ten seconds up to the real fifteen
/// minutes.
pub const IDLE_CLOSE_RANGE: RangeInclusive<u64> = 10..=IDLE_CLOSE.as_secs();

/// Everything the operator decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// The bot and where it works.
    pub discord: Discord,
    /// The bot's own store, `sqlite://…` or `postgres://…`. Secret, as a password may stand in it.
    pub database_url: SecretString,
    /// The company's Core. Secret likewise.
    pub core_database_url: SecretString,
    /// The BackOffice's accounts.
    pub cognito: Cognito,
    /// The four functions.
    pub lambda: Lambda,
    /// Where the AWS SDK finds what it needs.
    pub aws: AwsSource,
    /// Seals what is secret at rest.
    pub store_key: Arc<StoreKey>,
    /// The public side: `/health` that says only up or not, and the recovery page.
    pub http_addr: SocketAddr,
    /// The operator's side: `/health` with detail, `/metrics`.
    pub admin_addr: SocketAddr,
    /// Where people reach the public side; `None`: password recovery is not set up.
    pub public_url: Option<Url>,
    /// Where a sign-in link may point to.
    pub access_hosts: AccessHosts,
    /// Idle timeout of a session.
    pub idle_close: Duration,
    /// `RUST_LOG`, checked.
    pub log: String,
}

/// The bot and where it works.
#[derive(Clone, Debug)]
pub struct Discord {
    /// The bot's token.
    pub token: SecretString,
    /// Another base than Discord's own; `None`: Discord.
    pub api_url: Option<Url>,
    /// The guild.
    pub guild_id: u64,
    /// The support channel.
    pub channel_id: u64,
    /// Where alerts go and lead commands work too; `None`: alerts go to the log.
    pub leads_channel_id: Option<u64>,
    /// The role that makes an agent.
    pub agent_role_id: u64,
    /// The role that makes a lead.
    pub lead_role_id: u64,
}

/// The BackOffice's user pool.
#[derive(Clone, Debug)]
pub struct Cognito {
    /// The pool.
    pub user_pool_id: String,
    /// The app client through which passwords are recovered.
    pub client_id: String,
    /// Its secret, if it has one.
    pub client_secret: Option<SecretString>,
    /// Exact names of the groups that make an agent.
    pub agent_groups: GroupNames,
}

/// Names, ARNs or `name:alias` of the four functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lambda {
    /// Makes and mails a code.
    pub otp_send: String,
    /// Checks a code.
    pub otp_verify: String,
    /// Issues and revokes ways in.
    pub access: String,
    /// Mails notices.
    pub message: String,
}

impl Default for Lambda {
    fn default() -> Self {
        Self {
            otp_send: "cs-otp-send:live".to_owned(),
            otp_verify: "cs-otp-verify:live".to_owned(),
            access: "cs-access:live".to_owned(),
            message: "cs-message:live".to_owned(),
        }
    }
}

/// Where the AWS SDK finds region, endpoint and credentials.
#[derive(Clone, Debug)]
pub enum AwsSource {
    /// In the environment and the files and services that the SDK looks at.
    Environment,
    /// Nowhere but here: the demo and the tests, whatever the environment says.
    Fixed {
        /// One endpoint for all services, such as `http://127.0.0.1:8400/aws`.
        endpoint_url: String,
        /// The region that requests are signed for.
        region: String,
        /// Name of the key that requests are signed with.
        access_key_id: String,
        /// The key.
        secret_access_key: SecretString,
    },
}

/// All that is wrong with the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<ConfigFault>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The variable's name.
    pub variable: &'static str,
    /// What to write. Never repeats a secret value.
    pub hint: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.hint)
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings are not right:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigFaults {}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        // A variable that is not UTF-8 counts as not set: none of ours can be.
        Self::from_map(
            &std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// Reads a map: what tests use, so that they never touch the environment.
    pub fn from_map(variables: &HashMap<String, String>) -> Result<Self, ConfigFaults> {
        let mut read = Reader::new(variables);
        let lambda = Lambda::default();
        // A required value that is missing leaves `None` here and a fault in the reader.
        let token = read.required("DISCORD_TOKEN", values::secret);
        let api_url = read.optional("DISCORD_API_URL", values::api_url);
        let guild_id = read.required("DISCORD_GUILD_ID", values::snowflake);
        let channel_id = read.required("DISCORD_CHANNEL_ID", values::snowflake);
        let leads_channel_id = read.optional("DISCORD_LEADS_CHANNEL_ID", values::snowflake);
        let agent_role_id = read.required("DISCORD_AGENT_ROLE_ID", values::snowflake);
        let lead_role_id = read.required("DISCORD_LEAD_ROLE_ID", values::snowflake);
        let database_url =
            read.or("DATABASE_URL", "sqlite://support-desk.db?mode=rwc", values::database_url);
        let core_database_url = read.required("CORE_DATABASE_URL", values::database_url);
        let user_pool_id = read.required("COGNITO_USER_POOL_ID", values::user_pool_id);
        let client_id = read.required("COGNITO_CLIENT_ID", values::client_id);
        let client_secret = read.optional("COGNITO_CLIENT_SECRET", values::secret);
        let agent_groups = read.or("COGNITO_AGENT_GROUPS", "CustomerService", GroupNames::parse);
        let otp_send = read.or("LAMBDA_OTP_SEND", &lambda.otp_send, values::function_name);
        let otp_verify = read.or("LAMBDA_OTP_VERIFY", &lambda.otp_verify, values::function_name);
        let access = read.or("LAMBDA_ACCESS", &lambda.access, values::function_name);
        let message = read.or("LAMBDA_MESSAGE", &lambda.message, values::function_name);
        let store_key = read.required("STORE_KEY", values::store_key);
        let http_addr = read.or("HTTP_ADDR", "127.0.0.1:8080", values::address);
        let admin_addr = read.or("ADMIN_ADDR", "127.0.0.1:9090", values::address);
        let public_url = read.optional("PUBLIC_URL", values::public_url);
        let access_hosts = read.required("ACCESS_HOSTS", AccessHosts::parse);
        let idle_close =
            read.or("IDLE_CLOSE_SECONDS", &IDLE_CLOSE.as_secs().to_string(), values::idle_close);
        let log = read.or("RUST_LOG", "info", values::log_directives);
        if let (Some(http), Some(admin)) = (http_addr, admin_addr)
            && http == admin
            && http.port() != 0
        {
            read.fault(
                "ADMIN_ADDR",
                "write another address than HTTP_ADDR's: the operator's side is not for the public",
            );
        }
        let faults = read.faults();
        let whole = || {
            Some(Self {
                discord: Discord {
                    token: token?,
                    api_url,
                    guild_id: guild_id?,
                    channel_id: channel_id?,
                    leads_channel_id,
                    agent_role_id: agent_role_id?,
                    lead_role_id: lead_role_id?,
                },
                database_url: database_url?,
                core_database_url: core_database_url?,
                cognito: Cognito {
                    user_pool_id: user_pool_id?,
                    client_id: client_id?,
                    client_secret,
                    agent_groups: agent_groups?,
                },
                lambda: Lambda {
                    otp_send: otp_send?,
                    otp_verify: otp_verify?,
                    access: access?,
                    message: message?,
                },
                aws: AwsSource::Environment,
                store_key: store_key?,
                http_addr: http_addr?,
                admin_addr: admin_addr?,
                public_url,
                access_hosts: access_hosts?,
                idle_close: idle_close?,
                log: log?,
            })
        };
        match whole() {
            Some(config) if faults.0.is_empty() => Ok(config),
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests;
