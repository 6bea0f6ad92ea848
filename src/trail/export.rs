//! The trail for people: verified, and written out as CSV or JSON lines.

use std::io::Write;
use std::str::FromStr;

use anyhow::Context as _;
use clap::ValueEnum;
use commands::time::Timestamp;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::store::{Database, TrailEvent};
use crate::trail::Seen;

/// A checkpoint as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCheckpoint {
    seq: i64,
    mac: String,
}

impl FromStr for LoggedCheckpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (seq, mac) =
            text.split_once(':').ok_or("write it as NUMBER:MAC, as it stands in the log")?;
        let seq =
            seq.parse().map_err(|_| "the part before the colon is the checkpoint's number")?;
        Ok(Self { seq, mac: mac.to_owned() })
    }
}

/// What the events are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Comma-separated values (RFC 4180), with a line of names
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// Reads a time of the command line.
pub fn time(text: &str) -> Result<Timestamp, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "write it like 2026-01-31T00:00:00Z".to_owned())?;
    Ok(Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)))
}

/// Looks over the trail and tells what was found, a line each; `false`: something is wrong.
pub async fn verify(
    database: &Database,
    checkpoint: Option<&LoggedCheckpoint>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut findings = 0_usize;
    let logged = checkpoint.map(|logged| (logged.seq, logged.mac.as_str()));
    let seen = database.audit(logged, |finding| {
        findings += 1;
        Ok(writeln!(out, "{finding}")?)
    });
    let Seen { events, chains, checkpoint } = seen.await.context("reading the trail")?;
    let verdict = match findings {
        0 => "nothing was changed, removed, moved or cut off".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    writeln!(out, "{events} events in {chains} chains: {verdict}")?;
    match checkpoint {
        Some((seq, mac)) => {
            writeln!(out, "the newest checkpoint is {seq}:{mac}; is it the newest in the log?")?
        }
        None => writeln!(out, "there is no checkpoint yet")?,
    }
    Ok(findings == 0)
}

/// One event as it is written out.
#[derive(Serialize)]
struct Line<'a> {
    at: Option<String>,
    chain: Option<&'a str>,
    seq: Option<i64>,
    actor: Option<&'a str>,
    session: Option<&'a str>,
    kind: Option<&'a str>,
    details: serde_json::Value,
    mac: Option<&'a str>,
}

/// The names of the columns, in the order of [`Line`].
const NAMES: [&str; 8] = ["at", "chain", "seq", "actor", "session", "kind", "details", "mac"];

/// Writes the events of a span of time, in their order.
pub async fn export(
    database: &Database,
    shape: Shape,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(out);
    match shape {
        Shape::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            csv.write_record(NAMES)?;
            database.export(from, to, |event| Ok(csv.write_record(record(&event))?)).await?;
            csv.flush()?;
        }
        Shape::Jsonl => {
            database
                .export(from, to, |event| {
                    serde_json::to_writer(&mut out, &line(&event))?;
                    Ok(out.write_all(b"\n")?)
                })
                .await?;
        }
    }
    Ok(out.flush()?)
}

/// As text; a number that is no time, which none of ours is, stays a number.
fn rfc3339(at: Timestamp) -> String {
    let at_time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000).ok();
    at_time.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| at.0.to_string())
}

fn line(event: &TrailEvent) -> Line<'_> {
    // Somebody may have changed it to anything. It is written out all the same.
    let json =
        |detail: &String| serde_json::from_str(detail).unwrap_or_else(|_| detail.clone().into());
    Line {
        at: event.at.map(rfc3339),
        chain: event.chain.as_deref(),
        seq: event.seq,
        actor: event.actor.as_deref(),
        session: event.session.as_deref(),
        kind: event.kind.as_deref(),
        details: event.details.as_ref().map_or(serde_json::Value::Null, json),
        mac: event.mac.as_deref(),
    }
}

fn record(event: &TrailEvent) -> [String; 8] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        event.at.map(rfc3339).unwrap_or_default(),
        text(&event.chain),
        event.seq.map(|seq| seq.to_string()).unwrap_or_default(),
        text(&event.actor),
        text(&event.session),
        text(&event.kind),
        text(&event.details),
        text(&event.mac),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_logged() {
        assert_eq!("12:abc".parse(), Ok(LoggedCheckpoint { seq: 12, mac: "abc".to_owned() }));
        assert!("abc".parse::<LoggedCheckpoint>().is_err());
        assert!("a:bc".parse::<LoggedCheckpoint>().is_err());
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(time("1970-01-01T00:00:01.5Z"), Ok(Timestamp(1_500)));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Ok(Timestamp(0)));
        assert!(time("yesterday").is_err());
    }
}
