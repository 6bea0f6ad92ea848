//! The report of `trail verify`, for the operator.

use std::io::Write;
use std::str::FromStr;

use anyhow::Context as _;

use super::audit::{AuditSummary, audit};
use super::key::FOREIGN_KEY;
use crate::escape::for_terminal;
use crate::store::database::Database;

/// A checkpoint copied from the log: number and MAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCheckpoint {
    seq: i64,
    mac: String,
}

impl FromStr for LoggedCheckpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, mac) = text.split_once(':').ok_or("write it as NUMBER:MAC, as in the log")?;
        let seq =
            seq.parse().map_err(|_| "the part before the colon is the checkpoint's number")?;
        Ok(Self { seq, mac: mac.to_owned() })
    }
}

/// Verifies the trail and writes one line for each finding, then a summary. Returns true if there
/// are no findings. With a key of another store it writes only that.
pub async fn verify(
    database: &Database,
    checkpoint: Option<&LoggedCheckpoint>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    if !database.has_fitting_key().await? {
        writeln!(out, "{FOREIGN_KEY}")?;
        return Ok(false);
    }
    let mut findings = 0_usize;
    let logged = checkpoint.map(|logged| (logged.seq, logged.mac.as_str()));
    let summary = audit(database, logged, |finding| {
        findings += 1;
        Ok(writeln!(out, "{finding}")?)
    });
    let AuditSummary { events, chains, checkpoint } = summary.await.context("reading the trail")?;
    let verdict = match findings {
        0 => "nothing was changed, removed, moved or cut off".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    writeln!(out, "{events} events in {chains} chains: {verdict}")?;
    match checkpoint {
        Some((seq, mac)) => writeln!(
            out,
            "the newest checkpoint is {seq}:{}; compare it with the newest in the log",
            for_terminal(&mac)
        )?,
        None => writeln!(out, "there is no checkpoint yet")?,
    }
    Ok(findings == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logged_checkpoint_is_parsed() {
        assert_eq!("12:abc".parse(), Ok(LoggedCheckpoint { seq: 12, mac: "abc".to_owned() }));
        assert!("abc".parse::<LoggedCheckpoint>().is_err());
        assert!("a:bc".parse::<LoggedCheckpoint>().is_err());
    }
}
