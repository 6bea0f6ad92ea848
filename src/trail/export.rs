//! Export of the trail. What is not printable is escaped, see [`escape`](crate::escape).
//!
//! JSON lines are for `trail verify --file`: they hold public keys, checkpoints and everything that
//! is signed, chain by chain. CSV is for people and is in the order of the events' times.

use std::io::Write;

use clap::ValueEnum;
use commands::model::time::Timestamp;
use futures_util::TryStreamExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection as _};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::columns::ColumnType::Text;
use super::columns::{self, ColumnType, EVENT_COLUMNS, number, text};
use super::event::format_time;
use super::newest_checkpoint::{CHECKPOINT_COLUMNS, CheckpointRow};
use super::pruned::{self, PrunedRow};
use super::{rotation, trusted};
use crate::escape::{EscapedJson, for_csv};
use crate::sql_error::redact;
use crate::store::engine::{Engine, Pools};

/// Version of the JSON lines. A program refuses a file of another version.
pub(super) const FORMAT: u64 = 1;

/// Format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), with a header line, in the order of time
    Csv,
    /// One JSON object a line, chain by chain, for `trail verify --file`
    Jsonl,
}

/// Parses a time of the command line (RFC 3339).
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "write it like 2026-01-31T00:00:00Z".to_owned())?;
    Ok(Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)))
}

/// A span of time, from the first included time to the first excluded one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

impl Span {
    /// Returns the condition on `column`. Without a bound there is none, because a tampered time
    /// can be null or later than any.
    fn condition(self, column: &str) -> String {
        match (self.from, self.to) {
            (None, None) => "true".to_owned(),
            (Some(_), None) => format!("{column} >= $1"),
            (None, Some(_)) => format!("{column} < $1"),
            (Some(_), Some(_)) => format!("{column} >= $1 and {column} < $2"),
        }
    }

    fn bounds(self) -> impl Iterator<Item = i64> {
        [self.from, self.to].into_iter().flatten().map(|time| time.0)
    }
}

/// Writes the events of a span of time, as they were at one moment.
pub(crate) async fn export(
    pools: &Pools,
    format: ExportFormat,
    span: Span,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(out);
    let written = async {
        // Use a separate connection, because those of the pools abort slow statements.
        let mut connection = AnyConnection::connect_with(&pools.options).await?;
        let mut snapshot = connection.begin_with(pools.engine.snapshot()).await?;
        match format {
            ExportFormat::Csv => write_csv(&mut snapshot, pools.engine, span, &mut out).await?,
            ExportFormat::Jsonl => write_lines(&mut snapshot, pools, span, &mut out).await?,
        }
        snapshot.rollback().await?;
        Ok(connection.close().await?)
    };
    let written: anyhow::Result<()> = written.await;
    written.map_err(redact)?;
    Ok(out.flush()?)
}

async fn write_csv(
    on: &mut AnyConnection,
    engine: Engine,
    span: Span,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    csv.write_record(HEADER)?;
    let rest = format!(
        "from events where {} order by events.at, events.chain, events.seq",
        span.condition("events.at")
    );
    let query = sqlx::query(columns::select(engine, &EVENT_COLUMNS, &rest));
    let mut rows = span.bounds().fold(query, sqlx::query::Query::bind).fetch(on);
    while let Some(row) = rows.try_next().await? {
        let mut event = ExportedEvent::from_row(&row, |details| details);
        event.escape_cells();
        csv.serialize(event)?;
    }
    Ok(csv.flush()?)
}

/// Writes a head, what was pruned, the checkpoints, the events and an end.
async fn write_lines(
    on: &mut AnyConnection,
    pools: &Pools,
    span: Span,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let engine = pools.engine;
    let keys = trusted::read(pools).await?.0;
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let time = |time: Option<Timestamp>| time.and_then(|time| format_time(time.0));
    let head = json!({ "format": FORMAT, "public_keys": keys, "from": time(span.from),
        "to": time(span.to) });
    write_line(out, &json!({ "export": head }))?;
    for (seq, rotation) in rotation::read(&mut *on, engine).await? {
        let line = json!({ "seq": seq, "replaces": rotation });
        write_line(out, &json!({ "rotation": line }))?;
    }
    let statement = columns::select(engine, &pruned::COLUMNS, "from pruned order by pruned.chain");
    let mut rows = sqlx::query(statement).fetch(&mut *on);
    while let Some(row) = rows.try_next().await? {
        write_line(out, &json!({ "pruned": PrunedRow::read(&row) }))?;
    }
    drop(rows);
    let order = format!(
        "from checkpoints where {} order by checkpoints.seq, checkpoints.signature",
        span.condition("checkpoints.at")
    );
    let query = sqlx::query(columns::select(engine, &CHECKPOINT_COLUMNS, &order));
    let mut rows = span.bounds().fold(query, sqlx::query::Query::bind).fetch(&mut *on);
    while let Some(row) = rows.try_next().await? {
        write_line(out, &json!({ "checkpoint": CheckpointRow::read(&row) }))?;
    }
    drop(rows);
    let selected: Vec<(&str, ColumnType)> =
        EVENT_COLUMNS.into_iter().chain([("previous.signature", Text)]).collect();
    // From the first event of the span to the last one, because an event can be written after one
    // with a later time.
    let rest = format!(
        "from (select chain, min(seq) as low, max(seq) as high from events where {} group by chain)
             as chosen
         join events on events.chain = chosen.chain and events.seq between low and high
         left join events as previous on previous.chain = events.chain
             and previous.seq = events.seq - 1
         order by events.chain, events.seq",
        span.condition("at")
    );
    let query = sqlx::query(columns::select(engine, &selected, &rest));
    let mut rows = span.bounds().fold(query, sqlx::query::Query::bind).fetch(on);
    let mut events = 0_u64;
    while let Some(row) = rows.try_next().await? {
        let mut line = serde_json::to_value(ExportedEvent::from_row(&row, parse_details))?;
        line["previous"] = json!(text(&row, EVENT_COLUMNS.len()));
        write_line(out, &line)?;
        events += 1;
    }
    write_line(out, &json!({ "end": { "events": events } }))
}

fn write_line(out: &mut impl Write, line: &Value) -> anyhow::Result<()> {
    line.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, EscapedJson))?;
    Ok(out.write_all(b"\n")?)
}

/// The names of the columns, in the order of [`ExportedEvent`].
const HEADER: [&str; 10] =
    ["at", "chain", "seq", "actor", "session", "kind", "details", "about", "key", "signature"];

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
    about: Option<String>,
    key: Option<String>,
    signature: Option<String>,
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
            about: text(row, 7),
            key: text(row, 8),
            signature: text(row, 9),
        }
    }
}

impl ExportedEvent<Option<String>> {
    /// Escapes every text of the database for a CSV file.
    fn escape_cells(&mut self) {
        let Self { at: _, chain, seq: _, actor, session, kind, details, about, key, signature } =
            self;
        let cells = [chain, actor, session, kind, details, about, key, signature];
        for cell in cells.into_iter().flatten() {
            *cell = for_csv(cell);
        }
    }
}

/// Parses details as JSON. Details that are no JSON were tampered with and stay text.
fn parse_details(details: Option<String>) -> Option<Value> {
    details.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
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
