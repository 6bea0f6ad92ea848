//! Sessions that another version of the bot wrote: another replica may read them; overdue ones are
//! closed.

use std::time::Duration;

use commands::model::timers::{IDLE_CLOSE, WARN_BEFORE};
use commands::model::trail::kind;
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use sqlx::Row as _;

use crate::store::Database;
use crate::store::testing::{NOON, commit_of, event, found, id, on_both, save, started};
use crate::store::unreadable::{GRACE, UNREADABLE};

const A_MILLISECOND: Duration = Duration::from_millis(1);

async fn make_unreadable(database: &Database) {
    let update = sqlx::query("update sessions set state = '{}' where id = $1").bind(id(1).as_str());
    assert_eq!(update.execute(&database.pools.writes).await.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn overdue_unreadable_session_is_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        let session = save(&database, started(session, NOON)).await;
        let mut commit = commit_of(session);
        commit.events = vec![event(Some(&id(1)), kind::STARTED)];
        database.commit(commit).await.unwrap();
        make_unreadable(&database).await;
        let other = bed.open().await;
        let error = other.find(&id(1)).await.unwrap_err().to_string();
        assert!(error.contains("another version of the bot"), "{error}");

        bed.clock.advance(IDLE_CLOSE.saturating_sub(WARN_BEFORE));
        assert!(other.find(&id(1)).await.is_err(), "its timer is due: reported once");
        assert!(other.find(&id(1)).await.unwrap().is_none(), "and not every second");
        bed.clock.advance(GRACE.saturating_sub(A_MILLISECOND));
        assert!(other.find(&id(1)).await.unwrap().is_none());
        assert_eq!(other.attending("cust-1").await.unwrap().map(|(id, _)| id), Some(id(1)));

        bed.clock.advance(A_MILLISECOND);
        assert!(other.find(&id(1)).await.unwrap().is_none());
        assert!(
            other.attending("cust-1").await.unwrap().is_none(),
            "another agent can attend the customer"
        );
        assert!(other.due(bed.clock.now(), None, 10).await.unwrap().is_empty());
        let row = sqlx::query(
            "select closed_why, closed_at, sealed, pending_since from sessions where id = $1",
        )
        .bind(id(1).as_str());
        let row = row.fetch_one(&other.pools.reads).await.unwrap();
        assert_eq!(
            (row.get::<String, _>(0), row.get::<i64, _>(1)),
            (UNREADABLE.to_owned(), bed.clock.now().0)
        );
        assert_eq!((row.get::<Option<String>, _>(2), row.get::<i64, _>(3)), (None, 0));
        let events =
            sqlx::query("select kind, details from events where session_id = $1 order by seq")
                .bind(id(1).as_str());
        let events = events.fetch_all(&other.pools.reads).await.unwrap();
        let last = events.last().unwrap();
        assert_eq!(
            (last.get::<String, _>(0), last.get::<String, _>(1)),
            ("closed".to_owned(), r#"{"why":"unreadable"}"#.to_owned())
        );
        assert_eq!(events.len(), 2, "closed once");

        bed.clock.advance(GRACE);
        assert!(
            bed.open().await.find(&id(1)).await.unwrap().is_none(),
            "a later replica has nothing to do"
        );
    })
    .await;
}

#[tokio::test]
async fn readable_session_is_not_closed() {
    on_both(async |bed| {
        let database = bed.open().await;
        save(&database, found(1, 7, "cust-1")).await;
        bed.clock.advance(IDLE_CLOSE + GRACE);
        assert!(
            bed.open()
                .await
                .find(&id(1))
                .await
                .unwrap()
                .is_some_and(|handle| handle.session().closed().is_none())
        );
    })
    .await;
}
