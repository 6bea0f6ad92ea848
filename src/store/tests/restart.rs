//! Sessions after a restart of the process and after a close.

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
    NOON, attending, closed, commit_of, found, id, moved, on_both, pseudonym, recovering, rewrite,
    save, saved, started, with_pending,
};

fn panel(session: &Session) -> Option<&str> {
    session.secrets.panel.as_ref().map(|(token, _)| token.expose_secret())
}

#[tokio::test]
async fn open_session_survives_restart_with_secrets() {
    on_both(async |bed| {
        let written = {
            let database = bed.open().await;
            let session = save(&database, found(1, 7, "julia")).await;
            save(
                &database,
                with_pending(
                    started(session, NOON),
                    Effect::Send { purpose: Purpose::AgentMfa, nth: 1 },
                ),
            )
            .await
        };
        let database = bed.open().await;
        let handle = database.find(&id(1)).await.unwrap().unwrap();
        let read = handle.session();
        assert_eq!(
            serde_json::to_string(&*read).unwrap(),
            serde_json::to_string(&written).unwrap()
        );
        assert_eq!((read.version, panel(&read)), (2, Some("panel-token")));
        assert_eq!(attending(&database, "julia").await, Some((id(1), 7)));
        assert_eq!(database.pending().await.unwrap(), [id(1)]);
        assert_eq!(
            database.commit(commit_of(moved((*read).clone(), NOON))).await.unwrap(),
            saved(3)
        );
    })
    .await;
}

#[tokio::test]
async fn newest_recovery_comes_first() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, agent, minute) in [(1, 7, 2), (2, 7, 0), (3, 8, 1), (4, 7, 2), (5, 7, 3)] {
            let mut session = recovering(n, agent);
            session.clocks.opened_at = NOON + minutes(minute);
            save(&database, session).await;
        }
        save(&database, found(6, 7, "julia")).await;
        let last = database.find(&id(5)).await.unwrap().unwrap();
        save(&database, closed((*last.session()).clone(), NOON)).await;
        assert_eq!(database.recoveries_of(7).await.unwrap(), [id(4), id(1), id(2)]);
        assert_eq!(database.recoveries_of(8).await.unwrap(), [id(3)]);
        assert_eq!(database.open_of(7).await.unwrap(), [id(6)], "recoveries are not listed here");
        let database = bed.open().await;
        let handle = database.find(&id(4)).await.unwrap().unwrap();
        let page =
            handle.session().secrets.page.as_ref().map(|page| page.expose_secret().to_owned());
        assert_eq!(page.as_deref(), Some("https://desk.example.com/recover/page-token"));
    })
    .await;
}

#[tokio::test]
async fn most_overdue_sessions_come_first() {
    on_both(async |bed| {
        let database = bed.open().await;
        for (n, minute) in [(1, 2), (2, 0), (3, 1)] {
            let mut session = found(n, 7, "julia");
            session.clocks.renew(NOON + minutes(minute));
            save(&database, session).await;
        }
        let finished = save(&database, found(4, 7, "julia")).await;
        save(&database, closed(finished, NOON)).await;
        let database = bed.open().await;
        let due = async |now: Timestamp, after: Option<(Timestamp, SessionId)>, at_most| {
            let due = database.due(now, after.as_ref(), at_most).await.unwrap();
            due.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let (soon, late) = (NOON + minutes(12), NOON + minutes(60));
        assert_eq!(due(soon - Duration::from_millis(1), None, 9).await, []);
        assert_eq!(due(soon, None, 9).await, [id(2)], "when its warning is due");
        assert_eq!(due(late, None, 9).await, [id(2), id(3), id(1)]);
        assert_eq!(due(late, None, 2).await, [id(2), id(3)]);
        assert_eq!(due(late, Some((soon + minutes(1), id(3))), 2).await, [id(1)], "the next page");
        assert_eq!(database.cache.open_ids().len(), 3, "they are cached");
    })
    .await;
}

/// Reads the text columns of the only session.
async fn text_columns(
    database: &Database,
) -> (String, Option<String>, Option<String>, Option<String>) {
    sqlx::query_as("select state, sealed, attending, closed_why from sessions")
        .fetch_one(&database.pools.reads)
        .await
        .unwrap()
}

#[tokio::test]
async fn secrets_are_sealed_and_wiped_at_close() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        let session = save(&database, started(session, NOON)).await;
        let (state, sealed, attending, why) = text_columns(&database).await;
        assert!(!state.contains("token") && sealed.is_some_and(|sealed| !sealed.contains("token")));
        assert_eq!((attending, why), (Some(pseudonym("julia").to_string()), None));

        save(&database, closed(session, NOON)).await;
        let (state, sealed, attending, why) = text_columns(&database).await;
        assert!(!state.contains("token"));
        assert_eq!((sealed, attending, why.as_deref()), (None, None, Some("finished")));
    })
    .await;
}

#[tokio::test]
async fn closed_session_is_found_but_not_cached() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        let handle = database.find(&id(1)).await.unwrap().unwrap();
        save(&database, with_pending(closed(session, NOON), Effect::Revoke { nth: 1 })).await;
        assert!(handle.session().closed().is_some(), "the handle shows the close");
        assert_eq!(database.pending().await.unwrap(), [id(1)], "its effect is still pending");

        // The handle stays usable, and later finds share it.
        assert!(Arc::ptr_eq(&handle, &database.find(&id(1)).await.unwrap().unwrap()));
        let mut done = (*handle.session()).clone();
        done.pending.clear();
        save(&database, done).await;
        assert_eq!(handle.session().version, 3);
        assert!(database.pending().await.unwrap().is_empty());

        let weak = Arc::downgrade(&handle);
        drop(handle);
        assert!(weak.upgrade().is_none());
        assert!(database.find(&id(1)).await.unwrap().unwrap().session().closed().is_some());
    })
    .await;
}

#[tokio::test]
async fn reload_reads_changes_of_another_replica() {
    on_both(async |bed| {
        let (one, two) = (bed.open().await, bed.open().await);
        let session = save(&one, found(1, 7, "julia")).await;
        let handle = two.find(&id(1)).await.unwrap().unwrap();
        let session = save(&one, moved(session, NOON)).await;
        assert_eq!(two.find(&id(1)).await.unwrap().unwrap().session().version, 1);
        assert!(Arc::ptr_eq(&handle, &two.reload(&id(1)).await.unwrap().unwrap()));
        assert_eq!(handle.session().version, 2);

        save(&one, closed(session, NOON)).await;
        two.purge_claims(NOON).await.unwrap();
        assert_eq!(two.cache.open_ids(), [], "the purge drops sessions that others closed");
        assert!(Arc::ptr_eq(&handle, &two.reload(&id(1)).await.unwrap().unwrap()));
        assert!(handle.session().closed().is_some());
    })
    .await;
}

#[tokio::test]
async fn unreadable_state_is_not_quoted() {
    on_both(async |bed| {
        let database = bed.open().await;
        save(&database, found(1, 7, "julia")).await;
        rewrite(&database, &id(1), |columns| r#"{"id":"private"}"#.clone_into(&mut columns.state))
            .await;
        let fault = bed.open().await.find(&id(1)).await.unwrap_err().to_string();
        assert!(!fault.contains("private"), "{fault}");
    })
    .await;
}
