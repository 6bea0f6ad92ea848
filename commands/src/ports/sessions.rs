//! The bot's own store: what is written in one transaction, and the sessions in memory before it.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

use crate::model::account::AccountLink;
use crate::model::customer::CustomerRecord;
use crate::model::fault::Fault;
use crate::model::limit::{LimitUse, Lockout};
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::trail::TrailEvent;
use crate::model::words::{Limit, SessionId};
use crate::ports::claims::Claim;

/// One transaction, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The time of it.
    pub now: Timestamp,
    /// What becomes of the claim.
    pub claim: Claim,
    /// The session as it shall be; its `version` is the one that was read (0: insert it).
    pub session: Option<Session>,
    /// A link to add.
    pub link: Option<AccountLink>,
    /// Counted, and refused when it was too often.
    pub limit_uses: Vec<LimitUse>,
    /// The newest hit of each of these is taken back: `(limit, subject)`.
    pub refunds: Vec<(Limit, String)>,
    /// Subjects that must not be resting.
    pub requires_unlocked: Vec<String>,
    /// Subjects that rest from now on.
    pub lockouts: Vec<Lockout>,
    /// For the trail.
    pub events: Vec<TrailEvent>,
}

/// What became of a commit. Nothing was written but in the first case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// Written. How many of each hit there are now in its window; the session's new version.
    Saved {
        /// In the order of the hits.
        counts: Vec<u32>,
        /// The session's version from now on (0 when there was none).
        version: i64,
    },
    /// The interaction was claimed before, by this process or another.
    Claimed,
    /// The row is newer than what was read.
    Stale,
    /// Another session holds the customer, or another account the link.
    Taken,
    /// There was too much of it; again at the given time.
    Limited(Limit, Timestamp),
    /// The subject rests until then.
    LockedOut(Timestamp),
}

/// A session in memory: one at a time may move it.
#[derive(Debug)]
pub struct SessionHandle {
    /// Held while a click moves the session.
    pub lock: tokio::sync::Mutex<()>,
    session: RwLock<Arc<Session>>,
    record: RwLock<Option<Arc<CustomerRecord>>>,
}

impl SessionHandle {
    /// A session that was just read or made.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self {
            lock: tokio::sync::Mutex::new(()),
            session: RwLock::new(Arc::new(session)),
            record: RwLock::new(None),
        }
    }

    /// The session as it is now.
    #[must_use]
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces it, after a commit. An older version never replaces a newer one.
    pub fn put(&self, session: Session) {
        let mut current = self.session.write().unwrap_or_else(PoisonError::into_inner);
        if session.version >= current.version {
            *current = Arc::new(session);
        }
    }

    /// The customer in clear, if somebody read it since the process began.
    #[must_use]
    pub fn customer_record(&self) -> Option<Arc<CustomerRecord>> {
        self.record.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what was read in Core.
    pub fn set_customer_record(&self, record: Option<Arc<CustomerRecord>>) {
        *self.record.write().unwrap_or_else(PoisonError::into_inner) = record;
    }
}

/// The bot's own store: sessions, claims, links, limits and the trail.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes one transaction. After `Saved` the copy in memory is the new one (and forgotten once
    /// closed).
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault>;
    /// The session, from memory or else from its row; `None` when there never was one. A closed one
    /// is not kept in memory.
    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault>;
    /// The session from its row, whatever memory says: after `Stale`.
    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault>;
    /// Ids of the agent's open sessions with customers, oldest first.
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// Ids of the agent's open recoveries, newest first: only the first has a link that works.
    async fn recovering(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// The open session that holds the customer from Start on: its id and its agent's Discord id.
    async fn attending(&self, customer: &str) -> Result<Option<(SessionId, u64)>, Fault>;
    /// Sessions on which a clock has to act, since when and which, the most overdue first: those
    /// that come after one of them, at most so many.
    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        at_most: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault>;
    /// Sessions with pending effects, open or closed: at the start.
    async fn pending(&self) -> Result<Vec<SessionId>, Fault>;
    /// Waits for the outcome of an interaction that somebody else claimed. `true`: its lease passed
    /// without one, or what it asked for was done by somebody who could not answer it. It is ours
    /// now.
    async fn take_over(&self, interaction: u64) -> Result<bool, Fault>;
    /// Whether other processes may have the same store. What follows is for them; a store of one
    /// process has nothing to do there.
    fn is_shared(&self) -> bool {
        false
    }
    /// Brings the copy in memory up to date, if another process has moved the row meanwhile.
    async fn refresh(&self, _id: &SessionId) -> Result<(), Fault> {
        Ok(())
    }
    /// Holds the claim of an interaction, so that nobody takes over what is still being worked on.
    /// Goes on until it is dropped.
    async fn keep_lease(&self, _interaction: u64) -> Infallible {
        std::future::pending().await
    }
    /// Waits for as long as another process is at work on an interaction: until it has its outcome,
    /// or the lease passed without one and the claim is ours.
    async fn wait_for_release(&self, _interaction: u64) -> Result<(), Fault> {
        Ok(())
    }
    /// How many of these there are in their window by now, without counting one more.
    async fn counted(&self, limit_use: &LimitUse, now: Timestamp) -> Result<u32, Fault>;
    /// The link of a Discord account.
    async fn link_of(&self, discord_id: u64) -> Result<Option<AccountLink>, Fault>;
    /// The link of a BackOffice account.
    async fn link_to(&self, agent_id: &str) -> Result<Option<AccountLink>, Fault>;
    /// Whether some linked agent has this address (by its keyed hash).
    async fn is_agent_address(&self, email_mac: &str) -> Result<bool, Fault>;
    /// Deletes what nobody needs any more: claims older than a day, hits older than their windows.
    async fn purge(&self, now: Timestamp) -> Result<(), Fault>;
}
