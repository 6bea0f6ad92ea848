//! The shipped template, deployed to an independent AWS emulator, and the real bot as a process of
//! its own that an agent walks every road on. IAM decides on every call.
//!
//! ```text
//! bash tests/run.sh --install --test desk deployed
//! ```
//!
//! Limits of the emulator, and what the test does instead:
//! - It looks for `ses:SendEmail` on `*`, so a policy of the test allows that (`stack.py`).
//! - A function writes its log and joins a network without permission, so the removal of those
//!   actions shows nothing. `deploy/aws/policies.py` checks their spelling.
//! - It ignores the TTL. The functions do not trust it either: `functions/tests/contract`.
//! - No mail bounces.

mod calls;
mod deliveries;
mod mails;
mod permissions;
mod roads;
mod stack;

use std::process::{Command, Stdio};

use crate::installation::Installation;
use crate::program::Program;
use crate::replicas::postgres::Postgres;

use calls::Calls;
use mails::Mails;
use stack::Stack;

/// Host of the access links. The template's parameter `LinkHost` has it.
const LINK_HOST: &str = "www.desk.example";

/// Everything that the test runs on.
struct Deployment {
    installation: Installation,
    stack: Stack,
    mails: Mails,
    /// The functions, called as the bot and as the backend.
    calls: Calls,
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_template_serves_every_road() {
    let zip = package();
    let core = Postgres::new().await;
    let installation = Installation::with_core(&core.url).await;
    let stack = Stack::deploy(&zip, &core.url);
    let mails = Mails::new(stack.endpoint());
    let calls = Calls::new(&stack, mails.clone()).await;
    let mut deployment = Deployment { installation, stack, mails, calls };

    deployment.check_finds_nothing().await;
    let bot = deployment.starts_bot().await;
    roads::walk(&mut deployment).await;
    calls::race(&deployment.calls).await;
    calls::takes_as_long_for_an_unknown_challenge(&deployment.calls).await;
    permissions::each_is_needed(&mut deployment).await;
    permissions::no_secret_is_at_rest(&mut deployment).await;

    let violations = deployment.installation.sandbox.discord.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    bot.signal("-TERM");
    assert_eq!(bot.ends().await.code, Some(0));
    drop(deployment);
    core.drops().await;
}

impl Deployment {
    /// Returns the settings by which the bot reaches the deployed functions as its own IAM user.
    fn settings(&self) -> Vec<(&'static str, &str)> {
        let [key, secret] = &self.stack.bot;
        vec![
            ("AWS_ENDPOINT_URL", self.stack.endpoint()),
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("COGNITO_USER_POOL_ID", &self.stack.pool),
            ("COGNITO_CLIENT_ID", &self.stack.app),
            ("ACCESS_HOSTS", "www.desk.example,waizant:"),
            ("COGNITO_LEAD_GROUPS", "CustomerServiceLeads"),
            ("PUBLIC_URL", "https://desk.example/"),
        ]
    }

    /// Runs `support-desk check` and returns its output.
    async fn check(&self) -> String {
        self.installation.start("migrate", &self.settings()).ends().await;
        self.installation.start("check", &self.settings()).ends().await.stdout
    }

    async fn check_finds_nothing(&self) {
        let report = self.check().await;
        let is_clean = !report.contains("FAIL") && !report.contains("warn");
        assert!(is_clean && report.contains("ok    settings"), "{report}");
        for function in
            ["cs-otp-send:live", "cs-otp-verify:live", "cs-access:live", "cs-message:live"]
        {
            assert!(report.contains(function), "{function}: {report}");
        }
    }

    async fn starts_bot(&self) -> Program {
        let program = self.installation.start("run", &self.settings());
        let connected = self.installation.sandbox.discord.connected(1);
        let limit = std::time::Duration::from_mins(1);
        tokio::time::timeout(limit, connected).await.expect("the bot connects in time");
        program
    }
}

/// Builds the functions and returns the path of their zip.
fn package() -> String {
    let kept = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR", "TMPDIR"];
    let built = Command::new("bash")
        .args(["deploy/aws/package.sh", "--debug"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // Variables of the test runner would make cargo build everything again.
        .env_clear()
        .envs(kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(built.status.success(), "the functions cannot be built");
    let path = String::from_utf8(built.stdout).unwrap();
    format!("{}/{}", env!("CARGO_MANIFEST_DIR"), path.trim())
}
