//! Databases of a run: SQLite files, or two databases on a PostgreSQL server.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::sync::OnceCell;

use crate::plan::Bot;

/// The bot's own store and the company's Core.
pub struct Databases {
    /// `DATABASE_URL`.
    pub desk: String,
    /// `CORE_DATABASE_URL`.
    pub core: String,
    /// URL of the PostgreSQL server.
    server: Option<&'static str>,
}

impl Databases {
    /// Creates two empty databases. SQLite's files go to `folder`.
    pub async fn create(bot: Bot, folder: &Path) -> anyhow::Result<Self> {
        static CREATED: AtomicUsize = AtomicUsize::new(0);
        if bot != Bot::Postgres {
            let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.join(name).display());
            return Ok(Self { desk: file("desk.db"), core: file("core.db"), server: None });
        }
        let server = postgres().await?;
        // The process id keeps concurrent runs on one server apart.
        let suffix = format!("{}_{}", std::process::id(), CREATED.fetch_add(1, Ordering::Relaxed));
        let names = ["desk", "core"].map(|name| format!("walk_{name}_{suffix}"));
        for name in &names {
            execute(server, format!("create database {name}")).await?;
        }
        let (base, _) = server.rsplit_once('/').context("the server's URL names no database")?;
        let [desk, core] = names.map(|name| format!("{base}/{name}"));
        Ok(Self { desk, core, server: Some(server) })
    }

    /// Counts the trail's events of a kind, on a connection beside the bot's own.
    pub async fn count_events(&self, kind: &str) -> anyhow::Result<usize> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.desk).await?;
        let count: i64 = sqlx::query_scalar("select count(*) from events where kind = $1")
            .bind(kind.to_owned())
            .fetch_one(&mut connection)
            .await?;
        Ok(usize::try_from(count)?)
    }

    /// Drops the databases on the server. SQLite's files go with their folder.
    pub async fn drop(self) -> anyhow::Result<()> {
        let Some(server) = self.server else { return Ok(()) };
        for url in [self.desk, self.core] {
            let name = url.rsplit_once('/').map_or("", |(_, name)| name);
            execute(server, format!("drop database {name} with (force)")).await?;
        }
        Ok(())
    }
}

/// Executes a statement on the PostgreSQL server.
async fn execute(server: &str, sql: String) -> anyhow::Result<()> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Returns the URL of the PostgreSQL server: the one that `SUPPORT_DESK_TEST_POSTGRES` names, or a
/// private one that stops with this process.
async fn postgres() -> anyhow::Result<&'static str> {
    static SERVER: OnceCell<(String, Option<Child>)> = OnceCell::const_new();
    let (url, _) = SERVER
        .get_or_try_init(async || match std::env::var("SUPPORT_DESK_TEST_POSTGRES") {
            Ok(url) => Ok((url, None)),
            Err(_) => start_postgres(),
        })
        .await?;
    Ok(url)
}

fn start_postgres() -> anyhow::Result<(String, Option<Child>)> {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // A group of its own, because Ctrl-C would end the script before it stops the server.
    command.process_group(0);
    let mut script = command.spawn()?;
    let mut url = String::new();
    BufReader::new(script.stdout.take().context("no output")?).read_line(&mut url)?;
    anyhow::ensure!(!url.is_empty(), "PostgreSQL could not be started");
    Ok((url.trim().to_owned(), Some(script)))
}
