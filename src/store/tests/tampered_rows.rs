//! Rows and cells that a writer of the database adds to stop the bot: each concerns its own session
//! only.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use commands::model::effect::Effect;
use commands::model::time::Timestamp;
use commands::model::timers::IDLE_CLOSE;
use commands::model::trail::kind;
use commands::model::words::CloseReason;
use commands::ports::clock::Clock;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sqlx::AssertSqlSafe;

use crate::metrics::{FOREIGN_ROWS, TAMPERED_ROWS};
use crate::store::engine::Engine;
use crate::store::row_columns::{LAST_SEQ, REACH};
use crate::store::testing::{
    NOON, TestBed, commit_of, count_rows, event, findings, found, id, on_both, pseudonym, save,
    started, with_pending,
};
use crate::store::unusable_rows::GRACE;
use crate::store::{Database, Ended};

/// Records the metrics of this thread while the guard lives.
fn record() -> (PrometheusHandle, metrics::LocalRecorderGuard<'static>) {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    (recorder.handle(), metrics::set_default_local_recorder(recorder))
}

fn counts(metrics: &PrometheusHandle, name: &str, count: u64) -> bool {
    metrics.render().lines().any(|line| line == format!("{name} {count}"))
}

async fn execute(database: &Database, sql: &str) {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    query.execute(&database.pools.writes).await.unwrap();
}

/// Saves a started session with one event.
async fn start(database: &Database, n: u8, customer: &str) {
    let session = save(database, found(n, 7, customer)).await;
    let mut commit = commit_of(started(session, NOON));
    commit.events = vec![event(Some(&id(n)), kind::STARTED)];
    database.commit(commit).await.unwrap();
}

/// Adds a row that every list of sessions would have, under an id that is none.
async fn add_row(database: &Database, id: &str, attending: &str) {
    execute(
        database,
        &format!(
            "insert into sessions (id, kind, discord_id, agent_id, agent_name, attending,
                 generation, version, state, pending_since, next_at, opened_at, trail_seq, mac)
             values ({id}, 'recover', 7, 'a', 'n', '{attending}', 1, 1, '{{}}', 1, 0, 0, 0, 'm')"
        ),
    )
    .await;
}

#[tokio::test]
async fn row_with_odd_id_stops_no_list() {
    on_both(async |bed| {
        let (metrics, _guard) = record();
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        save(&database, with_pending(found(2, 8, "tom"), Effect::Revoke { nth: 1 })).await;
        for odd in ["x", "y", "z"] {
            add_row(&database, &format!("'{odd}'"), odd).await;
        }
        bed.clock.advance(IDLE_CLOSE);
        let now = bed.clock.now();
        for round in 0..2 {
            // A page full of such rows hides no session.
            let due = database.due(now, None, 2).await.unwrap();
            assert_eq!(due.iter().map(|(_, id)| id).collect::<Vec<_>>(), [&id(2), &id(1)]);
            let after = database.due(now, due.last(), 2).await.unwrap();
            assert_eq!(after, []);
            assert_eq!(database.pending().await.unwrap(), [id(2)]);
            // Each of these lists frees the customers of such rows.
            let held = "sessions where attending in ('x', 'y', 'z')";
            assert_eq!(count_rows(&database, held).await, if round == 0 { 3 } else { 0 });
            assert_eq!(database.all_attending().await.unwrap(), [id(1)]);
            assert_eq!(count_rows(&database, held).await, 0);
            assert_eq!(database.recoveries_of(7).await.unwrap(), []);
            database.evict_closed().await.unwrap();
        }
        assert!(counts(&metrics, TAMPERED_ROWS, 3), "each once: {}", metrics.render());
        assert_eq!(database.end_sessions().await.unwrap(), Ended { closed: 2, left: 3 });
    })
    .await;
}

#[tokio::test]
async fn odd_cells_of_ids_stop_no_list() {
    on_both(async |bed| {
        let database = bed.open().await;
        // PostgreSQL enforces the column's type.
        if database.pools.engine == Engine::Postgres {
            return;
        }
        start(&database, 1, "julia").await;
        let nul = format!("'{}' || char(0)", id(9));
        for (n, odd) in ["x'00ff'", "cast(x'ff' as text)", &nul].into_iter().enumerate() {
            add_row(&database, odd, &n.to_string()).await;
        }
        bed.clock.advance(IDLE_CLOSE);
        assert_eq!(database.due(bed.clock.now(), None, 2).await.unwrap().len(), 1);
        assert_eq!(database.pending().await.unwrap(), []);
        assert_eq!(database.all_attending().await.unwrap(), [id(1)]);
        let held = "sessions where attending in ('0', '1', '2')";
        assert_eq!(count_rows(&database, held).await, 0);
        execute(&database, "update sessions set pending_since = 'x'").await;
        assert_eq!(database.status().await.unwrap().oldest_pending, None);
        execute(&database, "insert into subjects values ('p', 'l', cast('abcdefgh.x' as blob), 0)")
            .await;
        assert!(!database.has_customers_under_unknown_key().await.unwrap());
        assert_eq!(database.end_sessions().await.unwrap(), Ended { closed: 1, left: 3 });
    })
    .await;
}

#[tokio::test]
async fn key_named_by_a_pattern_fails_no_row() {
    on_both(async |bed| {
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        let julia = pseudonym("julia");
        execute(&database, &format!("insert into subject_keys values ('{julia}', '%', 'x')")).await;
        bed.clock.advance(IDLE_CLOSE);
        let other = bed.open().await;
        assert_eq!(other.due(bed.clock.now(), None, 9).await.unwrap().len(), 1);
        let session = other.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!((session.closed(), session.core_id()), (None, Some("julia")));
    })
    .await;
}

/// Cells of an open session, or of its event, that hold a value of another type.
const ODD_CELLS: [&str; 15] = [
    "update sessions set opened_at = 'x'",
    "update sessions set version = 'x'",
    "update sessions set version = x'00', mac = x'00'",
    "update sessions set generation = 'x', agent_name = 'Eve'",
    "update sessions set discord_id = 'x'",
    "update sessions set kind = x'ff'",
    "update sessions set agent_id = cast(x'ff' as text)",
    "update sessions set agent_name = x'00'",
    "update sessions set state = x'00'",
    "update sessions set attending = x'00'",
    "update sessions set closed_at = 'x'",
    "update sessions set closed_why = x'00'",
    "update sessions set trail_seq = 'x'",
    "update events set signature = x'00'",
    "update events set signature = cast(x'ff' as text)",
];

#[tokio::test]
async fn session_with_odd_cell_is_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        if database.pools.engine == Engine::Postgres {
            return;
        }
        for edit in ODD_CELLS {
            let database = bed.open().await;
            for table in ["sessions", "events", "alerts"] {
                execute(&database, &format!("delete from {table}")).await;
            }
            start(&database, 1, "julia").await;
            execute(&database, edit).await;
            bed.clock.advance(IDLE_CLOSE);
            let other = bed.open().await;
            assert_eq!(other.due(bed.clock.now(), None, 9).await.unwrap().len(), 1, "{edit}");
            assert_eq!(other.foreign_key().await.unwrap(), None, "{edit}");
            for replica in [&other, &database] {
                let session = replica.reload(&id(1)).await.unwrap().unwrap().session();
                assert_eq!(session.closed().unwrap().0, CloseReason::Tampered, "{edit}");
                assert!(session.is_pending(&Effect::Revoke { nth: 1 }), "{edit}");
            }
            assert_eq!(other.pending().await.unwrap(), [id(1)], "{edit}");
            assert_eq!(count_rows(&other, "events").await, 4, "closed and raised once: {edit}");
        }
    })
    .await;
}

/// A clock that moves by a millisecond with each read.
#[derive(Debug)]
struct TickingClock(AtomicI64);

#[async_trait]
impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

async fn open_ticking(bed: &TestBed) -> Database {
    let start = (bed.clock.now() + IDLE_CLOSE + GRACE).0;
    let clock = Arc::new(TickingClock(AtomicI64::new(start)));
    Database::open(&bed.url, Arc::clone(&bed.keys), clock).await.unwrap()
}

#[tokio::test]
async fn close_is_in_the_trail_while_time_passes() {
    on_both(async |bed| {
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        start(&database, 2, "tom").await;
        let edit = format!("update sessions set agent_name = 'Eve' where id = '{}'", id(1));
        execute(&database, &edit).await;
        let lost = format!("delete from subject_keys where subject = '{}'", pseudonym("tom"));
        execute(&database, &lost).await;
        let other = open_ticking(&bed).await;
        for (n, reason) in [(1, CloseReason::Tampered), (2, CloseReason::Unreadable)] {
            let session = other.find(&id(n)).await.unwrap().unwrap().session();
            assert_eq!(session.closed().unwrap().0, reason);
        }
        assert_eq!(findings(&other, None).await, [""; 0]);
    })
    .await;
}

async fn forge_event(database: &Database, seq: i64) {
    let sql = format!(
        "insert into events (chain, seq, at, actor, session_id, kind, details, key, signature)
         values ('{0}', {seq}, 0, 'clock', '{0}', 'x', '{{}}', 'k', 'x')",
        id(1)
    );
    execute(database, &sql).await;
}

#[tokio::test]
async fn event_with_greatest_number_moves_no_session() {
    on_both(async |bed| {
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        for seq in [i64::MAX, LAST_SEQ, LAST_SEQ + 1, LAST_SEQ + 2] {
            forge_event(&database, seq).await;
        }
        let session = bed.open().await.reload(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(session.closed(), None, "`trail verify` reports these events");
        assert!(!findings(&database, None).await.is_empty());

        // The row is edited as well: the chain continues after its own last event.
        execute(&database, &format!("update sessions set trail_seq = {}", i64::MAX)).await;
        for _ in 0..2 {
            let session = bed.open().await.reload(&id(1)).await.unwrap().unwrap().session();
            assert_eq!(session.closed().unwrap().0, CloseReason::Tampered);
            assert_eq!(count_rows(&database, "events").await, 8, "closed and raised once");
        }
    })
    .await;
}

#[tokio::test]
async fn forged_events_close_a_session_once() {
    on_both(async |bed| {
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        // The first ones are next to the head, the others at the edges of what counts.
        let forged = [2, 3, REACH, REACH + 1, REACH + 3, 3 * REACH + 3, 3 * REACH + 4];
        for seq in forged {
            forge_event(&database, seq).await;
        }
        for _ in 0..3 {
            let session = bed.open().await.reload(&id(1)).await.unwrap().unwrap().session();
            assert_eq!(session.closed().unwrap().0, CloseReason::Tampered);
            assert_eq!(
                count_rows(&database, "events").await,
                // The look-up, the Start, the close and the alert.
                4 + i64::try_from(forged.len()).unwrap()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn row_that_names_a_foreign_key_is_counted_once() {
    on_both(async |bed| {
        let (metrics, _guard) = record();
        let database = bed.open().await;
        start(&database, 1, "julia").await;
        execute(&database, "update sessions set mac = 'zzzzzzzz.' || mac").await;
        let other = bed.open().await;
        for _ in 0..2 {
            let error = other.find(&id(1)).await.unwrap_err().to_string();
            assert!(error.contains("a STORE_KEY that this process does not have"), "{error}");
        }
        assert!(counts(&metrics, FOREIGN_ROWS, 1), "{}", metrics.render());
    })
    .await;
}
