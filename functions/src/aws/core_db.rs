//! Customers: the view `support_users` of the company's Core database (PostgreSQL).

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow, PgSslMode};
use sqlx::{Executor, PgPool, Row};
use tokio::sync::Mutex;

use super::failure::Failed;
use super::log;
use crate::contract::Locale;
use crate::ports::{Customers, LookUpError, Recipient};

/// Timeout of a connection, and of its query.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout of a look-up with its second try and the secret. Lambda ends a function after 11 s.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(7);
/// Tries of a look-up. The first can meet a connection that died while Lambda froze the process, or
/// an old password.
const TRIES: u32 = 2;
/// Statements that begin a connection.
const SETUP: &str = "set default_transaction_read_only = on; set statement_timeout = 2000";
const CUSTOMER: &str = "select email, full_name, locale from support_users where user_id = $1";

pub(super) struct CoreDatabase {
    secrets: Client,
    secret: String,
    /// Made by a look-up, and kept while Lambda keeps the process and the database answers.
    pool: Mutex<Option<PgPool>>,
}

impl CoreDatabase {
    /// Returns the database whose URL is in a secret of Secrets Manager.
    pub(super) fn new(sdk: &SdkConfig, secret: String) -> Self {
        Self { secrets: Client::new(sdk), secret, pool: Mutex::new(None) }
    }

    async fn connect(&self) -> Result<PgPool, LookUpError> {
        let read = self.secrets.get_secret_value().secret_id(&self.secret).send().await;
        let read = read.map_err(|error| {
            Failed::log("secretsmanager", &error);
            LookUpError
        })?;
        let options = parse_url(&read.secret_string.unwrap_or_default()).map_err(|cause| {
            log::service_failed("core", cause, None);
            LookUpError
        })?;
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(TIMEOUT);
        let pool = pool.after_connect(|connection, _| {
            Box::pin(async move { connection.execute(SETUP).await.map(drop) })
        });
        Ok(pool.connect_lazy_with(options))
    }

    async fn find_row(&self, id: &str) -> Result<Option<PgRow>, LookUpError> {
        let mut pool = self.pool.lock().await;
        if pool.is_none() {
            *pool = Some(self.connect().await?);
        }
        let connected = pool.as_ref().ok_or(LookUpError)?;
        let query = sqlx::query(CUSTOMER).bind(id).fetch_optional(connected);
        let cause = match tokio::time::timeout(TIMEOUT, query).await {
            Ok(Ok(row)) => return Ok(row),
            // Errors of the database can quote values, so only their code is logged.
            Ok(Err(error)) => {
                let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
                code.map_or_else(|| "no connection".to_owned(), Cow::into_owned)
            }
            Err(_) => "no answer in time".to_owned(),
        };
        log::service_failed("core", &cause, None);
        // The next look-up reads the secret again: its password can have changed.
        *pool = None;
        Err(LookUpError)
    }
}

/// Parses the URL of Core. The connection must be encrypted and verified, or stay on this machine.
fn parse_url(url: &str) -> Result<PgConnectOptions, &'static str> {
    let options: PgConnectOptions =
        url.parse().map_err(|_| "the secret is not the URL of a PostgreSQL database")?;
    let is_local = ["127.0.0.1", "localhost", "[::1]"].contains(&options.get_host());
    if !is_local && !matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        return Err("the URL of Core needs sslmode=verify-full");
    }
    Ok(options)
}

#[async_trait]
impl Customers for CoreDatabase {
    async fn find(&self, id: &str) -> Result<Option<Recipient>, LookUpError> {
        let tries = async {
            let mut found = Err(LookUpError);
            for _ in 0..TRIES {
                found = self.find_row(id).await;
                if found.is_ok() {
                    break;
                }
            }
            found
        };
        let found = tokio::time::timeout(LOOK_UP_TIMEOUT, tries).await;
        let Some(row) = found.map_err(|_| LookUpError)?? else {
            return Ok(None);
        };
        let text = |column: &str| {
            row.try_get::<Option<String>, _>(column).map_err(|_| {
                log::service_failed("core", "a column of support_users is not text", None);
                LookUpError
            })
        };
        let Some(address) = text("email")? else {
            return Ok(None);
        };
        Ok(Some(Recipient {
            address,
            name: text("full_name")?.unwrap_or_default(),
            locale: text("locale")?.map(|tag| Locale::from_tag(&tag)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_is_reached_verified_or_locally() {
        let with = |rest: &str| parse_url(&format!("postgres://u:p@{rest}")).map(drop);
        assert!(with("core.example.com/core?sslmode=verify-full").is_ok());
        assert!(with("127.0.0.1:5432/core").is_ok());
        for bad in ["core.example.com/core", "core.example.com/core?sslmode=require"] {
            assert_eq!(with(bad), Err("the URL of Core needs sslmode=verify-full"), "{bad}");
        }
        assert!(parse_url("mysql://x").is_err());
    }
}
