//! The cache of sessions in memory.
//!
//! A session has at most one [`SessionHandle`] in a process, open or closed, because the handle
//! holds the session lock.

use std::sync::{Arc, Weak};

use commands::model::session::Session;
use commands::model::words::SessionId;
use commands::ports::sessions::SessionHandle;
use dashmap::DashMap;

use super::subject_keys::SubjectKey;
use crate::trail::event::Head;

/// What belongs to a session's row and not to the session.
#[derive(Clone, Debug, Default)]
pub(super) struct RowContext {
    /// Head of the session's chain.
    pub(super) head: Head,
    /// What the session is about, sealed. A closed session keeps it.
    pub(super) about: Option<Arc<str>>,
    /// Key that seals it. `None` after the close: another process may destroy the key.
    pub(super) key: Option<Arc<SubjectKey>>,
}

#[derive(Debug, Default)]
pub(super) struct Cache {
    sessions: DashMap<SessionId, CacheEntry>,
}

#[derive(Debug, Default)]
struct CacheEntry {
    handle: Weak<SessionHandle>,
    /// Keeps an open session in memory. A closed one is alive while a task uses it.
    open: Option<Arc<SessionHandle>>,
    /// The entry of a closed session remains until the next purge, so that a row that was read
    /// before the close does not open the session again.
    is_closed: bool,
    /// Version of the row that has this `context`.
    version: i64,
    context: RowContext,
}

impl Cache {
    /// Returns the session if it is open or in use.
    pub(super) fn get(&self, id: &SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions.get(id)?.handle.upgrade()
    }

    /// Returns what belongs to the session's row if it is known for this version.
    pub(super) fn context(&self, session: &Session) -> Option<RowContext> {
        let entry = self.sessions.get(&session.id)?;
        (entry.version == session.version).then(|| entry.context.clone())
    }

    /// Returns the key of an open session's customer.
    pub(super) fn subject_key(&self, id: &SessionId) -> Option<Arc<SubjectKey>> {
        self.sessions.get(id)?.context.key.clone()
    }

    /// Stores a session that was read or written. A newer version in the cache stays.
    pub(super) fn update(&self, session: Session, context: RowContext) -> Arc<SessionHandle> {
        let mut entry = self.sessions.entry(session.id.clone()).or_default();
        if session.version >= entry.version {
            (entry.version, entry.context) = (session.version, context);
        }
        let handle = if let Some(handle) = entry.handle.upgrade() {
            handle.put(session);
            handle
        } else {
            Arc::new(SessionHandle::new(session))
        };
        // A closed session never opens again.
        entry.is_closed |= handle.session().closed().is_some();
        entry.open = (!entry.is_closed).then(|| Arc::clone(&handle));
        if entry.is_closed {
            entry.context.key = None;
        }
        entry.handle = Arc::downgrade(&handle);
        handle
    }

    /// Returns the ids of the sessions that count as open here.
    pub(super) fn open_ids(&self) -> Vec<SessionId> {
        let open = self.sessions.iter().filter(|entry| entry.open.is_some());
        open.map(|entry| entry.key().clone()).collect()
    }

    /// Marks sessions as closed that another process has closed, and drops all closed sessions that
    /// are not in use.
    pub(super) fn evict(&self, closed: &[SessionId]) {
        for id in closed {
            if let Some(mut entry) = self.sessions.get_mut(id) {
                entry.is_closed = true;
                entry.open = None;
                entry.context.key = None;
            }
        }
        self.sessions.retain(|_, entry| entry.handle.strong_count() > 0);
    }
}
