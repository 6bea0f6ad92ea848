//! Our own sandbox, as a side.

use std::sync::Arc;

use sandbox::aws::Fault;
use sandbox::seed::{self, Seed};
use sandbox::{Sandbox, Settings};
use support_desk::config::Lambda;

use super::{Behind, How, NAMES, Patience, Side, pool, sdk};

impl Side {
    /// The sandbox, started for this.
    pub(super) async fn sandbox(secret: Option<&str>) -> Self {
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
        let patience = Arc::new(Patience::default());
        let subs = Seed::demo().staff.into_iter().filter_map(|account| {
            let name =
                NAMES.into_iter().find(|name| account.email.starts_with(&format!("{name}@")))?;
            Some((name, account.sub))
        });
        Self {
            name: "sandbox",
            sdk: sdk(&format!("{}/aws", sandbox.url()), "test", "test", &patience).await,
            // The sandbox knows no rights: a refusal is asked for where a test needs one.
            powerless: None,
            pool: pool(seed::USER_POOL_ID, seed::CLIENT_ID, secret),
            domain: "waizant.example".to_owned(),
            subs: subs.collect(),
            patience,
            behind: Behind::Sandbox(sandbox, folder),
        }
    }
}

/// The functions' names, once `otp-send` has been told how to behave.
pub(super) fn names(sandbox: &Sandbox, how: How) -> Lambda {
    let (faults, name) = (sandbox.aws.faults(), "cs-otp-send");
    faults.clear(name);
    match how {
        How::Well => {}
        How::Fails | How::Overruns => faults.always(name, Fault::FunctionError),
        How::Garbage => faults.always(name, Fault::Garbage),
        How::Refuses(code) => {
            faults.always(name, Fault::Refuse { code: code.to_owned(), retry_after_s: Some(90) })
        }
        How::Throttled => faults.always(name, Fault::Throttle),
        How::Silent => faults.always(name, Fault::Hang),
        How::Missing => return Lambda { otp_send: "cs-nobody".to_owned(), ..Lambda::default() },
    }
    Lambda::default()
}
