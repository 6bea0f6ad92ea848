//! Sessions in memory: a cache in front of the rows, and the one place where a session's turn is waited for.
//!
//! Whoever asks for a session while somebody else has it gets the same [`Live`], open or closed: two copies would mean two turns.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use commands::ports::Live;
use commands::session::{Session, SessionId};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

/// The cache.
#[derive(Debug, Default)]
pub(super) struct Memory {
    sessions: DashMap<SessionId, Held>,
}

#[derive(Debug)]
enum Held {
    /// Kept until it closes.
    Open(Arc<Live>),
    /// Only as long as somebody has it. What is left of it afterwards keeps a row that was read before the close from being taken
    /// for an open session; it is swept away later.
    Closed(Weak<Live>),
}

impl Held {
    fn live(&self) -> Option<Arc<Live>> {
        match self {
            Self::Open(live) => Some(Arc::clone(live)),
            Self::Closed(live) => live.upgrade(),
        }
    }
}

impl Memory {
    /// The session, if somebody has it or it is open.
    pub(super) fn get(&self, id: &SessionId) -> Option<Arc<Live>> {
        self.sessions.get(id).and_then(|held| held.live())
    }

    /// Takes in what was read or written. What is newer here already stays.
    pub(super) fn keep(&self, session: Session) -> Arc<Live> {
        match self.sessions.entry(session.id.clone()) {
            Entry::Vacant(place) => {
                let live = Arc::new(Live::new(session));
                place.insert(held(&live));
                live
            }
            Entry::Occupied(mut place) => {
                let was_closed = matches!(place.get(), Held::Closed(_));
                let live = place.get().live().unwrap_or_else(|| Arc::new(Live::new(session.clone())));
                live.put(session);
                // A closed session never opens again.
                place.insert(if was_closed { Held::Closed(Arc::downgrade(&live)) } else { held(&live) });
                live
            }
        }
    }

    /// The ids of the sessions that are kept because they are open.
    pub(super) fn open(&self) -> Vec<SessionId> {
        self.sessions.iter().filter(|entry| matches!(entry.value(), Held::Open(_))).map(|entry| entry.key().clone()).collect()
    }

    /// Forgets those of `candidates` that another replica has closed, and what is left of closed ones.
    pub(super) fn sweep(&self, candidates: &[SessionId], still_open: &HashSet<SessionId>) {
        for id in candidates {
            if !still_open.contains(id)
                && let Some(mut held) = self.sessions.get_mut(id)
                && let Held::Open(live) = held.value()
            {
                *held = Held::Closed(Arc::downgrade(live));
            }
        }
        self.sessions.retain(|_, held| !matches!(held, Held::Closed(live) if live.strong_count() == 0));
    }
}

fn held(live: &Arc<Live>) -> Held {
    if live.session().closed().is_some() { Held::Closed(Arc::downgrade(live)) } else { Held::Open(Arc::clone(live)) }
}
