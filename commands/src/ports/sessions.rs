//! Sessions in the store, and the transaction that writes one together with its trail.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;

use crate::model::account::AccountLink;
use crate::model::alert::{AlertChange, NewAlert};
use crate::model::customer::{Case, CustomerRecord};
use crate::model::effect::Effect;
use crate::model::fault::Fault;
use crate::model::limit::{LimitUse, LockedSubject, Lockout, LockoutReason};
use crate::model::refusal::Refusal;
use crate::model::request::CustomerRequest;
use crate::model::session::Session;
use crate::model::time::{Timestamp, minutes};
use crate::model::trail::TrailEvent;
use crate::model::words::{Limit, SessionId};
use crate::ports::claims::Claim;

/// One transaction, all or nothing.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    pub now: Timestamp,
    pub claim: Claim,
    /// The new session. Its `version` is the one that was read; 0 inserts the row.
    pub session: Option<Session>,
    /// Another new session, which takes the place of `session`. Boxed, because only a lead who
    /// takes a session over opens one.
    pub opened: Option<Box<Session>>,
    /// An account link to add.
    pub account_link: Option<Box<AccountLink>>,
    /// An account link to remove. Boxed, because most commits have none.
    pub removed_link: Option<Box<AccountLink>>,
    /// Counted first. The commit is refused if one exceeds its limit.
    pub limit_uses: Vec<LimitUse>,
    /// Limits and subjects whose newest use is given back.
    pub refunds: Vec<(Limit, String)>,
    /// Limits and subjects whose uses all end.
    pub resets: Vec<(Limit, String)>,
    /// Maximum open sessions of the agent that attend a customer, `opened` or else `session`
    /// included.
    pub open_sessions: Option<u32>,
    /// Subjects that must not be locked out.
    pub requires_unlocked: Vec<String>,
    /// Lockouts that start with this commit.
    pub lockouts: Vec<Lockout>,
    /// Subjects whose lockouts end.
    pub unlocks: Vec<String>,
    /// Alerts that this commit raises.
    pub alerts: Vec<NewAlert>,
    /// A request about a customer. Boxed, because most commits have none.
    pub request: Option<Box<CustomerRequest>>,
    /// An answer to an alert. Boxed, because most commits have none.
    pub alert_change: Option<Box<AlertChange>>,
    pub events: Vec<TrailEvent>,
}

/// Result of a commit. Only `Saved` wrote anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    Saved {
        /// Uses in each window, this one included, in the order of `limit_uses`.
        counts: Vec<u32>,
        /// The session's new version; 0 if the commit had no session.
        version: i64,
    },
    /// This or another process claimed the interaction before.
    Claimed,
    /// The row is newer than the session that was read.
    Stale,
    /// Another session attends the customer.
    CustomerTaken,
    /// The agent has the maximum number of open sessions.
    TooManyOpen,
    /// One of the two accounts is linked already.
    LinkTaken,
    /// The account link was removed before.
    LinkGone,
    /// The alert has changed since it was read, or is gone.
    AlertChanged,
    /// A limit is exceeded until the given time.
    Limited(Limit, Timestamp),
    /// A subject is locked out until the given time. With several, the longest lockout.
    LockedOut(LockedSubject, Timestamp, LockoutReason),
}

impl Committed {
    /// Returns the word for the result.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Saved { .. } => "saved",
            Self::Claimed => "claimed",
            Self::Stale => "stale",
            Self::CustomerTaken => "customer_taken",
            Self::TooManyOpen => "too_many_open",
            Self::LinkTaken => "link_taken",
            Self::LinkGone => "link_gone",
            Self::AlertChanged => "alert_changed",
            Self::Limited(..) => "limited",
            Self::LockedOut(..) => "locked_out",
        }
    }

    /// Returns the refusal that explains this result to the agent. `None` if there is nothing to
    /// explain.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Saved { .. }
            | Self::Claimed
            | Self::Stale
            | Self::LinkGone
            | Self::AlertChanged => None,
            Self::CustomerTaken => Some(Refusal::Attended),
            Self::TooManyOpen => Some(Refusal::TooManyOpen),
            Self::LinkTaken => Some(Refusal::LinkedMeanwhile),
            Self::Limited(limit, at) => Some(Refusal::Limited(*limit, *at)),
            Self::LockedOut(whose, at, reason) => Some(Refusal::LockedOut(*whose, *at, *reason)),
        }
    }
}

/// Time for which a click that acts relies on a customer record in memory. Ours, as long as the
/// agent's account is cached.
pub const RECORD_LIFE: Duration = minutes(1);

/// A cached session. One task at a time moves it.
#[derive(Debug)]
pub struct SessionHandle {
    /// Held while a task of this process moves the session.
    pub lock: tokio::sync::Mutex<()>,
    session: RwLock<Arc<Session>>,
    /// The customer in clear, with the time of the read.
    customer_record: RwLock<Option<(Arc<CustomerRecord>, Timestamp)>>,
    /// Background effects whose call runs in this process.
    in_flight: Mutex<Vec<Effect>>,
    /// Generation of the session with which the message was drawn, and what it shows.
    view: Mutex<(u32, View)>,
}

/// What this process last drew into the message of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The panel, on this page of its menu or list, from 0.
    Panel(u16),
    /// The plan, or a step of a succession.
    Details,
}

/// The call of a background effect. It ends when the value is dropped.
#[derive(Debug)]
pub struct InFlight<'a> {
    handle: &'a SessionHandle,
    effect: &'a Effect,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.handle.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        in_flight.retain(|effect| effect != self.effect);
    }
}

impl SessionHandle {
    pub fn new(session: Session) -> Self {
        Self {
            lock: tokio::sync::Mutex::new(()),
            session: RwLock::new(Arc::new(session)),
            customer_record: RwLock::new(None),
            in_flight: Mutex::new(Vec::new()),
            view: Mutex::new((0, View::Panel(0))),
        }
    }

    /// Returns what the message shows at this generation. A message that another process has drawn
    /// since shows the panel.
    pub fn view(&self, generation: u32) -> View {
        let (drawn, view) = *self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn == generation { view } else { View::Panel(0) }
    }

    /// Returns the page of the panel that is shown, or would be shown, at this generation.
    pub fn page(&self, generation: u32) -> u16 {
        match self.view(generation) {
            View::Panel(page) => page,
            View::Details => 0,
        }
    }

    pub fn set_view(&self, generation: u32, view: View) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = (generation, view);
    }

    /// Starts the call of a background effect. `None` if another task makes it.
    pub fn start<'a>(&'a self, effect: &'a Effect) -> Option<InFlight<'a>> {
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if in_flight.contains(effect) {
            return None;
        }
        in_flight.push(effect.clone());
        Some(InFlight { handle: self, effect })
    }

    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the session by a newer version. Ignores the same version read from the row, because
    /// the row of a closed session has no secrets, such as the panel's token.
    pub fn put(&self, session: Session) {
        let mut current = self.session.write().unwrap_or_else(PoisonError::into_inner);
        if session.version > current.version {
            *current = Arc::new(session);
        }
    }

    /// Returns the customer in clear, if this process has read the record. It can be as old as the
    /// session, so it is for drawing only.
    pub fn customer_record(&self) -> Option<Arc<CustomerRecord>> {
        let record = self.customer_record.read().unwrap_or_else(PoisonError::into_inner);
        record.as_ref().map(|(record, _)| Arc::clone(record))
    }

    /// Returns the customer in clear if the record is younger than [`RECORD_LIFE`].
    pub fn fresh_customer_record(&self, now: Timestamp) -> Option<Arc<CustomerRecord>> {
        let record = self.customer_record.read().unwrap_or_else(PoisonError::into_inner);
        let (record, read_at) = record.as_ref()?;
        // A record from the future is ignored, because the clock was set back.
        (*read_at <= now && now < *read_at + RECORD_LIFE).then(|| Arc::clone(record))
    }

    pub fn set_customer_record(&self, record: Option<Arc<CustomerRecord>>, read_at: Timestamp) {
        *self.customer_record.write().unwrap_or_else(PoisonError::into_inner) =
            record.map(|record| (record, read_at));
    }
}

/// Sessions by id, from the cache or the database.
#[async_trait]
pub trait Sessions: SessionIndex {
    /// Writes one transaction. After `Saved` the cache holds the new session, or drops a closed
    /// one.
    async fn commit(&self, commit: Commit) -> Result<Committed, Fault>;
    /// Returns the session from the cache, or else from its row. Closed sessions are not cached.
    async fn find(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault>;
    /// Reads the session's row and updates the cache.
    async fn reload(&self, id: &SessionId) -> Result<Option<Arc<SessionHandle>>, Fault>;
    /// Returns the case of a closed session, which its row seals with the customer. `None` if the
    /// session never had one, or if the customer was erased.
    async fn closed_case(&self, id: &SessionId) -> Result<Option<Case>, Fault>;
    /// Updates the cached session if another process has moved its row. Does nothing on a store
    /// that one process uses alone.
    async fn refresh(&self, _id: &SessionId) -> Result<(), Fault> {
        Ok(())
    }
}

/// Lists of sessions.
#[async_trait]
pub trait SessionIndex: Send + Sync + 'static {
    /// Returns the agent's open sessions with customers, oldest first.
    async fn open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// Returns all open sessions of the user, with linking and recovery, oldest first.
    async fn all_open_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// Returns the agent's open recoveries, newest first. Only the first one's link is valid.
    async fn recoveries_of(&self, discord_id: u64) -> Result<Vec<SessionId>, Fault>;
    /// Returns all open sessions that attend a customer.
    async fn all_attending(&self) -> Result<Vec<SessionId>, Fault>;
    /// Returns a page of at most `limit` sessions whose timer is due, the most overdue first,
    /// starting after the given one.
    async fn due(
        &self,
        now: Timestamp,
        after: Option<&(Timestamp, SessionId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, SessionId)>, Fault>;
    /// Returns how many customers have reported sessions of the agent since this time.
    async fn reporters_of(&self, agent_id: &str, since: Timestamp) -> Result<u32, Fault>;
    /// Returns the sessions with pending effects, open or closed.
    async fn pending(&self) -> Result<Vec<SessionId>, Fault>;
}
