//! Settings of a backend, and the clock that the adapters run on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use sandbox::seed;
use secrecy::SecretString;
use support_desk::aws;
use support_desk::clock::WallClock;
use support_desk::config::{self, AwsSource, GroupNames};
use support_desk::server_clocks::ServerClocks;
use tokio::sync::watch;

/// The group of agents.
pub const GROUP: &str = "CustomerService";
/// Initial password of all accounts.
pub const FIRST_PASSWORD: &str = seed::FIRST_PASSWORD;

/// Behavior of the function `otp-send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// Follows the contract.
    Normal,
    /// Throws an error.
    Throws,
    /// Exceeds the service's time limit.
    TimesOut,
    /// Replies with something other than a JSON object.
    Garbage,
    /// Refuses with this error code of the contract.
    Refuses(&'static str),
    /// Is throttled by the service.
    Throttled,
    /// Never replies.
    Hangs,
    /// Does not exist.
    Missing,
}

/// A wall clock whose call timeouts end only when the test says so.
#[derive(Debug, Default)]
pub struct TestClock(watch::Sender<bool>);

impl TestClock {
    /// Ends all call timeouts.
    pub fn expire(&self) {
        self.0.send_replace(true);
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        // The real time, because the backends check it in signatures.
        WallClock.now()
    }

    async fn sleep(&self, duration: Duration) {
        // Below 3 s: the wait between two attempts. 3.1 s: the timeout of a connection. 12 and 15
        // s: the timeouts of an attempt and of a call.
        match duration.as_secs() {
            0..=2 => {}
            3..=11 => std::future::pending().await,
            _ => {
                let _ = self.0.subscribe().wait_for(|expired| *expired).await;
            }
        }
    }
}

/// Settings under which the adapters reach a backend.
pub struct Setup {
    /// Name of the backend.
    pub name: &'static str,
    pub clock: Arc<TestClock>,
    pub sdk: SdkConfig,
    /// Credentials that IAM denies every call, if the backend has IAM.
    pub unauthorized: Option<SdkConfig>,
    pub pool: config::Cognito,
    /// Mail domain of all accounts.
    pub domain: String,
    pub subs: HashMap<&'static str, String>,
}

/// The accounts of both pools.
pub const NAMES: [&str; 6] = ["ana", "eva", "dora", "fred", "otto", "olga"];

pub fn pool(id: &str, client: &str, secret: Option<&str>) -> config::Cognito {
    config::Cognito {
        user_pool_id: id.to_owned(),
        client_id: client.to_owned(),
        client_secret: secret.map(SecretString::from),
        agent_groups: GroupNames::parse(GROUP).unwrap(),
        verifier_groups: None,
        lead_groups: None,
    }
}

pub async fn sdk(url: &str, name: &str, password: &str, clock: &Arc<TestClock>) -> SdkConfig {
    let source = AwsSource::Fixed {
        endpoint_url: url.to_owned(),
        region: "eu-west-1".to_owned(),
        access_key_id: name.to_owned(),
        secret_access_key: SecretString::from(password),
    };
    aws::load_config(&source, &ServerClocks::new(Arc::clone(clock) as _)).await
}
