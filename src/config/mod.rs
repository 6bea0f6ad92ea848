//! Configuration: the settings of the operator, read once from the environment.
//!
//! Reading reports every fault at once. Each fault names its variable and a valid value. The SDK
//! reads its own variables (region, endpoints, credentials), see `aws.rs`. `.env.example` documents
//! every variable.

mod aws_source;
mod hosts;
mod key_strength;
mod names;
mod reader;
mod related;
mod store;
mod traces;
mod transport;
mod values;
mod warnings;

use std::collections::HashMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use commands::model::scope::SupportGroups;
use commands::model::timers::IDLE_CLOSE;
use commands::model::utc_offset::UtcOffset;
use commands::model::words::Locale;
use secrecy::SecretString;
use url::Url;

use aws_source::AwsSettings;
pub use aws_source::{AwsKeys, AwsSource};
pub use hosts::AccessHosts;
pub(crate) use names::{counterpart, unknown_in_file};
pub use reader::{ConfigFault, ConfigFaults};
pub(crate) use reader::{is_open_to_others, is_quoted, without_mark};
pub use store::{StoreSettings, StoreUrl};
pub use traces::Collector;
pub(crate) use transport::{Connection, is_confidential};
pub use values::GroupNames;

use crate::keyring::Keyring;
use crate::retention::Retention;
use reader::Reader;

/// Configuration of the process.
#[derive(Clone, Debug)]
pub struct Config {
    pub discord: Discord,
    /// URL of the bot's own store, `sqlite://…` or `postgres://…`. Can contain a password.
    pub database_url: SecretString,
    /// True if the start creates or updates the store's tables. `run --no-migrate` clears it.
    pub migrates: bool,
    /// URL of the company's Core database. Can contain a password.
    pub core_database_url: SecretString,
    pub cognito: Cognito,
    pub lambda: Lambda,
    pub aws: AwsSource,
    /// Keys of the store and of the trail.
    pub keys: Arc<Keyring>,
    /// Address of the public listener: `/health` without detail, and the recovery page.
    pub http_addr: SocketAddr,
    /// Address of the admin listener: `/health` with detail, and `/metrics`.
    pub admin_addr: SocketAddr,
    /// URL of the public listener as browsers reach it; `None` if password recovery is off.
    pub public_url: Option<Url>,
    /// Targets that an access link may point to.
    pub access_hosts: AccessHosts,
    /// The company's days, which the statistics count.
    pub utc_offset: UtcOffset,
    /// Idle timeout of a session.
    pub idle_close: Duration,
    /// How long data is kept.
    pub retention: Retention,
    /// Valid directives of `RUST_LOG`.
    pub log: String,
    /// Receiver of the traces; `None` if they are off.
    pub collector: Option<Collector>,
    /// Settings that work and that an operator should change.
    pub warnings: Vec<ConfigFault>,
}

/// The bot's Discord account, guild, channels and roles.
#[derive(Clone, Debug)]
pub struct Discord {
    pub token: SecretString,
    /// Base URL of a proxy or mock server; `None` for Discord itself.
    pub api_url: Option<Url>,
    pub guild_id: u64,
    /// Id of the support channel.
    pub channel_id: u64,
    /// Id of the channel for alerts and lead commands; `None` if alerts go to the log only.
    pub leads_channel_id: Option<u64>,
    /// Language of the leads' channel.
    pub leads_locale: Locale,
    pub agent_role_id: u64,
    /// Role of the leads; `None` if there are none.
    pub lead_role_id: Option<u64>,
}

impl Discord {
    /// Returns the address of the support channel. `None` for a mock server, which has no page.
    pub fn channel_url(&self) -> Option<String> {
        let Self { guild_id, channel_id, .. } = self;
        let url = format!("https://discord.com/channels/{guild_id}/{channel_id}");
        self.api_url.is_none().then_some(url)
    }
}

/// User pool of the BackOffice accounts.
#[derive(Clone, Debug)]
pub struct Cognito {
    pub user_pool_id: String,
    /// App client for password recovery.
    pub client_id: String,
    /// Secret of the app client, if it has one.
    pub client_secret: Option<SecretString>,
    /// Groups whose members are agents.
    pub agent_groups: GroupNames,
    /// Groups whose members are verify-only agents; `None` if there are none.
    pub verifier_groups: Option<GroupNames>,
    /// Groups whose members are leads; `None` if there are none.
    pub lead_groups: Option<GroupNames>,
}

impl Cognito {
    /// Returns the groups that decide who is an agent, a verify-only agent or a lead.
    pub fn support_groups(&self) -> SupportGroups {
        let names = |groups: &GroupNames| groups.names().to_vec();
        SupportGroups {
            agents: names(&self.agent_groups),
            verifiers: self.verifier_groups.as_ref().map(names).unwrap_or_default(),
            leads: self.lead_groups.as_ref().map(names).unwrap_or_default(),
        }
    }
}

/// Names, ARNs or `name:alias` of the four Lambda functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lambda {
    /// Function that creates and mails a code.
    pub otp_send: String,
    /// Function that checks a code.
    pub otp_verify: String,
    /// Function that issues and revokes access links.
    pub access: String,
    /// Function that mails notices.
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

impl Config {
    /// Reads the environment of the process.
    pub fn from_env() -> Result<Self, ConfigFaults> {
        Self::from_map(&environment())
    }

    /// Reads a map of variables. Tests use it, so that they do not touch the environment.
    pub fn from_map(variables: &HashMap<String, String>) -> Result<Self, ConfigFaults> {
        let mut read = Reader::new(variables);
        let lambda = Lambda::default();
        // `None` for a required value means that the reader holds a fault.
        let token = read.required("DISCORD_TOKEN", values::secret);
        let api_url = read.optional("DISCORD_API_URL", values::api_url);
        let guild_id = read.required("DISCORD_GUILD_ID", values::snowflake);
        let channel_id = read.required("DISCORD_CHANNEL_ID", values::snowflake);
        let leads_channel_id = read.optional("DISCORD_LEADS_CHANNEL_ID", values::snowflake);
        let leads_locale = read.or_default("LEADS_LOCALE", "en", values::locale);
        let agent_role_id = read.required("DISCORD_AGENT_ROLE_ID", values::snowflake);
        let lead_role_id = read.optional("DISCORD_LEAD_ROLE_ID", values::snowflake);
        let database_url = store::read_url(&mut read);
        let core_database_url = read.required("CORE_DATABASE_URL", transport::database_url);
        let user_pool_id = read.required("COGNITO_USER_POOL_ID", values::user_pool_id);
        let client_id = read.required("COGNITO_CLIENT_ID", values::client_id);
        let client_secret = read.optional("COGNITO_CLIENT_SECRET", values::secret);
        let agent_groups =
            read.or_default("COGNITO_AGENT_GROUPS", "CustomerService", GroupNames::parse);
        let verifier_groups = read.optional("COGNITO_VERIFIER_GROUPS", GroupNames::parse);
        let lead_groups = read.optional("COGNITO_LEAD_GROUPS", GroupNames::parse);
        let otp_send = read.or_default("LAMBDA_OTP_SEND", &lambda.otp_send, values::function_name);
        let otp_verify =
            read.or_default("LAMBDA_OTP_VERIFY", &lambda.otp_verify, values::function_name);
        let access = read.or_default("LAMBDA_ACCESS", &lambda.access, values::function_name);
        let message = read.or_default("LAMBDA_MESSAGE", &lambda.message, values::function_name);
        let keys = store::read_keys(&mut read);
        let http_addr = read.or_default("HTTP_ADDR", "127.0.0.1:8080", values::address);
        let admin_addr = read.or_default("ADMIN_ADDR", "127.0.0.1:9090", values::address);
        let public_url = read.optional("PUBLIC_URL", values::public_url);
        let access_hosts = read.required("ACCESS_HOSTS", AccessHosts::parse);
        let utc_offset = read.or_default("DESK_UTC_OFFSET", "+00:00", values::utc_offset);
        let idle = IDLE_CLOSE.as_secs().to_string();
        let idle_close = read.or_default("IDLE_CLOSE_SECONDS", &idle, values::idle_close);
        let retention = store::read_retention(&mut read);
        let log = read.or_default("RUST_LOG", "info", values::log_directives);
        let collector = traces::read(&mut read);
        let AwsSettings { source: aws, region } = aws_source::read(&mut read);
        read.judge_resembling(&names::OWN);
        related::check_listeners(&mut read, http_addr, admin_addr);
        related::check_role(&mut read, "DISCORD_AGENT_ROLE_ID", agent_role_id, guild_id);
        related::check_role(&mut read, "DISCORD_LEAD_ROLE_ID", lead_role_id, guild_id);
        related::check_regions(
            &mut read,
            region.as_deref(),
            user_pool_id.as_deref(),
            [&otp_send, &otp_verify, &access, &message],
        );
        related::check_functions(&mut read, [&otp_send, &otp_verify, &access, &message]);
        related::check_groups(&mut read, agent_groups.as_ref(), verifier_groups.as_ref());
        warnings::check_databases(&mut read, database_url.as_ref(), core_database_url.as_ref());
        warnings::warn_about_proxies(&mut read);
        let page = http_addr.filter(|_| public_url.is_some());
        warnings::warn_about_listeners(&mut read, admin_addr, page);
        let (faults, warnings) = read.finish();
        let config = || {
            Some(Self {
                discord: Discord {
                    token: token?,
                    api_url,
                    guild_id: guild_id?,
                    channel_id: channel_id?,
                    leads_channel_id,
                    leads_locale: leads_locale?,
                    agent_role_id: agent_role_id?,
                    lead_role_id,
                },
                database_url: database_url?,
                migrates: true,
                core_database_url: core_database_url?,
                cognito: Cognito {
                    user_pool_id: user_pool_id?,
                    client_id: client_id?,
                    client_secret,
                    agent_groups: agent_groups?,
                    verifier_groups,
                    lead_groups,
                },
                lambda: Lambda {
                    otp_send: otp_send?,
                    otp_verify: otp_verify?,
                    access: access?,
                    message: message?,
                },
                aws,
                keys: keys?,
                http_addr: http_addr?,
                admin_addr: admin_addr?,
                public_url,
                access_hosts: access_hosts?,
                utc_offset: utc_offset?,
                idle_close: idle_close?,
                retention: retention?,
                log: log?,
                collector,
                warnings,
            })
        };
        match config() {
            Some(config) if faults.0.is_empty() => Ok(config),
            _ => Err(faults),
        }
    }
}

/// Returns the variables of the process.
fn environment() -> HashMap<String, String> {
    texts(std::env::vars_os())
}

/// Returns variables as text. Bytes that are not UTF-8 become replacement characters, which the
/// reader refuses.
fn texts(variables: impl Iterator<Item = (OsString, OsString)>) -> HashMap<String, String> {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    variables.filter_map(text).collect()
}

#[cfg(test)]
mod tests;
