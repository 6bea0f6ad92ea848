//! What an error of a database may say: what kind it is and its code, never the database's own
//! words.
//!
//! Those quote what they stumble over: PostgreSQL says which value it could not read, and sqlx
//! shows the cell that it could not decode. An operator still has to tell a server that is away
//! from a table that is missing, so codes that matter have words of ours, and names of tables and
//! columns, which are no values, are kept.

use std::error::Error;
use std::fmt;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// PostgreSQL 15, appendix A: `undefined_table`, `undefined_column`.
const NO_TABLE: &str = "42P01";
const NO_COLUMN: &str = "42703";
/// SQLite's one code for everything that is wrong with a statement (sqlite.org, "Result and Error
/// Codes").
const SQLITE_ERROR: &str = "1";

/// Why a database did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    what: String,
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for SqlError {}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> Self {
        Self::of(&error)
    }
}

impl From<MigrateError> for SqlError {
    fn from(error: MigrateError) -> Self {
        Self::of_migration(&error)
    }
}

impl SqlError {
    /// What sqlx's error may say in a log.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        let what = match error {
            sqlx::Error::Database(error) => of_database(&**error),
            // The system's and the TLS library's words are about the connection.
            sqlx::Error::Io(error) => format!("not reached: {error}"),
            sqlx::Error::Tls(error) => format!("no TLS connection: {error}"),
            sqlx::Error::PoolTimedOut => "no connection in time".to_owned(),
            sqlx::Error::PoolClosed => "the store is closed".to_owned(),
            sqlx::Error::WorkerCrashed => "the connection's worker has crashed".to_owned(),
            sqlx::Error::RowNotFound => "there is no such row".to_owned(),
            sqlx::Error::ColumnNotFound(name) => format!("there is no column {name}"),
            sqlx::Error::ColumnDecode { index, .. } => {
                format!("column {} holds something else", index.trim_matches('"'))
            }
            sqlx::Error::Decode(_) | sqlx::Error::AnyDriverError(_) => {
                "a column holds something else".to_owned()
            }
            // May quote the address, with a password in it.
            sqlx::Error::Configuration(_) => "its address cannot be used".to_owned(),
            sqlx::Error::Protocol(_) => "its answer cannot be read".to_owned(),
            sqlx::Error::Migrate(error) => return Self::of_migration(error),
            _ => "failed in a way this version does not know".to_owned(),
        };
        Self { what }
    }

    fn of_migration(error: &MigrateError) -> Self {
        let what = match error {
            MigrateError::Execute(error) => return Self::of(error),
            MigrateError::ExecuteMigration(error, number) => {
                format!("migration {number}: {}", Self::of(error))
            }
            MigrateError::VersionMissing(number) => {
                format!("migration {number} was made by a newer version of the bot")
            }
            MigrateError::VersionMismatch(number) => {
                format!("migration {number} was another when it was made")
            }
            MigrateError::Dirty(number) => format!("migration {number} was made in part only"),
            _ => "the migrations cannot be made".to_owned(),
        };
        Self { what }
    }
}

fn of_database(error: &dyn DatabaseError) -> String {
    let code = error.code().unwrap_or_default();
    let name = || name(error.message()).map(|name| format!(": {name}")).unwrap_or_default();
    let meaning = match &*code {
        NO_TABLE => format!("no such table or view{}", name()),
        NO_COLUMN => format!("no such column{}", name()),
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

/// The name in "no such table: NAME", `relation "NAME" does not exist` and their kin, if it looks
/// like one.
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

/// Codes of PostgreSQL (15, appendix A) have five characters. SQLite's are numbers; the lower eight
/// bits are the kind.
fn meaning(code: &str) -> &'static str {
    match code {
        "08000" | "08003" | "08006" => "the connection was lost",
        "22003" | "22007" | "22008" | "22P02" => {
            "a value is not of the type that the statement or view makes of it"
        }
        "23505" => "the value is there already",
        "25006" => "nothing may be written",
        "28000" | "28P01" => "the user or password is refused",
        "3D000" => "there is no such database",
        "40001" | "40P01" => "another transaction was in the way",
        "42501" => "the user has no right to do that",
        "53100" => "the disk is full",
        "53300" => "there are too many connections",
        "57014" => "it took too long",
        "57P01" | "57P02" | "57P03" => "the server stops or starts",
        number if number.len() < 5 => match number.parse::<u32>().map(|number| number & 0xff) {
            Ok(5 | 6) => "locked by another process",
            Ok(8) => "nothing may be written",
            Ok(9) => "it took too long",
            Ok(10) => "the disk failed",
            Ok(11 | 26) => "the file is damaged, or is no database",
            Ok(13) => "the disk is full",
            Ok(14) => "the file cannot be opened",
            Ok(19) => "a constraint does not allow it",
            _ => "",
        },
        _ => "",
    }
}

/// An error of the command line, of which a database's is the bottom, without that one's own words.
#[must_use]
pub fn careful(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<sqlx::Error>() {
        Ok(error) => SqlError::from(error).into(),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use commands::email::Email;
    use commands::error::Fault;
    use commands::ports::Directory as _;
    use commands::support::SupportKind;
    use secrecy::SecretString;
    use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

    use super::*;
    use crate::core_db::Core;
    use crate::store::testing::on_both;

    async fn said(connection: &mut AnyConnection, statement: &str) -> String {
        let failed = sqlx::query(AssertSqlSafe(statement.to_owned()))
            .fetch_all(connection)
            .await
            .map(drop)
            .unwrap_err();
        Fault::new("asking", SqlError::from(failed)).to_string()
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_by_code_and_name_and_no_value_is_quoted() {
        on_both(async |bed| {
            bed.open().await;
            let mut connection = AnyConnection::connect(&bed.url).await.unwrap();
            let postgres = !bed.url.starts_with("sqlite:");
            let of = |sqlite: &'static str, server: &'static str| if postgres { server } else { sqlite };
            assert_eq!(
                said(&mut connection, "select 1 from support_users").await,
                of(
                    "asking: the database answered 1, no such table: support_users",
                    "asking: the database answered 42P01, no such table or view: support_users"
                )
            );
            assert_eq!(
                said(&mut connection, "select s.hue from sessions s").await,
                of(
                    "asking: the database answered 1, no such column: s.hue",
                    "asking: the database answered 42703, no such column: s.hue"
                )
            );
            let taken = "insert into lockouts (subject, until) values ('hush', 1), ('hush', 2)";
            let taken = said(&mut connection, taken).await;
            assert!(taken.contains(of("1555, a constraint", "23505, the value is there")) && !taken.contains("hush"), "{taken}");
            if postgres {
                assert_eq!(
                    said(&mut connection, "select cast('hush' as bigint)").await,
                    "asking: the database answered 22P02, a value is not of the type that the statement or view makes of it"
                );
            }
            let url = of("sqlite:///no/such/file.db", "postgres://desk:hush@127.0.0.1:1/desk");
            let away = SqlError::from(AnyConnection::connect(url).await.unwrap_err()).to_string();
            assert!(away.contains(of("14, the file cannot be opened", "not reached: Connection refused")), "{away}");
        })
        .await;
    }

    #[tokio::test]
    async fn a_view_of_core_over_an_odd_row_quotes_nothing() {
        on_both(async |bed| {
            sqlx::any::install_default_drivers();
            let mut admin = AnyConnection::connect(&bed.url).await.unwrap();
            let schema =
                "create table users (mail text, born text); insert into users values ('julia@example.com', 'hush-value');
                create view support_users as select mail as user_id, mail as email, mail as full_name, mail as status,
                    mail as locale, cast(born as bigint) as created_at from users;";
            // SQLite makes 0 of such a text; here its cell is the text itself.
            let schema =
                if bed.url.starts_with("sqlite:") { schema.replace("cast(born as bigint)", "born") } else { schema.to_owned() };
            sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut admin).await.unwrap();
            let core = Core::open(&SecretString::from(bed.url.clone())).unwrap();
            let julia = Email::parse("julia@example.com").unwrap();
            let fault = core.find(&julia, SupportKind::Technical).await.unwrap_err().to_string();
            assert!(fault.starts_with("looking up a customer in Core: support_users: ") && !fault.contains("hush"), "{fault}");
            let checks = core.check().await.unwrap();
            assert!(!checks[0].problems.is_empty() && !format!("{checks:?}").contains("hush"), "{checks:?}");
        })
        .await;
    }
}
