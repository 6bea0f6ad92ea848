//! Gateway sessions: who is connected, what was sent, what a resume has to send again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

/// How long a session whose connection is gone can be resumed, in milliseconds. Discord only says
/// "minutes".
const RESUMABLE_FOR: i64 = 5 * 60 * 1_000;

/// The window in which begun sessions are counted, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// Events kept for a resume.
const KEPT_EVENTS: usize = 1_000;

/// What a connection's task is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Frame {
    Send(Arc<str>),
    /// Cut the TCP connection without a word.
    Cut,
    Close(u16),
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) frames: mpsc::UnboundedSender<Frame>,
    /// Open but dead: nothing goes out any more, not even an acknowledged heartbeat.
    pub(crate) silent: bool,
    identified_as: Option<u64>,
}

/// An event on the wire.
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
    link: Option<u64>,
    /// Since when no connection belongs to it.
    alone_since: Option<i64>,
    /// Whether the client may resume it.
    resumable: bool,
}

impl Session {
    /// Whether its connection has been gone for too long.
    fn is_over(&self, now: i64) -> bool {
        self.alone_since.is_some_and(|since| now - since > RESUMABLE_FOR)
    }
}

/// All sessions and connections.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    links: HashMap<u64, Link>,
    known: HashMap<u64, Session>,
    counter: u64,
    /// When sessions were begun, in milliseconds since the epoch.
    begun: Vec<i64>,
    /// Whether new connections are silent too.
    pub(crate) silence: bool,
}

impl Sessions {
    pub(crate) fn connect(&mut self, frames: mpsc::UnboundedSender<Frame>) -> u64 {
        self.counter += 1;
        let link = Link { frames, silent: self.silence, identified_as: None };
        self.links.insert(self.counter, link);
        self.counter
    }

    /// The connection is gone; `farewell` when the client closed it with a code that ends its
    /// session.
    pub(crate) fn disconnect(&mut self, link: u64, farewell: bool, now: i64) {
        let Some(gone) = self.links.remove(&link) else {
            return;
        };
        let Some(number) = gone.identified_as else {
            return;
        };
        if farewell {
            self.known.remove(&number);
        } else if let Some(session) = self.known.get_mut(&number)
            && session.link == Some(link)
        {
            session.link = None;
            session.alone_since = Some(now);
        }
    }

    pub(crate) fn is_silent(&self, link: u64) -> bool {
        self.links.get(&link).is_none_or(|link| link.silent)
    }

    pub(crate) fn links_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.links.values_mut()
    }

    /// How many sessions were begun within a day.
    pub(crate) fn begun(&mut self, now: i64) -> u64 {
        self.begun.retain(|at| now - at < DAY);
        self.begun.len() as u64
    }

    /// Counts a session that a client asks for, whether it gets one or not.
    pub(crate) fn counts(&mut self, now: i64) {
        self.begun.push(now);
    }

    /// The connection that was made last.
    pub(crate) fn newest_mut(&mut self) -> Option<&mut Link> {
        self.links.iter_mut().max_by_key(|(number, _)| **number).map(|(_, link)| link)
    }

    /// Connections that have a session and hear what is sent.
    pub(crate) fn listening(&self) -> usize {
        self.links.values().filter(|link| !link.silent && link.identified_as.is_some()).count()
    }

    /// The connection of the session that is the oldest.
    pub(crate) fn first(&self) -> Option<u64> {
        let connected =
            self.known.iter().filter_map(|(number, session)| Some((number, session.link?)));
        connected.min_by_key(|(number, _)| **number).map(|(_, link)| link)
    }

    /// Whether a connection is gone whose session had this interaction.
    pub(crate) fn lost_one_with(&self, interaction: u64) -> bool {
        let had = |session: &Session| {
            session.events.iter().any(|event| event.interaction == Some(interaction))
        };
        self.known.values().any(|session| session.link.is_none() && had(session))
    }

    /// Whether anybody is there, or may come back, to hear an event.
    pub(crate) fn may_hear(&self, now: i64) -> bool {
        let may = |session: &Session| {
            session.link.is_some() || (session.resumable && !session.is_over(now))
        };
        self.known.values().any(may)
    }

    /// A new session for `link`; returns its id.
    pub(crate) fn identify(&mut self, link: u64, id: String, now: i64) -> String {
        self.known.retain(|_, session| !session.is_over(now));
        self.counts(now);
        self.counter += 1;
        let session = Session {
            id: id.clone(),
            seq: 0,
            events: VecDeque::new(),
            link: Some(link),
            alone_since: None,
            resumable: true,
        };
        self.known.insert(self.counter, session);
        if let Some(link) = self.links.get_mut(&link) {
            link.identified_as = Some(self.counter);
        }
        id
    }

    /// Takes the session `id` over to `link` and sends again what came after `seq`.
    ///
    /// Answers with the interactions that went out again; `None` when there is nothing to resume.
    pub(crate) fn resume(&mut self, link: u64, id: &str, seq: u64, now: i64) -> Option<Vec<u64>> {
        let (number, session) = self.known.iter_mut().find(|(_, session)| session.id == id)?;
        let forgotten = session.events.front().is_some_and(|oldest| oldest.seq > seq + 1);
        if session.is_over(now) || forgotten || !session.resumable || seq > session.seq {
            return None;
        }
        session.link = Some(link);
        session.alone_since = None;
        let ours = self.links.get_mut(&link)?;
        ours.identified_as = Some(*number);
        let mut again = Vec::new();
        for event in session.events.iter().filter(|event| event.seq > seq) {
            // A closed channel means that the connection is already on its way out.
            let _ = ours.frames.send(Frame::Send(event.text.clone()));
            again.extend(event.interaction);
        }
        Some(again)
    }

    /// Sends an event to one session, or to all; answers with how many connections heard it.
    pub(crate) fn dispatch(
        &mut self,
        to: Option<u64>,
        name: &str,
        data: &Value,
        interaction: Option<u64>,
    ) -> u32 {
        let mut heard = 0;
        for session in self.known.values_mut() {
            if to.is_some() && session.link != to {
                continue;
            }
            session.seq += 1;
            let dispatch = Dispatch { op: 0, s: session.seq, t: name, d: data };
            // A value of JSON is always written.
            let text: Arc<str> = serde_json::to_string(&dispatch).unwrap_or_default().into();
            session.events.push_back(Event { seq: session.seq, text: text.clone(), interaction });
            if session.events.len() > KEPT_EVENTS {
                session.events.pop_front();
            }
            let link = session.link.and_then(|link| self.links.get(&link));
            if let Some(link) = link.filter(|link| !link.silent)
                && link.frames.send(Frame::Send(text)).is_ok()
            {
                heard += 1;
            }
        }
        heard
    }

    /// Forgets every session, so that no resume succeeds.
    pub(crate) fn invalidate(&mut self) {
        for session in self.known.values_mut() {
            session.resumable = false;
        }
    }
}
