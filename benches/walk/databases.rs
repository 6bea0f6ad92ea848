//! The databases of a run: SQLite files, or a PostgreSQL server with two databases of its own on
//! it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context as _;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

use crate::plan::Subject;

/// The bot's own store and the company's Core.
pub struct Databases {
    /// `DATABASE_URL`.
    pub desk: String,
    /// `CORE_DATABASE_URL`.
    pub core: String,
    server: Option<&'static Server>,
}

impl Databases {
    /// Two empty ones; SQLite's are files in `folder`.
    pub async fn make(subject: Subject, folder: &Path) -> anyhow::Result<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        if subject == Subject::Postgres {
            let server = Server::get()?;
            // A process id is nobody else's while it lives.
            let nth = MADE.fetch_add(1, Ordering::Relaxed);
            let [desk, core] =
                ["desk", "core"].map(|what| format!("walk_{what}_{}_{nth}", std::process::id()));
            for name in [&desk, &core] {
                server.run(format!("create database {name}")).await?;
            }
            let (place, _) = server
                .url
                .rsplit_once('/')
                .context("the server's address has no database in it")?;
            return Ok(Self {
                desk: format!("{place}/{desk}"),
                core: format!("{place}/{core}"),
                server: Some(server),
            });
        }
        let file = |name: &str| format!("sqlite://{}?mode=rwc", folder.join(name).display());
        Ok(Self { desk: file("desk.db"), core: file("core.db"), server: None })
    }

    /// A connection to the bot's store, beside the bot's own.
    pub async fn look(&self) -> anyhow::Result<AnyConnection> {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.desk).await?;
        if self.server.is_none() {
            sqlx::raw_sql("pragma busy_timeout = 5000").execute(&mut connection).await?;
        }
        Ok(connection)
    }

    /// Takes away what the folder does not.
    pub async fn drop(self) -> anyhow::Result<()> {
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
    /// One serves all databases of a run, and ends with this process.
    fn get() -> anyhow::Result<&'static Self> {
        static SERVER: OnceLock<Server> = OnceLock::new();
        if let Some(server) = SERVER.get() {
            return Ok(server);
        }
        let found = Self::find()?;
        Ok(SERVER.get_or_init(|| found))
    }

    fn find() -> anyhow::Result<Self> {
        if let Ok(url) = std::env::var("SUPPORT_DESK_TEST_POSTGRES") {
            return Ok(Self { url, _keeper: None });
        }
        let mut command = Command::new("bash");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Not in this process's own group: Ctrl-C would end the keeper before it can stop the
        // server.
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
