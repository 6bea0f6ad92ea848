//! The command line: run, demo, check, migrate, key, trail.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use commands::model::time::Timestamp;
use commands::ports::clock::Clock;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Listeners, Workers};
use crate::clock::WallClock;
use crate::config::Config;
use crate::store::{Database, StoreKey};
use crate::telemetry::{self, Format};
use crate::trail::{self, ExportFormat, LoggedCheckpoint};
use crate::{check, demo_marks};

/// What the log says while a command other than `run` works: its own lines are enough.
const QUIET: &str = "warn";

#[derive(Parser)]
#[command(
    version,
    about = "A Discord bot with which support agents verify a customer and help them"
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Subcommand)]
enum Command {
    /// Run the bot. Settings come from the environment; .env.example documents them
    Run,
    /// Try it without any account: the bot and everything around it on this machine, played in a
    /// browser
    #[cfg(feature = "demo")]
    Demo,
    /// Check everything the bot needs: one line, one verdict, one hint for each
    Check,
    /// Bring the store's tables up to date (run does it too)
    Migrate,
    /// Print a new `STORE_KEY`
    Key,
    /// The trail: who did what, when
    #[command(subcommand)]
    Trail(Trail),
}

#[derive(Clone, Subcommand)]
enum Trail {
    /// Tell whether any event was changed, removed, moved or cut off, or a session is missing
    Verify {
        /// A checkpoint from the log, as NUMBER:MAC, which has to be there
        #[arg(long, value_name = "NUMBER:MAC")]
        checkpoint: Option<LoggedCheckpoint>,
    },
    /// Write the events to standard output
    Export {
        /// As what
        #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
        /// Not before this time, such as 2026-01-31T00:00:00Z
        #[arg(long, value_name = "TIME", value_parser = trail::parse_time)]
        from: Option<Timestamp>,
        /// Before this time
        #[arg(long, value_name = "TIME", value_parser = trail::parse_time)]
        to: Option<Timestamp>,
    },
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let command = Line::parse().command;
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(command)));
    done.unwrap_or_else(|error| {
        // `{:#}` is the whole chain of causes in one line.
        eprintln!("support-desk: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run => {
            let config = Config::from_env()?;
            demo_marks::refuse(&config)?;
            telemetry::start(&config.log, Format::of_stderr())?;
            let stop = stop_signal()?;
            let listeners = Listeners::bind(&config).await?;
            App::assemble(config, listeners, Arc::new(WallClock))
                .await?
                .run(Workers::Running, stop)
                .await?;
        }
        #[cfg(feature = "demo")]
        Command::Demo => crate::demo::run(stop_signal()?).await?,
        Command::Check => {
            telemetry::start(QUIET, Format::of_stderr())?;
            let lines = match Config::from_env() {
                Ok(config) => check::check(&config, Arc::new(WallClock)).await,
                Err(faults) => check::settings(&faults),
            };
            for line in &lines {
                println!("{line}");
            }
            if !lines.iter().all(check::Line::is_well) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Migrate => {
            let database = store().await?;
            database.migrate().await?;
            database.close().await;
            println!("the store is up to date");
        }
        Command::Trail(Trail::Verify { checkpoint }) => {
            let database = store().await?;
            let well = trail::verify(&database, checkpoint.as_ref(), &mut std::io::stdout().lock())
                .await?;
            database.close().await;
            return Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Trail(Trail::Export { format, from, to }) => {
            let database = store().await?;
            trail::export(&database, format, from, to, &mut std::io::stdout().lock()).await?;
            database.close().await;
        }
        Command::Key => println!("{}", StoreKey::generate()?.expose_secret()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The store alone, for a command that needs nothing else.
async fn store() -> anyhow::Result<Database> {
    let config = Config::from_env()?;
    telemetry::start(QUIET, Format::of_stderr())?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    Ok(Database::open(config.database_url.expose_secret(), config.store_key, clock).await?)
}

/// Cancelled by the first SIGTERM or Ctrl-C; a second one ends the process at once.
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
