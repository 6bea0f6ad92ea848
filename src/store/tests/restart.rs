//! What is there after the process died, and what must not be there after a close.

use std::sync::Arc;
use std::time::Duration;

use commands::model::effect::Effect;
use commands::model::session::Session;
use commands::model::time::{Timestamp, minutes};
use commands::model::words::{Purpose, SessionId};
use commands::ports::claims::Claims as _;
use commands::ports::sessions::{SessionIndex as _, Sessions as _};
use secrecy::ExposeSecret as _;

use crate::store::Database;
use crate::store::testing::{
    NOON, closed, found, id, key, moved, of, on_both, owing, recovering, saved, started, store,
};

fn panel(session: &Session) -> Option<&str> {
    session.secrets.panel.as_ref().map(|(token, _)| token.expose_secret())
}

#[tokio::test]
async fn every_open_session_is_back_with_its_secrets() {
    on_both(async |bed| {
        let written = {
            let database = bed.open().await;
            let session = store(&database, found(1, 7, "julia")).await;
            store(
                &database,
                owing(started(session, NOON), Effect::Send { purpose: Purpose::AgentMfa, nth: 1 }),
            )
            .await
        };
        let database = bed.open().await;
        let live = database.find(&id(1)).await.unwrap().unwrap();
        let read = live.session();
        assert_eq!(
            serde_json::to_string(&*read).unwrap(),
            serde_json::to_string(&written).unwrap()
        );
        assert_eq!((read.version, panel(&read)), (2, Some("panel-token")));
        assert_eq!(database.attending("julia").await.unwrap(), Some((id(1), 7)));
        assert_eq!(database.pending().await.unwrap(), [id(1)]);
        assert_eq!(database.commit(of(moved((*read).clone(), NOON))).await.unwrap(), saved(3));
    })
    .await;
}

#[tokio::test]
async fn the_newest_recovery_of_an_agent_comes_first() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, agent, minute) in [(1, 7, 2), (2, 7, 0), (3, 8, 1), (4, 7, 2), (5, 7, 3)] {
            let mut session = recovering(n, agent);
            session.clocks.opened_at = NOON + minutes(minute);
            store(&database, session).await;
        }
        store(&database, found(6, 7, "julia")).await;
        let last = database.find(&id(5)).await.unwrap().unwrap();
        store(&database, closed((*last.session()).clone(), NOON)).await;
        assert_eq!(database.recoveries_of(7).await.unwrap(), [id(4), id(1), id(2)]);
        assert_eq!(database.recoveries_of(8).await.unwrap(), [id(3)]);
        assert_eq!(
            database.open_of(7).await.unwrap(),
            [id(6)],
            "the sessions with customers are others"
        );
        let database = bed.open().await;
        let live = database.find(&id(4)).await.unwrap().unwrap();
        let page = live.session().secrets.page.as_ref().map(|page| page.expose_secret().to_owned());
        assert_eq!(page.as_deref(), Some("https://desk.example.com/recover/page-token"));
    })
    .await;
}

#[tokio::test]
async fn the_most_overdue_come_first() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, minute) in [(1, 2), (2, 0), (3, 1)] {
            let mut session = found(n, 7, "julia");
            session.clocks.renew(NOON + minutes(minute));
            store(&database, session).await;
        }
        let over = store(&database, found(4, 7, "julia")).await;
        store(&database, closed(over, NOON)).await;
        let database = bed.open().await;
        let due = async |now: Timestamp, after: Option<(Timestamp, SessionId)>, at_most| {
            let due = database.due(now, after.as_ref(), at_most).await.unwrap();
            due.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let (soon, late) = (NOON + minutes(12), NOON + minutes(60));
        assert_eq!(due(soon - Duration::from_millis(1), None, 9).await, []);
        assert_eq!(due(soon, None, 9).await, [id(2)], "at the minute of its warning");
        assert_eq!(due(late, None, 9).await, [id(2), id(3), id(1)]);
        assert_eq!(due(late, None, 2).await, [id(2), id(3)]);
        assert_eq!(due(late, Some((soon + minutes(1), id(3))), 2).await, [id(1)], "the next page");
        assert_eq!(database.memory.open().len(), 3, "they are read at once");
    })
    .await;
}

/// All that the row has in text.
async fn raw(database: &Database) -> (String, Option<String>, Option<String>, Option<String>) {
    sqlx::query_as("select state, sealed, attending, closed_why from sessions")
        .fetch_one(&database.pools.reads)
        .await
        .unwrap()
}

#[tokio::test]
async fn secrets_are_sealed_and_wiped_at_the_close() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = store(&database, found(1, 7, "julia")).await;
        let session = store(&database, started(session, NOON)).await;
        let (state, sealed, attending, why) = raw(&database).await;
        assert!(!state.contains("token") && sealed.is_some_and(|sealed| !sealed.contains("token")));
        assert_eq!((attending.as_deref(), why), (Some("julia"), None));

        store(&database, closed(session, NOON)).await;
        let (state, sealed, attending, why) = raw(&database).await;
        assert!(!state.contains("token"));
        assert_eq!((sealed, attending, why.as_deref()), (None, None, Some("finished")));
    })
    .await;
}

#[tokio::test]
async fn a_closed_session_is_found_but_not_kept() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = store(&database, found(1, 7, "julia")).await;
        let live = database.find(&id(1)).await.unwrap().unwrap();
        store(&database, owing(closed(session, NOON), Effect::Revoke)).await;
        assert!(live.session().closed().is_some(), "who has it sees it close");
        assert_eq!(database.pending().await.unwrap(), [id(1)], "what it owes is still to be done");

        // Who has it goes on with it, and those who come meanwhile share it.
        assert!(Arc::ptr_eq(&live, &database.find(&id(1)).await.unwrap().unwrap()));
        let mut done = (*live.session()).clone();
        done.pending.clear();
        store(&database, done).await;
        assert_eq!(live.session().version, 3);
        assert!(database.pending().await.unwrap().is_empty());

        let weak = Arc::downgrade(&live);
        drop(live);
        assert!(weak.upgrade().is_none());
        assert!(database.find(&id(1)).await.unwrap().unwrap().session().closed().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_another_replica_wrote_is_read_when_asked_for() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        let session = store(&one, found(1, 7, "julia")).await;
        let live = two.find(&id(1)).await.unwrap().unwrap();
        let session = store(&one, moved(session, NOON)).await;
        assert_eq!(two.find(&id(1)).await.unwrap().unwrap().session().version, 1);
        assert!(Arc::ptr_eq(&live, &two.reload(&id(1)).await.unwrap().unwrap()));
        assert_eq!(live.session().version, 2);

        store(&one, closed(session, NOON)).await;
        two.purge_claims(NOON).await.unwrap();
        assert_eq!(two.memory.open(), [], "the purge forgets what others closed");
        assert!(Arc::ptr_eq(&live, &two.reload(&id(1)).await.unwrap().unwrap()));
        assert!(live.session().closed().is_some());
    })
    .await;
}

#[tokio::test]
async fn with_another_key_a_session_goes_on_without_what_was_sealed() {
    on_both(async |bed| {
        let database = bed.open().await;
        store(&database, found(1, 7, "julia")).await;
        let other = Database::open(&bed.url, Arc::new(key(2)), bed.clock.clone()).await.unwrap();
        assert!(database.reload(&id(1)).await.unwrap().unwrap().session().secrets.panel.is_some());
        assert!(other.find(&id(1)).await.unwrap().unwrap().session().secrets.panel.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_not_quoted() {
    on_both(async |bed| {
        let database = bed.open().await;
        store(&database, found(1, 7, "julia")).await;
        sqlx::query("update sessions set state = '{\"id\":\"private\"}'")
            .execute(&database.pools.writes)
            .await
            .unwrap();
        let fault = bed.open().await.find(&id(1)).await.unwrap_err().to_string();
        assert!(!fault.contains("private"), "{fault}");
    })
    .await;
}
