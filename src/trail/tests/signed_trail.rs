//! A trail to tamper with.

use commands::model::session::Session;
use commands::model::trail::kind;
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use crate::store::Database;
use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, findings, found, id, moved,
};

/// Writes twelve events: two closed sessions with a revocation, and two refusals outside sessions.
pub(super) async fn write_trail(database: &Database) {
    for n in 1..=2 {
        let session = found(n, 7, &n.to_string());
        let own = |kinds: &[&'static str]| {
            kinds.iter().map(|kind| event(Some(&id(n)), kind)).collect::<Vec<_>>()
        };
        database
            .commit(Commit { events: own(&[kind::LOOKED_UP]), ..commit_of(session.clone()) })
            .await
            .unwrap();
        let session = moved(Session { version: 1, ..session }, NOON);
        database
            .commit(Commit {
                events: own(&[kind::STARTED, kind::CHOSEN]),
                ..commit_of(session.clone())
            })
            .await
            .unwrap();
        let session = closed(Session { version: 2, ..session }, NOON);
        database
            .commit(Commit {
                events: own(&[kind::CLOSED, kind::REVOKE_ASKED]),
                ..commit_of(session)
            })
            .await
            .unwrap();
    }
    database
        .commit(Commit {
            events: vec![event(None, kind::REFUSED), event(None, kind::REFUSED)],
            ..empty_commit(NOON)
        })
        .await
        .unwrap();
}

/// Tampers with the database by these statements and returns the findings.
pub(super) async fn findings_after(database: &Database, statements: &[String]) -> Vec<String> {
    let mut transaction = database.pools.writes.begin().await.unwrap();
    for statement in statements {
        let done =
            sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
    }
    transaction.commit().await.unwrap();
    findings(database, None).await
}
