//! Export of the trail as CSV or JSON lines.

use std::io::Write;

use clap::ValueEnum;
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::columns::{self, EVENT_COLUMNS, number, text};
use crate::sql_error::redact;
use crate::store::database::Database;

/// Format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), with a header line
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// Parses a time of the command line (RFC 3339).
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "write it like 2026-01-31T00:00:00Z".to_owned())?;
    Ok(Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)))
}

/// Writes the events from `from` until before `to`, in the order of their times.
pub async fn export(
    database: &Database,
    format: ExportFormat,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(out);
    match format {
        ExportFormat::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            csv.write_record(HEADER)?;
            read(database, from, to, |event| Ok(csv.write_record(record(&event))?)).await?;
            csv.flush()?;
        }
        ExportFormat::Jsonl => {
            let write = |event: ExportedEvent| {
                serde_json::to_writer(&mut out, &json_line(&event))?;
                Ok(out.write_all(b"\n")?)
            };
            read(database, from, to, write).await?;
        }
    }
    Ok(out.flush()?)
}

/// An event in the values of its columns. A field is `None` if its cell is null or unreadable.
struct ExportedEvent {
    at: Option<Timestamp>,
    chain: Option<String>,
    seq: Option<i64>,
    actor: Option<String>,
    session: Option<String>,
    kind: Option<String>,
    details: Option<String>,
    mac: Option<String>,
}

/// Reads the events of a span of time as they were at one moment, and passes each to `each`.
async fn read(
    database: &Database,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    each: impl FnMut(ExportedEvent) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    read_rows(database, from, to, each).await.map_err(redact)
}

async fn read_rows(
    database: &Database,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    mut each: impl FnMut(ExportedEvent) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // Use a separate connection, because those of the pools abort slow statements.
    let mut connection = AnyConnection::connect_with(&database.pools.options).await?;
    // Without a bound there is no condition, because a tampered time can be null or later than any.
    let condition = match (from, to) {
        (None, None) => "",
        (Some(_), None) => "where at >= $1",
        (None, Some(_)) => "where at < $1",
        (Some(_), Some(_)) => "where at >= $1 and at < $2",
    };
    let statement = columns::select(
        database.pools.engine,
        &EVENT_COLUMNS,
        &format!("from events {condition} order by at, chain, seq"),
    );
    let query = [from, to]
        .into_iter()
        .flatten()
        .fold(sqlx::query(statement), |query, time| query.bind(time.0));
    let mut rows = query.fetch(&mut connection);
    while let Some(row) = rows.try_next().await? {
        each(ExportedEvent::from_row(&row))?;
    }
    drop(rows);
    Ok(connection.close().await?)
}

impl ExportedEvent {
    /// Reads [`EVENT_COLUMNS`].
    fn from_row(row: &AnyRow) -> Self {
        Self {
            chain: text(row, 0),
            seq: number(row, 1),
            at: number(row, 2).map(Timestamp),
            actor: text(row, 3),
            session: text(row, 4),
            kind: text(row, 5),
            details: text(row, 6),
            mac: text(row, 7),
        }
    }
}

/// The columns of an export, in the order of [`JsonLine`].
const HEADER: [&str; 8] = ["at", "chain", "seq", "actor", "session", "kind", "details", "mac"];

#[derive(Serialize)]
struct JsonLine<'a> {
    at: Option<String>,
    chain: Option<&'a str>,
    seq: Option<i64>,
    actor: Option<&'a str>,
    session: Option<&'a str>,
    kind: Option<&'a str>,
    details: serde_json::Value,
    mac: Option<&'a str>,
}

fn json_line(event: &ExportedEvent) -> JsonLine<'_> {
    // Details that are no JSON were tampered with. They are exported as text.
    let json =
        |details: &String| serde_json::from_str(details).unwrap_or_else(|_| details.clone().into());
    JsonLine {
        at: event.at.map(format_time),
        chain: event.chain.as_deref(),
        seq: event.seq,
        actor: event.actor.as_deref(),
        session: event.session.as_deref(),
        kind: event.kind.as_deref(),
        details: event.details.as_ref().map_or(serde_json::Value::Null, json),
        mac: event.mac.as_deref(),
    }
}

fn record(event: &ExportedEvent) -> [String; 8] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        event.at.map(format_time).unwrap_or_default(),
        text(&event.chain),
        event.seq.map(|seq| seq.to_string()).unwrap_or_default(),
        text(&event.actor),
        text(&event.session),
        text(&event.kind),
        text(&event.details),
        text(&event.mac),
    ]
}

/// Formats a time as RFC 3339. A tampered number beyond the calendar stays a number.
fn format_time(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| at.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_parsed_as_rfc_3339() {
        assert_eq!(parse_time("1970-01-01T00:00:01.5Z"), Ok(Timestamp(1_500)));
        assert_eq!(parse_time("1970-01-01T01:00:00+01:00"), Ok(Timestamp(0)));
        assert!(parse_time("yesterday").is_err());
    }
}
