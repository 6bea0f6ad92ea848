//! Faults on request: everything that goes wrong between a bot and Discord sooner or later.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Discord;
use super::session::Frame;

/// How REST calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestFault {
    /// 429 with `Retry-After` and Discord's body; nothing is processed.
    TooMany {
        /// What the bot is told to wait.
        retry_after: Duration,
    },
    /// An error of the server's, such as 500 or 502; nothing is processed.
    Status(u16),
    /// The connection is cut before anything is processed.
    Cut,
    /// The call is processed, then the connection is cut: the bot never learns that it worked.
    AnswerLost,
    /// The call waits this long on the sandbox's clock before it is processed.
    Late(Duration),
    /// The call is processed at once, its answer waits this long on the sandbox's clock.
    AnswerLate(Duration),
}

/// What the gateway says to a client that begins or resumes a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Greeting {
    /// READY or RESUMED.
    #[default]
    Ready,
    /// Nothing; heartbeats are acknowledged.
    Nothing,
    /// Invalid session (opcode 9), not resumable.
    Invalid,
}

/// How long, in real time, a test waits for faults to be met before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// The heartbeat that HELLO asks for when nobody says otherwise (Discord's usual value).
const HEARTBEAT: Duration = Duration::from_millis(41_250);

#[derive(Debug)]
struct Planned {
    route: String,
    fault: RestFault,
    /// So many calls are let through before.
    after: u32,
    /// `None` until cleared.
    left: Option<u32>,
}

impl Planned {
    /// Whether it is this call's turn.
    fn strikes(&mut self, route: &str) -> bool {
        let meant = route.contains(&self.route);
        let strikes = meant && self.after == 0;
        self.after -= u32::from(meant && !strikes);
        strikes
    }
}

#[derive(Debug)]
struct Plan {
    rest: VecDeque<Planned>,
    twice: u32,
    to_one: bool,
    starts_left: Option<u64>,
    token_refused: bool,
    upgrades_held: bool,
    greeting: Greeting,
    heartbeat: Duration,
}

/// What is planned to go wrong.
#[derive(Debug)]
pub(crate) struct Planner {
    plan: Mutex<Plan>,
}

impl Planner {
    pub(crate) fn new() -> Self {
        let plan = Plan {
            rest: VecDeque::new(),
            twice: 0,
            to_one: false,
            starts_left: None,
            token_refused: false,
            upgrades_held: false,
            greeting: Greeting::Ready,
            heartbeat: HEARTBEAT,
        };
        Self { plan: Mutex::new(plan) }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that this call ("POST /interactions/…") is to meet, if any; counted.
    pub(crate) fn meet(&self, route: &str) -> Option<RestFault> {
        let mut plan = self.plan();
        let index = plan.rest.iter_mut().position(|planned| planned.strikes(route))?;
        let planned = plan.rest.get_mut(index)?;
        let fault = planned.fault;
        if let Some(left) = &mut planned.left {
            *left -= 1;
            if *left == 0 {
                plan.rest.remove(index);
            }
        }
        Some(fault)
    }

    pub(crate) fn refuses_token(&self) -> bool {
        self.plan().token_refused
    }

    pub(crate) fn holds_upgrades(&self) -> bool {
        self.plan().upgrades_held
    }

    pub(crate) fn greeting(&self) -> Greeting {
        self.plan().greeting
    }

    pub(crate) fn heartbeat(&self) -> Duration {
        self.plan().heartbeat
    }

    /// How many sessions are said to be left of the day's, should it not be what is.
    pub(crate) fn starts_left(&self) -> Option<u64> {
        self.plan().starts_left
    }

    /// Whether only one connection hears of interactions.
    pub(crate) fn delivers_to_one(&self) -> bool {
        self.plan().to_one
    }

    /// How often the interaction that is about to go out is delivered.
    pub(crate) fn copies(&self) -> u32 {
        let mut plan = self.plan();
        if plan.twice > 0 {
            plan.twice -= 1;
            2
        } else {
            1
        }
    }
}

/// Makes the local Discord fail; from [`Discord::faults`].
#[derive(Clone)]
pub struct Faults {
    discord: Arc<Discord>,
}

impl Faults {
    pub(crate) fn new(discord: Arc<Discord>) -> Self {
        Self { discord }
    }

    /// Cuts every gateway connection without a word. The sessions can be resumed.
    pub fn drop_sockets(&self) {
        self.tell_all(&Frame::Cut);
    }

    /// Closes every gateway connection with this code.
    pub fn close_sockets(&self, code: u16) {
        self.tell_all(&Frame::Close(code));
    }

    /// Asks every client to reconnect (opcode 7).
    pub fn ask_to_reconnect(&self) {
        self.tell_all(&Frame::Send(r#"{"op":7,"d":null}"#.into()));
    }

    /// Forgets every session without a word: a later resume fails.
    pub fn forget_sessions(&self) {
        self.discord.state().sessions.invalidate();
    }

    /// Declares every session invalid (opcode 9); when not `resumable` a later resume fails too.
    pub fn invalidate_sessions(&self, resumable: bool) {
        if !resumable {
            self.forget_sessions();
        }
        let frame = format!(r#"{{"op":9,"d":{resumable}}}"#);
        self.tell_all(&Frame::Send(frame.into()));
    }

    /// Lets the gateway fall silent (connections stay open, but no event and no acknowledged
    /// heartbeat comes), or speak again.
    ///
    /// A connection that was there during the silence stays dead, as it has missed events: its
    /// client has to notice and resume.
    pub fn silence(&self, on: bool) {
        let mut state = self.discord.state();
        state.sessions.silence = on;
        if on {
            state.sessions.links_mut().for_each(|link| link.silent = true);
        }
    }

    /// Lets the newest connection fall silent. What it misses it gets when it resumes.
    pub fn silence_newest(&self) {
        if let Some(link) = self.discord.state().sessions.newest_mut() {
            link.silent = true;
        }
    }

    /// Asks clients that connect from now on for a heartbeat this often, so that a silence is
    /// noticed sooner.
    pub fn heartbeat_every(&self, interval: Duration) {
        self.discord.planner().plan().heartbeat = interval;
    }

    /// Accepts connections to the gateway and never answers their upgrade, or answers again. Who
    /// was held stays so.
    pub fn hold_upgrades(&self, on: bool) {
        self.discord.planner().plan().upgrades_held = on;
    }

    /// What clients that begin or resume a session hear from now on. Whoever has one keeps it.
    pub fn greet_with(&self, greeting: Greeting) {
        self.discord.planner().plan().greeting = greeting;
    }

    /// Refuses the bot's token everywhere (401, close code 4004), or accepts it again.
    pub fn refuse_token(&self, on: bool) {
        self.discord.planner().plan().token_refused = on;
    }

    /// Says that so many gateway sessions are left of the day's, however many are begun.
    pub fn starts_left(&self, count: u64) {
        self.discord.planner().plan().starts_left = Some(count);
    }

    /// Delivers interactions to one connection only, the one that identified first, or to all
    /// again.
    pub fn deliver_to_one(&self, on: bool) {
        self.discord.planner().plan().to_one = on;
    }

    /// Delivers the next interaction twice.
    pub fn deliver_twice(&self) {
        self.discord.planner().plan().twice += 1;
    }

    /// The next `calls` REST calls meet `fault`.
    pub fn next_calls(&self, calls: u32, fault: RestFault) {
        self.next_calls_to("", calls, fault);
    }

    /// The next `calls` REST calls whose method and path ("POST /api/v10/interactions/…") contain
    /// `route` meet `fault`.
    pub fn next_calls_to(&self, route: &str, calls: u32, fault: RestFault) {
        if calls > 0 {
            self.add(route, fault, 0, Some(calls));
        }
    }

    /// Likewise one call, after so many that are well.
    pub fn one_call_to(&self, route: &str, after: u32, fault: RestFault) {
        self.add(route, fault, after, Some(1));
    }

    /// Every REST call whose method and path contain `route` meets `fault`, until
    /// [`clear`](Self::clear).
    pub fn all_calls_to(&self, route: &str, fault: RestFault) {
        self.add(route, fault, 0, None);
    }

    /// No edit of the newest interaction's answer is ever taken, which nobody waits for any more
    /// then.
    pub fn never_edited(&self, fault: RestFault) {
        let mut state = self.discord.state();
        let Some(newest) = state.interactions.values_mut().next_back() else { return };
        newest.pending = false;
        let route = format!("/{}/messages/@original", newest.token);
        drop(state);
        self.all_calls_to(&route, fault);
    }

    /// Loses the answer of the next first answer to an interaction: processed, then the connection
    /// is cut.
    pub fn lose_next_answer(&self) {
        self.next_calls_to("/callback", 1, RestFault::AnswerLost);
    }

    /// Resolves when every fault that was planned for a number of REST calls has been met.
    ///
    /// # Panics
    /// When they have not after ten seconds of real time.
    pub async fn all_met(&self) {
        let mut changed = self.discord.changed();
        let waiting = async {
            while self.discord.planner().plan().rest.iter().any(|planned| planned.left.is_some()) {
                // The sender lives as long as `self.discord`.
                let _ = changed.changed().await;
            }
        };
        let met = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(met, "planned faults were not met: {:?}", self.discord.planner().plan().rest);
    }

    /// Forgets every planned fault. Connections that were silenced stay dead.
    pub fn clear(&self) {
        *self.discord.planner().plan() =
            Planner::new().plan.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.discord.state().sessions.silence = false;
    }

    fn add(&self, route: &str, fault: RestFault, after: u32, left: Option<u32>) {
        let planned = Planned { route: route.to_owned(), fault, after, left };
        self.discord.planner().plan().rest.push_back(planned);
    }

    fn tell_all(&self, frame: &Frame) {
        for link in self.discord.state().sessions.links_mut() {
            // A connection that is going away needs no fault.
            let _ = link.frames.send(frame.clone());
        }
    }
}
