//! Checkpoints of the trail: every hour, by one of the replicas, whatever somebody does to the
//! newest.

use std::time::Duration;

use commands::model::time::Timestamp;
use commands::model::trail::{TrailEvent, kind};
use commands::ports::sessions::{Commit, Sessions as _};
use sqlx::AssertSqlSafe;

use super::audit::{after, trail};
use crate::store::testing::{NOON, act, findings, id, nothing, on_both};
use crate::store::{CHECKPOINT_EVERY, Database};

#[tokio::test]
async fn a_checkpoint_is_made_every_hour_by_one_of_the_replicas() {
    on_both(async |bed| {
        let replicas = [bed.open().await, bed.open().await];
        trail(&replicas[0]).await;
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
        // An event of a click that came before the first checkpoint, and was written after it.
        let late = TrailEvent { at: NOON - Duration::from_secs(20), ..act(None, kind::REFUSED) };
        replicas[0].commit(Commit { events: vec![late], ..nothing(NOON) }).await.unwrap();
        assert_eq!(both(hour).await, [(2, 3)], "those of the last ten minutes are named again");
        assert_eq!(both(hour + CHECKPOINT_EVERY).await, [(3, 0)]);
        assert_eq!(findings(&replicas[0], None).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn checkpoints_that_were_changed_or_cut_off_are_named() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let first = database.checkpoint(NOON).await.unwrap().unwrap();
        let second = database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        assert_eq!(
            (second.seq, second.heads),
            (2, 3),
            "those of the last ten minutes are named again"
        );
        assert_eq!(findings(&database, Some((2, &second.mac))).await, [""; 0]);
        assert_eq!(
            findings(&database, Some((2, &first.mac))).await,
            ["checkpoint 2 was changed, or is not the one in the log"]
        );
        assert_eq!(
            after(&database, &["delete from checkpoints where seq = 2".to_owned()]).await,
            [""; 0]
        );
        assert_eq!(findings(&database, Some((2, &second.mac))).await, ["checkpoint 2 is missing"]);
        assert_eq!(
            after(&database, &[format!("delete from checkpoint_heads where chain = '{}'", id(1))])
                .await,
            ["checkpoint 1 was changed, or is not the one in the log"]
        );
    })
    .await;
}

const MINUTE: Duration = Duration::from_mins(1);

async fn says(database: &Database, at: Timestamp) {
    let statement = format!(
        "update checkpoints set at = {} where seq = (select max(seq) from checkpoints)",
        at.0
    );
    sqlx::query(AssertSqlSafe(statement)).execute(&database.pools.writes).await.unwrap();
}

async fn made(database: &Database, now: Timestamp) -> Option<i64> {
    database.checkpoint(now).await.unwrap().map(|made| made.seq)
}

#[tokio::test]
async fn a_newest_checkpoint_of_the_future_stops_no_other() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        assert_eq!(
            (made(&database, NOON).await, database.checkpointed_at()),
            (Some(1), Some(NOON))
        );
        // As far ahead as a replica's clock may be, and further.
        says(&database, NOON + 11 * MINUTE).await;
        assert_eq!(made(&database, NOON + MINUTE).await, None);
        says(&database, NOON + 12 * MINUTE).await;
        assert_eq!(made(&database, NOON + MINUTE).await, Some(2));
        says(&database, Timestamp(i64::MAX)).await;
        let other = bed.open().await;
        assert_eq!(other.checkpointed_at(), None);
        let third = other.checkpoint(NOON + 2 * MINUTE).await.unwrap().unwrap();
        assert_eq!((third.seq, third.heads), (3, 3), "nobody knows what the one before named");
        assert_eq!(made(&database, NOON + 3 * MINUTE).await, None);
        assert_eq!(database.checkpointed_at(), Some(NOON + 2 * MINUTE));
    })
    .await;
}

#[tokio::test]
async fn a_newest_checkpoint_that_stays_young_is_as_old_as_it_is_known() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        assert_eq!(made(&database, NOON).await, Some(1));
        let hour = NOON + CHECKPOINT_EVERY;
        says(&database, hour - MINUTE).await;
        assert_eq!(made(&database, hour - Duration::from_millis(1)).await, None);
        assert_eq!(
            (made(&database, hour).await, database.checkpointed_at()),
            (Some(2), Some(hour))
        );
        // The last number there is: none can follow, and it is not taken for a new one.
        let last = format!("update checkpoints set seq = {} where seq = 2", i64::MAX);
        sqlx::query(AssertSqlSafe(last)).execute(&database.pools.writes).await.unwrap();
        assert_eq!(
            (made(&database, hour + CHECKPOINT_EVERY).await, database.checkpointed_at()),
            (None, Some(hour))
        );
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_that_never_reached_the_log_is_covered_by_the_next() {
    on_both(async |bed| {
        let database = bed.open().await;
        trail(&database).await;
        let first = database.checkpoint(NOON).await.unwrap().unwrap();
        // Whoever made this one died before it could log it.
        let lost = database.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap().unwrap();
        assert_eq!(findings(&database, Some((1, &first.mac))).await, [""; 0]);
        let again = bed.open().await;
        assert_eq!(again.checkpoint(NOON + CHECKPOINT_EVERY).await.unwrap(), None, "it is there");
        let next = again.checkpoint(NOON + 2 * CHECKPOINT_EVERY).await.unwrap().unwrap();
        for logged in [&first, &next] {
            assert_eq!(findings(&database, Some((logged.seq, &logged.mac))).await, [""; 0]);
        }
        // The next one is chained to it: made anew without the key, or taken away, it shows.
        let bent = format!("update checkpoints set mac = '{}' where seq = {}", first.mac, lost.seq);
        assert_eq!(
            after(&database, &[bent]).await,
            [
                "checkpoint 2 was changed, or is not the one in the log",
                "checkpoint 3 was changed, or is not the one in the log"
            ]
        );
        assert!(
            after(&database, &["delete from checkpoints where seq = 2".to_owned()])
                .await
                .contains(&"checkpoint 2 is missing".to_owned())
        );
    })
    .await;
}
