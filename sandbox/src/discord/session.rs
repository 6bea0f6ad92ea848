//! Gateway sessions: connections, sent events, and the replay for a resume.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::gateway_limits::IdentifyLimit;

/// Time in which a disconnected session can be resumed, in milliseconds. Discord only says
/// "minutes".
const RESUMABLE_FOR: i64 = 5 * 60 * 1_000;

/// Window of the limit of session starts, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Most events that a session keeps for a resume.
const KEPT_EVENTS: usize = 1_000;

/// A command to the task of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Send(Arc<str>),
    /// Cuts the TCP connection without a close frame.
    Cut,
    Close(u16),
}

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) frames: mpsc::UnboundedSender<Frame>,
    /// Open but dead: it sends no event and acknowledges no heartbeat.
    pub(crate) silent: bool,
    identified_as: Option<u64>,
}

/// An event in its wire format.
#[derive(Serialize)]
struct Dispatch<'a> {
    op: u8,
    s: u64,
    t: &'a str,
    d: &'a Value,
}

#[derive(Debug)]
struct Event {
    seq: u64,
    text: Arc<str>,
    interaction: Option<u64>,
}

#[derive(Debug)]
struct Session {
    id: String,
    seq: u64,
    events: VecDeque<Event>,
    connection: Option<u64>,
    /// When its connection ended, in milliseconds since the epoch.
    disconnected_since: Option<i64>,
    resumable: bool,
}

impl Session {
    /// Returns true if its connection ended too long ago for a resume.
    fn is_over(&self, now: i64) -> bool {
        self.disconnected_since.is_some_and(|since| now - since > RESUMABLE_FOR)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    connections: HashMap<u64, Connection>,
    by_number: HashMap<u64, Session>,
    counter: u64,
    /// Times of session starts, in milliseconds since the epoch.
    starts: Vec<i64>,
    /// True while new connections are silent too.
    pub(crate) silence: bool,
    /// True while the address for resumes answers 503.
    pub(crate) resumes_closed: bool,
    pub(crate) identify_limit: IdentifyLimit,
    /// Resumes at the first address.
    misplaced_resumes: u64,
}

impl Sessions {
    pub(crate) fn connect(&mut self, frames: mpsc::UnboundedSender<Frame>) -> u64 {
        self.counter += 1;
        let connection = Connection { frames, silent: self.silence, identified_as: None };
        self.connections.insert(self.counter, connection);
        self.counter
    }

    /// Removes a connection. `ends_session`: the client closed it with a code that ends its
    /// session.
    pub(crate) fn disconnect(&mut self, connection: u64, ends_session: bool, now: i64) {
        let Some(gone) = self.connections.remove(&connection) else {
            return;
        };
        let Some(number) = gone.identified_as else {
            return;
        };
        if ends_session {
            self.by_number.remove(&number);
        } else if let Some(session) = self.by_number.get_mut(&number)
            && session.connection == Some(connection)
        {
            session.connection = None;
            session.disconnected_since = Some(now);
        }
    }

    pub(crate) fn is_silent(&self, connection: u64) -> bool {
        self.connections.get(&connection).is_none_or(|connection| connection.silent)
    }

    pub(crate) fn connections_mut(&mut self) -> impl Iterator<Item = &mut Connection> {
        self.connections.values_mut()
    }

    /// Returns the number of session starts within a day.
    pub(crate) fn starts_today(&mut self, now: i64) -> u64 {
        self.starts.retain(|at| now - at < DAY);
        self.starts.len() as u64
    }

    /// Counts the start of a session, granted or refused.
    pub(crate) fn count_start(&mut self, now: i64) {
        self.starts.push(now);
    }

    /// Returns the newest connection.
    pub(crate) fn newest_mut(&mut self) -> Option<&mut Connection> {
        self.connections
            .iter_mut()
            .max_by_key(|(number, _)| **number)
            .map(|(_, connection)| connection)
    }

    /// Returns the number of connections that have a session and are not silent.
    pub(crate) fn receiving(&self) -> usize {
        self.connections
            .values()
            .filter(|connection| !connection.silent && connection.identified_as.is_some())
            .count()
    }

    /// Returns the connection of the oldest connected session.
    pub(crate) fn oldest_connection(&self) -> Option<u64> {
        let connected = self
            .by_number
            .iter()
            .filter_map(|(number, session)| Some((number, session.connection?)));
        connected.min_by_key(|(number, _)| **number).map(|(_, connection)| connection)
    }

    /// Returns true if a disconnected session had received this interaction.
    pub(crate) fn lost_connection_with(&self, interaction: u64) -> bool {
        let had = |session: &Session| {
            session.events.iter().any(|event| event.interaction == Some(interaction))
        };
        self.by_number.values().any(|session| session.connection.is_none() && had(session))
    }

    /// Returns true if a session is connected, or may resume, to receive an event.
    pub(crate) fn may_receive(&self, now: i64) -> bool {
        let may = |session: &Session| {
            session.connection.is_some() || (session.resumable && !session.is_over(now))
        };
        self.by_number.values().any(may)
    }

    /// Begins a session on `connection`. Returns its id.
    pub(crate) fn identify(&mut self, connection: u64, id: String, now: i64) -> String {
        self.by_number.retain(|_, session| !session.is_over(now));
        self.count_start(now);
        self.counter += 1;
        let session = Session {
            id: id.clone(),
            seq: 0,
            events: VecDeque::new(),
            connection: Some(connection),
            disconnected_since: None,
            resumable: true,
        };
        self.by_number.insert(self.counter, session);
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.identified_as = Some(self.counter);
        }
        id
    }

    /// Moves the session `id` to `connection` and sends the events after `seq` again.
    ///
    /// Returns the interactions among them, or `None` if the session cannot be resumed.
    pub(crate) fn resume(
        &mut self,
        connection: u64,
        id: &str,
        seq: u64,
        now: i64,
    ) -> Option<Vec<u64>> {
        let (number, session) = self.by_number.iter_mut().find(|(_, session)| session.id == id)?;
        let forgotten = session.events.front().is_some_and(|oldest| oldest.seq > seq + 1);
        if session.is_over(now) || forgotten || !session.resumable || seq > session.seq {
            return None;
        }
        session.connection = Some(connection);
        session.disconnected_since = None;
        let resumed = self.connections.get_mut(&connection)?;
        resumed.identified_as = Some(*number);
        let mut again = Vec::new();
        for event in session.events.iter().filter(|event| event.seq > seq) {
            // A closed channel means that the connection is ending.
            let _ = resumed.frames.send(Frame::Send(event.text.clone()));
            again.extend(event.interaction);
        }
        Some(again)
    }

    /// Sends an event to one session or to all. Returns the number of connections that got it.
    pub(crate) fn dispatch(
        &mut self,
        to: Option<u64>,
        name: &str,
        data: &Value,
        interaction: Option<u64>,
    ) -> u32 {
        let mut received = 0;
        for session in self.by_number.values_mut() {
            if to.is_some() && session.connection != to {
                continue;
            }
            session.seq += 1;
            let dispatch = Dispatch { op: 0, s: session.seq, t: name, d: data };
            // Serializing a JSON value cannot fail.
            let text: Arc<str> = serde_json::to_string(&dispatch).unwrap_or_default().into();
            session.events.push_back(Event { seq: session.seq, text: text.clone(), interaction });
            if session.events.len() > KEPT_EVENTS {
                session.events.pop_front();
            }
            let connection =
                session.connection.and_then(|connection| self.connections.get(&connection));
            if let Some(connection) = connection.filter(|connection| !connection.silent)
                && connection.frames.send(Frame::Send(text)).is_ok()
            {
                received += 1;
            }
        }
        received
    }

    /// Counts a resume at the first address instead of the session's own. Every second one fails,
    /// and ends the session.
    pub(crate) fn fails_misplaced_resume(&mut self, id: &str) -> bool {
        self.misplaced_resumes += 1;
        let fails = self.misplaced_resumes.is_multiple_of(2);
        if fails {
            self.by_number.retain(|_, session| session.id != id);
        }
        fails
    }

    /// Returns the number of the newest event of the session on this connection.
    pub(crate) fn sequence(&self, connection: u64) -> Option<u64> {
        let number = self.connections.get(&connection)?.identified_as?;
        self.by_number.get(&number).map(|session| session.seq)
    }

    /// Makes every session unresumable.
    pub(crate) fn invalidate(&mut self) {
        for session in self.by_number.values_mut() {
            session.resumable = false;
        }
    }
}
