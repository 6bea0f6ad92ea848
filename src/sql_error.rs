//! Database errors without values: their kind, code and meaning, never the database's own message.
//!
//! Such a message can quote private data: PostgreSQL names the value that it could not parse, and
//! sqlx shows the cell that it could not decode. An operator still needs the cause, so common codes
//! have a text in `sql_codes`. Names of tables and columns are kept, because they are not values.

use std::borrow::Cow;
use std::io::ErrorKind;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::sql_codes::{self, ErrorScope, POOLED, meaning};

/// PostgreSQL 15, appendix A: `undefined_table`, `undefined_column`.
const NO_TABLE: &str = "42P01";
const NO_COLUMN: &str = "42703";
/// PostgreSQL's `protocol_violation`, and the beginnings of the messages of `PgBouncer` with this
/// code that speak of its settings.
const PROTOCOL_VIOLATION: &str = "08P01";
const POOLER_MESSAGES: [&str; 2] =
    ["unsupported startup parameter", "transaction blocks not allowed in statement pooling mode"];
/// SQLite's code for every faulty statement (sqlite.org, "Result and Error Codes").
const SQLITE_ERROR: &str = "1";

/// An error of a database, safe to log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SqlError {
    text: String,
    scope: ErrorScope,
}

impl SqlError {
    pub(crate) const fn scope(&self) -> ErrorScope {
        self.scope
    }
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        Self { text: describe(&error), scope: scope(&error) }
    }
}

/// Returns the code of an error that the database reports.
pub(crate) fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(DatabaseError::code)
}

/// Returns true if an error says that a table is missing.
///
/// SQLite has one code for every faulty statement, so this is for statements that only a missing
/// table makes faulty.
pub(crate) fn is_no_table(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some(NO_TABLE | SQLITE_ERROR))
}

/// Returns what an error speaks of.
pub(crate) fn scope(error: &sqlx::Error) -> ErrorScope {
    match error {
        // The connection broke, most likely while it was idle; or its bytes make no sense.
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => ErrorScope::Connection,
        error => code(error).map_or(ErrorScope::Statement, |code| sql_codes::scope(&code)),
    }
}

fn describe(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => describe_answer(&**error),
        // The messages of the system and the TLS library concern the connection only.
        sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
            let error = error.to_string();
            format!("no TLS connection: {error}{}", clock_hint(&error))
        }
        sqlx::Error::Io(error) if error.kind() == ErrorKind::NotFound => {
            format!("not reached: {error} (the local socket, or a file that the URL names)")
        }
        sqlx::Error::Io(error) => format!("not reached: {error}"),
        sqlx::Error::Tls(error) => format!("no TLS connection: {error}"),
        sqlx::Error::PoolTimedOut => "timeout".to_owned(),
        sqlx::Error::PoolClosed => "the store is closed".to_owned(),
        sqlx::Error::WorkerCrashed => "the connection's worker crashed".to_owned(),
        sqlx::Error::RowNotFound => "there is no such row".to_owned(),
        sqlx::Error::ColumnNotFound(name) => format!("there is no column {name}"),
        sqlx::Error::ColumnDecode { index, .. } => {
            format!("column {} has an unexpected type", index.trim_matches('"'))
        }
        sqlx::Error::Decode(_) | sqlx::Error::AnyDriverError(_) => {
            "a column has an unexpected type".to_owned()
        }
        // sqlx may quote the address, which contains a password.
        sqlx::Error::Configuration(_) => "the address is invalid".to_owned(),
        sqlx::Error::Protocol(_) => "the server's answer cannot be parsed".to_owned(),
        sqlx::Error::Migrate(error) => describe_migration(error),
        _ => "unknown error".to_owned(),
    }
}

fn describe_migration(error: &MigrateError) -> String {
    match error {
        MigrateError::Execute(error) => describe(error),
        MigrateError::ExecuteMigration(error, number) => {
            format!("migration {number}: {}", describe(error))
        }
        MigrateError::VersionMissing(number) => {
            format!("migration {number} was applied by a newer version of the bot")
        }
        MigrateError::VersionMismatch(number) => {
            format!("migration {number} was changed after it was applied")
        }
        MigrateError::Dirty(number) => format!("migration {number} was applied in part"),
        _ => "the migrations cannot be applied".to_owned(),
    }
}

fn describe_answer(error: &dyn DatabaseError) -> String {
    let code = error.code().unwrap_or_default();
    let name = || name(error.message()).map(|name| format!(": {name}")).unwrap_or_default();
    let meaning = match &*code {
        NO_TABLE => format!("no such table or view{}", name()),
        NO_COLUMN => format!("no such column{}", name()),
        _ if has_pooler_message(error) => POOLED.to_owned(),
        SQLITE_ERROR if error.message().starts_with("no such table") => {
            format!("no such table{}", name())
        }
        SQLITE_ERROR if error.message().starts_with("no such column") => {
            format!("no such column{}", name())
        }
        code => meaning(code).to_owned(),
    };
    if meaning.is_empty() {
        format!("the database answered {code}")
    } else {
        format!("the database answered {code}, {meaning}")
    }
}

/// Extracts the name from messages such as "no such table: NAME" and `relation "NAME" does not
/// exist`.
fn name(message: &str) -> Option<&str> {
    let word = match message.strip_prefix("no such ") {
        Some(rest) => rest.split_once(": ")?.1,
        None => message.split_whitespace().nth(1)?,
    };
    let name = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let fits = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    fits.then_some(name)
}

/// Returns true if the error shows a pooler that does not keep the session.
pub(crate) fn is_pooled(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| meaning(&code) == POOLED)
        || error.as_database_error().is_some_and(has_pooler_message)
}

fn has_pooler_message(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code == PROTOCOL_VIOLATION)
        && POOLER_MESSAGES.iter().any(|beginning| error.message().starts_with(beginning))
}

/// Returns a hint if an error of TLS can come from a wrong clock: the certificate of a server has
/// expired or is not valid yet.
pub(crate) fn clock_hint(error: &str) -> &'static str {
    let error = error.to_ascii_lowercase();
    if ["expired", "not valid yet", "notvalidyet"].iter().any(|part| error.contains(part)) {
        "; if the certificate is current, this machine's clock is wrong"
    } else {
        ""
    }
}

/// Replaces an error of sqlx by a [`SqlError`]. Other errors stay as they are.
pub fn redact(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<sqlx::Error>() {
        Ok(error) => SqlError::from(error).into(),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use commands::model::email::Email;
    use commands::model::fault::Fault;
    use commands::model::words::SupportKind;
    use commands::ports::directory::Directory as _;
    use secrecy::SecretString;
    use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

    use super::*;
    use crate::core_db::Core;
    use crate::store::testing::on_both;

    async fn error_of(connection: &mut AnyConnection, statement: &str) -> String {
        let failed = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .fetch_all(connection)
            .await
            .map(drop)
            .unwrap_err();
        Fault::new("asking", SqlError::from(failed)).to_string()
    }

    #[tokio::test]
    async fn error_names_code_and_table_but_no_value() {
        on_both(async |bed| {
            bed.open().await;
            let mut connection = AnyConnection::connect(&bed.url).await.unwrap();
            let postgres = !bed.url.starts_with("sqlite:");
            let expected =
                |sqlite: &'static str, server: &'static str| if postgres { server } else { sqlite };
            assert_eq!(
                error_of(&mut connection, "select 1 from support_users").await,
                expected(
                    "asking: the database answered 1, no such table: support_users",
                    "asking: the database answered 42P01, no such table or view: support_users"
                )
            );
            assert_eq!(
                error_of(&mut connection, "select s.hue from sessions s").await,
                expected(
                    "asking: the database answered 1, no such column: s.hue",
                    "asking: the database answered 42703, no such column: s.hue"
                )
            );
            let taken = "insert into lockouts (subject, until) values ('hush', 1), ('hush', 2)";
            let taken = error_of(&mut connection, taken).await;
            assert!(
                taken.contains(expected("1555, a constraint", "23505, the value exists"))
                    && !taken.contains("hush"),
                "{taken}"
            );
            if postgres {
                assert_eq!(
                    error_of(&mut connection, "select cast('hush' as bigint)").await,
                    "asking: the database answered 22P02, a value does not have the type that the \
                     statement or view expects"
                );
            }
            let url =
                expected("sqlite:///no/such/file.db", "postgres://desk:hush@127.0.0.1:1/desk");
            let unreachable =
                SqlError::from(AnyConnection::connect(url).await.unwrap_err()).to_string();
            assert!(
                unreachable.contains(expected(
                    "14, the file cannot be opened",
                    "not reached: Connection refused"
                )),
                "{unreachable}"
            );
        })
        .await;
    }

    #[tokio::test]
    async fn core_view_over_invalid_row_quotes_nothing() {
        on_both(async |bed| {
            sqlx::any::install_default_drivers();
            let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
            let schema = "create table users (mail text, born text);
                insert into users values ('julia@example.com', 'hush-value');
                create view support_users as select mail as user_id, mail as email,
                    mail as full_name, mail as status, mail as locale,
                    cast(born as bigint) as created_at from users;";
            // SQLite would cast such a text to 0, so its view returns the text itself. That costs
            // only the date, so the row has no id either.
            let schema = if bed.url.starts_with("sqlite:") {
                schema
                    .replace("cast(born as bigint)", "born")
                    .replace("mail as user_id", "null as user_id")
            } else {
                schema.to_owned()
            };
            sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut admin).await.unwrap();
            let core = Core::open(&SecretString::from(bed.url.clone())).unwrap();
            let julia = Email::parse("julia@example.com").unwrap();
            let fault = core.find(&julia, SupportKind::Technical).await.unwrap_err().to_string();
            assert!(
                fault.starts_with("looking up a customer in Core: support_users: ")
                    && !fault.contains("hush"),
                "{fault}"
            );
            let checks = core.check().await.unwrap();
            assert!(
                !checks[0].problems.is_empty() && !format!("{checks:?}").contains("hush"),
                "{checks:?}"
            );
        })
        .await;
    }
}
