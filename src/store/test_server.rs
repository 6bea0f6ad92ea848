//! The PostgreSQL server of the tests.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use ring::rand::{SecureRandom as _, SystemRandom};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

/// Returns a random number, for the name of a database.
pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

/// Runs a statement on the server itself.
pub(super) async fn on_server(sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(server()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Returns the URL of the PostgreSQL server: the value of `SUPPORT_DESK_TEST_POSTGRES`, or a server
/// that this process starts.
pub(crate) fn server() -> &'static str {
    // Keep the child, because it holds the pipe: when this process ends, the pipe closes and the
    // server stops.
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
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Use a separate process group, so that a signal to the tests does not leave the server
    // running.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    if url.is_empty() {
        let mut why = String::new();
        child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        panic!("{why}");
    }
    (url.trim().to_owned(), Some(child))
}
