//! Rows of alerts, and the port that reads them and keeps what is known about their cards.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use commands::model::alert::{
    Alert, AlertCard, AlertFacts, AlertId, AlertKind, AlertLevel, AlertState, AlertSubject,
    NO_MORE_REMINDERS, Ping, Verdict,
};
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::alerts::{AlertFilter, AlertPage, Alerts};
use serde_json::Value;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use super::bound::{Bound, bind_all};
use super::bulk::placeholders;
use super::database::Database;
use super::retry::retry;
use crate::escape::for_terminal;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, ColumnType, number, text};

const READING: &str = "reading alerts";
const SAVING: &str = "saving the card of an alert";

/// Time after which a row that could not be read is looked at again. A process of a newer version
/// may read it: during an update both run.
const UNREADABLE_AGAIN: Duration = Duration::from_mins(10);

/// Condition of the lists and figures. A card that collects others is no alert of its own.
pub(super) const LISTED: &str = "kind <> 'collected'";

const COLUMNS: [(&str, ColumnType); 24] = [
    ("id", Text),
    ("version", Number),
    ("kind", Text),
    ("level", Text),
    ("subject", Text),
    ("session_id", Text),
    ("agent", Number),
    ("customer", Text),
    ("facts", Text),
    ("count", Number),
    ("opened_at", Number),
    ("last_at", Number),
    ("state", Text),
    ("answered_by", Number),
    ("answered_at", Number),
    ("message_id", Number),
    ("posted_at", Number),
    ("posts", Number),
    ("drawn", Number),
    ("pings", Number),
    ("reminders", Number),
    ("reminder_ids", Text),
    ("due_at", Number),
    ("counted_at", Number),
];

/// Returns the end of the statement that reads the open alerts of so many sessions.
pub(super) fn alerts_of_sessions(count: usize) -> String {
    let ids = placeholders(1..=count);
    format!("from alerts where open_key is not null and session_id in ({ids})")
}

/// Reads [`COLUMNS`]; `None` if a cell is unreadable, or has a word of a newer version.
fn read(row: &AnyRow) -> Option<Alert> {
    let facts: Value = serde_json::from_str(&text(row, 8)?).ok()?;
    let Value::Object(facts) = facts else { return None };
    let verdict = || {
        let (by, at) = (number(row, 13)?.cast_unsigned(), Timestamp(number(row, 14)?));
        Some(Verdict { by, at })
    };
    let state = match text(row, 12)?.as_str() {
        "open" => AlertState::Open,
        "handled" => AlertState::Handled(verdict()?),
        "false" => AlertState::FalseAlarm(verdict()?),
        "expired" => AlertState::Expired,
        _ => return None,
    };
    let count = |column| u32::try_from(number(row, column)?).ok();
    let reminder_messages = text(row, 21)?;
    let card = AlertCard {
        message: number(row, 15).map(i64::cast_unsigned),
        posted_at: number(row, 16).map(Timestamp),
        posts: count(17)?,
        drawn: number(row, 18)?,
        ping: match number(row, 19) {
            None => Ping::Undecided,
            Some(0) => Ping::Silent,
            Some(_) => Ping::Pings,
        },
        reminders: count(20)?,
        reminder_messages: reminder_messages.split(',').filter_map(|id| id.parse().ok()).collect(),
        due_at: number(row, 22).map(Timestamp),
        counted_at: number(row, 23).map(Timestamp),
    };
    Some(Alert {
        id: text(row, 0)?.parse().ok()?,
        version: number(row, 1)?,
        kind: AlertKind::parse(&text(row, 2)?)?,
        level: AlertLevel::parse(&text(row, 3)?)?,
        subject: text(row, 4)?,
        session: text(row, 5).and_then(|id| id.parse().ok()),
        agent: number(row, 6).map(i64::cast_unsigned),
        customer: text(row, 7).and_then(|customer| customer.parse().ok()),
        facts: AlertFacts(facts),
        count: count(9)?,
        opened_at: Timestamp(number(row, 10)?),
        last_at: Timestamp(number(row, 11)?),
        state,
        card,
    })
}

impl Database {
    async fn alerts_where<'q>(
        &self,
        rest: &str,
        bind: impl Fn(Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments>,
    ) -> Result<Vec<Alert>, Fault> {
        let rows = self.rows_where(rest, bind).await?;
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Reads [`COLUMNS`] of alerts.
    async fn rows_where<'q>(
        &self,
        rest: &str,
        bind: impl Fn(Query<'q, Any, AnyArguments>) -> Query<'q, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, Fault> {
        let statement =
            columns::select(self.pools.engine, &COLUMNS, &format!("from alerts {rest}"));
        retry(&self.pools, READING, || {
            bind(sqlx::query(statement.clone())).fetch_all(&self.pools.reads)
        })
        .await
    }

    /// Puts off the next look at a row that cannot be read. It would hide the rows after it.
    async fn put_off(&self, row: &AnyRow, now: Timestamp) -> Result<(), Fault> {
        let id = text(row, 0).unwrap_or_default();
        tracing::error!(alert = for_terminal(&id), "alert cannot be read: left out");
        retry(&self.pools, SAVING, || {
            sqlx::query("update alerts set due_at = $2 where id = $1")
                .bind(&id)
                .bind((now + UNREADABLE_AGAIN).0)
                .execute(&self.pools.writes)
        })
        .await
        .map(drop)
    }

    async fn count_alerts(&self, condition: &str, values: &[i64]) -> Result<u64, Fault> {
        let statement = format!("select count(*) from alerts where {condition}");
        let row = retry(&self.pools, READING, || {
            let query = sqlx::query(AssertSqlSafe(statement.clone()));
            values
                .iter()
                .fold(query, |query, value| query.bind(*value))
                .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(number(&row, 0).and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }
}

#[async_trait]
impl Alerts for Database {
    async fn find(&self, id: &AlertId) -> Result<Option<Alert>, Fault> {
        let id = id.as_str().to_owned();
        let found = self.alerts_where("where id = $1", |query| query.bind(id.clone())).await?;
        Ok(found.into_iter().next())
    }

    async fn of_report(&self, reference: &str) -> Result<Option<Alert>, Fault> {
        let reference = reference.to_owned();
        let rest = "where reference = $1 order by opened_at desc limit 1";
        let found = self.alerts_where(rest, |query| query.bind(reference.clone())).await?;
        Ok(found.into_iter().next())
    }

    async fn alerted_of(&self, sessions: &[SessionId]) -> Result<HashSet<SessionId>, Fault> {
        if sessions.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<_> = sessions.iter().map(|id| Bound::Text(id.to_string())).collect();
        let rest = alerts_of_sessions(ids.len());
        let statement = columns::select(self.pools.engine, &[("session_id", Text)], &rest);
        let rows = retry(&self.pools, READING, || {
            bind_all(sqlx::query(statement.clone()), &ids).fetch_all(&self.pools.reads)
        })
        .await?;
        Ok(rows.iter().filter_map(|row| text(row, 0)?.parse().ok()).collect())
    }

    async fn has_other_report(&self, alert: &Alert) -> Result<bool, Fault> {
        let customer = alert.customer.as_ref().map(ToString::to_string);
        let (id, kind) = (alert.id.as_str().to_owned(), AlertKind::Reported.name());
        let rest =
            "where customer = $1 and kind = $2 and open_key is not null and id <> $3 limit 1";
        let found = self
            .alerts_where(rest, |query| query.bind(customer.clone()).bind(kind).bind(id.clone()))
            .await?;
        Ok(!found.is_empty())
    }

    async fn page(
        &self,
        filter: AlertFilter,
        skipped: u32,
        limit: u32,
    ) -> Result<AlertPage, Fault> {
        let (condition, values) = match filter {
            AlertFilter::Open => (format!("open_key is not null and {LISTED}"), Vec::new()),
            AlertFilter::Opened(after, until) => {
                (format!("opened_at > $1 and opened_at <= $2 and {LISTED}"), vec![after.0, until.0])
            }
        };
        let total = self.count_alerts(&condition, &values).await?;
        let first = values.len() + 1;
        let rest = format!(
            "where {condition} order by opened_at desc, id desc limit ${first} offset ${}",
            first + 1
        );
        let alerts = self
            .alerts_where(&rest, |query| {
                let query = values.iter().fold(query, |query, value| query.bind(*value));
                query.bind(i64::from(limit)).bind(i64::from(skipped))
            })
            .await?;
        Ok(AlertPage { alerts, total })
    }

    async fn last_answer(&self) -> Result<Option<Timestamp>, Fault> {
        let rest = "where answered_at is not null order by answered_at desc limit 1";
        let newest = self.alerts_where(rest, |query| query).await?;
        Ok(newest.first().and_then(|alert| alert.state.verdict()).map(|verdict| verdict.at))
    }

    async fn count_open(&self) -> Result<u64, Fault> {
        self.count_alerts(&format!("open_key is not null and {LISTED}"), &[]).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Alert>, Fault> {
        let rest = "where due_at <= $1 order by due_at, id limit $2";
        let rows = self.rows_where(rest, |query| query.bind(now.0).bind(i64::from(limit))).await?;
        let mut alerts = Vec::with_capacity(rows.len());
        for row in &rows {
            match read(row) {
                Some(alert) => alerts.push(alert),
                None => self.put_off(row, now).await?,
            }
        }
        Ok(alerts)
    }

    async fn lease(&self, alert: &Alert, lease_until: Timestamp) -> Result<bool, Fault> {
        let Some(due_at) = alert.card.due_at else { return Ok(false) };
        let leased = retry(&self.pools, SAVING, || {
            sqlx::query(
                "update alerts set due_at = $3 where id = $1 and due_at = $2 and version = $4",
            )
            .bind(alert.id.as_str())
            .bind(due_at.0)
            .bind(lease_until.0)
            .bind(alert.version)
            .execute(&self.pools.writes)
        })
        .await?;
        Ok(leased.rows_affected() > 0)
    }

    async fn save_card(
        &self,
        alert: &Alert,
        card: &AlertCard,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let pings = match card.ping {
            Ping::Undecided => None,
            Ping::Silent => Some(0_i64),
            Ping::Pings => Some(1),
        };
        let ids: Vec<_> = card.reminder_messages.iter().map(u64::to_string).collect();
        let ids = ids.join(",");
        retry(&self.pools, SAVING, || {
            sqlx::query(
                "update alerts set message_id = $2, posted_at = $3, posts = $4, drawn = $5,
                 pings = $6, reminder_ids = $8, counted_at = $12,
                 reminders = case when reminders > $7 then reminders else $7 end,
                 due_at = case when version = $10 then $9 else $11 end where id = $1",
            )
            .bind(alert.id.as_str())
            .bind(card.message.map(u64::cast_signed))
            .bind(card.posted_at.map(|at| at.0))
            .bind(i64::from(card.posts))
            .bind(card.drawn)
            .bind(pings)
            .bind(i64::from(card.reminders))
            .bind(ids.clone())
            .bind(card.due_at.map(|at| at.0))
            .bind(alert.version)
            .bind(now.0)
            .bind(card.counted_at.map(|at| at.0))
            .execute(&self.pools.writes)
        })
        .await?;
        Ok(())
    }

    async fn end_reminders(&self, id: &AlertId) -> Result<(), Fault> {
        retry(&self.pools, SAVING, || {
            sqlx::query("update alerts set reminders = $2 where id = $1")
                .bind(id.as_str())
                .bind(i64::from(NO_MORE_REMINDERS))
                .execute(&self.pools.writes)
        })
        .await?;
        Ok(())
    }

    async fn note_act(&self, on: &AlertSubject, lead: u64, now: Timestamp) -> Result<(), Fault> {
        let (session, agent) = match on {
            AlertSubject::Session(session) => (Some(session.as_str()), None),
            AlertSubject::Agent(agent) => (None, Some(agent.cast_signed())),
            _ => return Ok(()),
        };
        retry(&self.pools, SAVING, || {
            sqlx::query(
                "update alerts set version = version + 1, reminders = $3, due_at = $4
                 where open_key is not null and (session_id = $1 or agent = $2)
                     and (agent is null or agent <> $5)",
            )
            .bind(session)
            .bind(agent)
            .bind(i64::from(NO_MORE_REMINDERS))
            .bind(now.0)
            .bind(lead.cast_signed())
            .execute(&self.pools.writes)
        })
        .await?;
        Ok(())
    }
}
