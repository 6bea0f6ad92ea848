//! Stops all calls when Discord would ban this machine's address, or has done so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commands::model::time::Timestamp;
use commands::ports::clock::Clock;

use crate::metrics;

/// Number of invalid requests within [`INVALID_WINDOW`] at which calls stop. Discord bans the
/// address at 10,000 (Discord documentation, "Invalid Request Limit"). Replicas and the
/// calls of registration share the address and are not counted here.
pub(super) const MAX_INVALID: usize = 2_000;
/// Time in which Discord counts invalid requests, and for which calls then stop.
pub(super) const INVALID_WINDOW: Duration = Duration::from_mins(10);

/// Decides if calls to Discord may be made.
pub struct Breaker {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stop: Option<Stop>,
    /// Times of the invalid requests, oldest first.
    invalid: VecDeque<Timestamp>,
}

#[derive(Clone, Copy)]
struct Stop {
    since: Timestamp,
    until: Timestamp,
}

impl Stop {
    /// Returns false once it is over, or if the clock was set back.
    fn holds(self, now: Timestamp) -> bool {
        (self.since..self.until).contains(&now)
    }
}

impl Breaker {
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::default() })
    }

    /// Returns the time until which no call is made. `None`: calls are made.
    pub fn stopped_until(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        self.state().stop.filter(|stop| stop.holds(now)).map(|stop| stop.until)
    }

    /// Returns true if a call may be made now. Logs the end of a stop.
    pub(super) fn allows_call(&self) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        match state.stop {
            Some(stop) if stop.holds(now) => return false,
            Some(_) => {
                state.stop = None;
                drop(state);
                tracing::info!("calls to Discord resumed");
            }
            None => {}
        }
        true
    }

    /// Stops all calls for a time that Cloudflare asked for.
    pub(crate) fn stop_for(&self, wait: Duration) {
        self.stop(&mut self.state(), wait, "address_limited");
    }

    /// Counts an invalid request.
    pub(super) fn count_invalid(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let is_recent = |at: Timestamp| at <= now && now.since(at) < INVALID_WINDOW;
        while state.invalid.front().is_some_and(|at| !is_recent(*at)) {
            state.invalid.pop_front();
        }
        state.invalid.push_back(now);
        if state.invalid.len() >= MAX_INVALID {
            state.invalid.clear();
            self.stop(&mut state, INVALID_WINDOW, "invalid_requests");
        }
    }

    fn stop(&self, state: &mut State, wait: Duration, why: &'static str) {
        let now = self.clock.now();
        let until = now + wait;
        match &mut state.stop {
            // Of a call that was already on its way.
            Some(stop) if stop.holds(now) => stop.until = stop.until.max(until),
            _ => {
                state.stop = Some(Stop { since: now, until });
                metrics::count_discord_stop(why);
                tracing::error!(why, for_s = wait.as_secs(), "calls to Discord stopped");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
