//! The ports on AWS.

mod cognito;
mod company_api;
mod core_db;
mod dynamodb;
mod environment;
mod eventbridge;
mod failure;
mod kms;
mod ses;

pub mod log;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::ports::{
    Accounts, Customers, Fault, LinkApi, LookUpError, MailError, Mailer, Ports, Recipient,
    SessionEvents,
};
use crate::system::{SystemClock, SystemRandom};
use crate::{Function, Functions};

pub use environment::{Environment, InvalidEnvironment};

use cognito::UserPool;
use company_api::CompanyApi;
use core_db::CoreDatabase;
use dynamodb::Table;
use environment::{Directory, Links, MailSettings};
use eventbridge::Bus;
use kms::MacKey;
use ses::Ses;

/// Timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Timeout of one attempt. Lambda ends a function after 11 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout of a call with its second attempt.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the functions on AWS. Mail, directories and events get a client only if `function` uses
/// them.
pub async fn functions(
    function: Function,
    environment: Environment,
) -> Result<Functions, InvalidEnvironment> {
    let sdk = sdk_config().await;
    let needs = environment.settings_of(function)?;
    let (mailer, accounts, customers) = match needs.mail {
        Some(mail) => recipients(&sdk, mail)?,
        None => (Arc::new(Unused) as _, Arc::new(Unused) as _, Arc::new(Unused) as _),
    };
    let events: Arc<dyn SessionEvents> =
        if function == Function::Access { Arc::new(Bus::new(&sdk)) } else { Arc::new(Unused) };
    let link_api: Option<Arc<dyn LinkApi>> = match needs.links {
        Links::Exchange => None,
        Links::Api(url) => Some(Arc::new(CompanyApi::new(&sdk, &url)?)),
    };
    let ports = Ports {
        sessions: Arc::new(Table::new(&sdk, needs.table)),
        mac: Arc::new(MacKey::new(&sdk, needs.mac_key)),
        mailer,
        accounts,
        customers,
        events,
        link_api,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    Ok(Functions::new(ports, needs.settings))
}

type Recipients = (Arc<dyn Mailer>, Arc<dyn Accounts>, Arc<dyn Customers>);

fn recipients(sdk: &SdkConfig, mail: MailSettings) -> Result<Recipients, InvalidEnvironment> {
    let customers: Arc<dyn Customers> = match mail.directory {
        Directory::Api(url) => Arc::new(CompanyApi::new(sdk, &url)?),
        Directory::Core(secret) => Arc::new(CoreDatabase::new(sdk, secret)),
    };
    let accounts = Arc::new(UserPool::new(sdk, mail.user_pool));
    Ok((Arc::new(Ses::new(sdk, mail.from, mail.configuration_set)), accounts, customers))
}

/// Loads region and credentials of the function's role.
async fn sdk_config() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build();
    // A pinned version, so that an update of the SDK changes no behavior.
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .load()
        .await
}

/// A service that this function has no right to use, and does not use.
struct Unused;

const UNUSED: Fault = Fault("the function has no right to use this service");

#[async_trait]
impl Mailer for Unused {
    async fn send(&self, _: &crate::mail::Mail) -> Result<String, MailError> {
        Err(MailError::Fault(UNUSED))
    }
}

#[async_trait]
impl Accounts for Unused {
    async fn find(&self, _: &str) -> Result<Option<Recipient>, LookUpError> {
        Err(LookUpError)
    }
}

#[async_trait]
impl Customers for Unused {
    async fn find(&self, _: &str) -> Result<Option<Recipient>, LookUpError> {
        Err(LookUpError)
    }
}

#[async_trait]
impl SessionEvents for Unused {
    async fn ended(&self, _: &str) -> Result<(), Fault> {
        Err(UNUSED)
    }
}
