//! Sessions that another version of the bot wrote: another replica may read them; overdue ones are
//! closed.

use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::timers::{IDLE_CLOSE, WARN_BEFORE};
use commands::model::trail::kind;
use commands::model::words::{Actor, CloseReason};
use commands::ports::clock::Clock as _;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use sqlx::Row as _;

use crate::store::Database;
use crate::store::testing::{
    NOON, closed, commit_of, event, findings, found, id, on_both, save, started, with_pending,
};
use crate::store::unreadable::GRACE;

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
        let handle = other.find(&id(1)).await.unwrap().unwrap();
        let session = handle.session();
        assert_eq!(session.closed(), Some((CloseReason::Unreadable, bed.clock.now())));
        let actor = Actor { discord_id: 7, agent_id: "sub-7".to_owned(), name: "Ana".to_owned() };
        assert_eq!(session.actor, actor);
        assert!(session.is_pending(&Effect::Revoke { nth: 1 }), "what was opened is unknown");
        assert_eq!(other.pending().await.unwrap(), [id(1)]);
        let due = other.due(bed.clock.now(), None, 10).await.unwrap();
        assert_eq!(due.len(), 1, "the next sweep revokes");
        assert!(
            other.attending("cust-1").await.unwrap().is_none(),
            "another agent can attend the customer"
        );
        let row = sqlx::query(
            "select closed_why, closed_at, sealed, pending_since, customer_id from sessions
             where id = $1",
        )
        .bind(id(1).as_str());
        let row = row.fetch_one(&other.pools.reads).await.unwrap();
        assert_eq!(
            (row.get::<String, _>(0), row.get::<i64, _>(1)),
            ("unreadable".to_owned(), bed.clock.now().0)
        );
        assert_eq!(row.get::<Option<String>, _>(2), None);
        assert!(row.get::<i64, _>(3) > 0, "the revocation is pending");
        assert_eq!(row.get::<String, _>(4), "cust-1");
        let events = sqlx::query("select kind, details from events where chain = $1 order by seq")
            .bind(id(1).as_str());
        let events = events.fetch_all(&other.pools.reads).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.get::<String, _>(0)).collect();
        assert_eq!(kinds, ["started", "closed", "revoke_asked"], "closed once");
        assert_eq!(events[1].get::<String, _>(1), r#"{"why":"unreadable"}"#);
        assert_eq!(findings(&other, None).await, [""; 0], "its chain continues");

        let later = bed.open().await.find(&id(1)).await.unwrap().unwrap();
        assert_eq!(later.session().version, session.version, "a later replica changes nothing");
    })
    .await;
}

#[tokio::test]
async fn unreadable_session_requests_effects_of_its_kind() {
    on_both(async |bed| {
        let database = bed.open().await;
        let agent_id = "sub-7".to_owned();
        let after_password = vec![
            Effect::SignOut { agent_id: agent_id.clone(), nth: 0 },
            Effect::NotifyChanged { agent_id, nth: 0 },
        ];
        for (n, kind, effects) in [
            (1, "technical", vec![Effect::Revoke { nth: 1 }]),
            (2, "successor", vec![Effect::Revoke { nth: 1 }]),
            (3, "kind_of_tomorrow", vec![Effect::Revoke { nth: 1 }]),
            (4, "link", vec![]),
            (5, "recover", after_password),
        ] {
            save(&database, found(n, 7, &n.to_string())).await;
            let update = sqlx::query("update sessions set state = '{}', kind = $2 where id = $1");
            update.bind(id(n).as_str()).bind(kind).execute(&database.pools.writes).await.unwrap();
            let other = bed.open().await;
            bed.clock.advance(IDLE_CLOSE + GRACE);
            let handle = other.find(&id(n)).await.unwrap().unwrap();
            let session = handle.session();
            let pending: Vec<_> = session.pending.iter().map(|pending| &pending.effect).collect();
            assert_eq!(pending, effects.iter().collect::<Vec<_>>(), "{kind}");
            assert!(session.closed().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn pending_revocation_of_closed_session_is_kept() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "cust-1")).await;
        save(&database, with_pending(closed(session, NOON), Effect::Revoke { nth: 1 })).await;
        make_unreadable(&database).await;
        bed.clock.advance(GRACE + GRACE);
        let handle = bed.open().await.find(&id(1)).await.unwrap().unwrap();
        assert_eq!(handle.session().closed(), Some((CloseReason::Finished, NOON)));
        assert!(handle.session().is_pending(&Effect::Revoke { nth: 1 }));
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
