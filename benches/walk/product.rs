//! The product: the real binary with the environment of a deployment, its store on SQLite or on PostgreSQL.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::ports::Clock;
use futures_util::future::try_join_all;
use sandbox::cast;
use sandbox::{Sandbox, Settings};
use secrecy::ExposeSecret as _;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use support_desk::clock::WallClock;
use support_desk::store::{Database, StoreKey};

use crate::measure::{Load, Measured, Record, Start};
use crate::neutral;
use crate::people::Crowd;
use crate::plan::{Plan, Subject};
use crate::process::Bot;
use crate::walk::{self, Road};

/// People who press one button again and again: as many as the goals of the product speak of.
const DRAWING: usize = 16;
/// Sessions that are walked before anything is measured, by as many people: connections are open then.
const WARM_UP: usize = 16;
/// A token that is not the sandbox's public one, which the product refuses.
const TOKEN: &str = "MTIwMDAwMDAwMDAwMDAwMDAzMQ.Bench0.of-a-bot-that-is-measured-and-then-gone";

/// Measures the product on one engine.
pub async fn measure(subject: Subject, plan: &Plan) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let databases = Databases::make(subject, folder.path()).await?;
    let sessions = WARM_UP + plan.alone() + plan.sessions + DRAWING + plan.agents;
    let crowd = Arc::new(Crowd::new(sessions, WARM_UP + 1 + DRAWING + 2 * plan.agents, plan.newcomers));
    let sandbox = Arc::new(
        Sandbox::start(Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse()?,
            core_database: databases.core.clone(),
            cast: crowd.cast(),
        })
        .await?,
    );
    sandbox.discord.accept_token(TOKEN);
    index_core(&sandbox).await?;
    let key = StoreKey::generate()?;
    link(&databases.desk, key.expose_secret(), &crowd).await?;

    let command = Command::new(env!("CARGO_BIN_EXE_support-desk"));
    let variables = environment(&sandbox.url(), &databases, key.expose_secret());
    let mut bot = Bot::start(with_run(command), &variables, folder.path().join("log"))?;
    connected(&mut bot, &sandbox).await?;
    let connected = bot.started.elapsed();
    tokio::time::sleep(Duration::from_secs(plan.rest)).await;
    let rest = bot.memory()?;

    let road = Road { sandbox: Arc::clone(&sandbox), crowd, record: Record::default() };
    walk::together(vec![road.clone(); WARM_UP], WARM_UP, plan.limit(), walk::sessions).await?;
    let loads = vec![
        sessions_of("whole sessions", &road, 1, plan.alone(), plan, &mut bot).await?,
        sessions_of("whole sessions", &road, plan.agents, plan.sessions, plan, &mut bot).await?,
        drawing(&road, plan, &mut bot).await?,
        resuming(&road, plan, &mut bot).await?,
        neutral::linking(&road, plan.newcomers, &mut bot).await?,
    ];
    let after = bot.memory()?;
    bot.stop().await?;
    drop(road);
    if let Ok(sandbox) = Arc::try_unwrap(sandbox) {
        sandbox.stop().await;
    }
    databases.drop().await?;
    Ok(Measured { name: subject.to_string(), connected, rest, loads, after })
}

fn with_run(mut command: Command) -> Command {
    command.arg("run");
    command
}

async fn sessions_of(
    what: &'static str,
    road: &Road,
    people: usize,
    count: usize,
    plan: &Plan,
    bot: &mut Bot,
) -> anyhow::Result<Load> {
    let road = Road { record: Record::default(), ..road.clone() };
    let start = Start::now(what, people, bot)?;
    let walked = walk::together(vec![road.clone(); people], count, plan.limit(), walk::sessions).await?;
    start.end(walked, &road.record, bot, &road.sandbox).await
}

/// A click that changes nothing.
async fn drawing(road: &Road, plan: &Plan, bot: &mut Bot) -> anyhow::Result<Load> {
    let mut walkers = try_join_all((0..DRAWING).map(|_| walk::before_the_code(road.clone()))).await?;
    let record = Record::default();
    for walker in &mut walkers {
        walker.record(&record);
    }
    let start = Start::now("a click that only draws", DRAWING, bot)?;
    walk::together(walkers, plan.clicks, plan.limit(), walk::pressing).await?;
    start.end(0, &record, bot, &road.sandbox).await
}

/// A click that is stored, without an effect outside.
async fn resuming(road: &Road, plan: &Plan, bot: &mut Bot) -> anyhow::Result<Load> {
    let mut walkers = try_join_all((0..plan.agents).map(|_| walk::before_start(road.clone()))).await?;
    let record = Record::default();
    for walker in &mut walkers {
        walker.record(&record);
    }
    let start = Start::now("a click that is stored", plan.agents, bot)?;
    let typing = |walker, turns| walk::typing(walker, "/support resume", turns);
    walk::together(walkers, plan.clicks, plan.limit(), typing).await?;
    start.end(0, &record, bot, &road.sandbox).await
}

/// Waits until the bot hears the gateway, and fails when it ends before.
pub async fn connected(bot: &mut Bot, sandbox: &Sandbox) -> anyhow::Result<()> {
    const LOOK: Duration = Duration::from_millis(100);
    while tokio::time::timeout(LOOK, sandbox.discord.connected(1)).await.is_err() {
        bot.lives()?;
    }
    Ok(())
}

/// The settings of a deployment, but for the addresses.
fn environment(sandbox: &str, databases: &Databases, key: &str) -> Vec<(&'static str, String)> {
    let ids = [
        ("DISCORD_GUILD_ID", cast::GUILD_ID),
        ("DISCORD_CHANNEL_ID", cast::SUPPORT_CHANNEL_ID),
        ("DISCORD_LEADS_CHANNEL_ID", cast::LEADS_CHANNEL_ID),
        ("DISCORD_AGENT_ROLE_ID", cast::AGENT_ROLE_ID),
        ("DISCORD_LEAD_ROLE_ID", cast::LEAD_ROLE_ID),
    ];
    let aws = format!("{sandbox}/aws");
    let words = [
        ("DISCORD_TOKEN", TOKEN),
        ("DISCORD_API_URL", sandbox),
        ("DATABASE_URL", &databases.desk),
        ("CORE_DATABASE_URL", &databases.core),
        ("STORE_KEY", key),
        ("COGNITO_USER_POOL_ID", cast::USER_POOL_ID),
        ("COGNITO_CLIENT_ID", cast::CLIENT_ID),
        ("COGNITO_AGENT_GROUPS", cast::AGENT_GROUP),
        ("AWS_ENDPOINT_URL", &aws),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
        ("ACCESS_HOSTS", "127.0.0.1,waizant:"),
        ("HTTP_ADDR", "127.0.0.1:0"),
        ("ADMIN_ADDR", "127.0.0.1:0"),
    ];
    let ids = ids.into_iter().map(|(name, id)| (name, id.to_string()));
    ids.chain(words.into_iter().map(|(name, word)| (name, word.to_owned()))).collect()
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

async fn link(url: &str, key: &str, crowd: &Crowd) -> anyhow::Result<()> {
    let (key, clock) = (Arc::new(StoreKey::parse(key)?), Arc::new(WallClock));
    let now = clock.now();
    let database = Database::open(url, Arc::clone(&key), clock).await?;
    database.migrate().await?;
    crowd.link(&database, key, now).await?;
    database.close().await;
    Ok(())
}

/// The bot's own store and the company's Core.
struct Databases {
    desk: String,
    core: String,
    server: Option<Server>,
}

impl Databases {
    async fn make(subject: Subject, folder: &Path) -> anyhow::Result<Self> {
        if subject == Subject::Postgres {
            let server = Server::find()?;
            // A process id is nobody else's while it lives.
            let [desk, core] = ["desk", "core"].map(|what| format!("walk_{what}_{}", std::process::id()));
            for name in [&desk, &core] {
                server.run(format!("create database {name}")).await?;
            }
            let (place, _) = server.url.rsplit_once('/').context("the server's address has no database in it")?;
            return Ok(Self { desk: format!("{place}/{desk}"), core: format!("{place}/{core}"), server: Some(server) });
        }
        let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.join(name).display());
        Ok(Self { desk: file("desk.db"), core: file("core.db"), server: None })
    }

    /// Takes away what the folder does not.
    async fn drop(self) -> anyhow::Result<()> {
        let Some(server) = self.server else { return Ok(()) };
        for url in [self.desk, self.core] {
            let name = url.rsplit_once('/').map_or("", |(_, name)| name);
            server.run(format!("drop database {name} with (force)")).await?;
        }
        Ok(())
    }
}

/// A PostgreSQL server: the one that `SUPPORT_DESK_TEST_POSTGRES` names, or a private one.
struct Server {
    url: String,
    /// Kept for its end of the pipe: when that closes, the server stops.
    _keeper: Option<Child>,
}

impl Server {
    fn find() -> anyhow::Result<Self> {
        if let Ok(url) = std::env::var("SUPPORT_DESK_TEST_POSTGRES") {
            return Ok(Self { url, _keeper: None });
        }
        let mut command = Command::new("bash");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Not in this process's own group: Ctrl-C would end the keeper before it can stop the server.
        command.process_group(0);
        let mut keeper = command.spawn()?;
        let mut url = String::new();
        BufReader::new(keeper.stdout.take().context("no output")?).read_line(&mut url)?;
        if url.is_empty() {
            let mut why = String::new();
            keeper.stderr.take().context("no output")?.read_to_string(&mut why)?;
            anyhow::bail!("PostgreSQL: {why}");
        }
        Ok(Self { url: url.trim().to_owned(), _keeper: Some(keeper) })
    }

    async fn run(&self, sql: String) -> anyhow::Result<()> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url).await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}
