//! Rolling windows to the millisecond, and rests.

use std::time::Duration;

use commands::model::limit::{LimitUse, Lockout};
use commands::model::time::Timestamp;
use commands::model::words::Limit;
use commands::ports::limits::Limits as _;
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::store::Database;
use crate::store::testing::{NOON, nothing, on_both, rows, saved};

const HOUR: Duration = Duration::from_hours(1);
const TICK: Duration = Duration::from_millis(1);

async fn code(database: &Database, now: Timestamp, subject: &str) -> Committed {
    let limit_use = LimitUse {
        limit: Limit::WrongCodes,
        subject: subject.to_owned(),
        allowed: 10,
        window: HOUR,
    };
    database.commit(Commit { limit_uses: vec![limit_use], ..nothing(now) }).await.unwrap()
}

fn counted(count: u32) -> Committed {
    Committed::Saved { counts: vec![count], version: 0 }
}

async fn times(database: &Database) -> String {
    sqlx::query_scalar("select times from limit_uses")
        .fetch_one(&database.pools.reads)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_tenth_is_allowed_the_eleventh_waits_for_the_first_to_leave() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..10 {
            let now = NOON + Duration::from_secs(n);
            assert_eq!(
                code(&database, now, "customer:julia").await,
                counted(u32::try_from(n).unwrap() + 1)
            );
        }
        let refused = Committed::Limited(Limit::WrongCodes, NOON + HOUR);
        assert_eq!(
            code(&database, NOON + Duration::from_secs(10), "customer:julia").await,
            refused
        );
        assert_eq!(code(&database, NOON + HOUR - TICK, "customer:julia").await, refused);
        assert_eq!(
            code(&database, NOON + HOUR - TICK, "customer:tom").await,
            counted(1),
            "another subject is not concerned"
        );
        assert_eq!(code(&database, NOON + HOUR, "customer:julia").await, counted(10));
        let second = NOON + Duration::from_secs(1) + HOUR;
        assert_eq!(
            code(&database, NOON + HOUR, "customer:julia").await,
            Committed::Limited(Limit::WrongCodes, second)
        );
    })
    .await;
}

#[tokio::test]
async fn what_has_left_the_window_is_forgotten_with_the_next_hit() {
    on_both(async |bed| {
        let database = bed.open().await;
        code(&database, NOON, "customer:julia").await;
        code(&database, NOON + TICK, "customer:julia").await;
        assert_eq!(code(&database, NOON + HOUR, "customer:julia").await, counted(2));
        assert_eq!(times(&database).await, format!("{},{}", NOON.0 + 1, NOON.0 + 3_600_000));
    })
    .await;
}

#[tokio::test]
async fn a_refund_takes_the_newest_back() {
    on_both(async |bed| {
        let database = bed.open().await;
        let refund = || Commit {
            refunds: vec![(Limit::WrongCodes, "customer:julia".to_owned())],
            ..nothing(NOON)
        };
        assert_eq!(database.commit(refund()).await.unwrap(), saved(0), "of nothing");
        code(&database, NOON, "customer:julia").await;
        code(&database, NOON + TICK, "customer:julia").await;
        database.commit(refund()).await.unwrap();
        assert_eq!(times(&database).await, NOON.0.to_string());
        database.commit(refund()).await.unwrap();
        database.commit(refund()).await.unwrap();
        assert_eq!(code(&database, NOON, "customer:julia").await, counted(1));
    })
    .await;
}

#[tokio::test]
async fn hits_are_kept_for_a_day_after_the_newest() {
    on_both(async |bed| {
        let database = bed.open().await;
        let day = Duration::from_hours(24);
        code(&database, NOON, "customer:julia").await;
        database.purge_limits(NOON + day).await.unwrap();
        assert_eq!(rows(&database, "limit_uses").await, 1);
        database.purge_limits(NOON + day + TICK).await.unwrap();
        assert_eq!(rows(&database, "limit_uses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_subject_rests_until_the_millisecond() {
    on_both(async |bed| {
        let database = bed.open().await;
        let rest = |until: Timestamp| Commit {
            lockouts: vec![Lockout { subject: "agent:1".to_owned(), until }],
            ..nothing(NOON)
        };
        let requires_unlocked = |now: Timestamp| Commit {
            requires_unlocked: vec!["agent:0".to_owned(), "agent:1".to_owned()],
            ..nothing(now)
        };
        let until = NOON + HOUR;
        assert_eq!(database.commit(requires_unlocked(NOON)).await.unwrap(), saved(0));
        database.commit(rest(until)).await.unwrap();
        database.commit(rest(NOON + TICK)).await.unwrap();
        assert_eq!(
            database.commit(requires_unlocked(until - TICK)).await.unwrap(),
            Committed::LockedOut(until),
            "a shorter rest shortens nothing"
        );
        assert_eq!(database.commit(requires_unlocked(until)).await.unwrap(), saved(0));

        database.purge_limits(until).await.unwrap();
        assert_eq!(rows(&database, "lockouts").await, 1);
        database.purge_limits(until + TICK).await.unwrap();
        assert_eq!(rows(&database, "lockouts").await, 0);
    })
    .await;
}
