//! Commits prepared outside the transaction: JSON, sealed secrets, signed events.

use commands::model::fault::Fault;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail::TrailEvent;
use commands::ports::claims::Claim;
use commands::ports::sessions::Commit;

use super::cache::Cache;
use super::seal::StoreKey;
use crate::trail::event::{ChainUpdate, Head};
use crate::trail::sign::extend_chain;

/// A commit, as far as it can be prepared before its transaction begins.
pub(super) struct PreparedCommit {
    pub(super) claim: PreparedClaim,
    pub(super) session: Option<PreparedSession>,
    /// The signed events of the session; `None` if the cache does not know the chain's head.
    pub(super) chain: Option<ChainUpdate>,
    /// The rest of the commit. Its `session` has moved to the field above.
    pub(super) rest: Commit,
}

/// The change of a claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct PreparedClaim {
    pub(super) claim: Claim,
    pub(super) received_at: Timestamp,
    /// Lease of a claim that is new.
    pub(super) lease_until: Timestamp,
}

/// A session with the text columns of its row.
#[derive(Debug)]
pub(super) struct PreparedSession {
    pub(super) session: Session,
    pub(super) state: String,
    pub(super) sealed: Option<String>,
}

impl PreparedCommit {
    pub(super) fn new(
        mut commit: Commit,
        lease_until: Timestamp,
        key: &StoreKey,
        cache: &Cache,
    ) -> Result<Self, Fault> {
        let claim = PreparedClaim { claim: commit.claim, received_at: commit.now, lease_until };
        let session = commit.session.take();
        let session = session.map(|session| PreparedSession::new(session, key)).transpose()?;
        let head = session.as_ref().and_then(|prepared| {
            if prepared.is_new() { Some(Head::EMPTY) } else { cache.head(&prepared.session) }
        });
        let mut prepared = Self { claim, session, chain: None, rest: commit };
        prepared.chain = head.map(|head| prepared.sign(head, key));
        Ok(prepared)
    }

    /// Signs the session's own events as the next ones after `head`.
    pub(super) fn sign(&self, head: Head, key: &StoreKey) -> ChainUpdate {
        match &self.session {
            Some(PreparedSession { session, .. }) => {
                extend_chain(key, session.id.as_str(), head, self.events(true).into_iter())
            }
            None => ChainUpdate { events: Vec::new(), head },
        }
    }

    /// Returns the events that belong to the written session (`own`), or all others.
    pub(super) fn events(&self, own: bool) -> Vec<&TrailEvent> {
        let id = self.session.as_ref().map(|prepared| &prepared.session.id);
        let is_own = |event: &TrailEvent| id.is_some() && event.session.as_ref() == id;
        self.rest.events.iter().filter(|event| is_own(event) == own).collect()
    }

    /// Returns true if a batch can write this commit: a claim, the row of an existing session and
    /// its events, and nothing else.
    pub(super) fn is_plain(&self) -> bool {
        let Commit { account_link, limit_uses, refunds, requires_unlocked, lockouts, .. } =
            &self.rest;
        self.session.as_ref().is_some_and(|session| !session.is_new())
            && self.chain.is_some()
            && self.events(false).is_empty()
            && account_link.is_none()
            && limit_uses.is_empty()
            && refunds.is_empty()
            && requires_unlocked.is_empty()
            && lockouts.is_empty()
    }

    /// Returns the session's version after the commit; 0 without a session.
    pub(super) fn new_version(&self) -> i64 {
        self.session.as_ref().map_or(0, PreparedSession::new_version)
    }
}

impl PreparedClaim {
    pub(super) const fn interaction(&self) -> Option<u64> {
        match self.claim {
            Claim::None => None,
            Claim::Whole(interaction)
            | Claim::Begin(interaction)
            | Claim::Done(interaction)
            | Claim::Unanswered(interaction) => Some(interaction),
        }
    }
}

impl PreparedSession {
    /// Encodes the session as JSON and seals its secrets. A closed session keeps no secrets.
    fn new(session: Session, key: &StoreKey) -> Result<Self, Fault> {
        let state = serde_json::to_string(&session)
            .map_err(|error| Fault::new("encoding a session as JSON", error))?;
        let sealed = if session.closed().is_some() {
            None
        } else {
            key.seal(&session.id, &session.secrets)?
        };
        Ok(Self { session, state, sealed })
    }

    /// Returns true if the session has no row yet.
    pub(super) const fn is_new(&self) -> bool {
        self.session.version == 0
    }

    pub(super) const fn new_version(&self) -> i64 {
        self.session.version + 1
    }
}
