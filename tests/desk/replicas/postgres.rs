//! A database for a single test on the tests' PostgreSQL server.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

/// A database on the server. The test must drop it with [`Postgres::drops`].
pub struct Postgres {
    pub url: String,
    name: String,
}

impl Postgres {
    /// Creates an empty database.
    pub async fn new() -> Self {
        // The name of a temporary folder gives a random suffix.
        let folder = tempfile::tempdir().unwrap();
        let random: String = folder
            .path()
            .display()
            .to_string()
            .chars()
            .rev()
            .take(6)
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let name = format!("desk_{}_{}", std::process::id(), random.to_lowercase());
        on_server(format!("create database {name}")).await;
        let (server, _) = server().rsplit_once('/').unwrap();
        Self { url: format!("{server}/{name}"), name }
    }

    /// Drops the database and ends all connections to it.
    pub async fn drops(self) {
        on_server(format!("drop database {} with (force)", self.name)).await;
    }

    /// Ends all connections and accepts none.
    pub async fn shuts(&self) {
        on_server(format!("alter database {} allow_connections false", self.name)).await;
        self.cuts().await;
    }

    /// Makes new connections read-only and ends all others, as a failover to a standby does.
    pub async fn becomes_read_only(&self) {
        on_server(format!("alter database {} set default_transaction_read_only = on", self.name))
            .await;
        self.cuts().await;
    }

    /// Makes new connections writable. Existing ones stay read-only.
    pub async fn becomes_writable(&self) {
        on_server(format!("alter database {} reset default_transaction_read_only", self.name))
            .await;
    }

    async fn cuts(&self) {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname =";
        on_server(format!("{cut} '{}'", self.name)).await;
    }

    /// Accepts connections again.
    pub async fn opens(&self) {
        on_server(format!("alter database {} allow_connections true", self.name)).await;
    }

    /// Returns the number that a statement selects.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.unwrap()
    }

    /// Returns the first column of the rows that a statement selects.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        let rows = sqlx::query(sql).fetch_all(&mut self.connect().await).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Returns kind and details of each trail event, ordered by time, chain and number.
    pub async fn trail(&self) -> Vec<String> {
        self.texts("select kind || ' ' || details from events order by at, chain, seq").await
    }

    /// Locks a table until the returned connection is dropped.
    pub async fn locks(&self, table: &str) -> AnyConnection {
        let mut connection = self.connect().await;
        let lock = format!("begin; lock table {table} in access exclusive mode");
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut connection).await.unwrap();
        connection
    }

    async fn connect(&self) -> AnyConnection {
        AnyConnection::connect(&self.url).await.unwrap()
    }
}

async fn on_server(sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Returns the address in `SUPPORT_DESK_TEST_POSTGRES`, or that of a server that this process
/// starts and that ends with it.
fn server() -> &'static str {
    static SERVER: OnceLock<(String, Option<Child>)> = OnceLock::new();
    let (url, _) = SERVER.get_or_init(|| match std::env::var("SUPPORT_DESK_TEST_POSTGRES") {
        Ok(url) => (url, None),
        Err(_) => start(),
    });
    url
}

fn start() -> (String, Option<Child>) {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // A process group of its own, because a signal to the test's group would kill the keeper and
    // leave the server running.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    (url.trim().to_owned(), Some(child))
}
