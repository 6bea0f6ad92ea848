//! Fakes of all ports: strict and small.
//!
//! The store keeps sessions by version, like rows. A test can script the results of its commits.
//! All calls are logged in one list. Calls that no test needs panic.

mod chat;
mod recovery;
mod services;
mod store;
mod views;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use commands::engine::desk::{Desk, Rules};
use commands::engine::interaction::Request;
use commands::model::command_ids::CommandIds;
use commands::model::scope::{Scope, SupportGroups};
use commands::model::session::Session;
use commands::model::time::Timestamp;
use commands::model::timers::IDLE_CLOSE;
use commands::model::utc_offset::UtcOffset;
use commands::model::words::{Locale, SessionId};
use commands::ports::Ports;
use commands::ports::sessions::{Committed, SessionHandle};
use tokio::sync::Notify;

use crate::people::GROUP;
use crate::requests::click;

pub(crate) const AGENT_ROLE: u64 = 7;

/// Scripted result of one commit.
pub(crate) enum Scripted {
    Saved,
    /// This result. Nothing is written.
    Answer(Committed),
    /// `Stale`: another process wrote this row first.
    Newer(Box<Session>),
    /// `Claimed`: another process finished the effect and wrote this row.
    Finished(Box<Session>),
    /// The database fails before it writes.
    Fault,
    /// The connection breaks after the commit was written.
    SavedAndFault,
    /// Saved after a notification.
    Held(Arc<Notify>),
}

/// All ports of a desk.
#[derive(Default)]
pub(crate) struct World {
    /// Calls of the ports, in order.
    pub(crate) log: Mutex<Vec<String>>,
    /// Results of the next commits. The commits after them are saved.
    pub(crate) script: Mutex<VecDeque<Scripted>>,
    /// Result of `take_over`.
    pub(crate) taken_over: Mutex<bool>,
    /// Code attempts that the port `Limits` counts.
    pub(crate) attempts: Mutex<u32>,
    /// End of a lockout that makes the agent ineligible.
    pub(crate) agent_locked_until: Mutex<Option<Timestamp>>,
    /// Customers who have reported the agent.
    pub(crate) reporters: Mutex<u32>,
    /// True if other processes share the store.
    pub(crate) shared: Mutex<bool>,
    /// Rows that the other process saves while this one waits for it. With none left it is dead.
    pub(crate) releases: Mutex<VecDeque<Session>>,
    /// The scope of the groups of the agent's account.
    pub(crate) scope: Mutex<Option<Scope>>,
    /// Result of each read of an account: a fault.
    pub(crate) accounts_fail: Mutex<bool>,
    /// The agent has lost the agent role. Clicks have it nevertheless.
    pub(crate) role_lost: Mutex<bool>,
    /// Session that another request writes before recoveries are listed.
    pub(crate) finished_meanwhile: Mutex<Option<Session>>,
    /// Row that another process writes while the function issues a link.
    pub(crate) closes_meanwhile: Mutex<Option<Session>>,
    rows: Mutex<HashMap<SessionId, Session>>,
    cache: Mutex<HashMap<SessionId, Arc<SessionHandle>>>,
}

impl World {
    /// Returns a world with this session in its row and in the cache.
    pub(crate) fn with(session: &Session) -> Arc<Self> {
        Self::with_all([session.clone()])
    }

    pub(crate) fn with_all(sessions: impl IntoIterator<Item = Session>) -> Arc<Self> {
        let world = Self { scope: Mutex::new(Some(Scope::Act)), ..Self::default() };
        for session in sessions {
            let stored = Session { version: 1, ..session };
            let handle = Arc::new(SessionHandle::new(stored.clone()));
            world.cache.lock().unwrap().insert(stored.id.clone(), handle);
            world.rows.lock().unwrap().insert(stored.id.clone(), stored);
        }
        Arc::new(world)
    }

    /// Writes the row as another process.
    pub(crate) fn rewrite(&self, session: &Session) {
        let mut rows = self.rows.lock().unwrap();
        let version = rows[&session.id].version + 1;
        rows.insert(session.id.clone(), Session { version, ..session.clone() });
    }

    pub(crate) fn row(&self, id: &SessionId) -> Session {
        self.rows.lock().unwrap()[id].clone()
    }

    /// Scripts the results of the next commits.
    pub(crate) fn script(&self, scripted: impl IntoIterator<Item = Scripted>) {
        self.script.lock().unwrap().extend(scripted);
    }

    /// Has a new desk handle a request of [`click`]. Returns the log.
    pub(crate) async fn handle(self: &Arc<Self>, request: Request) -> String {
        self.desk().handle(click(), request).await;
        self.log()
    }

    /// Returns the calls so far, one a line.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.log.lock().unwrap().push(line.into());
    }

    pub(crate) fn desk(self: &Arc<Self>) -> Desk {
        let ports = Ports {
            clock: Arc::<Self>::clone(self),
            keys: Arc::<Self>::clone(self),
            customers: Arc::<Self>::clone(self),
            directory: Arc::<Self>::clone(self),
            history: Arc::<Self>::clone(self),
            identity: Arc::<Self>::clone(self),
            recovery: Arc::<Self>::clone(self),
            codes: Arc::<Self>::clone(self),
            access: Arc::<Self>::clone(self),
            messages: Arc::<Self>::clone(self),
            pictures: Arc::<Self>::clone(self),
            chat: Arc::<Self>::clone(self),
            sessions: Arc::<Self>::clone(self),
            figures: Arc::<Self>::clone(self),
            session_search: Arc::<Self>::clone(self),
            trail_search: Arc::<Self>::clone(self),
            claims: Arc::<Self>::clone(self),
            limits: Arc::<Self>::clone(self),
            account_links: Arc::<Self>::clone(self),
            alerts: Arc::<Self>::clone(self),
            watched: self.clone(),
            member_roles: Arc::<Self>::clone(self),
        };
        let rules = Rules {
            guild: 1,
            channel: 2,
            leads_channel: Some(3),
            leads_locale: Locale::En,
            agent_role: AGENT_ROLE,
            lead_role: Some(AGENT_ROLE + 1),
            groups: SupportGroups {
                agents: vec![GROUP.to_owned()],
                leads: vec![GROUP.to_owned()],
                ..SupportGroups::default()
            },
            idle: IDLE_CLOSE,
            pages: Some("https://desk.example.com/recover/".to_owned()),
            utc_offset: UtcOffset::default(),
            report_pages: Some("https://desk.example.com/report/".to_owned()),
            command_ids: CommandIds::default(),
        };
        Desk::new(ports, rules)
    }
}
