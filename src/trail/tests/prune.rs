//! Retention: what is old goes, the rest verifies, and a removal by anybody else is still found.

use std::time::Duration;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::request::{CustomerRequest, RequestKind};
use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::signed_trail::write_trail;
use crate::keyring::test_keyring;
use crate::store::testing::{
    NOON, count_rows, empty_commit, event, findings, found, id, on_both, pseudonym, save,
};
use crate::store::{DailyWork, Database};
use crate::trail::{CHECKPOINT_EVERY, Pruned, prune, verify};

const DAY: Duration = Duration::from_hours(24);

async fn add_event(database: &Database, at: Timestamp) {
    let refused = TrailEvent { at, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(at) }).await.unwrap();
}

async fn execute(database: &Database, statement: String) {
    let done = sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
    assert!(done.rows_affected() > 0);
}

/// Writes two closed sessions and two refusals at noon, another refusal a day later, and a
/// checkpoint after each.
async fn write_two_days(database: &Database) {
    write_trail(database).await;
    database.checkpoint(NOON).await.unwrap();
    for n in 1..=2 {
        let statement = format!("update sessions set pending_since = 0 where id = '{}'", id(n));
        execute(database, statement).await;
    }
    add_event(database, NOON + DAY).await;
    database.checkpoint(NOON + DAY).await.unwrap();
    add_event(database, NOON + DAY + CHECKPOINT_EVERY).await;
    database.checkpoint(NOON + DAY + CHECKPOINT_EVERY).await.unwrap();
}

#[tokio::test]
async fn old_sessions_events_and_checkpoints_go_and_the_rest_verifies() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let now = NOON + DAY * 3;
        // A session that closed at noon is a millisecond too young.
        assert_eq!(prune(&database, NOON, now).await.unwrap(), Pruned::default());
        let pruned = prune(&database, NOON + Duration::from_millis(1), now).await.unwrap();
        let expected = Pruned { sessions: 2, events: 12, checkpoints: 1, kept: 0 };
        assert_eq!(pruned, expected);
        assert_eq!(count_rows(&database, "sessions").await, 0);
        assert_eq!(count_rows(&database, "events").await, 2);
        assert_eq!(count_rows(&database, "checkpoints").await, 2);
        assert_eq!(findings(&database, None).await, [""; 0]);
        // The chains and checkpoints go on.
        add_event(&database, now).await;
        assert!(database.checkpoint(now).await.unwrap().written.is_some());
        assert_eq!(findings(&database, None).await, [""; 0]);
        // The row of a chain that has no event left still has its head.
        prune(&database, now + DAY, now + DAY).await.unwrap();
        assert_eq!(count_rows(&database, "events").await, 0);
        assert_eq!(findings(&database, None).await, [""; 0]);
        add_event(&database, now + DAY).await;
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn removal_that_no_signed_row_names_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let one = id(1);
        execute(&database, format!("delete from events where chain = '{one}'")).await;
        execute(&database, format!("delete from sessions where id = '{one}'")).await;
        let gone =
            format!("session {one}: all events and its row were removed; checkpoint 1 names it");
        assert_eq!(findings(&database, None).await, std::slice::from_ref(&gone));
        // A row without the key does not help.
        execute(
            &database,
            format!(
                "insert into pruned (chain, seq, last_signature, at, key, signature)
                 select '{one}', 5, signature, at, key, signature from events limit 1"
            ),
        )
        .await;
        assert_eq!(findings(&database, None).await, [gone]);
    })
    .await;
}

#[tokio::test]
async fn chain_that_does_not_verify_is_kept_as_evidence() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let one = id(1);
        execute(
            &database,
            format!("update events set actor = 'discord:8' where chain = '{one}' and seq = 2"),
        )
        .await;
        let pruned = prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        assert_eq!((pruned.sessions, pruned.kept), (1, 1));
        let found = findings(&database, None).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("was changed, moved or forged"), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn open_or_pending_session_is_kept() {
    on_both(async |bed| {
        let database = bed.open().await;
        save(&database, found(1, 7, "julia")).await;
        write_trail_of_another(&database).await;
        let pruned = prune(&database, NOON + DAY, NOON + DAY).await.unwrap();
        assert_eq!(pruned.sessions, 0, "one is open, the other's revocation is pending");
        assert_eq!(count_rows(&database, "sessions").await, 2);
    })
    .await;
}

async fn write_trail_of_another(database: &Database) {
    use commands::model::effect::Effect;

    use crate::store::testing::{closed, commit_of, with_pending};

    let session = save(database, found(2, 7, "tom")).await;
    let session = with_pending(closed(session, NOON), Effect::Revoke { nth: 1 });
    let events = vec![event(Some(&id(2)), kind::CLOSED)];
    database.commit(Commit { events, ..commit_of(session) }).await.unwrap();
}

#[tokio::test]
async fn foreign_key_removes_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let keys = std::sync::Arc::new(test_keyring(2));
        let foreign = Database::open(&bed.url, keys, bed.clock.clone()).await.unwrap();
        let refused = prune(&foreign, NOON + DAY, NOON + DAY).await.unwrap_err().to_string();
        assert!(refused.contains("does not belong to this store"), "{refused}");
        assert_eq!(count_rows(&database, "events").await, 14);
    })
    .await;
}

#[tokio::test]
async fn old_keys_of_customers_go_with_their_quarter() {
    on_both(async |bed| {
        // NOON is in 2023Q4, which ends at this time.
        let end = Timestamp(1_704_067_200_000);
        let database = bed.open().await;
        let pseudonym = database.look_up("core-id", "").await.unwrap().pseudonym;
        save(&database, found(1, 7, "julia")).await;
        assert!(count_rows(&database, "subject_keys").await > 0);
        let last = Timestamp(end.0 - 1);
        assert_eq!(database.destroy_old_keys(last).await.unwrap(), 0);
        assert_eq!(database.find_pseudonym("core-id").await.unwrap().as_ref(), Some(&pseudonym));
        assert!(database.destroy_old_keys(end).await.unwrap() > 0);
        assert_eq!(count_rows(&database, "subject_keys").await, 0);
        assert_ne!(database.look_up("core-id", "").await.unwrap().pseudonym, pseudonym);
    })
    .await;
}

#[tokio::test]
async fn daily_work_is_done_by_one_replica_a_day() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        let both = async |now: Timestamp| {
            let (one, other) = tokio::join!(
                replicas[0].take_daily(DailyWork::Verify, now),
                replicas[1].take_daily(DailyWork::Verify, now)
            );
            usize::from(one.unwrap()) + usize::from(other.unwrap())
        };
        assert_eq!(both(NOON).await, 1);
        // Its process dies: another one takes the work an hour later.
        let hour = NOON + Duration::from_hours(1);
        assert_eq!(both(hour - Duration::from_millis(1)).await, 0);
        assert_eq!(both(hour).await, 1);
        replicas[0].finish_daily(DailyWork::Verify, 0, hour).await.unwrap();
        let start = hour;
        assert_eq!(both(start + DAY - Duration::from_millis(1)).await, 0);
        assert_eq!(both(start + DAY).await, 1);
        assert!(replicas[0].take_daily(DailyWork::Prune, NOON).await.unwrap());
        assert_eq!(replicas[1].last_run(DailyWork::Prune).await.unwrap(), None);
        replicas[0].finish_daily(DailyWork::Verify, 3, NOON + DAY).await.unwrap();
        let last = replicas[1].last_run(DailyWork::Verify).await.unwrap().unwrap();
        assert_eq!((last.finished_at, last.findings), (NOON + DAY, 3));
    })
    .await;
}

#[tokio::test]
async fn replica_whose_clock_is_behind_does_not_repeat_the_daily_work() {
    on_both(async |bed| {
        let database = bed.open().await;
        assert!(database.take_daily(DailyWork::Verify, NOON).await.unwrap());
        let behind = NOON - Duration::from_secs(1);
        assert!(!database.take_daily(DailyWork::Verify, behind).await.unwrap());
        let wrong = NOON - Duration::from_hours(1);
        assert!(
            database.take_daily(DailyWork::Verify, wrong).await.unwrap(),
            "the first was wrong"
        );
    })
    .await;
}

#[tokio::test]
async fn older_pruned_row_that_was_put_back_does_not_count() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        let now = NOON + DAY * 3;
        prune(&database, NOON + DAY, now).await.unwrap();
        let saved = sqlx::query("create table saved as select * from pruned");
        saved.execute(&database.pools.writes).await.unwrap();
        prune(&database, NOON + DAY + CHECKPOINT_EVERY, now + DAY).await.unwrap();
        execute(
            &database,
            "insert into pruned select * from saved where chain = 'discord:7'".to_owned(),
        )
        .await;
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn pruned_row_stays_while_a_checkpoint_names_its_chain() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_two_days(&database).await;
        // An open session keeps the checkpoints.
        save(&database, found(3, 7, "julia")).await;
        prune(&database, NOON + DAY, NOON + DAY * 3).await.unwrap();
        let rows = count_rows(&database, "pruned").await;
        assert!(rows >= 2, "two sessions: {rows}");
        prune(&database, NOON + DAY * 10, NOON + DAY * 10).await.unwrap();
        assert_eq!(count_rows(&database, "checkpoints").await, 3);
        assert_eq!(findings(&database, None).await, [""; 0]);
        let (keys, mut report) = (Some(database.keys.trail.public()), Vec::new());
        assert!(verify(&database.pools, keys, None, &mut report).await.unwrap());
        let report = String::from_utf8(report).unwrap();
        assert!(report.contains("3 chains were removed by the retention"), "{report}");

        execute(&database, "delete from sessions".to_owned()).await;
        let last = NOON + DAY * 11;
        database.checkpoint(last).await.unwrap();
        prune(&database, last + DAY, last + DAY).await.unwrap();
        let left = count_rows(&database, "pruned where chain like 'session%'").await;
        assert_eq!((left, count_rows(&database, "checkpoints").await), (0, 1));
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn long_chain_is_removed_in_pages() {
    on_both(async |bed| {
        let database = bed.open().await;
        let refused = vec![event(None, kind::REFUSED); 500];
        for _ in 0..5 {
            let events = refused.clone();
            database.commit(Commit { events, ..empty_commit(NOON) }).await.unwrap();
        }
        add_event(&database, NOON + DAY).await;
        database.checkpoint(NOON + DAY).await.unwrap();
        let is_sqlite = bed.url.starts_with("sqlite:");
        if is_sqlite {
            let watch = "create table pages (seq bigint);
                 create trigger watch after insert on pruned
                 begin insert into pages values (new.seq); end;";
            sqlx::raw_sql(watch).execute(&database.pools.writes).await.unwrap();
        }
        let pruned = prune(&database, NOON + DAY, NOON + DAY).await.unwrap();
        assert_eq!((pruned.events, pruned.kept), (2_500, 0));
        if is_sqlite {
            assert_eq!(count_rows(&database, "pages").await, 3);
        }
        assert_eq!(count_rows(&database, "events").await, 1);
        assert_eq!(findings(&database, None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn old_alerts_and_requests_go() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, at, request) in [(1, NOON, "E-2BCDEF"), (2, NOON + DAY, "E-3BCDEF")] {
            let request = CustomerRequest {
                id: request.parse().unwrap(),
                kind: RequestKind::Copy,
                customer: pseudonym("julia"),
                asked_by: Some(7),
                asked_at: at,
                is_done: false,
            };
            let alerts = vec![NewAlert::new(AlertKind::Locked, AlertSubject::Session(id(n)))];
            let request = Some(Box::new(request));
            database.commit(Commit { alerts, request, ..empty_commit(at) }).await.unwrap();
        }
        prune(&database, NOON, NOON + DAY).await.unwrap();
        assert_eq!(count_rows(&database, "alerts").await, 2);
        // No lead has answered the alert.
        prune(&database, NOON + Duration::from_millis(1), NOON + DAY).await.unwrap();
        for (table, at) in [("alerts", "opened_at"), ("requests", "asked_at")] {
            let younger = format!("{table} where {at} = {}", (NOON + DAY).0);
            assert_eq!(count_rows(&database, table).await, 1);
            assert_eq!(count_rows(&database, &younger).await, 1);
        }
    })
    .await;
}
