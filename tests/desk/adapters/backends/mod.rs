//! The two backends behind one interface: a user pool with the same accounts, and functions with
//! selectable behavior.

mod emulator;
mod sandbox;
mod setup;

use std::sync::Arc;

use ::sandbox::Sandbox;
use ::sandbox::aws::Fault;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client as Pools;
use secrecy::SecretString;
use support_desk::cognito::Cognito;
use support_desk::config::{self, AccessHosts, Lambda};
use support_desk::lambda::Functions;
use support_desk::server_clocks::ServerClocks;
use tempfile::TempDir;

use emulator::Emulator;
pub use emulator::emulator_url;
use setup::Setup;

pub use setup::{Behavior, FIRST_PASSWORD};

pub struct Backend {
    pub setup: Setup,
    server: Server,
}

enum Server {
    Sandbox(Sandbox, #[expect(dead_code, reason = "dropping it removes the folder")] TempDir),
    Emulator(Emulator),
}

/// Runs a test on both backends, one after the other.
pub async fn on_both(test: impl AsyncFn(&Backend)) {
    on_both_with(None, test).await;
}

/// Runs a test on both backends, with an app client that has this secret.
pub async fn on_both_with(secret: Option<&str>, test: impl AsyncFn(&Backend)) {
    eprintln!("on the sandbox");
    // Boxed, because the futures of the SDK are large.
    let (sandbox, folder, setup) = Box::pin(sandbox::start(secret)).await;
    let backend = Backend { setup, server: Server::Sandbox(sandbox, folder) };
    Box::pin(test(&backend)).await;
    if let Server::Sandbox(sandbox, _) = backend.server {
        sandbox.stop().await;
    }
    eprintln!("on the emulator");
    let (emulator, setup) = Box::pin(Emulator::start(secret.is_some())).await;
    let backend = Backend { setup, server: Server::Emulator(emulator) };
    Box::pin(test(&backend)).await;
}

impl Backend {
    /// Returns the adapter of the user pool.
    pub fn cognito(&self) -> Cognito {
        Cognito::new(&self.setup.sdk, self.setup.pool.clone(), Arc::clone(&self.setup.clock) as _)
    }

    /// Returns the adapter of the user pool with this client secret.
    pub fn cognito_with(&self, secret: Option<&str>) -> Cognito {
        let config = config::Cognito {
            client_secret: secret.map(SecretString::from),
            ..self.setup.pool.clone()
        };
        Cognito::new(&self.setup.sdk, config, Arc::clone(&self.setup.clock) as _)
    }

    /// Returns the adapter of the user pool, where IAM denies these operations.
    pub fn unauthorized_cognito(&self, operations: &[&str]) -> Cognito {
        if let Server::Sandbox(sandbox, _) = &self.server {
            for operation in operations {
                sandbox.aws.faults().always(operation, Fault::refuse("AccessDeniedException"));
            }
        }
        Cognito::new(
            self.setup.unauthorized.as_ref().unwrap_or(&self.setup.sdk),
            self.setup.pool.clone(),
            Arc::clone(&self.setup.clock) as _,
        )
    }

    /// Returns a client of the SDK and the app client's id.
    pub fn sdk_client(&self) -> (Pools, &str) {
        (Pools::new(&self.setup.sdk), &self.setup.pool.client_id)
    }

    /// Returns the `sub` of an account.
    pub fn sub(&self, name: &str) -> &str {
        &self.setup.subs[name]
    }

    /// Returns the address of an account.
    pub fn address(&self, name: &str) -> String {
        format!("{name}@{}", self.setup.domain)
    }

    pub async fn has_password(&self, name: &str, password: &str) -> bool {
        match &self.server {
            Server::Sandbox(sandbox, _) => {
                sandbox.aws.accepts_password(&self.address(name), password)
            }
            Server::Emulator(_) => {
                emulator::signs_in(&Pools::new(&self.setup.sdk), &self.setup.pool, name, password)
                    .await
            }
        }
    }

    /// Returns the code in the newest mail to an account.
    pub async fn code_for(&self, name: &str) -> String {
        match &self.server {
            Server::Sandbox(sandbox, _) => {
                sandbox.mail.last_code_for(&self.address(name)).expect("no code was mailed")
            }
            Server::Emulator(emulator) => emulator.code_for(&self.address(name)).await,
        }
    }

    /// Returns the adapter of the functions, with this behavior of `otp-send`.
    pub fn functions(&self, behavior: Behavior) -> Functions {
        let names = match &self.server {
            Server::Sandbox(sandbox, _) => sandbox::names(sandbox, behavior),
            Server::Emulator(_) => emulator::names(behavior),
        };
        self.of(&self.setup.sdk, names)
    }

    /// Waits until a hanging `otp-send` is called for an account.
    pub async fn called(&self, name: &str) {
        match &self.server {
            Server::Sandbox(sandbox, _) => sandbox.aws.faults().arrived("cs-otp-send", 1).await,
            Server::Emulator(emulator) => emulator.called(self.sub(name)).await,
        }
    }

    /// Returns the adapter of the functions, where IAM denies the calls.
    pub fn unauthorized_functions(&self) -> Functions {
        if let Server::Sandbox(sandbox, _) = &self.server {
            // Lambda answers with 403.
            sandbox.aws.faults().always("cs-otp-send", Fault::ServerError(403));
        }
        let names = if self.setup.unauthorized.is_some() {
            emulator::names(Behavior::Normal)
        } else {
            Lambda::default()
        };
        self.of(self.setup.unauthorized.as_ref().unwrap_or(&self.setup.sdk), names)
    }

    fn of(&self, sdk: &SdkConfig, names: Lambda) -> Functions {
        let hosts = AccessHosts::parse("shop.example.com,127.0.0.1").unwrap();
        Functions::new(
            sdk,
            names,
            hosts,
            None,
            ServerClocks::new(Arc::clone(&self.setup.clock) as _),
        )
    }
}
