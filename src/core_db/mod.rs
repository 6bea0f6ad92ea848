//! The company's database, Core, read through views that its administrators made for the bot.
//!
//! A look-up takes three or four queries and never writes: SQLite is opened read-only, and
//! PostgreSQL runs read-only transactions. An unknown word in a status column is shown as unknown
//! and logged once.

mod rows;
pub mod views;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use commands::model::customer::{CustomerRecord, Ecosystem};
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::span::FAULT;
use commands::model::succession::Succession;
use commands::model::words::SupportKind;
use commands::ports::directory::{CustomerMatch, Directory};
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Executor};
use tokio::sync::OnceCell;
use url::form_urlencoded;

use rows::RowParser;

use crate::calls::Call;
use crate::clock::WallClock;
use crate::measured_call::measure;
use crate::sql_codes::ErrorScope;
use crate::sql_error::{SqlError, redact};
use crate::sql_pool::{PoolUse, Retirement, shares_connections};

/// Maximum number of connections. Few, because Core serves others and a look-up takes milliseconds.
const MAX_CONNECTIONS: u32 = 4;
/// Time that a look-up waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a look-up, its two or three queries together. The server ends a query after five
/// seconds; after a power failure it is silent instead.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(6);
/// Time for the check of all views, which takes a dozen queries.
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);
/// Setup of a PostgreSQL connection: no writes, and no query longer than five seconds.
const POSTGRES_SETUP: &str = "set default_transaction_read_only = on; set statement_timeout = 5000";
/// Setup of a SQLite connection, in addition to the read-only mode of the file.
const SQLITE_SETUP: &str = "pragma query_only = on; pragma busy_timeout = 2000";

/// Context of an error before the first query.
const NO_CONNECTION: &str = "no connection";

const USER_BY_EMAIL: &str = "select user_id, email, full_name, status, locale, created_at from support_users \
                             where email in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) order by user_id";
/// Finds what the contract forbids: addresses in capitals or with outer blanks.
const USER_BY_FOLDED_EMAIL: &str = "select user_id, email, full_name, status, locale, created_at from support_users \
                                    where lower(trim(email)) in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) order by user_id";
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
/// The queries of all look-ups. Public, because a test explains each on the example in
/// `deploy/core`.
pub const QUERIES: [&str; 6] =
    [USER_BY_EMAIL, USER_BY_FOLDED_EMAIL, USER_BY_ID, ECOSYSTEMS, SUCCESSIONS, STEPS];

/// Key by which a customer is read.
#[derive(Clone, Copy)]
enum Key<'a> {
    Id(&'a str),
    Email(&'a Email),
}

/// Adapter for Core. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core {
    pool: AnyPool,
    retirement: Retirement,
    /// Set once two connections at a time were found to be two of the server.
    keeps_sessions: Arc<OnceCell<()>>,
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
        Ok(Self { pool, retirement, keeps_sessions: Arc::default(), parser: Arc::default() })
    }

    /// Returns the pool, for the metrics.
    pub(crate) fn pool_use(&self) -> PoolUse {
        let (pools, retirement) = (vec![self.pool.clone()], self.retirement.clone());
        PoolUse { database: "core", pools, retirement }
    }

    /// Checks that each view has its columns with their types.
    pub async fn check(&self) -> anyhow::Result<Vec<views::ViewCheck>> {
        let checked = self.retirement.within(CHECK_TIMEOUT, async {
            let mut connection = self.connection().await?;
            views::check_views(&mut connection).await.map_err(redact)
        });
        checked.await.unwrap_or_else(|| Err(timed_out()))
    }

    /// Returns a connection of the pool.
    ///
    /// Refuses a pooler that does not keep the session, because the setup of a connection would
    /// reach the other clients of the pooler: their transactions would become read-only. So this is
    /// tested before the pool makes its first connection.
    async fn connection(&self) -> anyhow::Result<PoolConnection<Any>> {
        let tested = self.keeps_sessions.get_or_try_init(|| async {
            let options = self.pool.connect_options();
            let is_server = options.database_url.scheme().starts_with("postgres");
            if is_server && explain(NO_CONNECTION, shares_connections(&options).await)? {
                anyhow::bail!("a pooler does not keep the session: use its session mode");
            }
            Ok(())
        });
        tested.await?;
        explain(NO_CONNECTION, self.pool.acquire().await)
    }

    /// Reads a customer. Reads once more after an error that speaks of the connection, on a new
    /// one, and after a conflict: a replica cancels queries whose rows the primary has removed.
    async fn customer_record(
        &self,
        key: Key<'_>,
        kind: SupportKind,
    ) -> anyhow::Result<CustomerMatch> {
        let read = async || {
            let reading = self.read_customer(key, kind);
            let read = self.retirement.within(LOOK_UP_TIMEOUT, reading).await;
            read.unwrap_or_else(|| Err(timed_out()))
        };
        let first = read().await;
        match first.as_ref().err().map(scope) {
            None | Some(ErrorScope::Statement) => return first,
            Some(ErrorScope::Connection) => self.retirement.retire_all(),
            Some(ErrorScope::Conflict) => {}
        }
        read().await
    }

    async fn read_customer(
        &self,
        key: Key<'_>,
        kind: SupportKind,
    ) -> anyhow::Result<CustomerMatch> {
        // One connection for all queries, so that the look-up waits only once.
        let mut connection = self.connection().await?;
        let mut users = match key {
            Key::Id(id) => self.users(&mut connection, USER_BY_ID, &[id.to_owned()]).await?,
            Key::Email(email) => {
                let spellings = email.spellings();
                let mut users = self.users(&mut connection, USER_BY_EMAIL, &spellings).await?;
                // Also after a hit, because the other spelling can be another customer's.
                users.extend(self.users(&mut connection, USER_BY_FOLDED_EMAIL, &spellings).await?);
                users.retain(|user| user.email == email.as_str());
                users
            }
        };
        // Equal rows are one customer.
        users.sort_unstable_by(|one, other| one.user_id.cmp(&other.user_id));
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

    async fn users(
        &self,
        connection: &mut AnyConnection,
        query: &'static str,
        keys: &[String],
    ) -> anyhow::Result<Vec<CustomerRecord>> {
        let query = keys.iter().fold(sqlx::query(query), Query::bind);
        let rows = explain("support_users", query.fetch_all(connection).await)?;
        let users: Vec<_> = rows.iter().filter_map(|row| self.parser.parse_user(row)).collect();
        // "No such customer" would be wrong.
        anyhow::ensure!(rows.is_empty() || !users.is_empty(), "support_users: no id or no address");
        Ok(users)
    }

    async fn ecosystems(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Ecosystem>> {
        let rows = sqlx::query(ECOSYSTEMS).bind(user_id).fetch_all(connection).await;
        let rows = explain("support_memberships, support_ecosystems", rows)?;
        Ok(self.parser.parse_ecosystems(&rows))
    }

    async fn successions(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Succession>> {
        let rows = sqlx::query(SUCCESSIONS).bind(user_id).fetch_all(&mut *connection).await;
        let rows = explain("support_successions, support_ecosystems", rows)?;
        let mut successions = self.parser.parse_successions(&rows);
        if successions.is_empty() {
            return Ok(successions);
        }
        let rows = sqlx::query(STEPS).bind(user_id).fetch_all(connection).await;
        for row in &explain("support_succession_steps", rows)? {
            let Some((succession_id, step)) = self.parser.parse_step(row) else { continue };
            // A succession that began between the two queries is missing until the next look-up.
            let its = successions.iter_mut().find(|succession| succession.id == succession_id);
            if let Some(succession) = its {
                succession.steps.push(step);
            }
        }
        Ok(successions)
    }
}

/// Returns what an error speaks of.
fn scope(error: &anyhow::Error) -> ErrorScope {
    error.downcast_ref::<SqlError>().map_or(ErrorScope::Statement, SqlError::scope)
}

/// Returns the error of a limit that has passed.
fn timed_out() -> anyhow::Error {
    SqlError::from(sqlx::Error::PoolTimedOut).into()
}

/// Adds what failed to an error, and removes the database's own message from it.
fn explain<T>(what: &'static str, result: sqlx::Result<T>) -> anyhow::Result<T> {
    result.map_err(SqlError::from).context(what)
}

/// Returns the outcome of a look-up in the metrics.
fn outcome<T, E>(result: &Result<T, E>) -> &'static str {
    if result.is_ok() { "done" } else { FAULT }
}

#[async_trait]
impl Directory for Core {
    async fn find(&self, email: &Email, kind: SupportKind) -> Result<CustomerMatch, Fault> {
        let finding = Box::pin(self.customer_record(Key::Email(email), kind));
        let found = measure(Call::CustomerFind, &WallClock, finding, outcome).await;
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
        let reading = Box::pin(self.customer_record(Key::Id(user_id), kind));
        let read = measure(Call::CustomerRead, &WallClock, reading, outcome).await;
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
