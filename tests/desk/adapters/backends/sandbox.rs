//! The sandbox as a backend.

use std::sync::Arc;

use sandbox::aws::Fault;
use sandbox::seed::{self, Seed};
use sandbox::{Sandbox, Settings};
use support_desk::config::Lambda;
use tempfile::TempDir;

use super::setup::{Behavior, NAMES, Setup, TestClock, pool, sdk};

/// Starts a sandbox.
pub(super) async fn start(secret: Option<&str>) -> (Sandbox, TempDir, Setup) {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(Settings {
        clock: Arc::new(sandbox::clock::WallClock),
        listen: "127.0.0.1:0".parse().unwrap(),
        core_database: format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display()),
        seed: Seed::demo(),
    })
    .await
    .unwrap();
    sandbox.aws.set_client_secret(secret);
    sandbox.aws.set_email_verified("eva@waizant.example", false);
    let clock = Arc::new(TestClock::default());
    let subs = Seed::demo().staff.into_iter().filter_map(|account| {
        let name = NAMES.into_iter().find(|name| account.email.starts_with(&format!("{name}@")))?;
        Some((name, account.sub))
    });
    let setup = Setup {
        name: "sandbox",
        sdk: sdk(&format!("{}/aws", sandbox.url()), "test", "test", &clock).await,
        // The sandbox has no IAM: a test injects refusals instead.
        unauthorized: None,
        pool: pool(seed::USER_POOL_ID, seed::CLIENT_ID, secret),
        domain: "waizant.example".to_owned(),
        subs: subs.collect(),
        clock,
    };
    (sandbox, folder, setup)
}

/// Sets the behavior of `otp-send` and returns the names of the functions.
pub(super) fn names(sandbox: &Sandbox, behavior: Behavior) -> Lambda {
    let (faults, name) = (sandbox.aws.faults(), "cs-otp-send");
    faults.clear(name);
    match behavior {
        Behavior::Normal => {}
        Behavior::Throws | Behavior::TimesOut => faults.always(name, Fault::FunctionError),
        Behavior::Garbage => faults.always(name, Fault::Garbage),
        Behavior::Refuses(code) => {
            faults.always(name, Fault::Refuse { code: code.to_owned(), retry_after_s: Some(90) });
        }
        Behavior::Throttled => faults.always(name, Fault::Throttle),
        Behavior::Hangs => faults.always(name, Fault::Hang),
        Behavior::Missing => {
            return Lambda { otp_send: "cs-missing".to_owned(), ..Lambda::default() };
        }
    }
    Lambda::default()
}
