//! The report of `trail verify`, for the operator.

use std::io::Write;

use anyhow::Context as _;

use super::audit::{AuditSummary, audit};
use super::checkpoints::LoggedCheckpoint;
use crate::escape::for_terminal;
use crate::store::engine::Pools;
use crate::trail::keys::PublicKeys;
use crate::trail::trusted::{self, TrustedKeys};

/// Verifies the trail and writes one line for each finding, then a summary. Returns true if there
/// are no findings.
///
/// Without `keys` it trusts the keys in the database, and says so.
pub(crate) async fn verify(
    pools: &Pools,
    keys: Option<PublicKeys>,
    checkpoint: Option<&LoggedCheckpoint>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let TrustedKeys { keys, is_from_database } = trusted::choose(pools, keys).await?;
    let mut findings = 0_usize;
    let summary = audit(pools, &keys, checkpoint, |finding| {
        findings += 1;
        Ok(writeln!(out, "{finding}")?)
    });
    let summary = summary.await.context("reading the trail")?;
    let AuditSummary { events, chains, pruned, checkpoint } = summary;
    writeln!(out, "{events} events in {chains} chains: {}", verdict(findings))?;
    if pruned > 0 {
        writeln!(out, "{pruned} chains were removed by the retention, as signed rows say")?;
    }
    if is_from_database {
        writeln!(out, "{}", trusted::WARNING)?;
    }
    match checkpoint {
        Some((seq, signature)) => writeln!(
            out,
            "the newest checkpoint is {seq}:{}; compare it with the newest in the log",
            for_terminal(&signature)
        )?,
        None => writeln!(out, "there is no checkpoint yet")?,
    }
    Ok(findings == 0)
}

/// Returns the words for a number of findings.
pub(super) fn verdict(findings: usize) -> String {
    match findings {
        0 => "nothing was changed, removed, moved or cut off".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    }
}
