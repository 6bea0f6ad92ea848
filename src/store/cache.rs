//! The cache of sessions in memory.
//!
//! A session has at most one [`SessionHandle`] in a process, open or closed, because the handle
//! holds the session lock.

use std::sync::{Arc, Weak};

use commands::model::session::Session;
use commands::model::words::SessionId;
use commands::ports::sessions::SessionHandle;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::trail::event::Head;

#[derive(Debug, Default)]
pub(super) struct Cache {
    sessions: DashMap<SessionId, CacheEntry>,
}

#[derive(Debug)]
struct CacheEntry {
    handle: CachedHandle,
    /// Version of the row that has this `head`.
    version: i64,
    /// Head of the session's chain.
    head: Head,
}

#[derive(Debug)]
enum CachedHandle {
    /// An open session, kept until it closes.
    Open(Arc<SessionHandle>),
    /// A closed session, alive while a task uses it. The entry then remains until the next purge,
    /// so that a row that was read before the close does not open the session again.
    Closed(Weak<SessionHandle>),
}

impl CachedHandle {
    fn new(handle: &Arc<SessionHandle>) -> Self {
        if handle.session().closed().is_some() {
            Self::Closed(Arc::downgrade(handle))
        } else {
            Self::Open(Arc::clone(handle))
        }
    }

    fn get(&self) -> Option<Arc<SessionHandle>> {
        match self {
            Self::Open(handle) => Some(Arc::clone(handle)),
            Self::Closed(handle) => handle.upgrade(),
        }
    }
}

impl Cache {
    /// Returns the session if it is open or in use.
    pub(super) fn get(&self, id: &SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions.get(id).and_then(|entry| entry.handle.get())
    }

    /// Returns the head of the session's chain if it is known for this version.
    pub(super) fn head(&self, session: &Session) -> Option<Head> {
        self.sessions
            .get(&session.id)
            .filter(|entry| entry.version == session.version)
            .map(|entry| entry.head)
    }

    /// Stores a session that was read or written. A newer version in the cache stays.
    pub(super) fn update(&self, session: Session, head: Head) -> Arc<SessionHandle> {
        let version = session.version;
        match self.sessions.entry(session.id.clone()) {
            Entry::Vacant(vacant) => {
                let handle = Arc::new(SessionHandle::new(session));
                let cached = CachedHandle::new(&handle);
                vacant.insert(CacheEntry { handle: cached, version, head });
                handle
            }
            Entry::Occupied(mut occupied) => {
                let entry = occupied.get_mut();
                let was_closed = matches!(entry.handle, CachedHandle::Closed(_));
                let handle = entry
                    .handle
                    .get()
                    .unwrap_or_else(|| Arc::new(SessionHandle::new(session.clone())));
                handle.put(session);
                if version >= entry.version {
                    (entry.version, entry.head) = (version, head);
                }
                // A closed session never opens again.
                entry.handle = if was_closed {
                    CachedHandle::Closed(Arc::downgrade(&handle))
                } else {
                    CachedHandle::new(&handle)
                };
                handle
            }
        }
    }

    /// Returns the ids of the sessions that count as open here.
    pub(super) fn open_ids(&self) -> Vec<SessionId> {
        self.sessions
            .iter()
            .filter(|entry| matches!(entry.handle, CachedHandle::Open(_)))
            .map(|entry| entry.key().clone())
            .collect()
    }

    /// Marks sessions as closed that another process has closed, and drops all closed sessions that
    /// are not in use.
    pub(super) fn evict(&self, closed: &[SessionId]) {
        for id in closed {
            if let Some(mut entry) = self.sessions.get_mut(id)
                && let CachedHandle::Open(handle) = &entry.handle
            {
                entry.handle = CachedHandle::Closed(Arc::downgrade(handle));
            }
        }
        self.sessions.retain(|_, entry| {
            !matches!(&entry.handle, CachedHandle::Closed(handle) if handle.strong_count() == 0)
        });
    }
}
