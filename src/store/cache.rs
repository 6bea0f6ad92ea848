//! Sessions in memory: a cache in front of the rows, and the one place where a session's turn is
//! waited for.
//!
//! Whoever asks for a session while somebody else has it gets the same [`SessionHandle`], open or closed:
//! two copies would mean two turns.

use std::sync::{Arc, Weak};

use commands::ports::SessionHandle;
use commands::session::{Session, SessionId};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::trail::event::Head;

/// The cache.
#[derive(Debug, Default)]
pub(super) struct Memory {
    sessions: DashMap<SessionId, Place>,
}

#[derive(Debug)]
struct Place {
    held: Held,
    /// Of the row, and the head of the session's chain in it.
    version: i64,
    head: Head,
}

#[derive(Debug)]
enum Held {
    /// Kept until it closes.
    Open(Arc<SessionHandle>),
    /// Only as long as somebody has it. What is left of it afterwards keeps a row that was read
    /// before the close from being taken for an open session; it is swept away later.
    Closed(Weak<SessionHandle>),
}

impl Held {
    fn live(&self) -> Option<Arc<SessionHandle>> {
        match self {
            Self::Open(live) => Some(Arc::clone(live)),
            Self::Closed(live) => live.upgrade(),
        }
    }
}

impl Memory {
    /// The session, if somebody has it or it is open.
    pub(super) fn get(&self, id: &SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions.get(id).and_then(|place| place.held.live())
    }

    /// The head of the session's chain when its row had this version.
    pub(super) fn head(&self, session: &Session) -> Option<Head> {
        self.sessions
            .get(&session.id)
            .filter(|place| place.version == session.version)
            .map(|place| place.head)
    }

    /// Takes in what was read or written. What is newer here already stays.
    pub(super) fn keep(&self, session: Session, head: Head) -> Arc<SessionHandle> {
        let version = session.version;
        match self.sessions.entry(session.id.clone()) {
            Entry::Vacant(place) => {
                let live = Arc::new(SessionHandle::new(session));
                place.insert(Place { held: held(&live), version, head });
                live
            }
            Entry::Occupied(mut entry) => {
                let place = entry.get_mut();
                let was_closed = matches!(place.held, Held::Closed(_));
                let live = place
                    .held
                    .live()
                    .unwrap_or_else(|| Arc::new(SessionHandle::new(session.clone())));
                live.put(session);
                if version >= place.version {
                    (place.version, place.head) = (version, head);
                }
                // A closed session never opens again.
                place.held =
                    if was_closed { Held::Closed(Arc::downgrade(&live)) } else { held(&live) };
                live
            }
        }
    }

    /// The ids of the sessions that are kept because they are open.
    pub(super) fn open(&self) -> Vec<SessionId> {
        self.sessions
            .iter()
            .filter(|entry| matches!(entry.held, Held::Open(_)))
            .map(|entry| entry.key().clone())
            .collect()
    }

    /// Forgets these, which others have closed, and what is left of closed ones.
    pub(super) fn sweep(&self, gone: &[SessionId]) {
        for id in gone {
            if let Some(mut place) = self.sessions.get_mut(id)
                && let Held::Open(live) = &place.held
            {
                place.held = Held::Closed(Arc::downgrade(live));
            }
        }
        self.sessions.retain(
            |_, place| !matches!(&place.held, Held::Closed(live) if live.strong_count() == 0),
        );
    }
}

fn held(live: &Arc<SessionHandle>) -> Held {
    if live.session().closed().is_some() {
        Held::Closed(Arc::downgrade(live))
    } else {
        Held::Open(Arc::clone(live))
    }
}
