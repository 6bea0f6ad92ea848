//! Codes of database errors: what an error speaks of, and so whether a repetition can help, and a
//! text for the operator. The store and Core use this one table.

/// Subject of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorScope {
    /// The connection, or a statement that it has cached. The same statement can succeed on another
    /// connection.
    Connection,
    /// Another transaction. The same transaction can succeed after it.
    Conflict,
    /// The statement, its values, or the database. A repetition fails again.
    Statement,
}

use ErrorScope::{Conflict, Connection, Statement};

/// Meaning of the codes that a pooler causes, if it lends a server connection for one transaction.
/// Another client's prepared statements and settings are then found, and the own ones are not.
pub(crate) const POOLED: &str =
    "a pooler does not keep the session: use its session mode, or the server itself";

/// PostgreSQL's codes (15, appendix A) with their scope and meaning. Two characters stand for the
/// rest of their class.
const POSTGRES_CODES: &[(&str, ErrorScope, &str)] = &[
    // protocol_violation: PgBouncer's code for most of its refusals. `sql_error` recognizes those
    // that speak of the pooler's mode.
    ("08P01", Connection, "the server or a pooler refused the connection or a message"),
    ("08", Connection, "the connection was lost"),
    // feature_not_supported. The bot's statements need no rare feature, so this is PostgreSQL's
    // "cached plan must not change result type".
    ("0A000", Connection, "a cached statement does not fit its table or view any more"),
    ("22003", Statement, MISTYPED),
    ("22007", Statement, MISTYPED),
    ("22008", Statement, MISTYPED),
    ("22P02", Statement, MISTYPED),
    ("23505", Statement, "the value exists already"),
    // read_only_sql_transaction. After a failover a connection can lead to the former primary, and
    // `default_transaction_read_only` is read once, when a connection begins.
    ("25006", Connection, "the database is read-only"),
    ("25P02", Connection, "an earlier statement of the transaction failed"),
    // idle_in_transaction_session_timeout and transaction_timeout end the connection.
    ("25P03", Connection, "the server ended an idle transaction"),
    ("25P04", Connection, "the server ended a long transaction"),
    // invalid_sql_statement_name
    ("26000", Connection, POOLED),
    ("28000", Statement, "wrong user or password"),
    ("28P01", Statement, "wrong user or password"),
    ("3D000", Statement, "there is no such database"),
    ("40001", Conflict, "conflict with another transaction"),
    ("40P01", Conflict, "conflict with another transaction"),
    ("42501", Statement, "the user lacks the privilege"),
    // duplicate_prepared_statement
    ("42P05", Connection, POOLED),
    ("53100", Statement, "the disk is full"),
    ("53300", Statement, "there are too many connections"),
    ("57014", Statement, "timeout"),
    // admin_shutdown and crash_shutdown, which an idle connection reports at its next use;
    // cannot_connect_now.
    ("57P01", Connection, STOPPING),
    ("57P02", Connection, STOPPING),
    ("57P03", Connection, STOPPING),
    // idle_session_timeout
    ("57P05", Connection, "the server ended an idle connection"),
];

const MISTYPED: &str = "a value does not have the type that the statement or view expects";
const STOPPING: &str = "the server is stopping or starting";

/// Returns the row of a code: its own, or that of its class.
fn find(code: &str) -> Option<&'static (&'static str, ErrorScope, &'static str)> {
    // SQLite's codes are numbers of at most four digits.
    let rows = || POSTGRES_CODES.iter().filter(|_| code.len() == 5);
    rows()
        .find(|(own, ..)| *own == code)
        .or_else(|| rows().find(|(class, ..)| class.len() == 2 && code.starts_with(class)))
}

/// Returns what an error with this code speaks of.
pub(crate) fn scope(code: &str) -> ErrorScope {
    // SQLite: BUSY_SNAPSHOT, which `busy_timeout` does not cover. BUSY itself is not repeated,
    // because `busy_timeout` has already waited for it.
    if code == "517" {
        return Conflict;
    }
    // SQLite: READONLY_DBMOVED. The file was replaced, and a new connection opens the new one.
    if code == "1032" {
        return Connection;
    }
    find(code).map_or(Statement, |(_, scope, _)| *scope)
}

/// Returns the meaning of a code, or an empty text.
///
/// The lower eight bits of SQLite's numbers are the primary code.
pub(crate) fn meaning(code: &str) -> &'static str {
    if let Some((.., meaning)) = find(code) {
        return meaning;
    }
    let number = Some(code).filter(|code| code.len() < 5).and_then(|code| code.parse::<u32>().ok());
    match number.map(|number| number & 0xff) {
        Some(5 | 6) => "locked by another process",
        Some(8) => "the database is read-only",
        Some(9) => "timeout",
        Some(10) => "the disk failed",
        Some(11 | 26) => "the file is damaged, or is no database",
        Some(13) => "the disk is full",
        Some(14) => "the file cannot be opened",
        Some(19) => "a constraint is violated",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_scope_and_meaning() {
        // Codes of PostgreSQL 15, appendix A, and of sqlite.org, "Result and Error Codes".
        for (expected, codes) in [
            (
                Connection,
                &[
                    "08000", "08001", "08003", "08004", "08006", "08007", "08P01", "0A000",
                    "25006", "25P02", "25P03", "25P04", "26000", "42P05", "57P01", "57P02",
                    "57P03", "57P05", "1032",
                ][..],
            ),
            (Conflict, &["40001", "40P01", "517"]),
            (
                Statement,
                &[
                    "00000", "08", "22P02", "23505", "28P01", "42501", "42P01", "53100", "53300",
                    "57014", "57P04", "1", "5", "8", "10", "262", "2067", "",
                ],
            ),
        ] {
            for code in codes {
                assert_eq!(scope(code), expected, "{code}");
                assert!(expected != Connection || !meaning(code).is_empty(), "{code} needs a text");
            }
        }
        for code in ["26000", "42P05"] {
            assert!(meaning(code).contains("session mode"), "{code}");
        }
        assert_eq!(meaning("1032"), "the database is read-only", "SQLite's lower eight bits");
    }
}
