//! The command line of `support-desk`.

mod customer;
mod customer_export;
mod customer_who;
mod keys;
mod package_files;
mod trail;

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use commands::ports::clock::Clock;
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Listeners, Workers};
use crate::clock::WallClock;
use crate::config::{Config, ConfigFault, StoreSettings, StoreUrl};
use crate::core_db::in_mode;
use crate::store::{Database, Ended, EndedOne, RunLock, engine};
use crate::telemetry::{self, traces::Traces};
use crate::{check, demo_marks, env_file};

/// Log directives of the commands that print their own results.
const QUIET: &str = "warn";

/// Log directives of `check`. The AWS SDK warns of each place without credentials, and a line of
/// the check says what is wrong.
const CHECK_LOG: &str = "warn,aws_config=off";

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// File with settings: lines NAME=value, without quotes. The environment has precedence
    #[arg(long, global = true, value_name = "FILE")]
    env_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Subcommand)]
enum Command {
    /// Run the bot. Settings come from the environment, see .env.example
    Run {
        /// Leave the tables of the store as they are. Refuse a store that lacks tables
        #[arg(long)]
        no_migrate: bool,
    },
    /// Run a demo in the browser. It needs no accounts and no settings
    #[cfg(feature = "demo")]
    Demo,
    /// Check the settings and every service that the bot needs
    Check,
    /// Create or update the tables of the store. `run` does this too, except with --no-migrate
    Migrate,
    /// Print new keys as settings: `STORE_KEY`, `TRAIL_KEY`, and the public half of the latter
    Key,
    /// Write everything under an earlier key again under `STORE_KEY`, and record that
    /// `TRAIL_KEY` replaces the earlier ones. The bot can run meanwhile
    Rekey(keys::Lost),
    /// Close every open session and revoke what it opened: after a restore, or after a leaked key
    EndSessions,
    /// Close one open session and revoke what it opened. The bot can keep running
    Close {
        /// Id of the session, or at least its first six characters
        #[arg(value_name = "SESSION", value_parser = parse_session)]
        session: String,
    },
    /// Unlock a subject after too many wrong codes
    Unlock {
        /// Subject as the log line of its lockout prints it, such as agent:0a1c7a52-…
        #[arg(value_name = "SUBJECT")]
        subject: String,
    },
    /// Erase a customer, or export a copy of what is stored about one
    #[command(subcommand)]
    Customer(customer::Customer),
    /// Verify, export or shorten the audit trail
    #[command(subcommand)]
    Trail(trail::Trail),
    /// Write the man pages and the shell completions into a folder
    #[command(hide = true)]
    PackageFiles {
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let Cli { command, env_file } = Cli::parse();
    if let Some(file) = env_file {
        // Returns only if it fails.
        return fail(&env_file::restart_with(&file));
    }
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(command)));
    result.unwrap_or_else(|error| fail(&error))
}

/// Prints an error with its causes on one line. A closed output is no error of the command.
fn fail(error: &anyhow::Error) -> ExitCode {
    if !is_closed_pipe(error) {
        let _ = writeln!(std::io::stderr(), "support-desk: {error:#}");
    }
    ExitCode::FAILURE
}

/// Prints a line of a command's result. `println!` would panic if the output is full or closed.
fn print(line: impl Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot write the result")
}

/// Returns true if the reader of standard output has closed it.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run { no_migrate } => Box::pin(run_bot(!no_migrate)).await?,
        #[cfg(feature = "demo")]
        Command::Demo => Box::pin(crate::demo::run(stop_signal()?)).await?,
        Command::Check => {
            telemetry::start(CHECK_LOG)?;
            let lines = match Config::from_env() {
                Ok(config) => check::run(&config, Arc::new(WallClock)).await,
                Err(faults) => check::config_faults(&faults),
            };
            for line in &lines {
                print(line)?;
            }
            if !lines.iter().all(check::Line::passed) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Migrate => {
            telemetry::start(QUIET)?;
            let StoreUrl { url, warnings } = StoreUrl::from_env()?;
            log_warnings(&warnings);
            let pools = engine::open(url.expose_secret()).await?;
            pools.migrate().await?;
            pools.close().await;
            print(format_args!("the store is up to date: {}", pools.place()))?;
        }
        Command::Trail(command) => {
            telemetry::start(QUIET)?;
            return trail::run(command).await;
        }
        Command::Unlock { subject } => {
            telemetry::start(QUIET)?;
            let database = open_store().await?;
            let unlocked = database.unlock(&subject, WallClock.now()).await?;
            database.close().await;
            if !unlocked {
                print(format_args!(
                    "nothing to unlock: {subject:?} has no lockout and no wrong codes"
                ))?;
                return Ok(ExitCode::FAILURE);
            }
            print("unlocked")?;
        }
        Command::Customer(command) => {
            // Only the line of an erasure tells a restored backup whom to erase again.
            if command.erases() {
                telemetry::start_json(QUIET)?;
            } else {
                telemetry::start(QUIET)?;
            }
            return customer::run(command).await;
        }
        Command::Key => keys::print_new()?,
        Command::Rekey(lost) => {
            telemetry::start(QUIET)?;
            return Box::pin(keys::rekey(lost)).await;
        }
        Command::EndSessions => {
            telemetry::start(QUIET)?;
            return end_sessions().await;
        }
        Command::Close { session } => {
            telemetry::start(QUIET)?;
            return close(&session).await;
        }
        Command::PackageFiles { folder } => package_files::write(&folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the bot until it is stopped.
async fn run_bot(migrates: bool) -> anyhow::Result<()> {
    let config = Config { migrates, ..Config::from_env()? };
    demo_marks::refuse(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let start = |collector| Traces::start(collector, Arc::clone(&clock));
    let traces = config.collector.as_ref().map(start).transpose()?;
    match &traces {
        Some(traces) => telemetry::start_traced(&config.log, traces)?,
        None => telemetry::start(&config.log)?,
    }
    log_warnings(&config.warnings);
    let _lock = RunLock::acquire(config.database_url.expose_secret())?;
    let stop = stop_signal()?;
    let listeners = Listeners::bind(&config).await?;
    let app = tokio::select! {
        app = App::assemble(config, listeners, clock) => app?,
        // A migration in progress is rolled back.
        () = stop.cancelled() => return Ok(()),
    };
    let ended = Box::pin(app.run(Workers::Running, stop)).await;
    if let Some(traces) = traces {
        traces.stop().await;
    }
    ended
}

/// Closes every open session. Fails if one is left open.
async fn end_sessions() -> anyhow::Result<ExitCode> {
    let database = open_store().await?;
    let ended = database.end_sessions().await;
    database.close().await;
    let Ended { closed, left } = ended?;
    print(format_args!("{closed} sessions closed; the next `run` revokes what they opened"))?;
    if left > 0 {
        print(format_args!("{left} sessions are left open, see the log above"))?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Fewest characters of an id that name its session: as many as people see.
const SHORTEST_ID: usize = 6;

fn parse_session(text: &str) -> Result<String, String> {
    if text.chars().count() < SHORTEST_ID {
        return Err(format!("write at least the first {SHORTEST_ID} characters of its id"));
    }
    Ok(text.to_owned())
}

/// Closes one session. Fails if no open session is meant, or several are.
async fn close(session: &str) -> anyhow::Result<ExitCode> {
    let database = open_store().await?;
    let ended = database.end_session(session).await;
    database.close().await;
    match ended? {
        EndedOne::Closed(id) => {
            print(format_args!("session {id} is closed; `run` revokes what it opened"))?;
            return Ok(ExitCode::SUCCESS);
        }
        EndedOne::Several(count) => {
            print(format_args!(
                "{count} open sessions begin with {session:?}; write the whole id"
            ))?;
        }
        EndedOne::NotOpen => print(format_args!("no open session begins with {session:?}"))?,
    }
    Ok(ExitCode::FAILURE)
}

/// Opens the store with the keys of the settings.
async fn open_store() -> anyhow::Result<Database> {
    let StoreSettings { url, keys, warnings, .. } = StoreSettings::from_env()?;
    log_warnings(&warnings);
    let database = Database::open(&existing(&url), keys, Arc::new(WallClock)).await?;
    database.pools.require_version().await?;
    Ok(database)
}

fn log_warnings(warnings: &[ConfigFault]) {
    for warning in warnings {
        tracing::warn!(variable = warning.variable, "{}", warning.hint);
    }
}

/// Returns the URL without the permission to create a file, because a command that reads must not
/// leave an empty store behind.
fn existing(url: &SecretString) -> String {
    in_mode(url.expose_secret(), "rw")
}

/// Returns a token that the first SIGTERM or Ctrl-C cancels. A second one exits at once.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if stopping.is_cancelled() {
                std::process::exit(1);
            }
            tracing::info!("stopping");
            stopping.cancel();
        }
    });
    Ok(stop)
}
