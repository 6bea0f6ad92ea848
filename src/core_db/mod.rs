//! The company's database, Core, read through views that its administrators made for the bot.
//!
//! A look-up takes two or three queries and never writes: SQLite is opened read-only, and
//! PostgreSQL runs read-only transactions. An unknown word in a status column is shown as unknown
//! and logged once.

mod rows;
pub mod views;

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use async_trait::async_trait;
use commands::model::customer::{CustomerRecord, Ecosystem};
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::succession::Succession;
use commands::model::words::SupportKind;
use commands::ports::directory::{CustomerMatch, Directory};
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::query::Query;
use sqlx::{AnyConnection, AnyPool, Executor};
use url::form_urlencoded;

use rows::RowParser;

use crate::calls::Call;
use crate::metrics;
use crate::sql_codes::ErrorScope;
use crate::sql_error::{SqlError, redact};
use crate::sql_pool::{Retirement, shares_connections};

/// Maximum number of connections. Few, because Core serves others and a look-up takes milliseconds.
const MAX_CONNECTIONS: u32 = 4;
/// Time that a look-up waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Setup of a PostgreSQL connection: no writes, and no query longer than five seconds.
const POSTGRES_SETUP: &str = "set default_transaction_read_only = on; set statement_timeout = 5000";
/// Setup of a SQLite connection, in addition to the read-only mode of the file.
const SQLITE_SETUP: &str = "pragma query_only = on; pragma busy_timeout = 2000";

const USER_BY_EMAIL: &str = "select user_id, email, full_name, status, locale, created_at from support_users where email in ($1, $2, $3, $4) order by user_id";
const USER_BY_ID: &str = "select user_id, email, full_name, status, locale, created_at from support_users where user_id = $1";
const ECOSYSTEMS: &str = "select e.ecosystem_id, e.name, m.role, e.plan_name, e.plan_status, e.plan_price_cents, e.plan_currency, \
                          e.plan_period, e.plan_renews_at, e.plan_features \
                          from support_memberships m join support_ecosystems e on e.ecosystem_id = m.ecosystem_id \
                          where m.user_id = $1 order by e.name, e.ecosystem_id";
const SUCCESSIONS: &str = "select s.succession_id, s.ecosystem_id, e.name, s.started_at \
                           from support_successions s left join support_ecosystems e on e.ecosystem_id = s.ecosystem_id \
                           where s.successor_user_id = $1 order by e.name, s.succession_id";
const STEPS: &str = "select p.succession_id, p.title, p.status, p.summary, p.detail, p.reasons, p.updated_at \
                     from support_succession_steps p \
                     where p.succession_id in (select succession_id from support_successions where successor_user_id = $1) \
                     order by p.succession_id, p.position";

/// Adapter for Core. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core {
    pool: AnyPool,
    retirement: Retirement,
    parser: Arc<RowParser>,
}

impl Core {
    /// Creates the adapter. Connects at the first look-up, so that the bot starts without Core.
    pub fn open(url: &SecretString) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let url = in_mode(url.expose_secret(), "ro");
        let setup = if url.starts_with("sqlite:") { SQLITE_SETUP } else { POSTGRES_SETUP };
        // The original error can quote the URL with its password.
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|_| anyhow::anyhow!("CORE_DATABASE_URL is not a valid database URL"))?;
        let retirement = Retirement::default();
        let pool = retirement
            .check_in(AnyPoolOptions::new())
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(setup).await.map(drop) })
            })
            .connect_lazy_with(options);
        Ok(Self { pool, retirement, parser: Arc::default() })
    }

    /// Checks that each view has its columns with their types.
    ///
    /// Refuses a pooler that does not keep the session, because the setup of a connection would
    /// reach the other clients of the pooler: their transactions would become read-only.
    pub async fn check(&self) -> anyhow::Result<Vec<views::ViewCheck>> {
        let options = self.pool.connect_options();
        let is_server = options.database_url.scheme().starts_with("postgres");
        if is_server && shares_connections(&options).await.map_err(SqlError::from)? {
            anyhow::bail!("a pooler does not keep the session: use its session mode");
        }
        let mut connection = self.pool.acquire().await.map_err(SqlError::from)?;
        views::check_views(&mut connection).await.map_err(redact)
    }

    /// Reads the customer of a row of `support_users`. Equal rows are one customer. After an error
    /// that speaks of the connection it reads once more, on a new one.
    async fn customer_record(
        &self,
        query: &'static str,
        keys: &[String],
        kind: SupportKind,
    ) -> anyhow::Result<CustomerMatch> {
        match self.read_customer(query, keys, kind).await {
            Err(error) if speaks_of_connection(&error) => {
                self.retirement.retire_all();
                self.read_customer(query, keys, kind).await
            }
            read => read,
        }
    }

    async fn read_customer(
        &self,
        query: &'static str,
        keys: &[String],
        kind: SupportKind,
    ) -> anyhow::Result<CustomerMatch> {
        // One connection for all queries, so that the look-up waits only once.
        let mut connection = explain("no connection", self.pool.acquire().await)?;
        let query = keys.iter().fold(sqlx::query(query), Query::bind);
        let rows = explain("support_users", query.fetch_all(&mut *connection).await)?;
        let users = rows.iter().map(|row| self.parser.parse_user(row)).collect();
        let mut users: Vec<CustomerRecord> = explain("support_users", users)?;
        users.dedup();
        let Some(mut record) = users.pop() else { return Ok(CustomerMatch::None) };
        if !users.is_empty() {
            return Ok(CustomerMatch::Several);
        }
        match kind {
            SupportKind::Technical => {
                record.ecosystems = self.ecosystems(&mut connection, &record.user_id).await?;
            }
            SupportKind::Successor => {
                record.successions = self.successions(&mut connection, &record.user_id).await?;
            }
        }
        Ok(CustomerMatch::One(Box::new(record)))
    }

    async fn ecosystems(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Ecosystem>> {
        let rows = sqlx::query(ECOSYSTEMS).bind(user_id).fetch_all(connection).await;
        let rows = explain("support_memberships, support_ecosystems", rows)?;
        explain("support_ecosystems", self.parser.parse_ecosystems(&rows))
    }

    async fn successions(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Succession>> {
        let rows = sqlx::query(SUCCESSIONS).bind(user_id).fetch_all(&mut *connection).await;
        let rows = explain("support_successions, support_ecosystems", rows)?;
        let successions = self.parser.parse_successions(&rows);
        let mut successions = explain("support_successions", successions)?;
        if successions.is_empty() {
            return Ok(successions);
        }
        let rows = sqlx::query(STEPS).bind(user_id).fetch_all(connection).await;
        for row in &explain("support_succession_steps", rows)? {
            let (succession_id, step) =
                explain("support_succession_steps", self.parser.parse_step(row))?;
            // A succession that began between the two queries is missing until the next look-up.
            let its = successions.iter_mut().find(|succession| succession.id == succession_id);
            if let Some(succession) = its {
                succession.steps.push(step);
            }
        }
        Ok(successions)
    }
}

fn speaks_of_connection(error: &anyhow::Error) -> bool {
    error.downcast_ref::<SqlError>().is_some_and(|error| error.scope() == ErrorScope::Connection)
}

/// Adds what failed to an error, and removes the database's own message from it.
fn explain<T>(what: &'static str, result: sqlx::Result<T>) -> anyhow::Result<T> {
    result.map_err(SqlError::from).context(what)
}

/// Counts a look-up in the metrics.
fn count(call: Call, started: Instant, is_ok: bool) {
    metrics::record_call(call, if is_ok { "done" } else { "fault" }, started.elapsed());
}

#[async_trait]
impl Directory for Core {
    async fn find(&self, email: &Email, kind: SupportKind) -> Result<CustomerMatch, Fault> {
        let started = Instant::now();
        let found = self.customer_record(USER_BY_EMAIL, &email.spellings(), kind).await;
        count(Call::CustomerFind, started, found.is_ok());
        if matches!(found, Ok(CustomerMatch::Several)) {
            self.parser.log_row("support_users", "several customers with one address");
        }
        found.map_err(|error| Fault::new(Call::CustomerFind.doing(), error))
    }

    async fn read(
        &self,
        user_id: &str,
        kind: SupportKind,
    ) -> Result<Option<CustomerRecord>, Fault> {
        const READING: &str = Call::CustomerRead.doing();
        let started = Instant::now();
        let read = self.customer_record(USER_BY_ID, &[user_id.to_owned()], kind).await;
        count(Call::CustomerRead, started, read.is_ok());
        match read {
            Ok(CustomerMatch::None) => Ok(None),
            Ok(CustomerMatch::One(record)) => Ok(Some(*record)),
            Ok(CustomerMatch::Several) => {
                Err(Fault::new(READING, "support_users has different rows with one user_id"))
            }
            Err(error) => Err(Fault::new(READING, error)),
        }
    }
}

/// Replaces the `mode` in the URL of a SQLite file. Returns other URLs unchanged.
pub(crate) fn in_mode(url: &str, mode: &str) -> String {
    if !url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let (file, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "mode"));
    format!("{file}?{}", pairs.append_pair("mode", mode).finish())
}

#[cfg(test)]
mod tests;
