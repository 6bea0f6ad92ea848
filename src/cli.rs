//! The command line of `support-desk`.

use std::fmt::Display;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock as _;
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Listeners, Workers};
use crate::clock::WallClock;
use crate::config::{Config, ConfigFault, StoreSettings, StoreUrl};
use crate::core_db::in_mode;
use crate::store::{Database, RunLock, StoreKey, engine};
use crate::telemetry;
use crate::trail::{self, ExportFormat, LoggedCheckpoint};
use crate::{check, demo_marks, env_file};

/// Log directives of `check`, `migrate`, `unlock` and `trail`, which print their own results.
const QUIET: &str = "warn";

#[derive(Parser)]
#[command(version, about = "Discord bot with which support agents verify customers and help them")]
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
    Run,
    /// Run a demo in the browser. It needs no accounts and no settings
    #[cfg(feature = "demo")]
    Demo,
    /// Check the settings and every service that the bot needs
    Check,
    /// Create or update the tables of the store. `run` does this too
    Migrate,
    /// Print a new `STORE_KEY`
    Key,
    /// Unlock a subject after too many wrong codes
    Unlock {
        /// Subject as the log line of its lockout prints it, such as agent:0a1c7a52-…
        #[arg(value_name = "SUBJECT")]
        subject: String,
    },
    /// Verify or export the audit trail
    #[command(subcommand)]
    Trail(Trail),
}

#[derive(Clone, Subcommand)]
enum Trail {
    /// Check that no event was changed, moved or removed, and that no session is missing
    Verify {
        /// Newest checkpoint in the log. The trail must contain it
        #[arg(long, value_name = "NUMBER:MAC")]
        checkpoint: Option<LoggedCheckpoint>,
    },
    /// Write the events to standard output
    Export {
        /// Output format
        #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
        /// First time to include, such as 2026-01-31T00:00:00Z
        #[arg(long, value_name = "TIME", value_parser = trail::parse_time)]
        from: Option<Timestamp>,
        /// First time to exclude
        #[arg(long, value_name = "TIME", value_parser = trail::parse_time)]
        to: Option<Timestamp>,
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
        Command::Run => {
            let config = Config::from_env()?;
            demo_marks::refuse(&config)?;
            telemetry::start(&config.log)?;
            log_warnings(&config.warnings);
            let _lock = RunLock::acquire(config.database_url.expose_secret())?;
            let stop = stop_signal()?;
            let listeners = Listeners::bind(&config).await?;
            let app = tokio::select! {
                app = App::assemble(config, listeners, Arc::new(WallClock)) => app?,
                // A migration in progress is rolled back.
                () = stop.cancelled() => return Ok(ExitCode::SUCCESS),
            };
            app.run(Workers::Running, stop).await?;
        }
        #[cfg(feature = "demo")]
        Command::Demo => crate::demo::run(stop_signal()?).await?,
        Command::Check => {
            telemetry::start(QUIET)?;
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
        Command::Trail(Trail::Verify { checkpoint }) => {
            telemetry::start(QUIET)?;
            let StoreSettings { url, key, warnings } = StoreSettings::from_env()?;
            log_warnings(&warnings);
            let database = Database::open(&existing(&url), key, Arc::new(WallClock)).await?;
            let mut out = std::io::stdout().lock();
            let intact = trail::verify(&database, checkpoint.as_ref(), &mut out).await?;
            database.close().await;
            return Ok(if intact { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Trail(Trail::Export { format, from, to }) => {
            telemetry::start(QUIET)?;
            let StoreUrl { url, warnings } = StoreUrl::from_env()?;
            log_warnings(&warnings);
            let pools = engine::open(&existing(&url)).await?;
            let mut out = std::io::stdout().lock();
            let exported = trail::export(&pools, format, from, to, &mut out).await;
            pools.close().await;
            // A reader such as `head` has all that it wants.
            if !exported.as_ref().is_err_and(is_closed_pipe) {
                exported?;
            }
        }
        Command::Unlock { subject } => {
            telemetry::start(QUIET)?;
            let StoreSettings { url, key, warnings } = StoreSettings::from_env()?;
            log_warnings(&warnings);
            let database = Database::open(&existing(&url), key, Arc::new(WallClock)).await?;
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
        Command::Key => print(StoreKey::generate()?.expose_secret())?,
    }
    Ok(ExitCode::SUCCESS)
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
