//! `support-desk customer export`: reads the rows, records the export, and renders the copy.

use clap::ValueEnum;
use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::Locale;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};

use super::copy::CustomerCopy;
use super::text;
use crate::escape::escape_json_line;
use crate::retention::Retention;
use crate::store::Database;
use crate::trail::rotation::OPERATOR;

/// Format of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CopyFormat {
    /// Text for the customer
    Text,
    /// JSON, for another program
    Json,
}

impl CopyFormat {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Choices of the operator.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    pub format: CopyFormat,
    pub locale: Locale,
    /// The copy names the agents.
    pub with_agents: bool,
}

/// Reads everything that is stored about a customer, and records the export in the trail.
///
/// The event is written first, so that there is no copy without it. Fails if a key of the customer
/// is under a `STORE_KEY` that this process does not have.
pub async fn export(
    database: &Database,
    pseudonyms: &[Pseudonym],
    options: ExportOptions,
    retention: Retention,
    now: Timestamp,
) -> Result<CustomerCopy, Fault> {
    let mut rows = Vec::new();
    for pseudonym in pseudonyms {
        let read = database.read_customer(pseudonym).await?;
        rows.extend(read.map(|rows| (pseudonym.clone(), rows)));
    }
    let event = |(pseudonym, rows): &(Pseudonym, crate::store::CustomerRows)| TrailEvent {
        at: now,
        actor: OPERATOR.to_owned(),
        session: None,
        kind: kind::CUSTOMER_EXPORTED,
        details: json!({
            "customer": pseudonym,
            "sessions": rows.sessions.len(),
            "format": options.format.name(),
            "language": options.locale.tag(),
            "with_agents": options.with_agents,
        }),
        customer: None,
        about: Value::Null,
    };
    let events = rows.iter().map(event).collect();
    database.commit(Commit { now, events, ..Commit::default() }).await?;
    Ok(CustomerCopy::new(rows, options.locale, options.with_agents, retention, now))
}

/// Renders a copy. What a terminal would not show as itself is escaped.
pub fn render(copy: &CustomerCopy, format: CopyFormat) -> anyhow::Result<String> {
    match format {
        CopyFormat::Text => Ok(text::render(copy)),
        CopyFormat::Json => Ok(escape_json_line(&serde_json::to_string_pretty(copy)?) + "\n"),
    }
}
