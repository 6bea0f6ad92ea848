//! `trail verify --log`: the comparison of the log, the trail's second place, with the database.
//!
//! The log is read line by line. A line that does not name the trail is left out.

use std::io::{BufRead, Write};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use sqlx::{AnyConnection, Connection as _};

use super::checkpoints::LoggedCheckpoint;
use super::finding::Finding;
use super::report::verdict;
use crate::sql_error::redact;
use crate::store::engine::{Engine, Pools};
use crate::telemetry::CHECKPOINTS;
use crate::trail::columns::ColumnType::Text;
use crate::trail::columns::{self, text};
use crate::trail::event::{Head, format_time};
use crate::trail::keys::PublicKeys;
use crate::trail::log::TRAIL;
use crate::trail::pruned;
use crate::trail::rotation;
use crate::trail::trusted::{self, TrustedKeys};

/// A line of the log, as far as it is about the trail.
#[derive(Deserialize)]
struct LogLine {
    target: String,
    chain: Option<String>,
    seq: Option<i64>,
    at: Option<i64>,
    signature: Option<String>,
    checkpoint: Option<String>,
}

/// Compares a log with the database and writes one line for each finding, then a summary. Returns
/// true if there are no findings and every line about the trail could be read.
///
/// Without `keys` it trusts the keys in the database, and says so. Fails if the log has no line
/// about the trail.
pub(crate) async fn verify_log(
    pools: &Pools,
    keys: Option<PublicKeys>,
    log: impl BufRead,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let TrustedKeys { keys, is_from_database } = trusted::choose(pools, keys).await?;
    let compared = async {
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        // A replaced key does not say what was pruned.
        let rotations = rotation::held(&mut connection, pools.engine, &keys).await?;
        let replaced = rotation::replaced(&rotations);
        let mut comparison = Comparison::new(pools.engine, keys.without(&replaced));
        // Another program's lines can be in any encoding.
        for (line, n) in log.split(b'\n').zip(1_u64..) {
            let line = line.with_context(|| format!("line {n} of the log cannot be read"))?;
            let line = String::from_utf8_lossy(&line);
            let compared = match serde_json::from_str::<LogLine>(&line) {
                Ok(line) => comparison.compare(&mut connection, line).await?,
                // A line that was cut off has lost its target.
                Err(error) if line.contains(TRAIL) || is_cut_off(&line, &error) => {
                    Compared::Unreadable
                }
                Err(_) => Compared::Equal,
            };
            match compared {
                Compared::Equal => {}
                Compared::Unreadable => {
                    comparison.unreadable += 1;
                    writeln!(
                        out,
                        "line {n} of the log cannot be read, and may be about the trail"
                    )?;
                }
                Compared::Finding(finding) => {
                    comparison.findings += 1;
                    writeln!(out, "{finding}")?;
                }
            }
        }
        connection.close().await?;
        anyhow::Ok(comparison)
    };
    let Comparison { events, checkpoints, findings, unreadable, pruned, newest_pruned, .. } =
        compared.await.map_err(redact)?;
    ensure!(
        events + checkpoints + unreadable > 0,
        "the log has no line about the trail: give the JSON lines that the bot writes"
    );
    writeln!(
        out,
        "{events} events and {checkpoints} checkpoints of the log: {}",
        verdict(findings)
    )?;
    if pruned > 0 {
        let newest = newest_pruned.and_then(format_time).unwrap_or_else(|| "no time".to_owned());
        writeln!(
            out,
            "{pruned} of these events were removed by the retention, the newest of {newest}"
        )?;
    }
    if is_from_database {
        writeln!(out, "{}", trusted::WARNING)?;
    }
    Ok(findings == 0 && unreadable == 0)
}

fn is_cut_off(line: &str, error: &serde_json::Error) -> bool {
    error.is_eof() && line.starts_with('{')
}

/// Result of the comparison of a line.
enum Compared {
    /// The database has it, the retention has removed it, or it is about something else.
    Equal,
    Unreadable,
    Finding(Finding),
}

struct Comparison {
    engine: Engine,
    keys: PublicKeys,
    events: usize,
    checkpoints: usize,
    findings: usize,
    unreadable: usize,
    /// Events that the retention has removed.
    pruned: usize,
    /// Time of the newest of them, in milliseconds since the epoch.
    newest_pruned: Option<i64>,
}

impl Comparison {
    const fn new(engine: Engine, keys: PublicKeys) -> Self {
        Self {
            engine,
            keys,
            events: 0,
            checkpoints: 0,
            findings: 0,
            unreadable: 0,
            pruned: 0,
            newest_pruned: None,
        }
    }

    async fn compare(&mut self, on: &mut AnyConnection, line: LogLine) -> anyhow::Result<Compared> {
        match line {
            LogLine { target, chain: Some(chain), seq: Some(seq), at, signature, .. }
                if target == TRAIL =>
            {
                self.events += 1;
                self.compare_event(on, (chain, seq, at), signature).await
            }
            LogLine { target, checkpoint: Some(checkpoint), .. } if target == CHECKPOINTS => {
                let Ok(logged) = checkpoint.parse() else { return Ok(Compared::Unreadable) };
                self.checkpoints += 1;
                self.compare_checkpoint(on, logged).await
            }
            LogLine { target, .. } if target == TRAIL => Ok(Compared::Unreadable),
            _ => Ok(Compared::Equal),
        }
    }

    async fn compare_event(
        &mut self,
        on: &mut AnyConnection,
        (chain, seq, at): (String, i64, Option<i64>),
        signature: Option<String>,
    ) -> anyhow::Result<Compared> {
        let rest = "from events where events.chain = $1 and events.seq = $2";
        let statement = columns::select(self.engine, &[("events.signature", Text)], rest);
        let query = sqlx::query(statement).bind(&chain).bind(seq);
        match query.fetch_optional(&mut *on).await? {
            Some(row) if text(&row, 0) == signature => Ok(Compared::Equal),
            Some(_) => Ok(Compared::Finding(Finding::LoggedEventDiffers { chain, seq })),
            None if self.is_pruned(on, &chain, seq).await? => {
                self.pruned += 1;
                self.newest_pruned = self.newest_pruned.max(at);
                Ok(Compared::Equal)
            }
            None => Ok(Compared::Finding(Finding::LoggedEventMissing { chain, seq })),
        }
    }

    async fn compare_checkpoint(
        &self,
        on: &mut AnyConnection,
        LoggedCheckpoint { seq, signature }: LoggedCheckpoint,
    ) -> anyhow::Result<Compared> {
        let stored: Option<(i64,)> =
            sqlx::query_as("select seq from checkpoints where seq = $1 and signature = $2")
                .bind(seq)
                .bind(&signature)
                .fetch_optional(&mut *on)
                .await?;
        if stored.is_some() || self.is_pruned(on, pruned::CHECKPOINTS, seq).await? {
            return Ok(Compared::Equal);
        }
        Ok(Compared::Finding(Finding::CheckpointNotLogged { seq }))
    }

    /// Returns true if the retention has removed this number of a chain.
    async fn is_pruned(
        &self,
        on: &mut AnyConnection,
        chain: &str,
        seq: i64,
    ) -> anyhow::Result<bool> {
        let pruned: Option<Head> = pruned::find(on, self.engine, &self.keys, chain).await?;
        Ok(pruned.is_some_and(|last| seq <= last.seq))
    }
}
