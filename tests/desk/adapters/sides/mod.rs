//! The two other sides, behind one face: a user pool with the same people, and functions that
//! behave as asked.

mod emulator;
mod sandbox;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ::sandbox::aws::Fault;
use ::sandbox::{Sandbox, seed};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client as Pools;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use emulator::Emulator;
use secrecy::SecretString;
use support_desk::aws;
use support_desk::clock::WallClock;
use support_desk::cognito::Cognito;
use support_desk::config::{self, AccessHosts, AwsSource, GroupNames, Lambda};
use support_desk::lambda::Functions;
use tempfile::TempDir;
use tokio::sync::watch;

/// The group that makes an agent.
const GROUP: &str = "CustomerService";
/// What everybody's password is at first.
pub const FIRST_PASSWORD: &str = seed::FIRST_PASSWORD;

/// How the function `otp-send` behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As the contract says.
    Well,
    /// It throws.
    Fails,
    /// It takes longer than the service lets it.
    Overruns,
    /// It answers something that is no JSON object.
    Garbage,
    /// It says "no" with this code of the contract.
    Refuses(&'static str),
    /// It is called too often.
    Throttled,
    /// It does not answer for as long as anybody waits.
    Silent,
    /// There is no such function.
    Missing,
}

/// A clock that goes with the wall's, on which waiting for an answer ends when the test says so.
#[derive(Debug, Default)]
pub struct Patience(watch::Sender<bool>);

impl Patience {
    /// Whoever waits for an answer has waited long enough.
    pub fn ends(&self) {
        self.0.send_replace(true);
    }
}

#[async_trait]
impl Clock for Patience {
    fn now(&self) -> Timestamp {
        // Signatures are checked against the time.
        WallClock.now()
    }

    async fn sleep(&self, duration: Duration) {
        // The wait between two attempts is below a second; 3.1 s is for a connection, 12 and 15 s
        // for an answer.
        match duration.as_secs() {
            0..=2 => {}
            3..=11 => std::future::pending().await,
            _ => {
                let _ = self.0.subscribe().wait_for(|over| *over).await;
            }
        }
    }
}

/// One other side.
pub struct Side {
    /// Which it is.
    pub name: &'static str,
    /// Waiting ends when the test says so.
    pub patience: Arc<Patience>,
    sdk: SdkConfig,
    powerless: Option<SdkConfig>,
    pool: config::Cognito,
    /// Where everybody's mailbox is.
    domain: String,
    subs: HashMap<&'static str, String>,
    behind: Behind,
}

enum Behind {
    Sandbox(Sandbox, #[expect(dead_code, reason = "the folder goes when this does")] TempDir),
    Emulator(Emulator),
}

/// Runs a test on both sides, one after the other.
pub async fn on_both(test: impl AsyncFn(&Side)) {
    on_both_with(None, test).await;
}

/// Likewise, with an app client that has a secret.
pub async fn on_both_with(secret: Option<&str>, test: impl AsyncFn(&Side)) {
    eprintln!("on the sandbox");
    // Boxed, as what the SDK builds for a call is large.
    let side = Box::pin(Side::sandbox(secret)).await;
    Box::pin(test(&side)).await;
    if let Behind::Sandbox(sandbox, _) = side.behind {
        sandbox.stop().await;
    }
    eprintln!("on the emulator");
    let side = Box::pin(Side::emulator(secret.is_some())).await;
    Box::pin(test(&side)).await;
}

impl Side {
    /// The adapter to the user pool.
    pub fn cognito(&self) -> Cognito {
        Cognito::new(&self.sdk, self.pool.clone(), Arc::clone(&self.patience) as _)
    }

    /// Likewise, with another secret in the settings than the app client's.
    pub fn cognito_with(&self, secret: Option<&str>) -> Cognito {
        let config =
            config::Cognito { client_secret: secret.map(SecretString::from), ..self.pool.clone() };
        Cognito::new(&self.sdk, config, Arc::clone(&self.patience) as _)
    }

    /// Likewise, in the name of somebody who has no rights: every call of these operations is
    /// refused.
    pub fn powerless_cognito(&self, operations: &[&str]) -> Cognito {
        if let Behind::Sandbox(sandbox, _) = &self.behind {
            for operation in operations {
                sandbox.aws.faults().always(operation, Fault::refuse("AccessDeniedException"));
            }
        }
        Cognito::new(
            self.powerless.as_ref().unwrap_or(&self.sdk),
            self.pool.clone(),
            Arc::clone(&self.patience) as _,
        )
    }

    /// A client of the SDK itself, and the app client's id.
    pub fn raw(&self) -> (Pools, &str) {
        (Pools::new(&self.sdk), &self.pool.client_id)
    }

    /// The `sub` of somebody.
    pub fn sub(&self, name: &str) -> &str {
        &self.subs[name]
    }

    /// The address of somebody.
    pub fn address(&self, name: &str) -> String {
        format!("{name}@{}", self.domain)
    }

    /// Whether this is somebody's password.
    pub async fn has_password(&self, name: &str, password: &str) -> bool {
        match &self.behind {
            Behind::Sandbox(sandbox, _) => {
                sandbox.aws.accepts_password(&self.address(name), password)
            }
            Behind::Emulator(_) => {
                emulator::signs_in(&Pools::new(&self.sdk), &self.pool, name, password).await
            }
        }
    }

    /// The six digits in the newest mail to somebody.
    pub async fn code_for(&self, name: &str) -> String {
        match &self.behind {
            Behind::Sandbox(sandbox, _) => {
                sandbox.mail.last_code_for(&self.address(name)).expect("no code was mailed")
            }
            Behind::Emulator(emulator) => emulator.code_for(&self.address(name)).await,
        }
    }

    /// The functions, of which `otp-send` behaves so.
    pub fn functions(&self, how: How) -> Functions {
        let names = match &self.behind {
            Behind::Sandbox(sandbox, _) => sandbox::names(sandbox, how),
            Behind::Emulator(_) => emulator::names(how),
        };
        self.of(&self.sdk, names)
    }

    /// Resolves once an `otp-send` that does not answer was called in somebody's name.
    pub async fn is_reached(&self, name: &str) {
        match &self.behind {
            Behind::Sandbox(sandbox, _) => sandbox.aws.faults().arrived("cs-otp-send", 1).await,
            Behind::Emulator(emulator) => emulator.is_reached(self.sub(name)).await,
        }
    }

    /// Likewise, in the name of somebody who has no rights.
    pub fn powerless_functions(&self) -> Functions {
        if let Behind::Sandbox(sandbox, _) = &self.behind {
            // Lambda's own answer: 403.
            sandbox.aws.faults().always("cs-otp-send", Fault::ServerError(403));
        }
        let names =
            if self.powerless.is_some() { emulator::names(How::Well) } else { Lambda::default() };
        self.of(self.powerless.as_ref().unwrap_or(&self.sdk), names)
    }

    fn of(&self, sdk: &SdkConfig, names: Lambda) -> Functions {
        let hosts = AccessHosts::parse("shop.example.com,127.0.0.1").unwrap();
        Functions::new(sdk, names, hosts, Arc::clone(&self.patience) as _)
    }
}

/// Who is in both pools.
const NAMES: [&str; 6] = ["ana", "eva", "dora", "fred", "otto", "olga"];

fn pool(id: &str, client: &str, secret: Option<&str>) -> config::Cognito {
    config::Cognito {
        user_pool_id: id.to_owned(),
        client_id: client.to_owned(),
        client_secret: secret.map(SecretString::from),
        agent_groups: GroupNames::parse(GROUP).unwrap(),
    }
}

async fn sdk(url: &str, name: &str, password: &str, patience: &Arc<Patience>) -> SdkConfig {
    let source = AwsSource::Fixed {
        endpoint_url: url.to_owned(),
        region: "eu-west-1".to_owned(),
        access_key_id: name.to_owned(),
        secret_access_key: SecretString::from(password),
    };
    aws::load(&source, Arc::clone(patience) as _).await
}
