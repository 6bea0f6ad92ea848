//! A PostgreSQL server of a single test, which the test can stop and start.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A private cluster, kept by `tests/postgres.sh`. It is removed at the end of the test.
pub struct Postgres {
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    keeper: Child,
    pub url: String,
}

impl Postgres {
    pub fn start() -> Self {
        let mut command = Command::new("bash");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A process group of its own, because a signal to the test's group would kill the keeper
        // and leave the server running.
        command.process_group(0);
        let mut keeper = command.spawn().unwrap();
        let replies = BufReader::new(keeper.stdout.take().unwrap());
        let mut postgres =
            Self { orders: keeper.stdin.take(), replies, keeper, url: String::new() };
        postgres.url = postgres.read_line();
        assert!(postgres.url.starts_with("postgres://"), "PostgreSQL did not start");
        postgres
    }

    /// Stops the server as a crash does: all connections break, and none can be opened.
    pub async fn stop(self) -> Self {
        self.order("stop", "stopped").await
    }

    /// Starts the stopped server at the same address.
    pub async fn restart(self) -> Self {
        self.order("start", "started").await
    }

    /// Sends an order and waits for its reply on a thread of its own, so that the test continues.
    async fn order(mut self, order: &'static str, reply: &'static str) -> Self {
        let waiting = move || {
            writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
            assert_eq!(self.read_line(), reply);
            self
        };
        tokio::task::spawn_blocking(waiting).await.unwrap()
    }

    fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The keeper stops the server and removes its folder when its input ends.
        drop(self.orders.take());
        let _ = self.keeper.wait();
    }
}
