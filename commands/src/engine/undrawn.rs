//! Panels that still show progress, with disabled buttons, because Discord accepted no newer one.
//! The sweeps draw them again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::time::Timestamp;
use crate::model::words::SessionId;

/// Time between two tries. Ours: each try lasts up to 15 s, and an agent waits.
const RETRY: Duration = Duration::from_secs(10);

/// The sessions of these panels, each with the time of its next try.
#[derive(Debug, Default)]
pub(crate) struct Undrawn(Mutex<HashMap<SessionId, Timestamp>>);

impl Undrawn {
    pub(crate) fn add(&self, session: SessionId, now: Timestamp) {
        self.lock().insert(session, now + RETRY);
    }

    /// Removes the sessions whose time has come.
    pub(crate) fn take_due(&self, now: Timestamp) -> Vec<SessionId> {
        // A time that is further away than a try means that the clock was set back.
        let is_due = |_: &SessionId, at: &mut Timestamp| *at <= now || now + RETRY < *at;
        self.lock().extract_if(is_due).map(|(session, _)| session).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
