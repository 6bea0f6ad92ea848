//! A folder, settings and a sandbox for the real program.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use sandbox::clock::WallClock;
use sandbox::seed::{self, Seed};
use sandbox::{Sandbox, Settings};
use support_desk::demo;
use support_desk::keyring::Keyring;
use support_desk::store::Database;

use crate::program::{BINARY, Folder, PROCESS_TIMEOUT, Program};

/// A token other than the demo's.
const TOKEN: &str = "a-private-token";
/// A store key other than the demo's.
pub const KEY: &str = "KqP0zDQd7J1BuJNYCBcvIcoTcQ++U5PPJWvls6ih76c=";
/// The `TRAIL_KEY` of an installation.
pub const TRAIL_KEY: &str = "trail-secret:DnNMx6TZJP1YF/LRIYUXDyeFy8nTjtyOOMvXC7jnT5g=";

/// Returns the keys of an installation.
pub fn keyring() -> Keyring {
    Keyring::parse(KEY, TRAIL_KEY).unwrap()
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

    /// Returns the URL of Core, which can be written.
    pub fn core_url(&self) -> &str {
        &self.core
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
            ("TRAIL_KEY", TRAIL_KEY.to_owned()),
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

    /// Starts `run` with settings that add or replace, and waits until it is connected.
    pub async fn running_with(&self, more: &[(&'static str, &str)]) -> Program {
        self.running_binary(Path::new(BINARY), more, 0).await
    }

    /// Starts `run` beside `others` connected replicas, and waits until it is connected.
    pub async fn running_beside(&self, others: usize) -> Program {
        self.running_binary(Path::new(BINARY), &[], others).await
    }

    /// Starts `run` of a version beside `others` connected replicas, and waits until it is
    /// connected.
    pub async fn running_binary(
        &self,
        binary: &Path,
        more: &[(&'static str, &str)],
        others: usize,
    ) -> Program {
        self.sandbox.discord.connected(others).await;
        let variables = self.variables(more);
        let stdout = Stdio::piped();
        let mut program = Program::start_binary(binary, &self.folder, "run", &variables, stdout);
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
        let database = Database::open(&self.store_url(), Arc::new(keyring()), Arc::clone(&clock))
            .await
            .unwrap();
        database.migrate().await.unwrap();
        demo::link_agents(&database, clock.now()).await.unwrap();
        database.close().await;
    }
}
