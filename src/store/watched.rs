//! The port of the watch: sessions of rolling windows, stuck revocations, and which alerts are
//! news.
//!
//! Each query follows an index from the beginning of its window. A cell that was edited in the
//! database counts as null, and a row without a readable id is left out.

use std::time::Duration;

use async_trait::async_trait;
use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::effect::Effect;
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::ports::sessions::Sessions as _;
use commands::ports::watched::{
    CustomerMail, StuckRevocation, UnknownLookup, Watched, WatchedGroup, WatchedSession, WrongCode,
};
use sqlx::any::AnyRow;

use super::alerts::is_known;
use super::database::Database;
use super::engine::Engine;
use super::retry::{retry, to_fault};
use crate::trail::columns::ColumnType::{Number, Text};
use crate::trail::columns::{self, ColumnType, number, text};

const WATCHING: &str = "counting for the signals";

/// Time after which the watch is due again. Shorter than its interval of a minute, because timers
/// are late by milliseconds.
const WATCH_AGAIN: Duration = Duration::from_secs(50);

/// Most stuck revocations that are read. One tells the leads.
const STUCK: i64 = 100;

const CELLS: [(&str, ColumnType); 12] = [
    ("id", Text),
    ("discord_id", Number),
    ("customer", Text),
    ("opened_at", Number),
    ("started_at", Number),
    ("closed_at", Number),
    ("mailed_at", Number),
    ("wrong", Number),
    ("customer_at", Number),
    ("links", Number),
    ("linked_at", Number),
    ("reported_at", Number),
];

/// Time of the customer's newest wrong code, from the chain of the session.
const WRONG_AT: &str = "case when wrong > 0 then (select max(events.at) from events
     where events.chain = sessions.id and events.kind = 'code_wrong'
     and events.details like '%\"purpose\":\"customer_consent\"%') end";

/// Sessions with a customer that were opened after the first value.
const OPENED: &str = "customer is not null and opened_at > $1";

/// A query for a group, with its values.
pub(super) struct GroupQuery {
    condition: String,
    values: Vec<i64>,
}

impl GroupQuery {
    pub(super) fn of(group: WatchedGroup) -> Self {
        let (condition, values) = match group {
            WatchedGroup::OfAgents { opened_after, at_least } => (
                large_groups("discord_id", "discord_id + 0"),
                vec![opened_after.0, at_least.into()],
            ),
            WatchedGroup::OfCustomers { opened_after, at_least } => {
                (large_groups("customer", "customer || ''"), vec![opened_after.0, at_least.into()])
            }
            WatchedGroup::WithFastCodes { opened_after, recent_after, below } => {
                let fast = "customer_at - mailed_at < $3";
                let condition = format!(
                    "discord_id in (select discord_id from sessions where {OPENED} and {fast})
                     and opened_at > $2 and {fast}"
                );
                let below = i64::try_from(below.as_millis()).unwrap_or(i64::MAX);
                (condition, vec![recent_after.0, opened_after.0, below])
            }
            WatchedGroup::WithLinks { opened_after, recent_after } => {
                let condition = format!(
                    "customer in
                         (select customer from sessions where {OPENED} and linked_at is not null)
                     and opened_at > $2 and linked_at is not null"
                );
                (condition, vec![recent_after.0, opened_after.0])
            }
            // A count, because PostgreSQL can answer "exists" by a scan of all events.
            WatchedGroup::WithColleagues { opened_after } => {
                let condition = format!(
                    "{OPENED} and customer_at is not null and (select count(*) from events
                         where events.chain = sessions.id and events.kind = 'looked_up'
                         and events.details like '%\"colleague\":true%') > 0"
                );
                (condition, vec![opened_after.0])
            }
        };
        Self { condition, values }
    }

    /// Returns the statement and its values.
    pub(super) fn statement(&self, engine: Engine) -> (sqlx::SqlStr, &[i64]) {
        let rest = format!(", {WRONG_AT} from sessions where {}", self.condition);
        (columns::select(engine, &CELLS, &rest), &self.values)
    }
}

/// Returns the condition for sessions whose column has many of them.
///
/// `value` is the column as an expression. SQLite would group by the column's index, and read all
/// of it instead of the window.
fn large_groups(column: &str, value: &str) -> String {
    format!(
        "{OPENED} and {column} in (select {value} from sessions where {OPENED}
             group by {value} having count(*) >= $2)"
    )
}

/// Reads [`CELLS`] and [`WRONG_AT`].
fn read(row: &AnyRow) -> Option<WatchedSession> {
    let time = |column| number(row, column).map(Timestamp);
    let count = |column| u32::try_from(number(row, column).unwrap_or_default()).unwrap_or_default();
    Some(WatchedSession {
        id: text(row, 0)?.parse().ok()?,
        agent: number(row, 1)?.cast_unsigned(),
        customer: text(row, 2)?.parse().ok()?,
        opened_at: time(3)?,
        started_at: time(4),
        closed_at: time(5),
        mailed_at: time(6),
        wrong: count(7),
        verified_at: time(8),
        links: count(9),
        linked_at: time(10),
        reported_at: time(11),
        wrong_at: time(12),
    })
}

#[async_trait]
impl Watched for Database {
    async fn take_watch(&self, now: Timestamp) -> Result<bool, Fault> {
        self.take_work("watch", WATCH_AGAIN, WATCH_AGAIN, now).await
    }

    async fn sessions(&self, group: WatchedGroup) -> Result<Vec<WatchedSession>, Fault> {
        let query = GroupQuery::of(group);
        let (statement, values) = query.statement(self.pools.engine);
        let rows = retry(&self.pools, WATCHING, || {
            let query = sqlx::query(statement.clone());
            let query = values.iter().fold(query, |query, value| query.bind(*value));
            query.fetch_all(&self.pools.reads)
        })
        .await?;
        Ok(rows.iter().filter_map(read).collect())
    }

    async fn unknown_lookups(&self, after: Timestamp) -> Result<Vec<UnknownLookup>, Fault> {
        self.read_unknown_lookups(after).await
    }

    async fn wrong_codes(&self, after: Timestamp) -> Result<Vec<WrongCode>, Fault> {
        self.read_wrong_codes(after).await
    }

    async fn customer_mails(&self, after: Timestamp) -> Result<Vec<CustomerMail>, Fault> {
        self.read_customer_mails(after).await
    }

    async fn stuck_revocations(&self, until: Timestamp) -> Result<Vec<StuckRevocation>, Fault> {
        const READING: &str = "listing sessions whose revocation is pending";
        // An older effect than the revocation can be pending, but none is revoked before the close.
        let rest = "from sessions where pending_since > 0 and pending_since <= $1
             and closed_at <= $1 order by pending_since limit $2";
        let cells = [("id", Text), ("pending_since", Number)];
        let statement = columns::select(self.pools.engine, &cells, rest);
        let rows = retry(&self.pools, READING, || {
            sqlx::query(statement.clone()).bind(until.0).bind(STUCK).fetch_all(&self.pools.reads)
        })
        .await?;
        let mut stuck = Vec::new();
        for row in &rows {
            let Some(id) = self.session_id(text(row, 0)) else { continue };
            let Some(since) = number(row, 1).map(Timestamp) else { continue };
            let found = match self.refresh(&id).await {
                Ok(()) => self.find(&id).await,
                Err(fault) => Err(fault),
            };
            // A row that cannot be read, such as one of a newer version, must not hide the others.
            let handle = match found {
                Ok(Some(handle)) => handle,
                Ok(None) => continue,
                Err(fault) => {
                    tracing::error!(session = id.short(), "{fault}");
                    fault.count();
                    continue;
                }
            };
            let session = handle.session();
            let is_revoking = |effect: &Effect| matches!(effect, Effect::Revoke { .. });
            if session.pending.iter().any(|pending| is_revoking(&pending.effect)) {
                let since = since.max(session.closed_at());
                stuck.push(StuckRevocation { session, since });
            }
        }
        Ok(stuck)
    }

    async fn checkpoint_overdue_since(&self, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
        self.find_overdue_checkpoint(now).await
    }

    async fn mail_alert_is_open(&self) -> Result<bool, Fault> {
        let key = NewAlert::new(AlertKind::MailDelivery, AlertSubject::Bot).key();
        let open: i64 = retry(&self.pools, WATCHING, || {
            sqlx::query_scalar("select count(*) from alerts where open_key = $1")
                .bind(key.clone())
                .fetch_one(&self.pools.reads)
        })
        .await?;
        Ok(open > 0)
    }

    async fn news(&self, alerts: Vec<NewAlert>, now: Timestamp) -> Result<Vec<NewAlert>, Fault> {
        let fault = to_fault("comparing signals with former alerts");
        let mut connection = self.pools.reads.acquire().await.map_err(&fault)?;
        let mut news = Vec::new();
        for alert in alerts {
            if !is_known(&mut connection, &alert, now).await.map_err(&fault)? {
                news.push(alert);
            }
        }
        Ok(news)
    }
}
