//! What sessions and events are about: sealed, bound to its place, and gone with its key.

use commands::model::session::Session;
use commands::model::trail::{TrailEvent, kind};
use commands::model::words::CloseReason;
use commands::ports::customers::Customers as _;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::store::testing::{
    NOON, closed, commit_of, empty_commit, event, found, id, moved, on_both, pseudonym, save,
    started,
};
use crate::store::{Database, event_binding};

const ECOSYSTEM: &str = "eco-casa-luz";

/// Returns an event about an ecosystem of the customer.
fn about(session: Option<&Session>, customer: Option<&str>, n: u8) -> TrailEvent {
    TrailEvent {
        customer: customer.map(pseudonym),
        about: json!({ "ecosystem": ECOSYSTEM, "n": n }),
        ..event(session.map(|session| &session.id), kind::CHOSEN)
    }
}

/// Saves a session with events about its customer, and returns it.
async fn save_with(database: &Database, session: Session, events: &[u8]) -> Session {
    let events = events.iter().map(|n| about(Some(&session), Some("julia"), *n)).collect();
    let commit = Commit { events, ..commit_of(session.clone()) };
    database.commit(commit).await.unwrap();
    Session { version: session.version + 1, ..session }
}

async fn execute(database: &Database, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&database.pools.writes).await.unwrap();
}

/// Returns chain, number and sealed details of each event that has some.
async fn sealed_events(database: &Database) -> Vec<(String, i64, String)> {
    let sql = "select chain, seq, about from events where about is not null order by chain, seq";
    sqlx::query_as(sql).fetch_all(&database.pools.reads).await.unwrap()
}

async fn about_of_row(database: &Database, n: u8) -> Option<String> {
    let row = sqlx::query_scalar("select about from sessions where id = $1");
    row.bind(id(n).as_str()).fetch_one(&database.pools.reads).await.unwrap()
}

#[tokio::test]
async fn event_opens_in_its_place_only() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save_with(&database, found(1, 7, "julia"), &[1, 2]).await;
        save_with(&database, moved(session, NOON), &[3]).await;
        save_with(&database, found(2, 7, "julia"), &[4]).await;
        // Without the row of their session, events join the chain of their actor.
        let others = vec![
            about(Some(&found(1, 7, "julia")), Some("julia"), 5),
            about(None, Some("tom"), 6),
            about(None, None, 7),
        ];
        database.commit(Commit { events: others, ..empty_commit(NOON) }).await.unwrap();

        let events = sealed_events(&database).await;
        assert_eq!(events.len(), 7);
        for (chain, seq, text) in &events {
            let opened = database.open_about(&event_binding(chain, *seq), text).await.unwrap();
            assert_eq!(opened.unwrap()["ecosystem"], ECOSYSTEM);
            assert!(!text.contains(ECOSYSTEM));
            for (other, n, _) in &events {
                let here = (other, n) == (chain, seq);
                let opened = database.open_about(&event_binding(other, *n), text).await.unwrap();
                assert_eq!(opened.is_some(), here, "{chain}:{seq} at {other}:{n}");
            }
            assert_eq!(database.open_about(id(1).as_str(), text).await.unwrap(), None);
            // The key of another customer does not open it.
            let rest = text.split_once('.').unwrap().1;
            let moved = format!("{}.{rest}", pseudonym("marta"));
            assert_eq!(
                database.open_about(&event_binding(chain, *seq), &moved).await.unwrap(),
                None
            );
        }
        let named = |subject: &str| {
            events
                .iter()
                .filter(|(_, _, text)| text.starts_with(&format!("{subject}.2023Q4.")))
                .count()
        };
        assert_eq!(named(pseudonym("julia").as_str()), 5);
        assert_eq!((named(pseudonym("tom").as_str()), named("nobody")), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn closed_session_keeps_what_it_was_about() {
    on_both(async |bed| {
        for restarts in [false, true] {
            let database = bed.open().await;
            execute(&database, "delete from sessions".to_owned()).await;
            execute(&database, "delete from events".to_owned()).await;
            let session = save(&database, found(1, 7, "julia")).await;
            let session = save(&database, started(session, NOON)).await;
            let open = about_of_row(&database, 1).await.unwrap();
            // A restarted process has neither the row nor the key in memory.
            let database = if restarts { bed.open().await } else { database };
            let session = save_with(&database, closed(session, NOON), &[1]).await;
            assert_eq!(about_of_row(&database, 1).await, Some(open.clone()));
            save(&database, moved(session, NOON)).await;
            assert_eq!(about_of_row(&database, 1).await, Some(open.clone()));

            let about = database.open_about(id(1).as_str(), &open).await.unwrap().unwrap();
            assert_eq!(about["customer"]["name"], "J*** P***");
            assert_eq!(database.open_about(id(2).as_str(), &open).await.unwrap(), None);
            let state: String = sqlx::query_scalar("select state from sessions")
                .fetch_one(&database.pools.reads)
                .await
                .unwrap();
            assert!(!state.contains("J***"), "{state}");
        }
    })
    .await;
}

#[tokio::test]
async fn loaded_session_knows_its_customer() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        let loaded = bed.open().await.find(&id(1)).await.unwrap().unwrap().session();
        let json = |session: &Session| serde_json::to_value(session).unwrap();
        assert_eq!(json(&loaded), json(&session));
        assert_eq!(loaded.core_id(), Some("julia"));
    })
    .await;
}

#[tokio::test]
async fn destroyed_key_leaves_closed_rows_readable() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save_with(&database, found(1, 7, "julia"), &[1]).await;
        save(&database, closed(session, NOON)).await;
        save(&database, found(2, 7, "julia")).await;
        execute(&database, "delete from subject_keys".to_owned()).await;

        let other = bed.open().await;
        let read = other.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(read.closed(), Some((CloseReason::Finished, NOON)));
        let text = about_of_row(&other, 1).await.unwrap();
        assert_eq!(other.open_about(id(1).as_str(), &text).await.unwrap(), None);
        let (chain, seq, text) = sealed_events(&other).await.remove(0);
        assert_eq!(other.open_about(&event_binding(&chain, seq), &text).await.unwrap(), None);
        // An open session cannot go on without its customer.
        let error = other.find(&id(2)).await.unwrap_err().to_string();
        assert_eq!(error, "reading a session: its customer's key was destroyed");
    })
    .await;
}

#[tokio::test]
async fn erased_customer_gets_no_more_events() {
    on_both(async |bed| {
        let database = bed.open().await;
        let julia = database.look_up("usr-julia", "").await.unwrap().pseudonym;
        execute(&database, "update subjects set lookup = null, sealed = null".to_owned()).await;
        execute(&database, "delete from subject_keys".to_owned()).await;
        let event = TrailEvent { customer: Some(julia), ..about(None, None, 1) };
        let commit = Commit { events: vec![event], ..empty_commit(NOON) };
        assert!(database.commit(commit).await.is_err());
        assert_eq!(sealed_events(&database).await, []);
    })
    .await;
}

#[tokio::test]
async fn key_leaves_memory_when_session_closes() {
    on_both(async |bed| {
        let database = bed.open().await;
        let session = save(&database, found(1, 7, "julia")).await;
        assert!(database.cache.subject_key(&id(1)).is_some());
        let other = bed.open().await;
        let seen_elsewhere = other.find(&id(1)).await.unwrap().unwrap();
        assert!(other.cache.subject_key(&id(1)).is_some());
        save(&database, closed(session, NOON)).await;
        assert!(database.cache.subject_key(&id(1)).is_none());
        other.evict_closed().await.unwrap();
        assert!(other.cache.subject_key(&id(1)).is_none());
        drop(seen_elsewhere);
    })
    .await;
}

#[tokio::test]
async fn event_without_details_has_none_sealed() {
    on_both(async |bed| {
        let database = bed.open().await;
        let plain = TrailEvent { about: Value::Null, ..about(None, Some("julia"), 1) };
        let commit = Commit { events: vec![plain], ..empty_commit(NOON) };
        database.commit(commit).await.unwrap();
        assert_eq!(sealed_events(&database).await, []);
    })
    .await;
}
