//! A PostgreSQL of a test's own, that can be stopped and started.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A private cluster, through `tests/postgres.sh`: it goes with the test, however that ends.
pub struct Postgres {
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    keeper: Child,
    /// The address of its database.
    pub url: String,
}

impl Postgres {
    /// Starts one.
    pub fn start() -> Self {
        let mut command = Command::new("bash");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Not in the test's own group: whoever kills that would leave the server without its
        // keeper.
        command.process_group(0);
        let mut keeper = command.spawn().unwrap();
        let answers = BufReader::new(keeper.stdout.take().unwrap());
        let mut postgres =
            Self { orders: keeper.stdin.take(), answers, keeper, url: String::new() };
        postgres.url = postgres.line();
        assert!(postgres.url.starts_with("postgres://"), "it did not start");
        postgres
    }

    /// Stops the server as a crash does: whoever is connected is cut off, and nobody can connect.
    pub async fn goes(self) -> Self {
        self.does("stop", "stopped").await
    }

    /// Starts it again at the same place.
    pub async fn comes_back(self) -> Self {
        self.does("start", "started").await
    }

    /// On a thread of its own: the other side goes on meanwhile.
    async fn does(mut self, order: &'static str, answer: &'static str) -> Self {
        let doing = move || {
            writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
            assert_eq!(self.line(), answer);
            self
        };
        tokio::task::spawn_blocking(doing).await.unwrap()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its input ends, so it stops the server and takes the folder away.
        drop(self.orders.take());
        let _ = self.keeper.wait();
    }
}
