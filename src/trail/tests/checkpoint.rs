//! Checkpoints of the trail: each minute while chains grow, by one replica, and whatever a writer
//! of the database does to their rows.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, event, findings, id, on_both};
use crate::trail::{CHECKPOINT_EVERY, Checkpoint, EMPTY_CHECKPOINT_EVERY};

const A_MILLISECOND: Duration = Duration::from_millis(1);

async fn checkpoint(database: &Database, now: Timestamp) -> Option<Checkpoint> {
    database.checkpoint(now).await.unwrap().written
}

/// Writes one more event outside sessions.
async fn add_event(database: &Database, at: Timestamp) {
    let refused = TrailEvent { at, ..event(None, kind::REFUSED) };
    database.commit(Commit { events: vec![refused], ..empty_commit(at) }).await.unwrap();
}

async fn execute(database: &Database, statement: String) {
    let done = sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
    assert!(done.rows_affected() > 0);
}

#[tokio::test]
async fn checkpoint_is_written_each_minute_by_one_replica() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        write_trail(&replicas[0]).await;
        let both = async |now: Timestamp| {
            let (one, other) =
                tokio::join!(checkpoint(&replicas[0], now), checkpoint(&replicas[1], now));
            let made = one.into_iter().chain(other);
            made.map(|made| (made.seq, made.heads)).collect::<Vec<_>>()
        };
        assert_eq!(both(NOON).await, [(1, 3)]);
        // An event of a click before the first checkpoint, written after it.
        add_event(&replicas[0], NOON + CHECKPOINT_EVERY - Duration::from_secs(80)).await;
        let minute = NOON + CHECKPOINT_EVERY;
        assert_eq!(both(minute - A_MILLISECOND).await, []);
        assert_eq!(both(minute).await, [(2, 1)], "only the chain that has grown");
        assert_eq!(both(minute + CHECKPOINT_EVERY).await, [], "no chain has grown");
        let hour = minute + EMPTY_CHECKPOINT_EVERY;
        assert_eq!(both(hour - A_MILLISECOND).await, []);
        assert_eq!(both(hour).await, [(3, 0)]);
        assert_eq!(replicas[0].checkpointed_at().max(replicas[1].checkpointed_at()), Some(hour));
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn changed_or_removed_checkpoint_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let first = checkpoint(&database, NOON).await.unwrap();
        add_event(&database, NOON).await;
        let second = checkpoint(&database, NOON + CHECKPOINT_EVERY).await.unwrap();
        add_event(&database, NOON).await;
        let third = checkpoint(&database, NOON + 2 * CHECKPOINT_EVERY).await.unwrap();
        for logged in [&first, &second, &third] {
            let logged = Some((logged.seq, logged.signature.as_str()));
            assert_eq!(findings(&database, logged).await, [""; 0]);
        }
        assert_eq!(
            findings(&database, Some((2, &first.signature))).await,
            ["checkpoint 2 differs from the one in the log, or was removed"]
        );
        assert_eq!(
            findings_after(&database, &["delete from checkpoints where seq = 2".to_owned()]).await,
            ["checkpoint 2 is missing"]
        );
        assert_eq!(
            findings_after(&database, &["delete from checkpoints where seq = 3".to_owned()]).await,
            [""; 0],
            "only the log knows of the newest"
        );
        assert_eq!(
            findings(&database, Some((3, &third.signature))).await,
            ["checkpoints 2 to 3 are missing"]
        );
        let cut = "update checkpoints set heads = substr(heads, 1, 30) where seq = 1".to_owned();
        assert_eq!(findings_after(&database, &[cut]).await, ["checkpoint 1 was changed or forged"]);
    })
    .await;
}

/// The attack of a writer of the database without the key: rows that claim that a checkpoint was
/// just made.
#[tokio::test]
async fn forged_checkpoint_is_neither_believed_nor_waited_for() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        assert_eq!(checkpoint(&database, NOON).await.unwrap().seq, 1);
        for (n, seq) in [2, 2, i64::MAX].into_iter().enumerate() {
            let now = NOON + CHECKPOINT_EVERY * u32::try_from(n + 1).unwrap();
            let at = (now - A_MILLISECOND).0;
            let key = database.keys.trail.current().id().to_string();
            let forge = format!(
                "insert into checkpoints
                     (seq, at, previous, previous_signature, heads, key, signature)
                 select {seq}, {at}, seq, signature, '', '{key}', 'forged-{n}' from checkpoints
                 where seq = 1"
            );
            execute(&database, forge).await;
            add_event(&database, now - A_MILLISECOND).await;
            let round = database.checkpoint(now).await.unwrap();
            assert_eq!(round.written.map(|made| made.heads), Some(1), "row {n} delays nothing");
            let refused: Vec<_> = round.refused.iter().map(ToString::to_string).collect();
            assert_eq!(refused, [format!("checkpoint {seq}:forged-{n} does not verify")]);
            assert_eq!(database.checkpointed_at(), Some(now));
            let untold = database.checkpoint(now + A_MILLISECOND).await.unwrap().refused;
            assert_eq!(untold, round.refused, "nobody was told yet");
            database.note_reported();
            let again = database.checkpoint(now + A_MILLISECOND).await.unwrap();
            assert!(again.refused.is_empty(), "reported once");
        }
        let found = findings(&database, None).await;
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|found| found.contains("was changed or forged")), "{found:?}");

        // Under these rows a session is removed with its events: the next checkpoint and
        // `trail verify` still know it.
        let one = id(1);
        for table in ["events where chain", "sessions where id"] {
            execute(&database, format!("delete from {table} = '{one}'")).await;
        }
        let found = findings(&database, None).await;
        let expected =
            format!("session {one}: all events and its row were removed; checkpoint 1 names it");
        assert!(found.contains(&expected), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn removed_newest_checkpoint_is_noticed_by_the_process() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        checkpoint(&database, NOON).await.unwrap();
        add_event(&database, NOON).await;
        checkpoint(&database, NOON + CHECKPOINT_EVERY).await.unwrap();
        execute(&database, "delete from checkpoints where seq = 2".to_owned()).await;
        add_event(&database, NOON).await;
        let round = database.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap();
        let refused: Vec<_> = round.refused.iter().map(ToString::to_string).collect();
        assert_eq!(refused, ["checkpoint 2 was removed"]);
        assert_eq!(round.written.map(|made| made.seq), Some(2));
    })
    .await;
}

#[tokio::test]
async fn clock_that_was_set_back_delays_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        checkpoint(&database, NOON + EMPTY_CHECKPOINT_EVERY).await.unwrap();
        add_event(&database, NOON).await;
        assert_eq!(checkpoint(&database, NOON).await.map(|made| made.seq), Some(2));
    })
    .await;
}

/// A page of rows is read at a time, and a look reports a part of them.
#[tokio::test]
async fn many_forged_checkpoints_delay_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        checkpoint(&database, NOON).await.unwrap();
        for n in 0..130 {
            let forge = format!(
                "insert into checkpoints
                     (seq, at, previous, previous_signature, heads, key, signature)
                 select {}, at, seq, signature, '', key, 'forged-{n}' from checkpoints
                 where seq = 1",
                2 + n % 3
            );
            execute(&database, forge).await;
        }
        add_event(&database, NOON).await;
        let round = database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap();
        assert_eq!(round.written.map(|made| (made.seq, made.heads)), Some((2, 1)));
        assert_eq!(round.refused.len(), 100);
    })
    .await;
}

/// Adds rows that do not verify.
async fn forge_many(database: &Database, seq: i64, count: usize) {
    let rows = (0..count).map(|n| format!("({seq}, 0, 0, null, '', 'x', 'forged-{n}')"));
    let rows = rows.collect::<Vec<_>>().join(", ");
    let columns = "seq, at, previous, previous_signature, heads, key, signature";
    execute(database, format!("insert into checkpoints ({columns}) values {rows}")).await;
}

/// Each minute a process reads the first hundred rows, and those after the newest one it knows.
#[tokio::test]
async fn search_below_many_forged_checkpoints_starts_from_the_known_one() {
    on_both(async |bed| {
        let (one, other) = (bed.open().await, bed.open().await);
        write_trail(&one).await;
        checkpoint(&one, NOON).await.unwrap();
        let minute = |n: u32| NOON + CHECKPOINT_EVERY * n;
        let write = async |database: &Database, n| {
            add_event(database, minute(n)).await;
            checkpoint(database, minute(n)).await.map(|made| made.seq)
        };
        assert_eq!(write(&other, 1).await, Some(2));
        assert_eq!(write(&other, 2).await, Some(3));
        forge_many(&one, 1_000, 120).await;
        assert_eq!(write(&one, 3).await, Some(4), "it follows those of the other replica");
        assert_eq!(write(&other, 4).await, Some(5));
        assert_eq!(write(&other, 5).await, Some(6));
        execute(&one, "delete from checkpoints where seq = 5".to_owned()).await;
        assert_eq!(write(&one, 6).await, Some(5), "nothing else was read");
        let third = bed.open().await;
        assert_eq!(write(&third, 7).await, Some(7), "a new process reads all rows");
    })
    .await;
}

/// Below a row from before the last minutes no row is read, whoever wrote it. A row under a
/// replaced key would otherwise lead on to the first one.
#[tokio::test]
async fn older_row_ends_the_search_for_named_heads() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        checkpoint(&database, NOON).await.unwrap();
        add_event(&database, NOON).await;
        checkpoint(&database, NOON + CHECKPOINT_EVERY).await.unwrap();
        forge_many(&database, 1, 1).await;
        execute(&database, "update checkpoints set signature = 'zzz' where at = 0".to_owned())
            .await;
        add_event(&database, NOON).await;
        let made = checkpoint(&database, NOON + CHECKPOINT_EVERY * 2).await.unwrap();
        assert_eq!(made.heads, 3, "the two sessions of the first checkpoint are named again");
    })
    .await;
}
