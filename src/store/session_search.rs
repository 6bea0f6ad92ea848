//! The port of the leads' lists: sessions with customers by end, by opening, by what a lead types,
//! and the events of their chains.
//!
//! Each query follows one index. It reads the open sessions, or those of a day, at most.

use async_trait::async_trait;
use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::words::SessionId;
use commands::ports::session_search::{
    SearchSpan, SessionEvent, SessionFilter, SessionPage, SessionSearch,
};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

use super::bound::{Bound, bind_all};
use super::bulk::placeholders;
use super::database::Database;
use super::retry::retry;
use super::{row_columns, rows};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, number, text};

const LISTING: &str = "listing sessions for a lead";
const SEARCHING: &str = "searching sessions for a lead";

/// Condition of a search: sessions with customers that were opened after a time.
const OPENED_AFTER: &str = "customer is not null and opened_at > $1";

/// Character that makes the next one of a pattern literal.
const ESCAPE: char = '!';

#[async_trait]
impl SessionSearch for Database {
    async fn page(
        &self,
        filter: SessionFilter,
        skipped: u32,
        limit: u32,
    ) -> Result<SessionPage, Fault> {
        let List { condition, order, mut values } = List::of(filter);
        let count = format!("select count(*) from sessions where {condition}");
        let row = retry(&self.pools, LISTING, || {
            bind_all(sqlx::query(AssertSqlSafe(count.clone())), &values)
                .fetch_one(&self.pools.reads)
        })
        .await?;
        let total = number(&row, 0).and_then(|count| u64::try_from(count).ok());
        values.extend([limit, skipped].map(|count| Bound::Number(count.into())));
        let (limit, offset) = (values.len() - 1, values.len());
        let rest = format!("where {condition} order by {order} limit ${limit} offset ${offset}");
        let sessions = self.sessions_of(LISTING, &rest, |query| bind_all(query, &values)).await?;
        Ok(SessionPage { sessions, total: total.unwrap_or_default() })
    }

    async fn containing(
        &self,
        text: &str,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<Session>, Fault> {
        // SQLite lowers ASCII letters only. The others are found as they are written.
        let matches = ["substr(id, 1, 6)", "agent_name", "coalesce(ticket, '')"]
            .map(|column| {
                format!(
                    "lower({column}) like $2 escape '{ESCAPE}'
                     or {column} like $3 escape '{ESCAPE}'"
                )
            })
            .join(" or ");
        let rest = format!(
            "where {OPENED_AFTER} and ({matches})
             order by case when closed_at is null then 0 else 1 end, opened_at desc, id desc
             limit $4"
        );
        let patterns = [text.to_lowercase(), text.to_owned()].map(|text| literal(&text));
        let [lower, typed] = patterns.map(|pattern| format!("%{pattern}%"));
        self.sessions_of(SEARCHING, &rest, |query| {
            query.bind(after.0).bind(lower.clone()).bind(typed.clone()).bind(i64::from(limit))
        })
        .await
    }

    async fn beginning_with(
        &self,
        text: &str,
        after: Timestamp,
        limit: u32,
    ) -> Result<Vec<Session>, Fault> {
        let rest = format!(
            "where {OPENED_AFTER} and lower(id) like $2 escape '{ESCAPE}'
             order by opened_at desc, id desc limit $3"
        );
        let pattern = format!("{}%", literal(&text.to_lowercase()));
        self.sessions_of(SEARCHING, &rest, |query| {
            query.bind(after.0).bind(pattern.clone()).bind(i64::from(limit))
        })
        .await
    }

    async fn last_close(&self) -> Result<Option<Timestamp>, Fault> {
        let rest = "from sessions where closed_at is not null and customer is not null
             order by closed_at desc limit 1";
        let statement = columns::select(self.pools.engine, &[("closed_at", Number)], rest);
        let row = retry(&self.pools, LISTING, || {
            sqlx::query(statement.clone()).fetch_optional(&self.pools.reads)
        })
        .await?;
        Ok(row.and_then(|row| number(&row, 0)).map(Timestamp))
    }

    async fn lockout_reason(&self, lead: u64, subject: &str) -> Result<Option<String>, Fault> {
        let rest = "from events where events.chain = $1 and events.kind = 'locked_out'
             order by events.seq desc";
        let statement = columns::select(self.pools.engine, &[("events.details", Text)], rest);
        let rows = retry(&self.pools, "reading the reason of a lockout", || {
            sqlx::query(statement.clone())
                .bind(format!("discord:{lead}"))
                .fetch_all(&self.pools.reads)
        })
        .await?;
        let details = |row| serde_json::from_str::<serde_json::Value>(&text(row, 0)?).ok();
        let found = rows.iter().filter_map(details).find(|details| details["subject"] == subject);
        Ok(found.and_then(|details| details["reason"].as_str().map(str::to_owned)))
    }

    async fn events(&self, ids: &[SessionId], kinds: &[&str]) -> Result<Vec<SessionEvent>, Fault> {
        if ids.is_empty() || kinds.is_empty() {
            return Ok(Vec::new());
        }
        let rest = format!(
            "from events where events.chain in ({}) and events.kind in ({}) order by events.seq",
            placeholders(1..=ids.len()),
            placeholders(ids.len() + 1..=ids.len() + kinds.len())
        );
        let cells = [
            ("events.chain", Text),
            ("events.at", Number),
            ("events.actor", Text),
            ("events.kind", Text),
            ("events.details", Text),
        ];
        let statement = columns::select(self.pools.engine, &cells, &rest);
        let rows = retry(&self.pools, "reading events of sessions for a lead", || {
            let values = ids.iter().map(SessionId::as_str).chain(kinds.iter().copied());
            let query = sqlx::query(statement.clone());
            let query = values.fold(query, |query, value| query.bind(value.to_owned()));
            query.fetch_all(&self.pools.reads)
        })
        .await?;
        let event = |row| {
            Some(SessionEvent {
                session: text(row, 0)?.parse().ok()?,
                at: Timestamp(number(row, 1)?),
                actor: text(row, 2)?,
                kind: text(row, 3)?,
                details: serde_json::from_str(&text(row, 4)?).ok()?,
            })
        };
        Ok(rows.iter().filter_map(event).collect())
    }
}

/// A list without its page.
pub(super) struct List {
    pub(super) condition: String,
    pub(super) order: &'static str,
    /// Values of the condition.
    pub(super) values: Vec<Bound>,
}

impl List {
    pub(super) fn of(filter: SessionFilter) -> Self {
        let (condition, order, times) = match filter.span {
            SearchSpan::OpenAt(now) => {
                ("ends_at > $1 and closed_at is null", "ends_at, id", vec![now])
            }
            SearchSpan::Opened(after, until) => (
                "customer is not null and opened_at > $1 and opened_at <= $2",
                "opened_at desc, id desc",
                vec![after, until],
            ),
        };
        let mut values: Vec<_> = times.into_iter().map(|time| Bound::Number(time.0)).collect();
        let condition = if let Some(agent) = filter.agent {
            values.push(Bound::Number(agent.cast_signed()));
            format!("{condition} and discord_id = ${}", values.len())
        } else {
            condition.to_owned()
        };
        Self { condition, order, values }
    }
}

impl Database {
    /// Reads the sessions of a query. A row that is not believed is left out, and a click on its
    /// session handles it.
    async fn sessions_of(
        &self,
        doing: &'static str,
        rest: &str,
        bind: impl Fn(Query<'static, Any, AnyArguments>) -> Query<'static, Any, AnyArguments>,
    ) -> Result<Vec<Session>, Fault> {
        let statement = row_columns::select(self.pools.engine, rest);
        let rows = retry(&self.pools, doing, || {
            bind(sqlx::query(statement.clone())).fetch_all(&self.pools.reads)
        })
        .await?;
        let session = |row| rows::decode(row, &self.keys.store).ok().map(|(session, _)| session);
        Ok(rows.iter().filter_map(session).collect())
    }
}

/// Returns a text as a part of a pattern that matches only itself.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | ESCAPE) {
            literal.push(ESCAPE);
        }
        literal.push(c);
    }
    literal
}
