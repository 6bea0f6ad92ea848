//! What keeps chains, checkpoints and pruned rows from the retention, and what does not.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::logged::Log;
use super::signed_trail::write_trail;
use crate::store::Database;
use crate::store::testing::{NOON, count_rows, empty_commit, event, id, on_both};
use crate::trail::event::Head;
use crate::trail::{prune, pruned};

const DAY: Duration = Duration::from_hours(24);

async fn execute(database: &Database, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(&database.pools.writes).await.unwrap();
}

/// Writes a trail with a checkpoint at noon, and an event with a checkpoint a day later.
async fn write_two_days(database: &Database) {
    write_trail(database).await;
    database.checkpoint(NOON).await.unwrap();
    execute(database, "update sessions set pending_since = 0").await;
    let at = NOON + DAY;
    let refused = TrailEvent { at, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(at) }).await.unwrap();
    database.checkpoint(at).await.unwrap();
}

/// Adds a row that copies a session, with these values.
async fn forge_session(database: &Database, edit: &str) {
    execute(
        database,
        &format!(
            "create temp table copy as select * from sessions where id = '{}';
             update copy set {edit};
             insert into sessions select * from copy;
             drop table copy;",
            id(1)
        ),
    )
    .await;
}

#[tokio::test]
async fn forged_time_keeps_no_checkpoint() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        forge_session(&database, "id = 'open', opened_at = 0, closed_at = null").await;
        forge_session(&database, "id = 'closed', opened_at = 0").await;
        let done = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((done.sessions, done.kept, done.checkpoints), (2, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn time_that_is_no_number_frees_no_checkpoint() {
    on_both(async |bed| {
        if !bed.url.starts_with("sqlite:") {
            // PostgreSQL enforces the types.
            return;
        }
        let database = bed.open().await;
        write_two_days(&database).await;
        let edit = format!("update sessions set opened_at = 0.5 where id = '{}'", id(1));
        execute(&database, &edit).await;
        let done = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((done.sessions, done.kept, done.checkpoints), (1, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn kept_chain_is_named_in_the_log() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let (one, two) = (id(1), id(2));
        let edits = format!(
            "update sessions set closed_at = closed_at - 1 where id = '{one}';
             update events set actor = 'discord:8' where chain = '{two}' and seq = 2;"
        );
        execute(&database, &edits).await;
        let log = Log::default();
        let logging = log.start();
        let done = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        drop(logging);
        assert_eq!(done.kept, 2);
        let log = log.text();
        for (chain, why) in [
            (one, "chain kept: the row of its session does not verify"),
            (two, "chain kept: its events do not verify"),
        ] {
            let is_it = |line: &str| line.contains(why) && line.contains(chain.as_str());
            assert!(log.lines().any(is_it), "{log}");
        }
    })
    .await;
}

#[tokio::test]
async fn old_pruned_rows_are_forgotten_in_pages() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let mut connection = database.pools.writes.acquire().await.unwrap();
        for seq in 1..=450 {
            let (key, last) = (database.keys.trail.current(), Head { seq, ..Head::default() });
            let chain = format!("old-{seq:03}");
            pruned::write(&mut connection, key, &chain, last, Timestamp(0)).await.unwrap();
        }
        drop(connection);
        let is_postgres = !bed.url.starts_with("sqlite:");
        if is_postgres {
            let watch = "create table pages (tx text);
                 create function watch() returns trigger language plpgsql as
                 'begin insert into pages values (txid_current()::text); return old; end';
                 create trigger watch before delete on pruned
                 for each row execute function watch();";
            execute(&database, watch).await;
        }
        prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!(count_rows(&database, "pruned where chain like 'old-%'").await, 0);
        assert!(count_rows(&database, "pruned").await >= 2, "the sessions of this run");
        if is_postgres {
            let pages = "(select tx from pages group by tx) as pages";
            assert_eq!(count_rows(&database, pages).await, 3);
        }
    })
    .await;
}
