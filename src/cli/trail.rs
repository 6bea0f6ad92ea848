//! `support-desk trail`: verify, export, prune.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use commands::model::time::Timestamp;
use commands::ports::clock::Clock as _;

use super::{existing, is_closed_pipe, log_warnings, print};
use crate::clock::WallClock;
use crate::config::{StoreSettings, StoreUrl};
use crate::retention::Retention;
use crate::store::{Database, create_private, engine};
use crate::trail::{self, ExportFormat, LoggedCheckpoint, Pruned, PublicKeys, Span};

#[derive(Clone, Subcommand)]
pub(super) enum Trail {
    /// Check that no event was changed, moved or removed, and that no session is missing
    Verify(Verify),
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
    /// Remove what has been kept long enough, as the settings of the retention say
    Prune(Prune),
}

#[derive(Clone, clap::Args)]
pub(super) struct Verify {
    /// Newest checkpoint in the log. The trail must contain it
    #[arg(long, value_name = "NUMBER:SIGNATURE")]
    checkpoint: Option<LoggedCheckpoint>,
    /// File with the public keys to trust, one a line, as `key` printed them. Without it the keys
    /// in the database or in the export are used
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// Verify this export in JSON lines instead of the database
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Compare this log in JSON lines with the database
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "checkpoint"])]
    log: Option<PathBuf>,
}

#[derive(Clone, clap::Args)]
pub(super) struct Prune {
    /// Remove sessions that closed before this time, with their events, instead of what
    /// `RETENTION_TRAIL_DAYS` says
    #[arg(long, value_name = "TIME", value_parser = parse_past, requires = "export")]
    before: Option<Timestamp>,
    /// Write the events before that time to this new file first
    #[arg(long, value_name = "FILE", requires = "before")]
    export: Option<PathBuf>,
}

/// Runs a command of the trail.
pub(super) async fn run(command: Trail) -> anyhow::Result<ExitCode> {
    match command {
        Trail::Verify(options) => {
            let is_intact = verify(options).await?;
            return Ok(if is_intact { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Trail::Export { format, from, to } => export(format, Span { from, to }).await?,
        Trail::Prune(options) => prune(options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Verifies the database, an export or a log. Returns true if there are no findings.
async fn verify(options: Verify) -> anyhow::Result<bool> {
    let Verify { checkpoint, public_key, file, log } = options;
    let keys = public_key.as_deref().map(read_public_keys).transpose()?;
    let mut out = std::io::stdout().lock();
    if let Some(file) = file {
        let lines = open_lines(&file)?;
        return trail::verify_file(lines, keys, checkpoint.as_ref(), &mut out)
            .with_context(|| file.display().to_string());
    }
    let StoreUrl { url, warnings } = StoreUrl::from_env()?;
    log_warnings(&warnings);
    let log = log.as_deref().map(open_lines).transpose()?;
    let pools = engine::open(&existing(&url)).await?;
    pools.require_version().await?;
    let is_intact = match log {
        Some(log) => trail::verify_log(&pools, keys, log, &mut out).await,
        None => trail::verify(&pools, keys, checkpoint.as_ref(), &mut out).await,
    };
    pools.close().await;
    is_intact
}

async fn export(format: ExportFormat, span: Span) -> anyhow::Result<()> {
    let StoreUrl { url, warnings } = StoreUrl::from_env()?;
    log_warnings(&warnings);
    let pools = engine::open(&existing(&url)).await?;
    pools.require_version().await?;
    let mut out = std::io::stdout().lock();
    let exported = trail::export(&pools, format, span, &mut out).await;
    pools.close().await;
    // A reader such as `head` has all that it wants.
    if exported.as_ref().is_err_and(is_closed_pipe) { Ok(()) } else { exported }
}

/// Removes what has been kept long enough, after the export if one is asked for.
async fn prune(options: Prune) -> anyhow::Result<()> {
    let StoreSettings { url, keys, retention, warnings } = StoreSettings::from_env()?;
    log_warnings(&warnings);
    let database = Database::open(&existing(&url), keys, Arc::new(WallClock)).await?;
    database.pools.require_version().await?;
    let pruned = prune_in(&database, retention, options).await;
    database.close().await;
    let Pruned { sessions, events, checkpoints, kept } = pruned?;
    print(format_args!("{sessions} sessions, {events} events, {checkpoints} checkpoints removed"))?;
    if kept > 0 {
        print(format_args!(
            "{kept} chains are kept, because their events or the row of their session do not \
             verify; the log names them, a hundred at most"
        ))?;
    }
    Ok(())
}

async fn prune_in(
    database: &Database,
    retention: Retention,
    Prune { before, export }: Prune,
) -> anyhow::Result<Pruned> {
    let now = WallClock.now();
    let Some((before, file)) = before.zip(export) else {
        return Ok(retention.apply(database, now).await?);
    };
    let describe = || format!("cannot write {}", file.display());
    trail::require_prunable(database).await?;
    // A file that is there can be an earlier export.
    let mut out = create_private(&file).with_context(describe)?;
    let span = Span { from: None, to: Some(before) };
    trail::export(&database.pools, ExportFormat::Jsonl, span, &mut out).await?;
    // The events are removed only if the file is on the disk.
    out.sync_all().with_context(describe)?;
    Ok(trail::prune(database, before, now).await?)
}

/// Parses a time before which something is removed.
fn parse_past(text: &str) -> Result<Timestamp, String> {
    let time = trail::parse_time(text)?;
    if time > WallClock.now() {
        return Err("this time is in the future, and all that is older would be removed".to_owned());
    }
    Ok(time)
}

/// Opens a file that is read line by line.
pub(super) fn open_lines(file: &Path) -> anyhow::Result<BufReader<File>> {
    let open = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(BufReader::new(open))
}

/// Reads the public keys that a verification trusts.
fn read_public_keys(file: &Path) -> anyhow::Result<PublicKeys> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    PublicKeys::parse_file(&text).with_context(|| file.display().to_string())
}
