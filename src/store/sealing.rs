//! Finds the keys that a commit seals with, before its transaction begins.
//!
//! A session keeps its key in the cache while it is open, so a click of an open session reads
//! nothing here.

use std::sync::Arc;

use commands::model::fault::Fault;
use commands::ports::sessions::Commit;
use serde_json::Value;

use super::about::{event_key_name, has_about, session_key_name};
use super::cache::RowContext;
use super::database::Database;
use super::subject_keys::SubjectKey;

/// Finds the key of the commit's session, if the row or one of its events has something to seal,
/// and puts it into `before`. Returns the keys of the events in other chains.
pub(super) async fn find_keys(
    database: &Database,
    commit: &Commit,
    before: &mut RowContext,
) -> Result<Vec<Arc<SubjectKey>>, Fault> {
    let session = commit.session.as_ref();
    let (mut seals, mut keys) = (session.is_some_and(has_about), Vec::new());
    for event in commit.events.iter().filter(|event| event.about != Value::Null) {
        if session.is_some_and(|session| event.session.as_ref() == Some(&session.id)) {
            seals = true;
            continue;
        }
        let name = event_key_name(event);
        if keys.iter().any(|key: &Arc<SubjectKey>| key.name == name) {
            continue;
        }
        let own = event.session.as_ref().or(session.map(|session| &session.id));
        let cached = own.and_then(|id| database.cache.subject_key(id));
        keys.push(match cached.filter(|key| key.name == name) {
            Some(key) => key,
            None => database.subject_key(name).await?,
        });
    }
    if let (Some(session), true, None) = (session, seals, &before.key) {
        before.key = Some(database.subject_key(session_key_name(session)).await?);
    }
    Ok(keys)
}
