//! Checkpoints of the trail: hourly, by one replica, also after the newest was tampered with.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::signed_trail::{findings_after, write_trail};
use crate::store::Database;
use crate::store::testing::{NOON, empty_commit, event, findings, id, on_both};
use crate::trail::CHECKPOINT_EVERY;

#[tokio::test]
async fn checkpoint_is_written_hourly_by_one_replica() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        write_trail(&replicas[0]).await;
        let both = async |now: Timestamp| {
            let (one, other) =
                tokio::join!(replicas[0].checkpoint(now), replicas[1].checkpoint(now));
            one.unwrap()
                .into_iter()
                .chain(other.unwrap())
                .map(|made| (made.seq, made.heads))
                .collect::<Vec<_>>()
        };
        assert_eq!(both(NOON).await, [(1, 3)]);
        let hour = NOON + CHECKPOINT_EVERY;
        assert_eq!(both(hour - Duration::from_millis(1)).await, []);
        // An event of a click before the first checkpoint, written after it.
        let late = TrailEvent { at: NOON - Duration::from_secs(20), ..event(None, kind::REFUSED) };
        replicas[0].commit(Commit { events: vec![late], ..empty_commit(NOON) }).await.unwrap();
        assert_eq!(both(hour).await, [(2, 3)], "heads of the last ten minutes are named again");
        assert_eq!(both(hour + CHECKPOINT_EVERY).await, [(3, 0)]);
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn changed_or_removed_checkpoint_is_found() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let first = database.checkpoint(NOON).await.unwrap().unwrap();
        let second = database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        assert_eq!(
            (second.seq, second.heads),
            (2, 3),
            "heads of the last ten minutes are named again"
        );
        assert_eq!(findings(&database, Some((2, &second.mac))).await, [""; 0]);
        assert_eq!(
            findings(&database, Some((2, &first.mac))).await,
            ["checkpoint 2 was changed, or differs from the one in the log"]
        );
        assert_eq!(
            findings_after(&database, &["delete from checkpoints where seq = 2".to_owned()]).await,
            [""; 0]
        );
        assert_eq!(findings(&database, Some((2, &second.mac))).await, ["checkpoint 2 is missing"]);
        assert_eq!(
            findings_after(
                &database,
                &[format!("delete from checkpoint_heads where chain = '{}'", id(1))]
            )
            .await,
            ["checkpoint 1 was changed, or differs from the one in the log"]
        );
    })
    .await;
}

const MINUTE: Duration = Duration::from_mins(1);

async fn set_newest_time(database: &Database, at: Timestamp) {
    let statement = format!(
        "update checkpoints set at = {} where seq = (select max(seq) from checkpoints)",
        at.0
    );
    sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
}

async fn next_checkpoint(database: &Database, now: Timestamp) -> Option<i64> {
    database.checkpoint(now).await.unwrap().map(|made| made.seq)
}

#[tokio::test]
async fn future_checkpoint_does_not_stop_the_next() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        assert_eq!(
            (next_checkpoint(&database, NOON).await, database.checkpointed_at()),
            (Some(1), Some(NOON))
        );
        // At the tolerated clock skew, and a minute beyond it.
        set_newest_time(&database, NOON + 11 * MINUTE).await;
        assert_eq!(next_checkpoint(&database, NOON + MINUTE).await, None);
        set_newest_time(&database, NOON + 12 * MINUTE).await;
        assert_eq!(next_checkpoint(&database, NOON + MINUTE).await, Some(2));
        set_newest_time(&database, Timestamp(i64::MAX)).await;
        let other = bed.open().await;
        assert_eq!(other.checkpointed_at(), None);
        let third = other.checkpoint(NOON + 2 * MINUTE).await.unwrap().unwrap();
        assert_eq!(
            (third.seq, third.heads),
            (3, 3),
            "the heads that the previous one named are unknown"
        );
        assert_eq!(next_checkpoint(&database, NOON + 3 * MINUTE).await, None);
        assert_eq!(database.checkpointed_at(), Some(NOON + 2 * MINUTE));
    })
    .await;
}

#[tokio::test]
async fn checkpoint_age_counts_from_first_sight() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        assert_eq!(next_checkpoint(&database, NOON).await, Some(1));
        let hour = NOON + CHECKPOINT_EVERY;
        set_newest_time(&database, hour - MINUTE).await;
        assert_eq!(next_checkpoint(&database, hour - Duration::from_millis(1)).await, None);
        assert_eq!(
            (next_checkpoint(&database, hour).await, database.checkpointed_at()),
            (Some(2), Some(hour))
        );
        // No number can follow this one, and it does not count as a new checkpoint.
        let last = format!("update checkpoints set seq = {} where seq = 2", i64::MAX);
        sqlx::query(AssertSqlSafe(last)).execute(&database.pools.writes).await.unwrap();
        assert_eq!(
            (next_checkpoint(&database, hour + CHECKPOINT_EVERY).await, database.checkpointed_at()),
            (None, Some(hour))
        );
    })
    .await;
}

#[tokio::test]
async fn unlogged_checkpoint_is_covered_by_the_next() {
    on_both(async |bed| {
        let database = bed.open().await;
        write_trail(&database).await;
        let first = database.checkpoint(NOON).await.unwrap().unwrap();
        // The process that wrote this one died before it could log it.
        let lost = database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        assert_eq!(findings(&database, Some((1, &first.mac))).await, [""; 0]);
        let again = bed.open().await;
        assert_eq!(
            again.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap(),
            None,
            "it exists already"
        );
        let next = again.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap().unwrap();
        for logged in [&first, &next] {
            assert_eq!(findings(&database, Some((logged.seq, &logged.mac))).await, [""; 0]);
        }
        // The next one is chained to it, so a forged or removed one is found.
        let bent = format!("update checkpoints set mac = '{}' where seq = {}", first.mac, lost.seq);
        assert_eq!(
            findings_after(&database, &[bent]).await,
            [
                "checkpoint 2 was changed, or differs from the one in the log",
                "checkpoint 3 was changed, or differs from the one in the log"
            ]
        );
        assert!(
            findings_after(&database, &["delete from checkpoints where seq = 2".to_owned()])
                .await
                .contains(&"checkpoint 2 is missing".to_owned())
        );
    })
    .await;
}
