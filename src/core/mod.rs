//! The company's Core database, read through views that its administrators made for us.
//!
//! Two or three queries a look-up, never a write: SQLite is opened read-only, PostgreSQL is told
//! that its transactions are. A word in a status column that we do not know is shown as unknown and
//! logged once; it breaks nothing.

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
use commands::model::succession::Succession;
use commands::model::words::SupportKind;
use commands::ports::directory::Directory;
use rows::{Words, succession};
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Executor};
use url::form_urlencoded;

use crate::sql_error::{SqlError, redact};

/// Connections to Core: it is not ours, and a look-up takes one for milliseconds.
const CONNECTIONS: u32 = 4;
/// How long a look-up waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What a connection to PostgreSQL begins with: no write, and no query beyond five seconds.
const POSTGRES_RULES: &str = "set default_transaction_read_only = on; set statement_timeout = 5000";
/// What a connection to SQLite begins with, on top of the file being opened read-only.
const SQLITE_RULES: &str = "pragma query_only = on; pragma busy_timeout = 2000";

const USER_BY_EMAIL: &str = "select user_id, email, full_name, status, locale, created_at from support_users where email = $1";
const USER_BY_ID: &str = "select user_id, email, full_name, status, locale, created_at from support_users where user_id = $1";
const ECOSYSTEMS: &str = "select e.ecosystem_id, e.name, m.role, e.plan_name, e.plan_status, e.plan_price_cents, e.plan_currency, \
                          e.plan_period, e.plan_renews_at, e.plan_features \
                          from support_memberships m join support_ecosystems e on e.ecosystem_id = m.ecosystem_id \
                          where m.user_id = $1 order by e.name, e.ecosystem_id";
const SUCCESSIONS: &str = "select s.succession_id, s.ecosystem_id, e.name, s.started_at \
                           from support_successions s left join support_ecosystems e on e.ecosystem_id = s.ecosystem_id \
                           where s.successor_user_id = $1 order by e.name, s.succession_id";
const STEPS: &str = "select p.succession_id, p.title, p.status, p.summary, p.detail, p.reasons, p.updated_at \
                     from support_succession_steps p join support_successions s on s.succession_id = p.succession_id \
                     where s.successor_user_id = $1 order by p.succession_id, p.position";

/// Core. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core {
    pool: AnyPool,
    words: Arc<Words>,
}

impl Core {
    /// Prepares to read; connects at the first look-up, so that the bot starts while Core is away.
    pub fn open(url: &SecretString) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let url = in_mode(url.expose_secret(), "ro");
        let postgres = !url.starts_with("sqlite:");
        // The error could quote the address with its password.
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|_| anyhow::anyhow!("CORE_DATABASE_URL cannot be read"))?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection
                        .execute(if postgres { POSTGRES_RULES } else { SQLITE_RULES })
                        .await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool, words: Arc::default() })
    }

    /// Whether each view and column is there with its type, one verdict a view.
    pub async fn check(&self) -> anyhow::Result<Vec<views::Verdict>> {
        let mut connection = self.pool.acquire().await.map_err(SqlError::from)?;
        views::check(&mut connection).await.map_err(redact)
    }

    async fn customer_record(
        &self,
        query: &'static str,
        key: &str,
        kind: SupportKind,
    ) -> anyhow::Result<Option<CustomerRecord>> {
        // One connection for all queries: no second wait.
        let mut connection =
            self.pool.acquire().await.map_err(SqlError::from).context("no connection")?;
        let user = sqlx::query(query).bind(key).fetch_optional(&mut *connection).await;
        let Some(user) = user.map_err(SqlError::from).context("support_users")? else {
            return Ok(None);
        };
        let mut record = self.words.user(&user).map_err(SqlError::from).context("support_users")?;
        match kind {
            SupportKind::Technical => {
                record.ecosystems = self.ecosystems(&mut connection, &record.user_id).await?
            }
            SupportKind::Successor => {
                record.successions = self.successions(&mut connection, &record.user_id).await?
            }
        }
        Ok(Some(record))
    }

    async fn ecosystems(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Ecosystem>> {
        let rows = sqlx::query(ECOSYSTEMS).bind(user_id).fetch_all(connection).await;
        let rows =
            rows.map_err(SqlError::from).context("support_memberships, support_ecosystems")?;
        let ecosystems: sqlx::Result<Vec<_>> =
            rows.iter().map(|row| self.words.ecosystem(row)).collect();
        Ok(ecosystems
            .map_err(SqlError::from)
            .context("support_ecosystems")?
            .into_iter()
            .flatten()
            .collect())
    }

    async fn successions(
        &self,
        connection: &mut AnyConnection,
        user_id: &str,
    ) -> anyhow::Result<Vec<Succession>> {
        let rows = sqlx::query(SUCCESSIONS).bind(user_id).fetch_all(&mut *connection).await;
        let rows =
            rows.map_err(SqlError::from).context("support_successions, support_ecosystems")?;
        let successions: sqlx::Result<Vec<_>> = rows.iter().map(succession).collect();
        let mut successions = successions.map_err(SqlError::from).context("support_successions")?;
        if successions.is_empty() {
            return Ok(successions);
        }
        let rows = sqlx::query(STEPS).bind(user_id).fetch_all(connection).await;
        let rows = rows.map_err(SqlError::from).context("support_succession_steps")?;
        for row in &rows {
            let (of, step) =
                self.words.step(row).map_err(SqlError::from).context("support_succession_steps")?;
            // One that began between the two queries is seen the next time.
            if let Some(succession) = successions.iter_mut().find(|succession| succession.id == of)
            {
                succession.steps.push(step);
            }
        }
        Ok(successions)
    }
}

#[async_trait]
impl Directory for Core {
    async fn find(
        &self,
        email: &Email,
        kind: SupportKind,
    ) -> Result<Option<CustomerRecord>, Fault> {
        let found = self.customer_record(USER_BY_EMAIL, email.as_str(), kind).await;
        found.map_err(|error| Fault::new("looking a customer up in Core", error))
    }

    async fn read(
        &self,
        user_id: &str,
        kind: SupportKind,
    ) -> Result<Option<CustomerRecord>, Fault> {
        self.customer_record(USER_BY_ID, user_id, kind)
            .await
            .map_err(|error| Fault::new("reading a customer in Core", error))
    }
}

/// The address with this `mode`, whatever mode it had, where it is a SQLite file's.
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
