//! Queries of the watch, on both engines.

mod events;
mod groups;
mod plans;
mod raising;

use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::model::time::{Timestamp, minutes};
use commands::model::trail::TrailEvent;
use commands::ports::sessions::{Commit, Sessions as _};
use serde_json::Value;

use crate::store::Database;
use crate::store::testing::{NOON, commit_of, event, found, save};

/// Saves the look-up of a customer by an agent, this many minutes ago.
async fn looked_up(database: &Database, n: u8, agent: u64, customer: &str, ago: u64) -> Session {
    let mut session = found(n, agent, customer);
    session.clocks.opened_at = NOON - minutes(ago);
    save(database, session).await
}

/// Saves an event of a session.
async fn happens(
    database: &Database,
    session: Session,
    kind: &'static str,
    at: Timestamp,
    details: Value,
) -> Session {
    let own = TrailEvent { at, details, ..event(Some(&session.id), kind) };
    let version = session.version + 1;
    database.commit(Commit { events: vec![own], ..commit_of(session.clone()) }).await.unwrap();
    Session { version, ..session }
}

fn pseudonym_of(session: &Session) -> Pseudonym {
    session.pseudonym.clone().unwrap()
}
