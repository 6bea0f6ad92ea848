//! Rows that another version of the bot wrote: left alone while somebody may read them, closed when
//! nobody does.

use std::time::Duration;

use commands::model::timers::{IDLE_CLOSE, WARN_BEFORE};
use commands::model::trail::kind;
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use sqlx::Row as _;

use crate::store::Database;
use crate::store::testing::{NOON, act, found, id, of, on_both, started, store};
use crate::store::unreadable::{OVERDUE, UNREADABLE};

const A_MILLISECOND: Duration = Duration::from_millis(1);

async fn is_spoilt(database: &Database) {
    let spoil = sqlx::query("update sessions set state = '{}' where id = $1").bind(id(1).as_str());
    assert_eq!(spoil.execute(&database.pools.writes).await.unwrap().rows_affected(), 1);
}

#[tokio::test]
async fn one_that_nobody_reads_is_closed_a_minute_after_its_clock_should_have_acted() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = store(&database, found(1, 7, "cust-1")).await;
        let session = store(&database, started(session, NOON)).await;
        let mut asked = of(session);
        asked.events = vec![act(Some(&id(1)), kind::STARTED)];
        database.commit(asked).await.unwrap();
        is_spoilt(&database).await;
        let other = bed.open().await;
        let error = other.find(&id(1)).await.unwrap_err().to_string();
        assert!(error.contains("another version of the bot"), "{error}");

        bed.clock.advance(IDLE_CLOSE.saturating_sub(WARN_BEFORE));
        assert!(other.find(&id(1)).await.is_err(), "its clock has come: said once");
        assert!(other.find(&id(1)).await.unwrap().is_none(), "and not every second");
        bed.clock.advance(OVERDUE.saturating_sub(A_MILLISECOND));
        assert!(other.find(&id(1)).await.unwrap().is_none());
        assert_eq!(other.attending("cust-1").await.unwrap().map(|(id, _)| id), Some(id(1)));

        bed.clock.advance(A_MILLISECOND);
        assert!(other.find(&id(1)).await.unwrap().is_none());
        assert!(
            other.attending("cust-1").await.unwrap().is_none(),
            "the customer can be helped by somebody else"
        );
        assert!(other.due(bed.clock.now(), None, 10).await.unwrap().is_empty());
        let row = sqlx::query(
            "select closed_why, closed_at, sealed, pending from sessions where id = $1",
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

        bed.clock.advance(OVERDUE);
        assert!(
            bed.open().await.find(&id(1)).await.unwrap().is_none(),
            "whoever comes later finds nothing to do"
        );
    })
    .await;
}

#[tokio::test]
async fn what_can_be_read_after_all_is_not_touched() {
    on_both(async |bed| {
        let database = bed.open().await;
        store(&database, found(1, 7, "cust-1")).await;
        bed.clock.advance(IDLE_CLOSE + OVERDUE);
        assert!(
            bed.open()
                .await
                .find(&id(1))
                .await
                .unwrap()
                .is_some_and(|live| live.session().closed().is_none())
        );
    })
    .await;
}
