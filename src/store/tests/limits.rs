//! Rolling windows and lockouts, to the millisecond.

use std::time::Duration;

use commands::model::limit::{LimitUse, LockedSubject, Lockout, LockoutReason, UNTIL_UNLOCKED};
use commands::model::time::Timestamp;
use commands::model::verification::IN_A_ROW_WINDOW;
use commands::model::words::Limit;
use commands::ports::limits::Limits as _;
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::store::Database;
use crate::store::testing::{NOON, count_rows, empty_commit, on_both, saved};

const HOUR: Duration = Duration::from_hours(1);
const TICK: Duration = Duration::from_millis(1);

async fn wrong_code(database: &Database, now: Timestamp, subject: &str) -> Committed {
    let limit_use = LimitUse {
        limit: Limit::WrongCodes,
        subject: subject.to_owned(),
        allowed: 10,
        window: HOUR,
        replaces: None,
    };
    database.commit(Commit { limit_uses: vec![limit_use], ..empty_commit(now) }).await.unwrap()
}

fn locked_out(subject: &str, until: Timestamp) -> Committed {
    Committed::LockedOut(LockedSubject::of(subject), until, LockoutReason::WrongCodes)
}

fn saved_count(count: u32) -> Committed {
    Committed::Saved { counts: vec![count], version: 0 }
}

async fn times(database: &Database) -> String {
    sqlx::query_scalar("select times from limit_uses")
        .fetch_one(&database.pools.reads)
        .await
        .unwrap()
}

/// Counts a wrong code in a row. Returns its number.
async fn wrong_in_a_row(database: &Database, now: Timestamp, subject: &str) -> u32 {
    let limit_use = LimitUse {
        limit: Limit::WrongInARow,
        subject: subject.to_owned(),
        allowed: u32::MAX,
        window: IN_A_ROW_WINDOW,
        replaces: None,
    };
    let commit = Commit { limit_uses: vec![limit_use], ..empty_commit(now) };
    match database.commit(commit).await.unwrap() {
        Committed::Saved { counts, .. } => counts[0],
        refused => panic!("{refused:?}"),
    }
}

#[tokio::test]
async fn use_that_replaces_another_counts_in_its_place() {
    on_both(async |bed| {
        let database = bed.open().await;
        let counts = async |now, replaces: Option<Timestamp>| {
            let (limit, subject) = (Limit::AlertPings, "leads".to_owned());
            let limit_use = LimitUse { limit, subject, allowed: 2, window: HOUR, replaces };
            let commit = Commit { limit_uses: vec![limit_use], ..empty_commit(now) };
            database.commit(commit).await.unwrap()
        };
        let refused_until = |at| Committed::Limited(Limit::AlertPings, at);
        assert_eq!(counts(NOON, None).await, saved_count(1));
        assert_eq!(counts(NOON, None).await, saved_count(2));
        // One of the two moves, and the other one stays.
        let later = NOON + HOUR / 2;
        assert_eq!(counts(later, Some(NOON)).await, saved_count(2));
        assert_eq!(times(&database).await, format!("{},{}", NOON.0, later.0));
        assert_eq!(counts(later, None).await, refused_until(NOON + HOUR));
        // One that is unknown replaces none.
        assert_eq!(counts(later, Some(NOON - TICK)).await, refused_until(NOON + HOUR));
        assert_eq!(counts(NOON + HOUR, None).await, saved_count(2));
        let end = later + HOUR;
        assert_eq!(counts(end - TICK, None).await, refused_until(end));
        assert_eq!(counts(end - TICK, Some(later)).await, saved_count(2));
        let [first, last] = [NOON + HOUR, end - TICK].map(|at| at.0);
        assert_eq!(times(&database).await, format!("{first},{last}"));
    })
    .await;
}

#[tokio::test]
async fn row_of_wrong_codes_survives_purge_and_reopening() {
    on_both(async |bed| {
        let subject = "customer:julia";
        let database = bed.open().await;
        for n in 1..=3 {
            assert_eq!(wrong_in_a_row(&database, NOON, subject).await, n);
        }
        let later = NOON + 1000 * HOUR;
        database.purge_limits(later).await.unwrap();
        let replica = bed.open().await;
        assert_eq!(wrong_in_a_row(&replica, later, subject).await, 4);
        let right = Commit {
            resets: vec![(Limit::WrongInARow, subject.to_owned())],
            ..empty_commit(later)
        };
        replica.commit(right).await.unwrap();
        assert_eq!(wrong_in_a_row(&database, later, subject).await, 1, "a right code ends the row");
    })
    .await;
}

#[tokio::test]
async fn unlock_ends_lockout_and_counts_of_one_subject() {
    on_both(async |bed| {
        let database = bed.open().await;
        let subjects = ["customer:julia", "customer:tom"];
        for subject in subjects {
            wrong_code(&database, NOON, subject).await;
            wrong_in_a_row(&database, NOON, subject).await;
            let lockout = Lockout {
                subject: subject.to_owned(),
                until: UNTIL_UNLOCKED,
                reason: LockoutReason::WrongCodes,
            };
            let commit = Commit { lockouts: vec![lockout], ..empty_commit(NOON) };
            database.commit(commit).await.unwrap();
        }
        let starts = async |subject: &str| {
            let requires_unlocked = vec![subject.to_owned()];
            let commit = Commit { requires_unlocked, ..empty_commit(NOON + 1000 * HOUR) };
            database.commit(commit).await.unwrap()
        };
        database.purge_limits(NOON + 1000 * HOUR).await.unwrap();
        assert_eq!(starts(subjects[0]).await, locked_out(subjects[0], UNTIL_UNLOCKED));
        assert!(database.unlock(subjects[0], NOON).await.unwrap());
        assert!(matches!(starts(subjects[0]).await, Committed::Saved { .. }));
        assert_eq!(starts(subjects[1]).await, locked_out(subjects[1], UNTIL_UNLOCKED));
        assert_eq!(wrong_in_a_row(&database, NOON, subjects[0]).await, 1);
        assert!(!database.unlock("customer:nobody", NOON).await.unwrap());
        let unlocked: String =
            sqlx::query_scalar("select details from events where kind = 'unlocked'")
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
        assert_eq!(unlocked, r#"{"subject":"customer:julia"}"#);
    })
    .await;
}

#[tokio::test]
async fn eleventh_use_waits_for_the_first() {
    on_both(async |bed| {
        let database = bed.open().await;
        for n in 0..10 {
            let now = NOON + Duration::from_secs(n);
            assert_eq!(
                wrong_code(&database, now, "customer:julia").await,
                saved_count(u32::try_from(n).unwrap() + 1)
            );
        }
        let refused = Committed::Limited(Limit::WrongCodes, NOON + HOUR);
        assert_eq!(
            wrong_code(&database, NOON + Duration::from_secs(10), "customer:julia").await,
            refused
        );
        assert_eq!(wrong_code(&database, NOON + HOUR - TICK, "customer:julia").await, refused);
        assert_eq!(
            wrong_code(&database, NOON + HOUR - TICK, "customer:tom").await,
            saved_count(1),
            "another subject has its own window"
        );
        assert_eq!(wrong_code(&database, NOON + HOUR, "customer:julia").await, saved_count(10));
        let second = NOON + Duration::from_secs(1) + HOUR;
        assert_eq!(
            wrong_code(&database, NOON + HOUR, "customer:julia").await,
            Committed::Limited(Limit::WrongCodes, second)
        );
    })
    .await;
}

#[tokio::test]
async fn next_use_drops_expired_uses() {
    on_both(async |bed| {
        let database = bed.open().await;
        wrong_code(&database, NOON, "customer:julia").await;
        wrong_code(&database, NOON + TICK, "customer:julia").await;
        assert_eq!(wrong_code(&database, NOON + HOUR, "customer:julia").await, saved_count(2));
        assert_eq!(times(&database).await, format!("{},{}", NOON.0 + 1, NOON.0 + 3_600_000));
    })
    .await;
}

#[tokio::test]
async fn refund_removes_the_newest_use() {
    on_both(async |bed| {
        let database = bed.open().await;
        let refund = || Commit {
            refunds: vec![(Limit::WrongCodes, "customer:julia".to_owned())],
            ..empty_commit(NOON)
        };
        assert_eq!(database.commit(refund()).await.unwrap(), saved(0), "without uses");
        wrong_code(&database, NOON, "customer:julia").await;
        wrong_code(&database, NOON + TICK, "customer:julia").await;
        database.commit(refund()).await.unwrap();
        assert_eq!(times(&database).await, NOON.0.to_string());
        database.commit(refund()).await.unwrap();
        database.commit(refund()).await.unwrap();
        assert_eq!(wrong_code(&database, NOON, "customer:julia").await, saved_count(1));
    })
    .await;
}

#[tokio::test]
async fn uses_are_kept_for_a_day() {
    on_both(async |bed| {
        let database = bed.open().await;
        let day = Duration::from_hours(24);
        wrong_code(&database, NOON, "customer:julia").await;
        database.purge_limits(NOON + day).await.unwrap();
        assert_eq!(count_rows(&database, "limit_uses").await, 1);
        database.purge_limits(NOON + day + TICK).await.unwrap();
        assert_eq!(count_rows(&database, "limit_uses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn lockout_ends_at_its_millisecond() {
    on_both(async |bed| {
        let database = bed.open().await;
        let lock_out = |until: Timestamp| Commit {
            lockouts: vec![Lockout {
                subject: "agent:1".to_owned(),
                until,
                reason: LockoutReason::WrongCodes,
            }],
            ..empty_commit(NOON)
        };
        let requires_unlocked = |now: Timestamp| Commit {
            requires_unlocked: vec!["agent:0".to_owned(), "agent:1".to_owned()],
            ..empty_commit(now)
        };
        let until = NOON + HOUR;
        assert_eq!(database.commit(requires_unlocked(NOON)).await.unwrap(), saved(0));
        database.commit(lock_out(until)).await.unwrap();
        database.commit(lock_out(NOON + TICK)).await.unwrap();
        assert_eq!(
            database.commit(requires_unlocked(until - TICK)).await.unwrap(),
            locked_out("agent:0", until),
            "a shorter lockout does not shorten it"
        );
        assert_eq!(database.commit(requires_unlocked(until)).await.unwrap(), saved(0));

        database.purge_limits(until).await.unwrap();
        assert_eq!(count_rows(&database, "lockouts").await, 1);
        database.purge_limits(until + TICK).await.unwrap();
        assert_eq!(count_rows(&database, "lockouts").await, 0);
    })
    .await;
}
