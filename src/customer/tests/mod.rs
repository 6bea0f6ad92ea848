//! Tests of erasures and copies, each on SQLite and on PostgreSQL.

mod copies;
mod erasures;
mod lost_commit;
mod refusals;
mod verified;

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::model::ticket::Ticket;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::json;
use sqlx::{AssertSqlSafe, Row as _};

use crate::store::Database;
use crate::store::engine::Engine;
use crate::store::testing::{NOON, TestBed, closed, commit_of, event, found, save, started};

pub(super) const JULIA: &str = "usr-julia";
pub(super) const TOM: &str = "usr-tom";
pub(super) const TICKET: &str = "ZD-1234";
pub(super) const REASON: &str = "The customer was cut off at Atocha";

/// Saves a session of a customer until its close, with a look-up, a choice and a reason.
pub(super) async fn walk(database: &Database, n: u8, core_id: &str) -> Pseudonym {
    let pseudonym = database.look_up(core_id, "").await.unwrap().pseudonym;
    let session = open_session(database, n, core_id).await;
    let session = save_with(
        database,
        started(session, NOON),
        vec![(kind::CHOSEN, json!({ "ecosystem": "eco-casa-luz" }))],
    )
    .await;
    let reason = vec![(kind::CLOSED, json!({ "reason": REASON }))];
    save_with(database, closed(session, NOON), reason).await;
    pseudonym
}

/// Saves a session of a customer who was found.
pub(super) async fn open_session(database: &Database, n: u8, core_id: &str) -> Session {
    let pseudonym = Some(database.look_up(core_id, "").await.unwrap().pseudonym);
    let ticket = Some(Ticket::parse(TICKET).unwrap());
    save(database, Session { pseudonym, ticket, ..found(n, 7, core_id) }).await
}

/// Saves a session with events, which are about the customer.
async fn save_with(
    database: &Database,
    session: Session,
    events: Vec<(&'static str, serde_json::Value)>,
) -> Session {
    let events = events
        .into_iter()
        .map(|(kind, about)| TrailEvent {
            customer: session.pseudonym.clone(),
            about,
            ..event(Some(&session.id), kind)
        })
        .collect();
    database.commit(Commit { events, ..commit_of(session.clone()) }).await.unwrap();
    Session { version: session.version + 1, ..session }
}

/// Returns every row of every table, and what PostgreSQL knows about the values of columns.
pub(super) async fn dump(database: &Database) -> String {
    let tables = match database.pools.engine {
        Engine::Sqlite => "select name from sqlite_master where type = 'table'",
        Engine::Postgres => {
            "select table_name::text from information_schema.tables where table_schema = 'public'
             union all select 'pg_stats'"
        }
    };
    let mut connection = database.pools.reads.acquire().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *connection).await.unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let columns = match database.pools.engine {
            Engine::Sqlite => {
                let columns = format!(
                    "select group_concat('quote(' || name || ')', ' || '' | '' || ')
                     from pragma_table_info('{table}')"
                );
                let row = sqlx::query(AssertSqlSafe(columns)).fetch_one(&mut *connection).await;
                row.unwrap().get::<String, _>(0)
            }
            Engine::Postgres => format!("{table}::text"),
        };
        let select = AssertSqlSafe(format!("select {columns} from {table}"));
        for row in sqlx::query(select).fetch_all(&mut *connection).await.unwrap() {
            rows.push(format!("{table}: {}", row.get::<String, _>(0)));
        }
    }
    rows.join("\n")
}

/// Returns the bytes of SQLite's files; nothing on PostgreSQL.
pub(super) fn read_files(bed: &TestBed) -> String {
    let Some(file) = bed.url.strip_prefix("sqlite://") else { return String::new() };
    let file = file.split('?').next().unwrap();
    let bytes = ["", "-wal", "-shm"].map(|ending| {
        let bytes = std::fs::read(format!("{file}{ending}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    assert!(!bytes[0].is_empty());
    bytes.join("\n")
}

/// Runs a statement.
pub(super) async fn execute(database: &Database, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&database.pools.writes).await.unwrap();
}
