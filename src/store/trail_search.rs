//! The port of the leads' trail: events by session, agent, customer or ticket number, sorted by
//! time.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::model::trail_filter::TrailFilter;
use commands::model::words::SessionId;
use commands::ports::trail_search::{ChainVerdict, TrailLine, TrailPart, TrailSearch};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::about::{event_binding, key_name_of, open_about};
use super::bound::bind_all;
use super::bulk::placeholders;
use super::database::Database;
use super::named_customer::customer_in;
use super::retry::{retry, to_fault};
use super::subject_keys::{KeyName, SubjectKey};
use super::trail_selection::{Bounded, Selection};
use crate::trail::columns::ColumnType::{self, Number, Text};
use crate::trail::columns::{self, number, text};
use crate::trail::verify_session;

const READING: &str = "reading the trail for a lead";
const VERIFYING: &str = "verifying the chain of a session";

/// The columns of a line.
const LINE_COLUMNS: [(&str, ColumnType); 11] = [
    ("events.chain", Text),
    ("events.seq", Number),
    ("events.at", Number),
    ("events.actor", Text),
    ("events.session_id", Text),
    ("events.kind", Text),
    ("events.details", Text),
    ("events.about", Text),
    ("sessions.customer", Text),
    ("sessions.ticket", Text),
    ("sessions.about", Text),
];

#[async_trait]
impl TrailSearch for Database {
    async fn lines(&self, filter: &TrailFilter, part: TrailPart) -> Result<Vec<TrailLine>, Fault> {
        let Bounded { sql, values } = Selection::of(filter).part(part);
        let statement = columns::select(self.pools.engine, &LINE_COLUMNS, &sql);
        let rows = retry(&self.pools, READING, || {
            bind_all(sqlx::query(statement.clone()), &values).fetch_all(&self.pools.reads)
        })
        .await?;
        let rows: Vec<_> = rows.iter().map(LineRow::read).collect();
        let erased = self.erased_of_lines(&rows).await?;
        let keys = if part.opens { self.keys_of_lines(&rows).await? } else { HashMap::new() };
        Ok(rows.into_iter().map(|row| row.into_line(&erased, &keys)).collect())
    }

    async fn count(&self, filter: &TrailFilter, up_to: u64) -> Result<u64, Fault> {
        let limit = i64::try_from(up_to).unwrap_or(i64::MAX);
        let Bounded { sql, values } = Selection::of(filter).count(limit);
        let row = retry(&self.pools, READING, || {
            bind_all(sqlx::query(AssertSqlSafe(sql.clone())), &values).fetch_one(&self.pools.reads)
        })
        .await?;
        let count = number(&row, 0).and_then(|count| u64::try_from(count).ok());
        Ok(count.unwrap_or_default())
    }

    async fn has_read(
        &self,
        lead: u64,
        span: Range<Timestamp>,
        details: &Value,
    ) -> Result<bool, Fault> {
        let found: i64 = retry(&self.pools, READING, || {
            sqlx::query_scalar(
                "select count(*) from events where events.actor = $1 and events.at >= $2
                 and events.at < $3 and events.kind = $4 and events.details = $5",
            )
            .bind(format!("discord:{lead}"))
            .bind(span.start.0)
            .bind(span.end.0)
            .bind(kind::DESK_READ)
            .bind(details.to_string())
            .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(found > 0)
    }

    async fn verify(&self, session: &SessionId) -> Result<Option<ChainVerdict>, Fault> {
        // One at a time, because each reads all checkpoints.
        let _one = self.verifying.lock().await;
        let keys = self.keys.trail.public();
        verify_session(&self.pools, &keys, session.as_str()).await.map_err(to_fault(VERIFYING))
    }
}

impl Database {
    /// Returns the customers of the rows who were erased.
    async fn erased_of_lines(&self, rows: &[LineRow]) -> Result<HashSet<String>, Fault> {
        let subjects = distinct(rows.iter().filter_map(LineRow::subject));
        if subjects.is_empty() {
            return Ok(HashSet::new());
        }
        let rest = format!(
            "from subjects where subjects.lookup is null and subjects.pseudonym in ({})",
            placeholders(1..=subjects.len())
        );
        let found = self.read_by(&[("subjects.pseudonym", Text)], &rest, &subjects).await?;
        Ok(found.iter().filter_map(|row| text(row, 0)).collect())
    }

    /// Returns the keys that seal what the rows are about, as far as they exist.
    async fn keys_of_lines(&self, rows: &[LineRow]) -> Result<HashMap<KeyName, SubjectKey>, Fault> {
        let sealed = rows.iter().flat_map(|row| [&row.about, &row.session_about]);
        let names = sealed.filter_map(|about| key_name_of(about.as_deref()?));
        let names: HashSet<KeyName> = names.collect();
        let subjects = distinct(names.iter().map(|name| name.subject().to_owned()));
        if subjects.is_empty() {
            return Ok(HashMap::new());
        }
        let cells = [
            ("subject_keys.subject", Text),
            ("subject_keys.quarter", Text),
            ("subject_keys.sealed", Text),
        ];
        let rest =
            format!("from subject_keys where subject in ({})", placeholders(1..=subjects.len()));
        let found = self.read_by(&cells, &rest, &subjects).await?;
        let key = |row: &AnyRow| {
            let name = KeyName::parse(&text(row, 0)?, &text(row, 1)?)?;
            let is_used = names.contains(&name);
            // A key that cannot be opened counts as destroyed. The daily work reports it.
            let key = SubjectKey::unseal(&self.keys.store, name.clone(), &text(row, 2)?).ok()?;
            is_used.then_some((name, key))
        };
        Ok(found.iter().filter_map(key).collect())
    }

    /// Reads rows by a list of texts.
    async fn read_by(
        &self,
        cells: &[(&str, ColumnType)],
        rest: &str,
        values: &[String],
    ) -> Result<Vec<AnyRow>, Fault> {
        let statement = columns::select(self.pools.engine, cells, rest);
        retry(&self.pools, READING, || {
            let query = sqlx::query(statement.clone());
            let query = values.iter().fold(query, |query, value| query.bind(value.clone()));
            query.fetch_all(&self.pools.reads)
        })
        .await
    }
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let distinct: HashSet<String> = texts.collect();
    distinct.into_iter().collect()
}

/// A row of [`LINE_COLUMNS`]. A cell that cannot be read is empty.
struct LineRow {
    chain: String,
    seq: i64,
    at: i64,
    actor: String,
    session: Option<String>,
    kind: String,
    details: Value,
    about: Option<String>,
    customer: Option<String>,
    ticket: Option<String>,
    session_about: Option<String>,
}

impl LineRow {
    fn read(row: &AnyRow) -> Self {
        let details = text(row, 6).and_then(|details| serde_json::from_str(&details).ok());
        Self {
            chain: text(row, 0).unwrap_or_default(),
            seq: number(row, 1).unwrap_or_default(),
            at: number(row, 2).unwrap_or_default(),
            actor: text(row, 3).unwrap_or_default(),
            session: text(row, 4),
            kind: text(row, 5).unwrap_or_default(),
            details: details.unwrap_or_default(),
            about: text(row, 7),
            customer: text(row, 8),
            ticket: text(row, 9),
            session_about: text(row, 10),
        }
    }

    /// Returns the customer of the session, the one whose key seals the event, or the one whom its
    /// details name.
    fn subject(&self) -> Option<String> {
        let sealed_for = || key_name_of(self.about.as_deref()?)?.subject;
        let other = || sealed_for().or_else(|| customer_in(&self.details));
        self.customer.clone().or_else(|| other().map(|subject| subject.to_string()))
    }

    fn into_line(self, erased: &HashSet<String>, keys: &HashMap<KeyName, SubjectKey>) -> TrailLine {
        let subject = self.subject();
        let open =
            |binding: &str, about: Option<&str>| open_about(|name| keys.get(name), binding, about?);
        let about = open(&event_binding(&self.chain, self.seq), self.about.as_deref());
        let about = about.unwrap_or_default();
        let session = self.session.as_deref().unwrap_or_default();
        let case = open(session, self.session_about.as_deref()).unwrap_or_default();
        let case = &case["case"];
        let is_same = about["ecosystem"].is_string() && about["ecosystem"] == case["ecosystem"];
        let ecosystem = case["ecosystem_name"].as_str().filter(|_| is_same).map(str::to_owned);
        TrailLine {
            at: Timestamp(self.at),
            actor: self.actor,
            kind: self.kind,
            session: self.session.and_then(|session| session.parse().ok()),
            details: self.details,
            is_erased: subject.as_ref().is_some_and(|subject| erased.contains(subject)),
            customer: subject.and_then(|subject| subject.parse::<Pseudonym>().ok()),
            ticket: self.ticket,
            about,
            ecosystem,
        }
    }
}
