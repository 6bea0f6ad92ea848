//! Earlier sessions of a customer, for agents and leads. The queries follow the index of customer
//! and time.

use std::collections::HashMap;
use std::ops::Range;

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::time::Timestamp;
use commands::ports::history::{History, HistoryOf, HistoryPage, HistorySummary, PastSession};
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::query::Query;

use super::about::{event_binding, open_about};
use super::bulk::placeholders;
use super::database::Database;
use super::retry::retry;
use super::row_columns;
use super::rows;
use super::subject_keys::{KeyName, SubjectKey};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

const READING: &str = "reading a customer's history";

/// Place of the sealed details in a row of [`row_columns::select`].
const ABOUT: usize = 10;

/// Keys of one customer.
type Keys = HashMap<KeyName, SubjectKey>;

#[async_trait]
impl History for Database {
    async fn summary(
        &self,
        customer: &Pseudonym,
        after: Timestamp,
    ) -> Result<Option<HistorySummary>, Fault> {
        // An erased customer has no row with a hash any more.
        let rest = "from subjects where pseudonym = $1 and lookup is not null";
        let statement = columns::select(self.pools.engine, &[("added_at", Number)], rest);
        let known = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(customer.as_str()).fetch_optional(&self.pools.reads)
        })
        .await?;
        let Some(known) = known else { return Ok(None) };
        let cells = [
            ("closed_why", Text),
            ("count(*)", Number),
            ("count(case when customer_at is not null then 1 end)", Number),
        ];
        let rest = "from sessions where customer = $1 and opened_at > $2
             group by closed_why order by count(*) desc, closed_why";
        let statement = columns::select(self.pools.engine, &cells, rest);
        let rows = retry(&self.pools, READING, || {
            sqlx::query(statement.clone())
                .bind(customer.as_str())
                .bind(after.0)
                .fetch_all(&self.pools.reads)
        })
        .await?;
        let known_since = Timestamp(number(&known, 0).unwrap_or_default());
        let mut summary = HistorySummary { known_since, ..HistorySummary::default() };
        for row in &rows {
            let count = |column| number(row, column).and_then(|count| u64::try_from(count).ok());
            let (all, verified) = (count(1).unwrap_or_default(), count(2).unwrap_or_default());
            summary.sessions += all;
            summary.verified += verified;
            let others = all.saturating_sub(verified);
            if others > 0 {
                summary.others.push((text(row, 0), others));
            }
        }
        Ok(Some(summary))
    }

    async fn page(
        &self,
        customer: &Pseudonym,
        of: HistoryOf,
        after: Timestamp,
        lines: Range<u32>,
    ) -> Result<HistoryPage, Fault> {
        let condition = match of {
            HistoryOf::Agents => {
                "customer = $1 and opened_at > $2 and closed_at is not null
                 and started_at is not null"
            }
            HistoryOf::Leads => "customer = $1 and opened_at > $2",
        };
        let count = columns::select(
            self.pools.engine,
            &[("count(*)", Number)],
            &format!("from sessions where {condition}"),
        );
        let counted = retry(&self.pools, READING, || {
            sqlx::query(count.clone())
                .bind(customer.as_str())
                .bind(after.0)
                .fetch_one(&self.pools.reads)
        })
        .await?;
        let total = number(&counted, 0).and_then(|count| u64::try_from(count).ok());
        let rest = format!("where {condition} order by opened_at desc, id desc limit $3 offset $4");
        let statement = row_columns::select(self.pools.engine, &rest);
        let rows = retry(&self.pools, READING, || {
            sqlx::query(statement.clone())
                .bind(customer.as_str())
                .bind(after.0)
                .bind(i64::from(lines.end.saturating_sub(lines.start)))
                .bind(i64::from(lines.start))
                .fetch_all(&self.pools.reads)
        })
        .await?;
        let keys = self.keys_of(customer).await?;
        let mut sessions: Vec<_> =
            rows.iter().filter_map(|row| self.past_session(row, &keys)).collect();
        self.add_reasons(&mut sessions, &keys).await?;
        Ok(HistoryPage { sessions, total: total.unwrap_or_default() })
    }
}

impl Database {
    fn past_session(&self, row: &AnyRow, keys: &Keys) -> Option<PastSession> {
        let (session, _) = rows::decode(row, &self.keys.store).ok()?;
        let sealed = text(row, ABOUT);
        let about = sealed
            .and_then(|sealed| open_about(|name| keys.get(name), session.id.as_str(), &sealed))
            .unwrap_or_default();
        let word =
            |pointer: &str| about.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (ecosystem, ticket) = (word("/case/ecosystem_name"), word("/ticket"));
        let customer = word("/case/customer/name").or_else(|| word("/customer/name"));
        Some(PastSession { session, ecosystem, ticket, reason: None, customer })
    }

    /// Adds the reasons that were given for the closes. They are sealed in the trail.
    async fn add_reasons(&self, sessions: &mut [PastSession], keys: &Keys) -> Result<(), Fault> {
        if sessions.is_empty() {
            return Ok(());
        }
        let rest = format!(
            "from events where events.kind = 'closed' and events.chain in ({})",
            placeholders(1..=sessions.len())
        );
        let cells = [("events.chain", Text), ("events.seq", Number), ("events.about", Text)];
        let statement = columns::select(self.pools.engine, &cells, &rest);
        let rows = retry(&self.pools, READING, || {
            let ids = sessions.iter().map(|past| past.session.id.to_string());
            ids.fold(sqlx::query(statement.clone()), Query::bind).fetch_all(&self.pools.reads)
        })
        .await?;
        for row in &rows {
            let (Some(chain), Some(seq), Some(sealed)) =
                (text(row, 0), number(row, 1), text(row, 2))
            else {
                continue;
            };
            let about = open_about(|name| keys.get(name), &event_binding(&chain, seq), &sealed);
            let reason = about.and_then(|about| about["reason"].as_str().map(str::to_owned));
            let mut own = sessions.iter_mut().filter(|past| past.session.id.as_str() == chain);
            if let Some(past) = own.next() {
                past.reason = reason;
            }
        }
        Ok(())
    }

    /// Reads the customer's keys. One that this process cannot open opens nothing.
    async fn keys_of(&self, customer: &Pseudonym) -> Result<Keys, Fault> {
        let cells = [("quarter", Text), ("sealed", Text)];
        let rest = "from subject_keys where subject = $1";
        let statement = columns::select(self.pools.engine, &cells, rest);
        let rows = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(customer.as_str()).fetch_all(&self.pools.reads)
        })
        .await?;
        let key = |row: &AnyRow| {
            let (quarter, sealed) = (text(row, 0)?.parse().ok()?, text(row, 1)?);
            let name = KeyName { subject: Some(customer.clone()), quarter };
            let key = SubjectKey::unseal(&self.keys.store, name.clone(), &sealed).ok()?;
            Some((name, key))
        };
        Ok(rows.iter().filter_map(key).collect())
    }
}
