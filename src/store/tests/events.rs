//! Events of the trail: their columns and their chains.

use commands::model::trail::kind;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::store::Database;
use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, found, id, moved, on_both, saved,
};

type EventRow = (String, i64, i64, String, Option<String>, String, String);

async fn events(database: &Database) -> Vec<EventRow> {
    sqlx::query_as(
        "select chain, seq, at, actor, session_id, kind, details from events order by chain, seq",
    )
    .fetch_all(&database.pools.reads)
    .await
    .unwrap()
}

#[tokio::test]
async fn event_joins_chain_of_session_or_actor() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = found(1, 7, "julia");
        let own = |kinds: &[&'static str]| {
            kinds.iter().map(|kind| event(Some(&id(1)), kind)).collect::<Vec<_>>()
        };
        database
            .commit(Commit { events: own(&[kind::LOOKED_UP]), ..commit_of(session.clone()) })
            .await
            .unwrap();
        let session = moved(commands::model::session::Session { version: 1, ..session }, NOON);
        database
            .commit(Commit { events: own(&[kind::STARTED, kind::CHOSEN]), ..commit_of(session) })
            .await
            .unwrap();
        // Without the row of their session events join the chain of their actor.
        let mixed = vec![
            event(None, kind::LOOKED_UP),
            event(Some(&id(1)), kind::REFUSED),
            event(Some(&id(99)), kind::REFUSED),
        ];
        assert_eq!(
            database.commit(Commit { events: mixed, ..empty_commit(NOON) }).await.unwrap(),
            saved(0)
        );

        let details = "{\"n\":1}".to_owned();
        let row = |chain: &str, seq, session: Option<u8>, kind: &str| -> EventRow {
            let session = session.map(|n| id(n).to_string());
            (
                chain.to_owned(),
                seq,
                NOON.0,
                "discord:7".to_owned(),
                session,
                kind.to_owned(),
                details.clone(),
            )
        };
        let session = id(1);
        assert_eq!(
            events(&database).await,
            [
                row("discord:7", 1, None, kind::LOOKED_UP),
                row("discord:7", 2, Some(1), kind::REFUSED),
                row("discord:7", 3, Some(99), kind::REFUSED),
                row(session.as_str(), 1, Some(1), kind::LOOKED_UP),
                row(session.as_str(), 2, Some(1), kind::STARTED),
                row(session.as_str(), 3, Some(1), kind::CHOSEN),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn chain_continues_after_restart_and_close() {
    on_both(async |bed| {
        for kind in [kind::LOOKED_UP, kind::CLOSED, kind::REVOKED] {
            let database = bed.open().await;
            let session = match database.find(&id(1)).await.unwrap() {
                Some(handle) => closed((*handle.session()).clone(), NOON),
                None => found(1, 7, "julia"),
            };
            database
                .commit(Commit { events: vec![event(Some(&id(1)), kind)], ..commit_of(session) })
                .await
                .unwrap();
        }
        let database = bed.open().await;
        let seqs: Vec<i64> = events(&database).await.into_iter().map(|event| event.1).collect();
        assert_eq!(seqs, [1, 2, 3]);
    })
    .await;
}
