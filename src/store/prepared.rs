//! Commits prepared outside the transaction: JSON, sealed secrets, signed events.

use std::sync::Arc;

use commands::model::fault::Fault;
use commands::model::pseudonym::Pseudonym;
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::trail::TrailEvent;
use commands::model::words::SessionId;
use commands::ports::claims::Claim;
use commands::ports::sessions::Commit;

use serde_json::Value;

use super::about::{event_binding, has_about, is_about_customer, seal_about, take_about};
use super::cache::RowContext;
use super::new_customers::NewCustomer;
use super::row_columns::{Columns, next_version};
use super::seal::seal_secrets;
use super::subject_keys::SubjectKey;
use super::tickets::ticket_column;
use crate::keyring::Keyring;
use crate::trail::event::SignedEvent;
use crate::trail::sign::extend_chain;

/// Activity that a fault of the sealing names.
const SEALING: &str = "sealing what a session is about";

/// A commit, as far as it can be prepared before its transaction begins.
pub(super) struct PreparedCommit {
    /// End of the lease, if the claim is new.
    pub(super) lease_until: Timestamp,
    pub(super) session: Option<PreparedSession>,
    /// The session that takes the place of the first one.
    pub(super) opened: Option<Box<PreparedSession>>,
    /// The rest of the commit. Its sessions and their own events have moved to the fields above.
    pub(super) rest: Commit,
    /// Keys of the events in `rest` that have something to seal.
    pub(super) about_keys: Vec<Arc<SubjectKey>>,
    /// A customer to add. Boxed, because most commits have none.
    pub(super) new_customer: Option<Box<NewCustomer>>,
}

/// A row that at most one commit of a batch may concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CommitKey<'a> {
    Interaction(u64),
    Session(&'a SessionId),
    Agent(u64),
    Customer(&'a Pseudonym),
}

/// A session with the columns of its row and its next events.
pub(super) struct PreparedSession {
    pub(super) session: Session,
    pub(super) columns: Columns,
    /// The row's copy of the ticket number.
    pub(super) ticket: Option<String>,
    pub(super) events: Vec<SignedEvent>,
    /// What belongs to the row after these events.
    pub(super) context: RowContext,
}

impl PreparedCommit {
    /// Prepares a commit with at most one session. `before` belongs to the row of that session, and
    /// `about_keys` seal the events of other chains.
    pub(super) fn new(
        mut commit: Commit,
        before: RowContext,
        lease_until: Timestamp,
        about_keys: Vec<Arc<SubjectKey>>,
        keys: &Keyring,
    ) -> Result<Self, Fault> {
        let Some(session) = commit.session.take() else {
            return Ok(Self {
                lease_until,
                session: None,
                opened: None,
                rest: commit,
                about_keys,
                new_customer: None,
            });
        };
        let own = take_events(&mut commit, &session.id);
        let session = PreparedSession::new(session, &own, before, keys)?;
        Ok(Self {
            lease_until,
            session: Some(session),
            opened: None,
            rest: commit,
            about_keys,
            new_customer: None,
        })
    }

    /// Prepares the transaction that only adds a customer.
    pub(super) fn adding(customer: NewCustomer) -> Self {
        Self {
            lease_until: Timestamp::default(),
            session: None,
            opened: None,
            rest: Commit::default(),
            about_keys: Vec::new(),
            new_customer: Some(Box::new(customer)),
        }
    }

    /// Returns true if facts decide about this commit. A plain commit has only a claim, a session
    /// and events.
    pub(super) const fn is_conditional(&self) -> bool {
        let Commit {
            account_link,
            removed_link,
            limit_uses,
            refunds,
            resets,
            open_sessions,
            requires_unlocked,
            lockouts,
            unlocks,
            ..
        } = &self.rest;
        self.opened.is_some()
            || account_link.is_some()
            || removed_link.is_some()
            || !limit_uses.is_empty()
            || !refunds.is_empty()
            || !resets.is_empty()
            || open_sessions.is_some()
            || !requires_unlocked.is_empty()
            || !lockouts.is_empty()
            || !unlocks.is_empty()
    }

    /// Returns what no other commit of a batch may have. A Start depends on the other sessions of
    /// its agent and of its customer. A session keeps both.
    pub(super) fn keys(&self) -> impl Iterator<Item = CommitKey<'_>> {
        let session = self.session.as_ref().map(|prepared| &prepared.session);
        let opened = self.opened.as_ref().map(|prepared| &prepared.session);
        let interaction = self.interaction().map(CommitKey::Interaction);
        let customer = session.and_then(|session| session.pseudonym.as_ref());
        interaction
            .into_iter()
            .chain(session.map(|session| CommitKey::Session(&session.id)))
            .chain(session.map(|session| CommitKey::Agent(session.actor.discord_id)))
            .chain(opened.map(|opened| CommitKey::Agent(opened.actor.discord_id)))
            .chain(customer.map(CommitKey::Customer))
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

    /// Returns the sessions that the commit writes.
    pub(super) fn sessions(&self) -> impl Iterator<Item = &PreparedSession> {
        self.session.iter().chain(self.opened.as_deref())
    }

    /// Returns the session that starts to attend a customer, if one does.
    pub(super) fn started(&self) -> Option<&PreparedSession> {
        self.rest.open_sessions?;
        self.opened.as_deref().or(self.session.as_ref())
    }

    /// Returns the session's version after the commit; 0 without a session.
    pub(super) fn new_version(&self) -> i64 {
        self.session.as_ref().map_or(0, PreparedSession::new_version)
    }
}

/// Removes the events of a session from a commit, and returns them.
pub(super) fn take_events(commit: &mut Commit, session: &SessionId) -> Vec<TrailEvent> {
    let events = std::mem::take(&mut commit.events);
    let is_own = |event: &TrailEvent| event.session.as_ref() == Some(session);
    let (own, others) = events.into_iter().partition(is_own);
    commit.events = others;
    own
}

impl PreparedSession {
    /// Encodes the session as JSON, seals its secrets and what it is about, signs its events and
    /// authenticates its row. A closed session keeps no secrets, and is about what it was before.
    pub(super) fn new(
        session: Session,
        events: &[TrailEvent],
        before: RowContext,
        keys: &Keyring,
    ) -> Result<Self, Fault> {
        let RowContext { head, about: about_before, key } = before;
        let seal = |binding: &str, about: &Value| {
            let key = key.as_deref().ok_or_else(|| Fault::new(SEALING, "its key is missing"))?;
            seal_about(key, binding, about).map_err(|error| Fault::new(SEALING, error))
        };
        let encoding = |error| Fault::new("encoding a session as JSON", error);
        let (state, about) = if is_about_customer(&session) {
            let mut state = serde_json::to_value(&session).map_err(encoding)?;
            let about = take_about(&mut state);
            (state.to_string(), about)
        } else {
            (serde_json::to_string(&session).map_err(encoding)?, Value::Null)
        };
        let about = if has_about(&session) {
            Some(seal(session.id.as_str(), &about)?)
        } else {
            about_before.as_deref().map(str::to_owned)
        };
        let sealed = if session.closed().is_some() {
            None
        } else {
            seal_secrets(&keys.store, &session.id, &session.secrets)?
        };
        let chain = session.id.as_str();
        // A forged head can have the greatest number.
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        if head.seq.checked_add(count).is_none_or(|last| last == i64::MAX) {
            return Err(Fault::new(SEALING, "its chain has no more numbers"));
        }
        let mut with_about = Vec::with_capacity(events.len());
        for (seq, event) in (head.seq + 1..).zip(events) {
            let about = match &event.about {
                Value::Null => None,
                about => Some(seal(&event_binding(chain, seq), about)?),
            };
            with_about.push((event, about));
        }
        let (events, head) = extend_chain(keys.trail.current(), chain, head, with_about);
        let mut columns = Columns::of(&session, state, sealed, about, head);
        columns.mac = keys.store.sign_row(columns.fields().as_bytes());
        let about = columns.about.as_deref().map(Into::into);
        let ticket = ticket_column(&session);
        Ok(Self { session, columns, ticket, events, context: RowContext { head, about, key } })
    }

    /// Returns true if the session has no row yet.
    pub(super) const fn is_new(&self) -> bool {
        self.session.version == 0
    }

    pub(super) fn new_version(&self) -> i64 {
        next_version(self.session.version)
    }
}
