//! A stage: one bot in a process of its own, the stand-in that it talks to, and the people in front
//! of it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use commands::ports::Clock as _;
use sandbox::seed;
use sandbox::{Sandbox, Settings};
use secrecy::ExposeSecret as _;
use support_desk::clock::WallClock;
use support_desk::store::{Database, StoreKey};
use tempfile::TempDir;

use crate::databases::Databases;
use crate::measure::Record;
use crate::people::Crowd;
use crate::plan::{AS_ECHO, AS_PING, Subject};
use crate::process::Bot;
use crate::walk::Road;

/// A token that is not the sandbox's public one, which the product refuses.
const TOKEN: &str = "MTIwMDAwMDAwMDAwMDAwMDAzMQ.Bench0.of-a-bot-that-is-measured-and-then-gone";
/// How often it is looked whether a bot that should be connected still lives.
const LOOK: Duration = Duration::from_millis(100);

/// The stage.
pub struct Stage {
    /// Who is on it.
    pub subject: Subject,
    /// The other side, and the people.
    pub road: Road,
    /// The bot's own store and Core; of the peers nobody's.
    pub databases: Databases,
    /// `IDLE_CLOSE_SECONDS`, where it is not the default.
    pub idle: Option<Duration>,
    key: String,
    folder: TempDir,
}

impl Stage {
    /// Everything but the bot. The product's store has its tables, and the agents are linked.
    pub async fn build(subject: Subject, crowd: Crowd) -> anyhow::Result<Self> {
        let stage = Self::bare(subject, crowd).await?;
        if subject.is_product() {
            let database = stage.store().await?;
            database.migrate().await?;
            stage.road.crowd.link(&database, stage.store_key()?, WallClock.now()).await?;
            database.close().await;
        }
        Ok(stage)
    }

    /// Likewise, with a store that has no tables yet.
    pub async fn bare(subject: Subject, crowd: Crowd) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let databases = Databases::make(subject, folder.path()).await?;
        let crowd = Arc::new(crowd);
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse()?,
            core_database: if subject.is_product() {
                databases.core.clone()
            } else {
                "sqlite::memory:".to_owned()
            },
            seed: crowd.cast(),
        })
        .await?;
        sandbox.discord.accept_token(TOKEN);
        index_core(&sandbox).await?;
        let road = Road { sandbox: Arc::new(sandbox), crowd, record: Record::default() };
        Ok(Self {
            subject,
            road,
            databases,
            idle: None,
            key: StoreKey::generate()?.expose_secret().to_owned(),
            folder,
        })
    }

    /// The bot's store, opened beside it: to fill it before the start.
    pub async fn store(&self) -> anyhow::Result<Database> {
        Ok(Database::open(&self.databases.desk, self.store_key()?, Arc::new(WallClock)).await?)
    }

    fn store_key(&self) -> anyhow::Result<Arc<StoreKey>> {
        Ok(Arc::new(StoreKey::parse(&self.key)?))
    }

    /// Starts the bot and waits until it hears the gateway; answers also how long that took.
    pub async fn start(&self) -> anyhow::Result<(Bot, Duration)> {
        static LOGS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let nth = LOGS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let log: PathBuf = self.folder.path().join(format!("log-{nth}"));
        let sandbox = &self.road.sandbox;
        let mut bot = match self.subject {
            Subject::Sqlite | Subject::Postgres => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_support-desk"));
                command.arg("run");
                Bot::start(command, &self.environment(), log)?
            }
            Subject::Echo | Subject::Ping => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg(if self.subject == Subject::Echo { AS_ECHO } else { AS_PING })
                    .arg(sandbox.url());
                Bot::start(command, &[], log)?
            }
        };
        while tokio::time::timeout(LOOK, sandbox.discord.connected(1)).await.is_err() {
            bot.lives()?;
        }
        let took = bot.started.elapsed();
        // A peer tells its command only now.
        let mut changed = sandbox.discord.changed();
        while sandbox.discord.commands().is_empty() {
            // Nothing to do when it takes longer but to see whether the bot is still there.
            let _ = tokio::time::timeout(LOOK, changed.changed()).await;
            bot.lives()?;
        }
        Ok((bot, took))
    }

    /// Stops the bot, and waits until the other side has noticed.
    pub async fn stop(&self, bot: Bot) -> anyhow::Result<()> {
        if self.subject.is_product() {
            bot.stop().await?;
        } else {
            drop(bot);
        }
        let gone = self.road.sandbox.discord.connected(0);
        tokio::time::timeout(LOOK * 100, gone)
            .await
            .context("the gateway still hears a bot that was stopped")
    }

    /// Takes it down.
    pub async fn strike(self) -> anyhow::Result<()> {
        let Self { road, databases, .. } = self;
        if let Ok(sandbox) = Arc::try_unwrap(road.sandbox) {
            sandbox.stop().await;
        }
        databases.drop().await
    }

    /// Events of this kind in the trail.
    pub async fn events(&self, what: &str) -> anyhow::Result<usize> {
        let mut connection = self.databases.look().await?;
        let count: i64 = sqlx::query_scalar("select count(*) from events where kind = $1")
            .bind(what.to_owned())
            .fetch_one(&mut connection)
            .await?;
        Ok(usize::try_from(count)?)
    }

    /// The settings of a deployment, but for the addresses.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let ids = [
            ("DISCORD_GUILD_ID", seed::GUILD_ID),
            ("DISCORD_CHANNEL_ID", seed::SUPPORT_CHANNEL_ID),
            ("DISCORD_LEADS_CHANNEL_ID", seed::LEADS_CHANNEL_ID),
            ("DISCORD_AGENT_ROLE_ID", seed::AGENT_ROLE_ID),
            ("DISCORD_LEAD_ROLE_ID", seed::LEAD_ROLE_ID),
        ];
        let sandbox = self.road.sandbox.url();
        let aws = format!("{sandbox}/aws");
        let words = [
            ("DISCORD_TOKEN", TOKEN),
            ("DISCORD_API_URL", &sandbox),
            ("DATABASE_URL", &self.databases.desk),
            ("CORE_DATABASE_URL", &self.databases.core),
            ("STORE_KEY", &self.key),
            ("COGNITO_USER_POOL_ID", seed::USER_POOL_ID),
            ("COGNITO_CLIENT_ID", seed::CLIENT_ID),
            ("COGNITO_AGENT_GROUPS", seed::AGENT_GROUP),
            ("AWS_ENDPOINT_URL", &aws),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("ACCESS_HOSTS", "127.0.0.1,waizant:"),
            ("HTTP_ADDR", "127.0.0.1:0"),
            ("ADMIN_ADDR", "127.0.0.1:0"),
        ];
        let idle = self.idle.map(|idle| ("IDLE_CLOSE_SECONDS", idle.as_secs().to_string()));
        let ids = ids.into_iter().map(|(name, id)| (name, id.to_string()));
        ids.chain(idle)
            .chain(words.into_iter().map(|(name, word)| (name, word.to_owned())))
            .collect()
    }
}

/// A company's Core has these; without them each look-up would read every customer.
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

/// Waits, and answers how long it took.
pub async fn timed<T>(
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, Duration)> {
    let since = Instant::now();
    Ok((work.await?, since.elapsed()))
}
