//! Fault injection: every fault that occurs between a bot and Discord in practice.

use std::sync::Arc;
use std::time::Duration;

use super::environment::Environment;
use super::fault_plan::{Greeting, Plan, PlannedFault, RestFault};
use super::service::Discord;
use super::session::Frame;

/// Real time that a test waits for its planned faults to occur.
const FAULTS_TIMEOUT: Duration = Duration::from_secs(10);

impl Discord {
    /// Returns the fault injection of this local Discord.
    pub fn faults(self: &Arc<Self>) -> Faults {
        Faults { discord: self.clone() }
    }
}

/// Makes the local Discord fail. From [`Discord::faults`].
#[derive(Clone)]
pub struct Faults {
    pub(super) discord: Arc<Discord>,
}

impl Faults {
    /// Cuts every gateway connection without a close frame. The sessions can be resumed.
    pub fn drop_sockets(&self) {
        self.send_to_all(&Frame::Cut);
    }

    /// Closes every gateway connection with this code.
    pub fn close_sockets(&self, code: u16) {
        self.send_to_all(&Frame::Close(code));
    }

    /// Refuses a session that begins within five seconds of the one before, as Discord does.
    pub fn space_sessions(&self, on: bool) {
        self.discord.state().sessions.identify_limit.is_on = on;
    }

    /// Asks every client to reconnect (opcode 7).
    pub fn ask_to_reconnect(&self) {
        self.send_to_all(&Frame::Send(r#"{"op":7,"d":null}"#.into()));
    }

    /// Forgets every session without a notice. A later resume fails.
    pub fn forget_sessions(&self) {
        self.discord.state().sessions.invalidate();
    }

    /// Declares every session invalid (opcode 9). Unless `resumable`, a later resume fails too.
    pub fn invalidate_sessions(&self, resumable: bool) {
        if !resumable {
            self.forget_sessions();
        }
        let frame = format!(r#"{{"op":9,"d":{resumable}}}"#);
        self.send_to_all(&Frame::Send(frame.into()));
    }

    /// Silences the gateway or ends the silence.
    ///
    /// A silent connection stays open, but gets no event and no acknowledged heartbeat. It stays
    /// silent for good, because it has missed events: its client must notice and resume.
    pub fn silence(&self, on: bool) {
        let mut state = self.discord.state();
        state.sessions.silence = on;
        if on {
            state.sessions.connections_mut().for_each(|connection| connection.silent = true);
        }
    }

    /// Silences the newest connection. A resume delivers the events that it missed.
    pub fn silence_newest(&self) {
        if let Some(connection) = self.discord.state().sessions.newest_mut() {
            connection.silent = true;
        }
    }

    /// Sets the heartbeat interval of later connections, so that a client notices silence sooner.
    pub fn heartbeat_every(&self, interval: Duration) {
        self.discord.fault_plan().plan().heartbeat = interval;
    }

    /// Accepts gateway connections without answering their upgrade, or answers again.
    ///
    /// A connection that was held stays held.
    pub fn hold_upgrades(&self, on: bool) {
        self.discord.fault_plan().plan().upgrades_held = on;
    }

    /// Sets the reply to clients that begin or resume a session. Running sessions go on.
    pub fn greet_with(&self, greeting: Greeting) {
        self.discord.fault_plan().plan().greeting = greeting;
    }

    /// Refuses the bot's token everywhere (401, close code 4004), or accepts it again.
    pub fn refuse_token(&self, on: bool) {
        self.discord.fault_plan().plan().token_refused = on;
    }

    /// Reports a fixed number of session starts left today.
    pub fn starts_left(&self, count: u64) {
        self.discord.fault_plan().plan().starts_left = Some(count);
    }

    /// Blocks the bot after this many invalid requests within ten minutes, instead of
    /// 10,000.
    pub fn block_after(&self, invalid_requests: usize) {
        self.discord.fault_plan().plan().invalid_max = invalid_requests;
    }

    /// Delivers interactions only to the connection that identified first, or to all again.
    pub fn deliver_to_one(&self, on: bool) {
        self.discord.fault_plan().plan().to_one = on;
    }

    /// Delivers the next interaction twice.
    pub fn deliver_twice(&self) {
        self.discord.fault_plan().plan().twice += 1;
    }

    /// Plans `fault` for the next `calls` REST calls.
    pub fn next_calls(&self, calls: u32, fault: RestFault) {
        self.next_calls_to("", calls, fault);
    }

    /// Plans `fault` for the next `calls` REST calls to `route`.
    ///
    /// `route` is a part of method and path, such as `POST /api/v10/interactions/…`.
    pub fn next_calls_to(&self, route: &str, calls: u32, fault: RestFault) {
        if calls > 0 {
            self.add(route, fault, 0, Some(calls));
        }
    }

    /// Plans `fault` for one REST call to `route`, after `after` calls that pass.
    pub fn one_call_to(&self, route: &str, after: u32, fault: RestFault) {
        self.add(route, fault, after, Some(1));
    }

    /// Plans `fault` for every REST call to `route`, until [`clear`](Self::clear).
    pub fn all_calls_to(&self, route: &str, fault: RestFault) {
        self.add(route, fault, 0, None);
    }

    /// Plans `fault` for every edit of the newest interaction's answer.
    ///
    /// [`Discord::wait_until_idle`] does not wait for that answer's content.
    pub fn fail_newest_edits(&self, fault: RestFault) {
        let mut state = self.discord.state();
        let Some(newest) = state.interactions.values_mut().next_back() else { return };
        newest.pending = false;
        let route = format!("/{}/messages/@original", newest.token);
        drop(state);
        self.all_calls_to(&route, fault);
    }

    /// Loses the answer to the next first answer: it is processed, then the connection is cut.
    pub fn lose_next_answer(&self) {
        self.next_calls_to("/callback", 1, RestFault::AnswerLost);
    }

    /// Waits until every fault with a number of calls has occurred.
    ///
    /// # Panics
    /// After ten seconds of real time.
    pub async fn all_met(&self) {
        let mut changed = self.discord.changed();
        let waiting = async {
            while self.discord.fault_plan().plan().rest.iter().any(|planned| planned.left.is_some())
            {
                // The sender lives as long as `self.discord`.
                let _ = changed.changed().await;
            }
        };
        let met = tokio::time::timeout(FAULTS_TIMEOUT, waiting).await.is_ok();
        assert!(met, "planned faults did not occur: {:?}", self.discord.fault_plan().plan().rest);
    }

    /// Clears every planned fault and forgets the rate limits. Silenced connections stay silent.
    pub fn clear(&self) {
        self.discord.rate_limits().forget();
        *self.discord.fault_plan().plan() = Plan::default();
        let mut state = self.discord.state();
        state.sessions.silence = false;
        state.sessions.resumes_closed = false;
        state.environment = Environment::default();
    }

    fn add(&self, route: &str, fault: RestFault, after: u32, left: Option<u32>) {
        let planned = PlannedFault { route: route.to_owned(), fault, after, left };
        self.discord.fault_plan().plan().rest.push_back(planned);
    }

    fn send_to_all(&self, frame: &Frame) {
        for connection in self.discord.state().sessions.connections_mut() {
            // A closed channel means that the connection is ending anyway.
            let _ = connection.frames.send(frame.clone());
        }
    }
}
