//! A commit that closes one session and opens another one about the same customer.

use commands::model::flow_state::SupportState;
use commands::model::session::{OPEN_SESSIONS, Session, Work};
use commands::model::trail::kind;
use commands::model::words::CloseReason;
use commands::ports::sessions::{Commit, Committed, Sessions as _};

use crate::store::Database;
use crate::store::testing::{
    NOON, attending, closed, commit_of, count_rows, event, findings, found, id, on_both, save,
    saved, started,
};

/// Discord ids of the agent and of the lead.
const AGENT: u64 = 7;
const LEAD: u64 = 8;

/// Saves the agent's session with a customer. Returns the commit with which the lead takes it over.
async fn take_over(database: &Database, customer: &str) -> Commit {
    let old = found(1, AGENT, customer);
    let looked_up = event(Some(&old.id), kind::LOOKED_UP);
    let looked_up = Commit { events: vec![looked_up], ..commit_of(old.clone()) };
    assert_eq!(database.commit(looked_up).await.unwrap(), saved(1));
    let old = Session { version: 1, ..old };
    let old = save(database, started(old, NOON)).await;
    let new = started(found(2, LEAD, customer), NOON);
    let mut close = event(Some(&old.id), kind::CLOSED);
    close.actor = format!("discord:{LEAD}");
    close.details = serde_json::json!({ "why": CloseReason::TakenOver.name() });
    let mut start = event(Some(&new.id), kind::STARTED);
    start.actor = format!("discord:{LEAD}");
    let mut old = closed(old, NOON);
    let Work::Support(_, state) = &mut old.work else { panic!("no customer") };
    *state = SupportState::Closed(CloseReason::TakenOver);
    Commit {
        opened: Some(Box::new(new)),
        open_sessions: Some(OPEN_SESSIONS),
        events: vec![close, start],
        ..commit_of(old)
    }
}

#[tokio::test]
async fn customer_passes_to_the_new_session() {
    on_both(async |bed| {
        let database = bed.open().await;
        let commit = take_over(&database, "julia").await;
        assert_eq!(database.commit(commit).await.unwrap(), saved(3));
        assert_eq!(attending(&database, "julia").await, Some((id(2), LEAD)));
        let cached = database.find(&id(2)).await.unwrap().unwrap().session();
        assert_eq!((cached.version, cached.closed()), (1, None));
        let other = bed.open().await;
        let read = other.find(&id(2)).await.unwrap().unwrap().session();
        assert_eq!((read.version, read.attending()), (1, cached.attending()));
        let read = other.find(&id(1)).await.unwrap().unwrap().session();
        assert_eq!(read.closed(), Some((CloseReason::TakenOver, NOON)));
        assert_eq!(findings(&database, None).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn refused_take_over_writes_nothing() {
    on_both(async |bed| {
        let database = bed.open().await;
        let commit = take_over(&database, "julia").await;
        // The lead has the maximum number of sessions.
        for n in 3..6 {
            let customer = format!("customer-{n}");
            let session = save(&database, found(n, LEAD, &customer)).await;
            save(&database, started(session, NOON)).await;
        }
        let events = count_rows(&database, "events").await;
        assert_eq!(database.commit(commit.clone()).await.unwrap(), Committed::TooManyOpen);
        // Another process has moved the agent's session.
        let mut stale = commit;
        stale.session.as_mut().unwrap().version = 1;
        assert_eq!(database.commit(stale).await.unwrap(), Committed::Stale);
        assert_eq!(attending(&database, "julia").await, Some((id(1), AGENT)));
        assert_eq!(count_rows(&database, "events").await, events);
        assert_eq!(count_rows(&database, "sessions").await, 4);
    })
    .await;
}
