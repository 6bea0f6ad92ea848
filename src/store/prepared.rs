//! Commits prepared outside the transaction: JSON, sealed secrets, signed events.

use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail::TrailEvent;
use commands::ports::claims::Claim;
use commands::ports::sessions::Commit;

use super::seal::StoreKey;
use crate::trail::event::{Head, SignedEvent};
use crate::trail::sign::extend_chain;

/// A commit, as far as it can be prepared before its transaction begins.
pub(super) struct PreparedCommit {
    /// End of the lease, if the claim is new.
    pub(super) lease_until: Timestamp,
    pub(super) session: Option<PreparedSession>,
    /// The rest of the commit. Its session and the session's own events have moved to the field
    /// above.
    pub(super) rest: Commit,
}

/// A session with the text columns of its row and its next events.
#[derive(Debug)]
pub(super) struct PreparedSession {
    pub(super) session: Session,
    pub(super) state: String,
    pub(super) sealed: Option<String>,
    pub(super) events: Vec<SignedEvent>,
    /// The head of the session's chain after these events.
    pub(super) head: Head,
}

impl PreparedCommit {
    /// Prepares a commit. `head` is the head of its session's chain.
    pub(super) fn new(
        mut commit: Commit,
        head: Head,
        lease_until: Timestamp,
        key: &StoreKey,
    ) -> Result<Self, Fault> {
        let Some(session) = commit.session.take() else {
            return Ok(Self { lease_until, session: None, rest: commit });
        };
        let is_own = |event: &TrailEvent| event.session.as_ref() == Some(&session.id);
        let (own, others): (Vec<_>, _) = commit.events.into_iter().partition(is_own);
        commit.events = others;
        let session = PreparedSession::new(session, &own, head, key)?;
        Ok(Self { lease_until, session: Some(session), rest: commit })
    }

    /// Returns true if a batch can write this commit: a claim, the row of an existing session and
    /// its events, and nothing else.
    pub(super) fn is_plain(&self) -> bool {
        let Commit {
            account_link,
            limit_uses,
            refunds,
            resets,
            open_sessions,
            requires_unlocked,
            lockouts,
            events,
            ..
        } = &self.rest;
        self.session.as_ref().is_some_and(|session| !session.is_new())
            && account_link.is_none()
            && limit_uses.is_empty()
            && refunds.is_empty()
            && resets.is_empty()
            && open_sessions.is_none()
            && requires_unlocked.is_empty()
            && lockouts.is_empty()
            && events.is_empty()
    }

    pub(super) const fn interaction(&self) -> Option<u64> {
        match self.rest.claim {
            Claim::None => None,
            Claim::Whole(interaction)
            | Claim::Begin(interaction)
            | Claim::Done(interaction)
            | Claim::Unanswered(interaction) => Some(interaction),
        }
    }

    /// Returns the session's version after the commit; 0 without a session.
    pub(super) fn new_version(&self) -> i64 {
        self.session.as_ref().map_or(0, PreparedSession::new_version)
    }
}

impl PreparedSession {
    /// Encodes the session as JSON, seals its secrets and signs its events. A closed session keeps
    /// no secrets.
    fn new(
        session: Session,
        events: &[TrailEvent],
        head: Head,
        key: &StoreKey,
    ) -> Result<Self, Fault> {
        let state = serde_json::to_string(&session)
            .map_err(|error| Fault::new("encoding a session as JSON", error))?;
        let sealed = if session.closed().is_some() {
            None
        } else {
            key.seal(&session.id, &session.secrets)?
        };
        let (events, head) = extend_chain(key, session.id.as_str(), head, events);
        Ok(Self { session, state, sealed, events, head })
    }

    /// Returns true if the session has no row yet.
    pub(super) const fn is_new(&self) -> bool {
        self.session.version == 0
    }

    pub(super) const fn new_version(&self) -> i64 {
        self.session.version + 1
    }
}
