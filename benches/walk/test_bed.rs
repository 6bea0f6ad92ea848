//! Test bed: one bot in a process of its own, the sandbox that it talks to, and their databases.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use commands::ports::clock::Clock as _;
use sandbox::seed::{
    AGENT_GROUP, AGENT_ROLE_ID, CLIENT_ID, GUILD_ID, LEAD_ROLE_ID, LEADS_CHANNEL_ID,
    SUPPORT_CHANNEL_ID, USER_POOL_ID,
};
use sandbox::{Sandbox, Settings};
use secrecy::ExposeSecret as _;
use support_desk::clock::WallClock;
use support_desk::keyring::Keyring;
use support_desk::store::{Database, StoreKey};
use support_desk::trail::TrailKey;
use tempfile::TempDir;

use crate::crowd::Crowd;
use crate::databases::Databases;
use crate::echo_client::ECHO_CLIENT;
use crate::pace::{Pace, Slots, run_workers};
use crate::ping_bot::PING_BOT;
use crate::plan::Bot;
use crate::process::BotProcess;
use crate::recorder::Recorder;
use crate::report::Load;
use crate::session_driver::Scenario;

/// Discord token of the product, which refuses the sandbox's own public token.
const TOKEN: &str = "MTIwMDAwMDAwMDAwMDAwMDAzMQ.Bench0.of-a-bot-that-is-measured-and-then-gone";
/// Interval of the checks that a bot is alive while it connects.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time in which the sandbox must notice that a bot is gone.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time in which a bot finishes follow-ups and revocations before its CPU time is read.
const SETTLE_TIME: Duration = Duration::from_millis(500);
/// Discord's error code for an answer that comes after three seconds.
const UNKNOWN_INTERACTION: &str = "10062";

pub struct TestBed {
    bot: Bot,
    pub scenario: Scenario,
    pub databases: Databases,
    process: Option<BotProcess>,
    key: String,
    trail_key: String,
    folder: TempDir,
}

impl TestBed {
    /// Builds a test bed and starts its bot.
    pub async fn start(bot: Bot, crowd: Crowd) -> anyhow::Result<Self> {
        let mut bed = Self::build(bot, crowd).await?;
        bed.start_bot().await?;
        Ok(bed)
    }

    /// Builds a test bed, creates the product's tables and links the agents' accounts.
    pub async fn build(bot: Bot, crowd: Crowd) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let databases = Databases::create(bot, folder.path()).await?;
        let core = if bot.is_product() { &databases.core } else { "sqlite::memory:" };
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse()?,
            core_database: core.to_owned(),
            seed: crowd.seed(),
        })
        .await?;
        sandbox.discord.accept_token(TOKEN);
        // The bench opens more links a minute than Discord allows in one channel.
        sandbox.discord.lift_rate_limits();
        index_core(&sandbox).await?;
        let key = StoreKey::generate()?.expose_secret().to_owned();
        let trail_key = TrailKey::generate()?.expose_secret().to_owned();
        if bot.is_product() {
            let keys = Arc::new(Keyring::parse(&key, &trail_key)?);
            let store = Database::open(&databases.desk, keys.clone(), Arc::new(WallClock)).await?;
            store.migrate().await?;
            crowd.link(&store, keys, WallClock.now()).await?;
            store.close().await;
        }
        let scenario = Scenario { sandbox: Arc::new(sandbox), crowd: Arc::new(crowd) };
        Ok(Self { bot, scenario, databases, process: None, key, trail_key, folder })
    }

    /// Starts the bot and waits until its command is registered. Returns the time from the start
    /// to the gateway's IDENTIFY.
    pub async fn start_bot(&mut self) -> anyhow::Result<Duration> {
        let discord = &self.scenario.sandbox.discord;
        let mut process = self.spawn()?;
        while tokio::time::timeout(POLL_INTERVAL, discord.connected(1)).await.is_err() {
            process.check_alive()?;
        }
        let took = process.started.elapsed();
        // The bare bot registers its command only after it has connected.
        let mut changed = discord.changed();
        while discord.commands().is_empty() {
            // The result does not matter, because the loop checks both conditions again.
            let _ = tokio::time::timeout(POLL_INTERVAL, changed.changed()).await;
            process.check_alive()?;
        }
        self.process = Some(process);
        Ok(took)
    }

    /// Stops the bot and waits until the sandbox has noticed.
    pub async fn stop_bot(&mut self) -> anyhow::Result<()> {
        let process = self.process.take().context("no bot is running")?;
        if self.bot.is_product() {
            process.stop().await?;
        } else {
            drop(process);
        }
        let disconnected = self.scenario.sandbox.discord.connected(0);
        tokio::time::timeout(DISCONNECT_TIMEOUT, disconnected)
            .await
            .context("the bot is stopped but still connected to the gateway")
    }

    /// Stops the bot and the sandbox, and drops the databases.
    pub async fn tear_down(mut self) -> anyhow::Result<()> {
        if self.process.is_some() {
            self.stop_bot().await?;
        }
        if let Ok(sandbox) = Arc::try_unwrap(self.scenario.sandbox) {
            sandbox.stop().await;
        }
        self.databases.drop().await
    }

    /// Returns the running bot. Fails if it is not alive.
    pub fn process(&mut self) -> anyhow::Result<&BotProcess> {
        let process = self.process.as_mut().context("no bot is running")?;
        process.check_alive()?;
        Ok(process)
    }

    /// Runs a load with one worker for each client, and measures it.
    ///
    /// Fails if the bot has ended, or if the sandbox has refused a call as illegal.
    pub async fn run_load<W, F>(
        &mut self,
        name: &'static str,
        pace: Pace,
        workers: Vec<W>,
        work: impl Fn(W, Slots, Recorder) -> F,
    ) -> anyhow::Result<Load>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let (clients, recorder) = (workers.len(), Recorder::default());
        let before = self.process()?.cpu_time()?;
        let begins = Instant::now();
        let record = |worker, slots| work(worker, slots, recorder.clone());
        let slots = run_workers(workers, pace, record).await?;
        let took = begins.elapsed();
        self.scenario.sandbox.discord.wait_until_idle().await;
        tokio::time::sleep(SETTLE_TIME).await;
        let cpu = self.process()?.cpu_time()?.since(before);
        let answers = recorder.take();
        self.check_calls(answers.broken_off > 0)?;
        Ok(Load {
            bot: self.bot,
            name,
            clients,
            rate: pace.rate,
            completed: slots.saturating_sub(answers.broken_off),
            took,
            recorded: answers,
            cpu,
        })
    }

    /// Fails if the bot has made an illegal call. An answer after three seconds is legal if the
    /// load was too high.
    fn check_calls(&self, overloaded: bool) -> anyhow::Result<()> {
        let sandbox = &self.scenario.sandbox;
        let mut violations = sandbox.discord.take_violations();
        violations
            .retain(|violation| !(overloaded && violation.what.contains(UNKNOWN_INTERACTION)));
        anyhow::ensure!(violations.is_empty(), "illegal call: {:#?}", violations.first());
        let complaints = sandbox.aws.contract_violations();
        anyhow::ensure!(complaints.is_empty(), "illegal call to AWS: {:?}", complaints.first());
        Ok(())
    }

    fn spawn(&self) -> anyhow::Result<BotProcess> {
        let log = self.folder.path().join("log");
        let role = match self.bot {
            Bot::Echo => ECHO_CLIENT,
            Bot::Ping => PING_BOT,
            Bot::Sqlite | Bot::Postgres => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_support-desk"));
                command.arg("run");
                return BotProcess::start(command, &self.settings(), log);
            }
        };
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).arg(self.scenario.sandbox.url());
        BotProcess::start(command, "", log)
    }

    /// Returns the settings of a deployment, with the addresses of this test bed.
    fn settings(&self) -> String {
        let Self { databases: Databases { desk, core, .. }, key, trail_key, scenario, .. } = self;
        let sandbox = scenario.sandbox.url();
        format!(
            "DISCORD_TOKEN={TOKEN}
DISCORD_API_URL={sandbox}
DISCORD_GUILD_ID={GUILD_ID}
DISCORD_CHANNEL_ID={SUPPORT_CHANNEL_ID}
DISCORD_LEADS_CHANNEL_ID={LEADS_CHANNEL_ID}
DISCORD_AGENT_ROLE_ID={AGENT_ROLE_ID}
DISCORD_LEAD_ROLE_ID={LEAD_ROLE_ID}
DATABASE_URL={desk}
CORE_DATABASE_URL={core}
STORE_KEY={key}
TRAIL_KEY={trail_key}
COGNITO_USER_POOL_ID={USER_POOL_ID}
COGNITO_CLIENT_ID={CLIENT_ID}
COGNITO_AGENT_GROUPS={AGENT_GROUP}
AWS_ENDPOINT_URL={sandbox}/aws
AWS_REGION=eu-west-1
AWS_ACCESS_KEY_ID=bench
AWS_SECRET_ACCESS_KEY=bench
ACCESS_HOSTS=127.0.0.1,waizant:
HTTP_ADDR=127.0.0.1:0
ADMIN_ADDR=127.0.0.1:0"
        )
    }
}

/// Adds the indexes that a company's Core has. Without them, a look-up reads every customer.
async fn index_core(sandbox: &Sandbox) -> anyhow::Result<()> {
    for sql in [
        "create index bench_users on sandbox_core_users (email)",
        "create index bench_memberships on sandbox_core_memberships (user_id)",
        "create index bench_successions on sandbox_core_successions (successor_user_id)",
    ] {
        sandbox.core.execute(sql).await?;
    }
    Ok(())
}
