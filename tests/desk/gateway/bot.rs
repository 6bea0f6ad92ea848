//! A bot with short watchdog timeouts, in real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::clock::WallClock;
use sandbox::seed::Seed;
use sandbox::{Sandbox, Settings};
use support_desk::app::{App, Listeners, Workers};
use support_desk::gateway::WatchdogTimeouts;
use support_desk::{clock, demo};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::browser;

/// Watchdog timeouts far shorter than the product's. `acknowledgement` and `session` are longer
/// than the five seconds in which serenity replaces a connection itself, as the product's are,
/// because two simultaneous replacements disturb each other.
pub const TIMEOUTS: WatchdogTimeouts = WatchdogTimeouts {
    silence: Duration::from_millis(400),
    acknowledgement: Duration::from_secs(6),
    session: Duration::from_secs(6),
    restart: Duration::from_mins(1),
    budget_interval: Duration::from_millis(300),
    check_interval: Duration::from_millis(20),
};
/// Watchdog timeouts of a bot that soon ends without a session.
pub const QUICK_RESTART: WatchdogTimeouts =
    WatchdogTimeouts { restart: Duration::from_secs(2), ..TIMEOUTS };
/// Time limit of a wait. serenity takes up to ten seconds for a connection.
pub const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// Part of the error of a bot that has no session left to start.
pub const BUDGET_USED_UP: &str = "only 20 of 1000 gateway sessions left today";

/// A running bot with short watchdog timeouts, and its sandbox.
pub struct Bot {
    pub sandbox: Sandbox,
    pub admin: String,
    stop: CancellationToken,
    pub running: tokio::task::JoinHandle<anyhow::Result<()>>,
    _folder: TempDir,
}

impl Bot {
    pub async fn starts() -> Self {
        let bot = Self::starts_with(TIMEOUTS, |_| {}).await;
        bot.connected(1).await;
        bot
    }

    /// Starts a bot after `inject` has set faults in the sandbox.
    pub async fn starts_with(timeouts: WatchdogTimeouts, inject: impl FnOnce(&Sandbox)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let core = format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display());
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(WallClock),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: core.clone(),
            seed: Seed::demo(),
        })
        .await
        .unwrap();
        let store = format!("sqlite://{}?mode=rwc", folder.path().join("desk.db").display());
        let config = demo::config(&sandbox.url(), &store, &core, &[]).unwrap();
        let listeners = Listeners::bind(&config).await.unwrap();
        let admin = listeners.admin_url().unwrap().to_string();
        let clock: Arc<dyn commands::ports::clock::Clock> = Arc::new(clock::WallClock);
        let mut app = App::assemble(config, listeners, Arc::clone(&clock)).await.unwrap();
        demo::link_agents(app.database.as_ref(), clock.now()).await.unwrap();
        app.watchdog_timeouts = timeouts;
        sandbox.discord.faults().space_sessions(true);
        inject(&sandbox);
        let stop = CancellationToken::new();
        let running = tokio::spawn(app.run(Workers::Running, stop.clone()));
        Self { sandbox, admin, stop, running, _folder: folder }
    }

    pub async fn health(&self) -> serde_json::Value {
        serde_json::from_str(&browser::looks_at(&format!("{}health", self.admin)).await.body)
            .unwrap()
    }

    /// Waits until `expected` holds for a field of `/health`, and returns the whole report.
    pub async fn reports(
        &self,
        field: &str,
        expected: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let start = Instant::now();
        loop {
            let health = self.health().await;
            if expected(&health[field]) {
                return health;
            }
            assert!(start.elapsed() < WAIT_LIMIT, "{field} in {health}");
            tokio::time::sleep(TIMEOUTS.check_interval).await;
        }
    }

    /// Waits until `/metrics` has a line.
    pub async fn counts(&self, line: &str) {
        let start = Instant::now();
        while !browser::looks_at(&format!("{}metrics", self.admin)).await.body.contains(line) {
            assert!(start.elapsed() < WAIT_LIMIT, "{line}");
            tokio::time::sleep(TIMEOUTS.check_interval).await;
        }
    }

    pub async fn connected(&self, count: usize) {
        tokio::time::timeout(WAIT_LIMIT, self.sandbox.discord.connected(count))
            .await
            .expect("this number of connections in time");
    }

    pub async fn answers(&self) {
        let ben = self.sandbox.discord.person("ben");
        ben.types("/support resume").await;
        ben.sees_at_last("You have no open session").await;
    }

    /// Waits until the bot ends by itself, and returns its error.
    pub async fn gives_up(self) -> String {
        let ended =
            tokio::time::timeout(WAIT_LIMIT, self.running).await.expect("an end in time").unwrap();
        self.sandbox.stop().await;
        ended.expect_err("an end with an error").to_string()
    }

    pub async fn stops(self) {
        assert!(
            self.sandbox.discord.violations().is_empty(),
            "{:#?}",
            self.sandbox.discord.violations()
        );
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        self.sandbox.stop().await;
    }
}
