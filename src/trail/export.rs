//! Export of the trail as CSV or JSON lines. What is not printable is escaped, see
//! [`escape`](crate::escape).

use std::io::Write;

use clap::ValueEnum;
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use serde::Serialize;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::columns::{self, EVENT_COLUMNS, number, text};
use super::event::format_time;
use crate::escape::{EscapedJson, for_csv};
use crate::sql_error::redact;
use crate::store::engine::Pools;

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
pub(crate) async fn export(
    pools: &Pools,
    format: ExportFormat,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(out);
    match format {
        ExportFormat::Csv => {
            let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut out);
            csv.write_record(HEADER)?;
            let write = |row: &AnyRow| {
                let mut event = ExportedEvent::from_row(row, |details| details);
                event.escape_cells();
                Ok(csv.serialize(event)?)
            };
            read(pools, from, to, write).await?;
            csv.flush()?;
        }
        ExportFormat::Jsonl => {
            let write = |row: &AnyRow| {
                let mut json = serde_json::Serializer::with_formatter(&mut out, EscapedJson);
                ExportedEvent::from_row(row, parse_details).serialize(&mut json)?;
                Ok(out.write_all(b"\n")?)
            };
            read(pools, from, to, write).await?;
        }
    }
    Ok(out.flush()?)
}

/// The names of the columns, in the order of [`ExportedEvent`].
const HEADER: [&str; 8] = ["at", "chain", "seq", "actor", "session", "kind", "details", "mac"];

/// A row of the export. A field is `None` if its cell is null or unreadable.
#[derive(Serialize)]
struct ExportedEvent<D> {
    at: Option<String>,
    chain: Option<String>,
    seq: Option<i64>,
    actor: Option<String>,
    session: Option<String>,
    kind: Option<String>,
    details: D,
    mac: Option<String>,
}

impl<D> ExportedEvent<D> {
    /// Reads [`EVENT_COLUMNS`]. `details` converts the text of the column.
    fn from_row(row: &AnyRow, details: impl Fn(Option<String>) -> D) -> Self {
        Self {
            chain: text(row, 0),
            seq: number(row, 1),
            at: number(row, 2).map(|at| format_time(at).unwrap_or_else(|| at.to_string())),
            actor: text(row, 3),
            session: text(row, 4),
            kind: text(row, 5),
            details: details(text(row, 6)),
            mac: text(row, 7),
        }
    }
}

impl ExportedEvent<Option<String>> {
    /// Escapes every text of the database for a CSV file.
    fn escape_cells(&mut self) {
        let Self { at: _, chain, seq: _, actor, session, kind, details, mac } = self;
        for cell in [chain, actor, session, kind, details, mac].into_iter().flatten() {
            *cell = for_csv(cell);
        }
    }
}

/// Parses details as JSON. Details that are no JSON were tampered with and stay text.
fn parse_details(details: Option<String>) -> Option<Value> {
    details.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Reads the events of a span of time as they were at one moment, and passes each row to `each`.
async fn read(
    pools: &Pools,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    mut each: impl FnMut(&AnyRow) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // Without a bound there is no condition, because a tampered time can be null or later than any.
    let condition = match (from, to) {
        (None, None) => "",
        (Some(_), None) => "where at >= $1",
        (None, Some(_)) => "where at < $1",
        (Some(_), Some(_)) => "where at >= $1 and at < $2",
    };
    let rest = format!("from events {condition} order by at, chain, seq");
    let query = sqlx::query(columns::select(pools.engine, &EVENT_COLUMNS, &rest));
    let query = [from, to].into_iter().flatten().fold(query, |query, time| query.bind(time.0));
    let read = async {
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        let mut rows = query.fetch(&mut connection);
        while let Some(row) = rows.try_next().await? {
            each(&row)?;
        }
        drop(rows);
        Ok(connection.close().await?)
    };
    read.await.map_err(redact)
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
