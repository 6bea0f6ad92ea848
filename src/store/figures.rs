//! The port of the statistics: rows of started sessions, by the time of Start.
//!
//! The columns are copies for queries, which no MAC covers. So the figures can be forged in the
//! database, and nothing but the figures depends on them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use commands::model::alert::AlertKind;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::trail::kind;
use commands::ports::figures::{
    AgentDays, AlertFigures, CodeFigures, CountedSession, FAST_DELIVERY, FigureFilter, FigureSource,
};
use serde_json::Value;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe, SqlStr};

use super::alert_rows::LISTED;
use super::bound::{Bound, bind_all};
use super::database::Database;
use super::engine::Engine;
use super::retry::retry;
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, ColumnType, number, text};

const COUNTING: &str = "counting sessions";

/// Condition of an index. No other session is counted.
pub(super) const STARTED: &str = "sessions.customer is not null and sessions.started_at >= $1 \
    and sessions.started_at < $2";

/// Alerts about an agent, whom an index leads to.
pub(super) const AGENT_ALERTS: &str = "from alerts where agent = $1 and opened_at > $2";

const CELLS: [(&str, ColumnType); 10] = [
    ("started_at", Number),
    ("kind", Text),
    ("scope", Text),
    ("discord_id", Number),
    ("agent_name", Text),
    ("customer", Text),
    ("ticket", Text),
    ("customer_at", Number),
    ("closed_why", Text),
    ("opened", Text),
];

#[async_trait]
impl FigureSource for Database {
    async fn sessions(
        &self,
        filter: FigureFilter,
        limit: u32,
    ) -> Result<Vec<CountedSession>, Fault> {
        let agent = agent_condition(filter);
        let rest = format!(
            "from sessions where {STARTED}{agent} order by started_at desc, id desc limit $3"
        );
        let statement = columns::select(self.pools.engine, &CELLS, &rest);
        let rows = retry(&self.pools, COUNTING, || {
            let query = bound(sqlx::query(statement.clone()), filter).bind(i64::from(limit));
            query.fetch_all(&self.pools.reads)
        })
        .await?;
        Ok(rows.iter().filter_map(session).collect())
    }

    async fn count(&self, filter: FigureFilter) -> Result<u64, Fault> {
        let agent = agent_condition(filter);
        let statement = format!("select count(*) from sessions where {STARTED}{agent}");
        let row = retry(&self.pools, COUNTING, || {
            let query = sqlx::query(AssertSqlSafe(statement.clone()));
            bound(query, filter).fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(number(&row, 0).and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    async fn codes(&self, filter: FigureFilter) -> Result<CodeFigures, Fault> {
        let statement = codes_statement(self.pools.engine, filter);
        let rows = retry(&self.pools, "counting codes", || {
            bound(sqlx::query(statement.clone()), filter).fetch_all(&self.pools.reads)
        })
        .await?;
        let mut figures = CodeFigures::default();
        for row in &rows {
            let count = count(row, 2);
            match text(row, 0).as_deref() {
                Some(kind::CODE_SENT) => figures.mailed += count,
                Some(kind::CODE_BOUNCED) => figures.bounced += count,
                Some(kind::CODE_DELIVERED) => {
                    figures.delivered += count;
                    figures.fast += if is_fast(row) { count } else { 0 };
                }
                _ => {}
            }
        }
        Ok(figures)
    }

    async fn alerts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<AlertFigures>, Fault> {
        let rest = format!("from alerts where opened_at >= $1 and opened_at < $2 and {LISTED}");
        let values = [from, until].map(|time| Bound::Number(time.0));
        self.count_answers(&rest, &values).await
    }

    async fn agent_signals(
        &self,
        discord_id: u64,
        after: Timestamp,
    ) -> Result<Vec<AlertFigures>, Fault> {
        let values = [discord_id.cast_signed(), after.0].map(Bound::Number);
        let mut figures = self.count_answers(AGENT_ALERTS, &values).await?;
        figures.retain(|alerts| AlertKind::parse(&alerts.kind).is_some_and(AlertKind::is_signal));
        Ok(figures)
    }

    async fn agent_days(&self, discord_id: u64, after: Timestamp) -> Result<AgentDays, Fault> {
        let row = retry(&self.pools, COUNTING, || {
            sqlx::query(
                "select count(started_at), count(customer_at),
                 sum(case when started_at is null and closed_at is not null then 1 else 0 end)
                 from sessions where customer is not null and discord_id = $1 and opened_at > $2",
            )
            .bind(discord_id.cast_signed())
            .bind(after.0)
            .fetch_one(&self.pools.reads)
        })
        .await?;
        let [started, verified, abandoned] = [0, 1, 2].map(|column| count(&row, column));
        Ok(AgentDays { started, verified, abandoned })
    }
}

impl Database {
    /// Counts alerts by their kinds and answers.
    async fn count_answers(
        &self,
        rest: &str,
        values: &[Bound],
    ) -> Result<Vec<AlertFigures>, Fault> {
        let cells = [("kind", Text), ("state", Text)];
        let rest = format!(", count(*) {rest} group by kind, state");
        let statement = columns::select(self.pools.engine, &cells, &rest);
        let rows = retry(&self.pools, "counting alerts", || {
            bind_all(sqlx::query(statement.clone()), values).fetch_all(&self.pools.reads)
        })
        .await?;
        let mut kinds: BTreeMap<String, AlertFigures> = BTreeMap::new();
        for row in &rows {
            let (Some(kind), Some(state)) = (text(row, 0), text(row, 1)) else { continue };
            let count = count(row, 2);
            let figures = kinds.entry(kind.clone()).or_default();
            figures.kind = kind;
            figures.opened += count;
            match state.as_str() {
                "handled" => figures.handled += count,
                "false" => figures.false_alarms += count,
                "open" => figures.waiting += count,
                _ => {}
            }
        }
        Ok(kinds.into_values().collect())
    }
}

/// Returns the condition for the sessions of one agent. The id is a number, so it is written into
/// the statement.
pub(super) fn agent_condition(filter: FigureFilter) -> String {
    let condition = |agent: u64| format!(" and sessions.discord_id = {}", agent.cast_signed());
    filter.agent.map(condition).unwrap_or_default()
}

/// Returns the statement that counts the mails with customers' codes: kind, the details of those
/// that were delivered, and their number.
///
/// The details differ in the number of the code and the seconds until it was delivered, so they
/// make few groups. SQLite keeps the order of a cross join. In another order it would read all
/// codes that were ever mailed.
pub(super) fn codes_statement(engine: Engine, filter: FigureFilter) -> SqlStr {
    const DELIVERED: &str = "case when events.kind = 'code_delivered' then events.details end";
    let rest = format!(
        ", count(*) from sessions cross join events
         where {STARTED}{agent} and events.chain = sessions.id
         and events.kind in ('code_sent', 'code_delivered', 'code_bounced')
         and events.details like '%\"purpose\":\"customer_consent\"%' group by 1, 2",
        agent = agent_condition(filter)
    );
    columns::select(engine, &[("events.kind", Text), (DELIVERED, Text)], &rest)
}

fn bound(
    query: Query<'static, Any, AnyArguments>,
    filter: FigureFilter,
) -> Query<'static, Any, AnyArguments> {
    query.bind(filter.from.0).bind(filter.until.0)
}

fn count(row: &AnyRow, column: usize) -> u32 {
    number(row, column).and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}

/// Returns true if the mails of the group were delivered fast.
fn is_fast(row: &AnyRow) -> bool {
    let details = text(row, 1).and_then(|details| serde_json::from_str::<Value>(&details).ok());
    let seconds = details.and_then(|details| details["seconds"].as_u64());
    seconds.is_some_and(|seconds| seconds <= FAST_DELIVERY)
}

/// Reads a row of [`CELLS`]. `None` if a cell that is never null holds no value of its type.
fn session(row: &AnyRow) -> Option<CountedSession> {
    let opened = text(row, 9).and_then(|opened| serde_json::from_str(&opened).ok());
    Some(CountedSession {
        started_at: Timestamp(number(row, 0)?),
        kind: text(row, 1)?,
        scope: text(row, 2),
        discord_id: number(row, 3)?.cast_unsigned(),
        agent_name: text(row, 4)?,
        customer: text(row, 5).and_then(|customer| customer.parse().ok()),
        ticket: text(row, 6),
        verified_at: number(row, 7).map(Timestamp),
        closed_why: text(row, 8),
        opened: opened.unwrap_or_default(),
    })
}
