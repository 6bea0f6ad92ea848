//! The trail: what an event keeps, and in which chain it stands.

use commands::model::trail::kind;
use commands::ports::sessions::{Commit, Sessions as _};

use crate::store::Database;
use crate::store::testing::{NOON, act, closed, found, id, moved, nothing, of, on_both, saved};

type Event = (String, i64, i64, String, Option<String>, String, String);

async fn events(database: &Database) -> Vec<Event> {
    sqlx::query_as(
        "select chain, seq, at, actor, session_id, kind, details from events order by chain, seq",
    )
    .fetch_all(&database.pools.reads)
    .await
    .unwrap()
}

#[tokio::test]
async fn events_stand_in_the_chain_of_their_session_or_of_who_acted() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = found(1, 7, "julia");
        let acts = |whats: &[&'static str]| {
            whats.iter().map(|what| act(Some(&id(1)), what)).collect::<Vec<_>>()
        };
        database
            .commit(Commit { events: acts(&[kind::LOOKED_UP]), ..of(session.clone()) })
            .await
            .unwrap();
        let session = moved(commands::model::session::Session { version: 1, ..session }, NOON);
        database
            .commit(Commit { events: acts(&[kind::STARTED, kind::CHOSEN]), ..of(session) })
            .await
            .unwrap();
        // A session whose row is not written has no say in where its acts stand.
        let mixed = vec![
            act(None, kind::LOOKED_UP),
            act(Some(&id(1)), kind::REFUSED),
            act(Some(&id(99)), kind::REFUSED),
        ];
        assert_eq!(
            database.commit(Commit { events: mixed, ..nothing(NOON) }).await.unwrap(),
            saved(0)
        );

        let detail = "{\"n\":1}".to_owned();
        let event = |chain: &str, seq, session: Option<u8>, what: &str| -> Event {
            let session = session.map(|n| id(n).to_string());
            (
                chain.to_owned(),
                seq,
                NOON.0,
                "discord:7".to_owned(),
                session,
                what.to_owned(),
                detail.clone(),
            )
        };
        let own = id(1);
        assert_eq!(
            events(&database).await,
            [
                event("discord:7", 1, None, kind::LOOKED_UP),
                event("discord:7", 2, Some(1), kind::REFUSED),
                event("discord:7", 3, Some(99), kind::REFUSED),
                event(own.as_str(), 1, Some(1), kind::LOOKED_UP),
                event(own.as_str(), 2, Some(1), kind::STARTED),
                event(own.as_str(), 3, Some(1), kind::CHOSEN),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_chain_goes_on_after_a_restart_and_after_the_close() {
    on_both(async |bed| {
        for what in [kind::LOOKED_UP, kind::CLOSED, kind::REVOKED] {
            let database = bed.open().await;
            let session = match database.find(&id(1)).await.unwrap() {
                Some(live) => closed((*live.session()).clone(), NOON),
                None => found(1, 7, "julia"),
            };
            database
                .commit(Commit { events: vec![act(Some(&id(1)), what)], ..of(session) })
                .await
                .unwrap();
        }
        let database = bed.open().await;
        let seqs: Vec<i64> = events(&database).await.into_iter().map(|event| event.1).collect();
        assert_eq!(seqs, [1, 2, 3]);
    })
    .await;
}
