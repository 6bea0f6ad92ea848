//! The real program in a process of its own, with a sandbox on the machine's clock.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sandbox::clock::WallClock;
use sandbox::seed::{self, Seed};
use sandbox::{Sandbox, Settings};
use support_desk::demo;
use support_desk::store::{Database, StoreKey};
use tempfile::TempDir;

/// Time limit for the start or the end of a process, on a busy machine.
const PROCESS_TIMEOUT: Duration = Duration::from_mins(1);
/// Time between two checks whether a starting process has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// A token other than the demo's.
const TOKEN: &str = "a-private-token";
/// A store key other than the demo's.
pub const KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";

/// Returns a free address on this machine, for a listener of a program.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Waits until a program listens at an address.
pub async fn listens(address: &str) {
    let connecting = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(PROCESS_TIMEOUT, connecting).await.expect("the program listens too late");
}

/// Working folder of one or more programs. Prints their logs if the test fails.
pub struct Folder {
    folder: TempDir,
    programs: AtomicUsize,
}

impl Folder {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), programs: AtomicUsize::new(0) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the log file of the next program.
    fn next_log(&self, command: &str) -> PathBuf {
        let nth = self.programs.fetch_add(1, Ordering::Relaxed) + 1;
        self.path().join(format!("{nth}-{command}.log"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut logs: Vec<_> = fs::read_dir(self.path())
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path())
            .collect();
        logs.retain(|file| file.extension().is_some_and(|extension| extension == "log"));
        logs.sort();
        for log in logs {
            let text = fs::read(&log).unwrap_or_default();
            eprintln!(
                "--- {}\n{}",
                log.file_name().unwrap_or_default().display(),
                String::from_utf8_lossy(&text)
            );
        }
    }
}

/// A running program. Dropping it kills it.
pub struct Program {
    child: Option<Child>,
    log: PathBuf,
}

impl Program {
    /// Starts a command line with these environment variables only.
    pub fn start(folder: &Folder, command: &str, variables: &[(&str, String)]) -> Self {
        Self::start_into(folder, command, variables, Stdio::piped())
    }

    /// Starts a command line with these environment variables only. It writes to `stdout`.
    fn start_into(
        folder: &Folder,
        command: &str,
        variables: &[(&str, String)],
        stdout: Stdio,
    ) -> Self {
        let log = folder.next_log(command.split(' ').next().unwrap_or_default());
        let child = Command::new(env!("CARGO_BIN_EXE_support-desk"))
            .args(command.split(' '))
            .current_dir(folder.path())
            .env_clear()
            // The AWS SDK looks for files there and must find none.
            .env("HOME", folder.path())
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(stdout)
            // A file, so that a failing test can print it while the program still runs.
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child: Some(child), log }
    }

    /// Sends a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until the program ends.
    async fn has_ended(&mut self) {
        while self.child.as_mut().unwrap().try_wait().unwrap().is_none() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the first line on standard output.
    pub async fn first_line(&mut self) -> String {
        let stdout = self.child.as_mut().unwrap().stdout.take().unwrap();
        let reading = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).unwrap();
            line
        });
        tokio::time::timeout(PROCESS_TIMEOUT, reading).await.expect("a first line in time").unwrap()
    }

    /// Waits for the end, and returns exit code and output.
    pub async fn ends(mut self) -> Ended {
        let child = self.child.take().unwrap();
        let id = child.id().to_string();
        let waiting = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let Ok(output) = tokio::time::timeout(PROCESS_TIMEOUT, waiting).await else {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            panic!("the program did not end in time");
        };
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(fs::read(&self.log).unwrap()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Result of a program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    pub stdout: String,
    /// Standard error, with the log.
    pub stderr: String,
}

impl Ended {
    /// Returns the error message. Panics unless the exit code is 1.
    pub fn sentence(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let at = self
            .stderr
            .find("support-desk: ")
            .unwrap_or_else(|| panic!("no error message in {self:?}"));
        &self.stderr[at..]
    }
}

/// A folder and settings for the program, with a sandbox on the machine's clock.
pub struct Installation {
    pub sandbox: Sandbox,
    pub folder: Folder,
    /// URL of the store; `None` for a file in the folder.
    store: Option<String>,
    /// URL of Core.
    core: String,
}

impl Installation {
    /// Starts a sandbox that accepts [`TOKEN`]. The folder contains only Core's database.
    pub async fn new() -> Self {
        let folder = Folder::new();
        let core = format!("sqlite://{}", folder.path().join("core.db").display());
        Self::start_sandbox(folder, core, "?mode=rwc").await
    }

    /// Starts a sandbox, with Core in the PostgreSQL database at the URL `core`.
    pub async fn with_core(core: &str) -> Self {
        Self::start_sandbox(Folder::new(), core.to_owned(), "").await
    }

    async fn start_sandbox(folder: Folder, core: String, creation: &str) -> Self {
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(WallClock),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: format!("{core}{creation}"),
            seed: Seed::demo(),
        })
        .await
        .unwrap();
        sandbox.discord.accept_token(TOKEN);
        Self { sandbox, folder, store: None, core }
    }

    /// Starts a sandbox, with the store at the URL `store`.
    pub async fn on(store: &str) -> Self {
        Self { store: Some(store.to_owned()), ..Self::new().await }
    }

    /// Returns the URL of the program's store.
    pub fn store_url(&self) -> String {
        let file = || format!("sqlite://{}?mode=rwc", self.folder.path().join("desk.db").display());
        self.store.clone().unwrap_or_else(file)
    }

    /// Returns a file of the program's store in the folder, by its ending.
    pub fn store_file(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("desk.db{ending}"))
    }

    /// Returns the required variables. `more` adds or replaces.
    pub fn variables(&self, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let url = self.sandbox.url();
        let mut variables = vec![
            ("DISCORD_TOKEN", TOKEN.to_owned()),
            ("DISCORD_API_URL", url.clone()),
            ("DISCORD_GUILD_ID", seed::GUILD_ID.to_string()),
            ("DISCORD_CHANNEL_ID", seed::SUPPORT_CHANNEL_ID.to_string()),
            ("DISCORD_LEADS_CHANNEL_ID", seed::LEADS_CHANNEL_ID.to_string()),
            ("DISCORD_AGENT_ROLE_ID", seed::AGENT_ROLE_ID.to_string()),
            ("DISCORD_LEAD_ROLE_ID", seed::LEAD_ROLE_ID.to_string()),
            ("DATABASE_URL", self.store_url()),
            ("CORE_DATABASE_URL", self.core.clone()),
            ("COGNITO_USER_POOL_ID", seed::USER_POOL_ID.to_owned()),
            ("COGNITO_CLIENT_ID", seed::CLIENT_ID.to_owned()),
            ("STORE_KEY", KEY.to_owned()),
            ("ACCESS_HOSTS", "127.0.0.1,waizant:".to_owned()),
            ("HTTP_ADDR", "127.0.0.1:0".to_owned()),
            ("ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("AWS_ENDPOINT_URL", format!("{url}/aws")),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        variables.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        variables
    }

    /// Starts a command with the required variables. `more` adds or replaces.
    pub fn start(&self, command: &str, more: &[(&'static str, &str)]) -> Program {
        Program::start(&self.folder, command, &self.variables(more))
    }

    /// Starts a command with the required variables. It writes to `stdout`.
    pub fn start_into(&self, command: &str, stdout: Stdio) -> Program {
        Program::start_into(&self.folder, command, &self.variables(&[]), stdout)
    }

    /// Starts a command with these variables only.
    pub fn start_with(&self, command: &str, variables: &[(&'static str, &str)]) -> Program {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Program::start(&self.folder, command, &variables)
    }

    /// Starts `run` and waits until it is connected.
    pub async fn running(&self) -> Program {
        self.running_beside(0).await
    }

    /// Starts `run` beside `others` connected replicas, and waits until it is connected.
    pub async fn running_beside(&self, others: usize) -> Program {
        self.sandbox.discord.connected(others).await;
        let mut program = self.start("run", &[]);
        tokio::select! {
            () = self.sandbox.discord.connected(others + 1) => {}
            () = program.has_ended() => panic!("the program has ended"),
            () = tokio::time::sleep(PROCESS_TIMEOUT) => panic!("the program connects too late"),
        }
        program
    }

    /// Links the agents and leads of the sandbox to their accounts.
    pub async fn link_agents(&self) {
        let clock: Arc<dyn commands::ports::clock::Clock> =
            Arc::new(support_desk::clock::WallClock);
        let key = Arc::new(StoreKey::parse(KEY).unwrap());
        let database = Database::open(&self.store_url(), key, Arc::clone(&clock)).await.unwrap();
        database.migrate().await.unwrap();
        demo::link_agents(&database, clock.now()).await.unwrap();
        database.close().await;
    }
}
